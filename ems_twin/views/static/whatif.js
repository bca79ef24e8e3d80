/* The report of a what-if scenario: one chooser for the case, two for the variants, one hour for both maps. */
(function (E) {
  "use strict";

  const CHARTS = [
    ["calls", "Calls that a unit reached", "calls"], ["response", "Mean response", "minutes"],
    ["late", "Late calls", "percent of those reached"], ["busy", "Units busy", "percent of the time on duty"],
    ["near", "Drive to hospital from near the event", "minutes"],
    ["elsewhere", "Drive to hospital from elsewhere", "minutes"],
  ];
  const ROOMS = [
    ["offloading", "ambulances offloading", "Ambulances that wait or hand over at once, on average over the hour."],
    ["arrivals", "patients brought", "Patients whom ambulances bring in the hour."],
    ["in_use", "bays in use",
      "Treatment bays in use, patients who walk in among them; the dotted line is all bays of the left variant."],
  ];
  const NOTES = {
    response: (data) => "Calls that count, over all days. Classes are parts of the target of priority 1; of hexagons with fewer "
      + `than ${data.few} calls nothing is said.`,
    change: (data) => `Beside ${data.variants[data.baseline]}, with ${data.level} % intervals, each hexagon by itself: of a `
      + `hundred without any difference about ${100 - data.level} would be coloured all the same.`,
    cover: (data) => `Units that stand idle within a drive of ${E.duration(data.reach_s)} with lights and sirens, which leaves time `
      + "for call taking and turnout within the target; mean over the hour, all days and the demand of the hexagon. Units on their "
      + "way back are not counted.",
    extra: () => "Mean of the calls that the scenario adds, in the hour, by hexagon.",
  };
  const pages = {};
  const shown = (value, digits = 1) => (value === null || value === undefined ? "–" : value.toFixed(digits));

  E.startWhatifLeft = (page) => { pages.left = page; };
  E.startWhatifRight = function (page) {
    pages.right = page;
    start(E.readData("ems-data"));
  };

  /* Two round seconds that part the changes into three classes, the upper near one that counts as large. */
  function limitsOf(data) {
    const told = data.views.flat().flatMap((view) =>
      (view.apart || []).filter((a, i) => a !== null && Math.abs(a) > view.half[i]).map(Math.abs));
    told.sort((a, b) => a - b);
    const half = Math.max((told.length ? E.quantile(told, 0.8) : 30) / 2, 1), unit = 10 ** Math.floor(Math.log10(half));
    const round = [1, 2, 3, 5, 10].map((factor) => factor * unit)
      .reduce((a, b) => (Math.abs(b - half) < Math.abs(a - half) ? b : a));
    return [round, 2 * round];
  }

  function fill(select, names, chosen) {
    select.replaceChildren(...names.map((name, i) => Object.assign(E.el("option", "", name), { value: String(i) })));
    select.value = String(chosen);
  }

  function start(data) {
    data.limits_s = limitsOf(data);
    data.most_extra = Math.max(1e-9, ...data.extras.flat(2));
    E.startTheme();
    E.byId("left-out").hidden = data.streets_left_out === 0;
    E.byId("suggested").hidden = !pages.left.suggested;
    const maps = {};
    for (const side of ["left", "right"]) maps[side] = new E.WhatifMap(pages[side], data, E.byId(`${side}-slot`));
    for (const side of ["left", "right"]) {
      const box = maps[side].map.getContainer();
      box.setAttribute("role", "region");
      box.setAttribute("aria-labelledby", `${side}-title`);
    }
    E.syncMaps(maps.left.map, maps.right.map);
    const last = data.variants.length - 1;
    fill(E.byId("case"), data.cases, 0);
    fill(E.byId("left"), data.variants, data.baseline);
    fill(E.byId("right"), data.variants, last === data.baseline ? 0 : last);
    const bays = data.views.flat().some((view) => view.rooms.counted);
    E.byId("room-figure").replaceChildren(...ROOMS.filter(([name]) => bays || name !== "in_use")
      .map(([name, title]) => Object.assign(E.el("option", "", title), { value: name })));
    const hour = E.byId("hour");
    hour.max = String(data.hours.length - 1);
    hour.value = String(Math.floor((data.counted[0] + data.counted[1]) / 2));
    const number = (id) => Number(E.byId(id).value || 0);
    const views = () => ["left", "right"].map((side) => data.views[number("case")][number(side)]);
    const names = () => ["left", "right"].map((side) => data.variants[number(side)]);

    function state() {
      const layers = {};
      for (const box of document.querySelectorAll("[data-layer]")) layers[box.dataset.layer] = box.checked;
      return { hour: number("hour"), shading: E.byId("shading").value, layers };
    }

    function drawMaps() {
      const now = state(), [left, right] = views();
      maps.left.draw(left, now);
      maps.right.draw(right, now);
      E.setText(E.byId("hour-text"), data.hours[now.hour]);
      hour.setAttribute("aria-valuetext", data.hours[now.hour]);
      ["left", "right"].forEach((side, i) => {
        const which = data.cases.length > 1 ? `${data.cases[number("case")]}: ` : "";
        E.setText(E.byId(`${side}-title`), `${which}${names()[i]}, ${data.hours[now.hour]}`);
      });
      E.byId("key").replaceChildren(E.el("ul", "key", ...E.shadingKey(now.shading, data)));
      E.setText(E.byId("shading-note"), NOTES[now.shading](data));
      const what = E.shading(now.shading);
      E.fillTable(E.byId("cells"), `${what.head} by hexagon, ${data.hours[now.hour]}`, ["Place", ...names()],
        data.cells.map((place, i) => [place, ...[left, right].map((view) => what.words(data, view, i, now.hour))]));
      E.fillTable(E.byId("unit-table"), `Idle units by place, ${data.hours[now.hour]}`, ["Place", ...names()],
        data.stations.map(([place], i) => [place, ...[left, right].map((view) => view.standing[now.hour][i].toFixed(1))]));
    }

    function drawCharts() {
      const both = views(), who = names();
      const charts = CHARTS.filter(([key]) => both.some((view) => view.charts[key].mean.some((value) => value !== null)));
      const series = (name) => both.map((view, k) => ({ name: who[k], ...view.charts[name] }));
      E.byId("hour-charts").replaceChildren(...charts.map(([key, title, unit]) =>
        E.hourChart({ title, unit, hours: data.hours, counted: data.counted, series: series(key) })));
      E.byId("hour-charts").append(legend(who));
      E.fillTable(E.byId("hour-table"), "Means by hour, with the band of nine days of ten",
        ["Hour", ...charts.flatMap(([, title, unit]) => who.map((name) => `${title}, ${unit}: ${name}`))],
        data.hours.map((name, i) => [name, ...charts.flatMap(([key]) => both.map((view) => {
          const one = view.charts[key];
          return one.mean[i] === null ? "–" : `${shown(one.mean[i])} (${shown(one.low[i])} to ${shown(one.high[i])})`;
        }))]));
    }

    function legend(who) {
      const entry = (kind, name, mark) => E.el("li", "",
        E.svg("svg", { viewBox: "0 0 34 14", width: 34, height: 14, "aria-hidden": "true" },
          E.svg("polyline", { class: `mean ${kind}`, points: "1,7 33,7" }), mark), name);
      return E.el("ul", "key",
        entry("left", who[0], E.svg("circle", { class: "mark left", cx: 17, cy: 7, r: 3.2 })),
        entry("right", who[1], E.svg("rect", { class: "mark right", x: 14, y: 4, width: 6, height: 6 })));
    }

    function drawRooms() {
      const both = views().map((view) => view.rooms), who = names(), counted = both.some((room) => room.counted);
      const most = (rows) => Math.max(...rows);
      E.fillTable(E.byId("room-table"), "Hospitals, on average a day",
        ["Hospital", ...who.flatMap((name) => [
          `Patients brought: ${name}`, `Mean offload, min: ${name}`,
          ...(counted ? [`Most bays in use in an hour, of those there are: ${name}`] : [`Most units offloading in an hour: ${name}`]),
        ])],
        data.hospitals.map((name, i) => [name, ...both.flatMap((room) => [
          shown(room.total[i]), shown(room.offload_min[i]),
          counted ? `${shown(most(room.in_use[i]))} of ${room.bays[i]}` : shown(most(room.offloading[i]), 2),
        ])]));
      drawRoomHours();
    }

    function drawRoomHours() {
      const both = views().map((view) => view.rooms), who = names(), key = E.byId("room-figure").value;
      const [, title, note] = ROOMS.find(([name]) => name === key);
      E.setText(E.byId("room-note"), note);
      E.byId("room-charts").replaceChildren(...data.hospitals.map((name, i) => E.hourChart({
        title: name, unit: title, hours: data.hours, counted: data.counted, wide: 340, high: 170,
        line: key === "in_use" ? both[0].bays[i] : null, series: both.map((room, k) => ({ name: who[k], mean: room[key][i] })),
      })), legend(who));
      E.fillTable(E.byId("room-hours"), `By hour: ${title}`,
        ["Hour", ...data.hospitals.flatMap((name) => who.map((one) => `${name}: ${one}`))],
        data.hours.map((name, h) => [name, ...data.hospitals.flatMap((_, i) => both.map((room) => shown(room[key][i][h])))]));
    }

    function drawMoves() {
      const both = views().map((view) => view.moves), who = names();
      const words = (one, name) => {
        if (!one.total) return `${name}: units are not moved while they wait.`;
        const top = most(one.by_hour), hour = data.hours[one.by_hour.indexOf(top)];
        return `${name}: ${shown(one.total)} moves on average, most (${shown(top)}) from ${hour}.`;
      };
      E.setText(E.byId("moves-words"), both.map((one, k) => words(one, who[k])).join(" "));
      const rows = both.flatMap((one, k) => one.rows.map(([h, from, to, n]) => [h, k, from, to, n]));
      rows.sort((a, b) => a[0] - b[0] || a[1] - b[1] || b[4] - a[4]);
      E.fillTable(E.byId("moves-table"), "Moves that are made in one day of ten or oftener: mean number a day in the hour",
        ["Hour", "Variant", "From", "To", "Number"],
        rows.map(([h, k, from, to, n]) => [data.hours[h], who[k], data.stations[from][0], data.stations[to][0], shown(n, 2)]));
    }
    const most = (values) => Math.max(...values);

    function drawAll() {
      const now = number("case");
      for (const part of document.querySelectorAll("[data-case]")) part.hidden = Number(part.dataset.case) !== now;
      drawMaps();
      drawCharts();
      drawRooms();
      drawMoves();
    }

    for (const id of ["case", "left", "right"]) E.byId(id).addEventListener("change", drawAll);
    E.byId("room-figure").addEventListener("change", drawRoomHours);
    E.byId("shading").addEventListener("change", drawMaps);
    hour.addEventListener("input", drawMaps);
    for (const box of document.querySelectorAll("[data-layer]")) box.addEventListener("change", drawMaps);
    E.onTheme(drawAll);
    E.whatif = { data, maps };
  }
})(window.EmsTwin);
