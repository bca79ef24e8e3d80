/* The page of hotspots: cells shaded by the calls they expect, a slider over the hours ahead, a table of the highest. */
(function (E) {
  "use strict";
  const HOUR_MS = 3600 * 1000;

  E.rate = (value) => (value >= 10 ? value.toFixed(0) : value.toPrecision(2));

  E.startHotspots = function (page) {
    const data = E.readData("ems-data");
    const civil = E.civil(data.timezone);
    const cells = E.hexagonsInOrder(page.cells);
    const shading = { hovered: -1 };
    const view = { hour: 0, chosen: -1, data };
    E.setText(E.byId("city-title"), `Hotspots, ${data.title}`);
    E.startTheme();
    E.startLegend([]);
    E.startSheet();
    E.startTabs(E.byId("tabs"));
    E.showAttribution(page.map, data.attribution);
    E.styleStreets(page);
    page.control.addBaseLayer(L.layerGroup(), "No shading");
    showFacts(data);
    showKey(data.limits);

    const tip = new E.Tip(page.map);
    const lines = (i) => {
      const now = data.hours[view.hour];
      return [
        `${E.rate(now.rate_60[i])} calls an hour`,
        `${times(now.ratio[i])} the usual ${E.rate(now.usual[i])}; a usual hour is as busy in ${E.percent(now.tail[i])}`,
        `Chance of a call: ${E.percent(now.p_60[i])} in 60 min, ${E.percent(now.p_30[i])} in 30 min`,
        now.why[i],
      ];
    };
    const table = new E.Table(E.byId("spots-table"), [
      { label: "Rank", text: (row) => String(row.rank), sort: (row) => row.rank },
      { label: "Calls/h", text: (row) => E.rate(row.rate), sort: (row) => row.rate, numeric: true },
      { label: "Chance", text: (row) => E.percent(row.chance), sort: (row) => row.chance, numeric: true },
      { label: "Usual ×", text: (row) => times(row.ratio, ""), sort: (row) => row.ratio, numeric: true },
      { label: "Why", text: (row) => row.why, fit: "wrap" },
    ], (row) => {
      view.chosen = row.key;
      show();
      const middle = cells[row.key].getBounds().getCenter();
      page.map.panTo(middle, { animate: false });
      tip.show(lines(row.key), page.map.latLngToContainerPoint(middle));
    });

    const slider = E.byId("slider");
    slider.max = String(data.hours.length - 1);
    slider.disabled = data.hours.length === 1;
    slider.addEventListener("input", () => {
      view.hour = Number(slider.value);
      tip.hide();
      show();
    });

    function show() {
      const now = data.hours[view.hour];
      const from = data.at_ms + view.hour * HOUR_MS;
      const span = `${civil.minute(from)}–${civil.minute(from + HOUR_MS)}`;
      const total = now.rate_60.reduce((sum, value) => sum + value, 0);
      E.setText(E.byId("clock-time"), span);
      E.setText(E.byId("clock-date"), `${civil.date(from)} · ${civil.zone(from)}`);
      E.setText(E.byId("total"), `${E.rate(total)} calls expected from ${civil.minute(from)} to ${civil.minute(from + HOUR_MS)}`);
      slider.setAttribute("aria-valuetext", `${civil.date(from)}, ${span}`);
      slider.style.setProperty("--done", `${(100 * view.hour) / Math.max(1, data.hours.length - 1)}%`);
      paint();
      const rows = now.rank.map((rank, key) => ({
        key, rank, rate: now.rate_60[key], chance: now.p_60[key], ratio: now.ratio[key] === null ? Infinity : now.ratio[key],
        why: now.why[key],
      }));
      table.update(rows.filter((row) => row.rank <= data.top), view.chosen);
    }

    function paint() {
      const now = data.hours[view.hour];
      cells.forEach((cell, i) => {
        cell.setStyle(style(shade(now.rate_60[i], data.limits), now.odd[i] === 1, i === view.chosen));
      });
      if (view.chosen >= 0) cells[view.chosen].bringToFront();
    }

    marks(data, civil);
    E.onTheme(show);
    E.watchHexagons(page.cells, shading);
    page.map.on("mousemove", (event) => {
      if (shading.hovered < 0) tip.hide();
      else tip.show(lines(shading.hovered), event.containerPoint);
    });
    page.map.on("mouseout movestart", () => tip.hide());
    E.fitCity(page.map, data.bounds);
    E.hotspots = { page, data, view, cells, lines };
  };

  const times = (ratio, mark = " ×") => (Number.isFinite(ratio) ? `${ratio.toFixed(1)}${mark}` : "–");

  function shade(rate, limits) {
    let i = 0;
    while (i < limits.length && rate > limits[i]) i++;
    return i;
  }

  function style(klass, surprising, chosen) {
    return {
      stroke: true,
      color: chosen ? E.colour("ink") : surprising ? E.colour("shade-edge") : E.colour("ground"),
      weight: chosen ? 3 : surprising ? 1.6 : 0.6,
      opacity: chosen || surprising ? 0.95 : 0.5,
      dashArray: surprising && !chosen ? "3 4" : null,
      fill: true,
      fillColor: E.colour(`shade-${klass}`),
      fillOpacity: Math.min(0.8, 1.35 * Number(E.colour("shade-opacity"))),
    };
  }

  function showKey(limits) {
    const text = (i) => (i === 0 ? `up to ${limits[0]}` : i === limits.length ? `over ${limits[i - 1]}` : `to ${limits[i]}`);
    E.byId("shade-key").replaceChildren(...Array.from({ length: limits.length + 1 }, (_, i) => {
      const swatch = E.el("span", `swatch shade-${i}`);
      swatch.style.borderStyle = "solid"; // dashes say something else here
      return E.el("li", "", swatch, text(i));
    }));
  }

  function showFacts(data) {
    E.byId("facts").replaceChildren(...data.facts.flatMap(([label, value]) => [E.el("dt", "", label), E.el("dd", "", value)]));
  }

  /* Marks under the slider: the hours at which its steps begin. */
  function marks(data, civil) {
    const last = data.hours.length - 1, step = Math.max(1, Math.ceil(last / 8));
    const list = [];
    for (let i = 0; i <= last; i += step) {
      const mark = E.el("span", "", civil.minute(data.at_ms + i * HOUR_MS));
      mark.style.left = `${last ? (100 * i) / last : 0}%`;
      list.push(mark);
    }
    E.byId("hours").replaceChildren(...list);
  }
})(window.EmsTwin);
