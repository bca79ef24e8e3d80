/* What a run found: the answer, figures side by side with intervals, two maps that move together, districts, the report. */
(function (E) {
  "use strict";

  const MAIN = ["response_s", "response_p90_s", "urgent_response_s", "late_share", "urgent_late_share", "waited_s", "offload_min", "transport_min", "busy_counted_share", "moves_per_unit_day"];
  let record = null, pictures = null, maps = null, shownId = null;

  const isNought = (outcome, value) => Math.abs(value) < 0.5 * 10 ** -outcome.digits;

  function format(outcome, value) {
    if (outcome.unit === "s" && Math.abs(value) >= 100) return E.duration(Math.abs(value));
    return Math.abs(value).toFixed(outcome.digits);
  }

  const unitOf = (outcome, value) => (outcome.unit === "s" ? (Math.abs(value) >= 100 ? "" : " s") : outcome.unit ? ` ${outcome.unit}` : "");
  const plain = (outcome, value) => `${value < 0 && !isNought(outcome, value) ? "−" : ""}${format(outcome, value)}${unitOf(outcome, value)}`;

  /* A difference; of shares in percentage points. */
  const apart = (outcome, value) => `${value > 0 && !isNought(outcome, value) ? "+" : ""}${plain(outcome, value).replace(" %", " points")}`;

  E.showResults = async function (run) {
    if (shownId === run.id && record) { E.byId("answer").hidden = false; return; }
    try {
      [record, pictures] = await Promise.all([E.askJson(`/runs/${run.id}/results.json`), E.askJson(`/runs/${run.id}/pictures.json`)]);
    } catch (error) { E.warn(error.message); return; }
    shownId = run.id;
    E.byId("answer").hidden = false;
    E.setText(E.byId("answer-words"), record.answer || "");
    const choice = E.byId("case");
    choice.replaceChildren(...record.cases.map((one, i) => Object.assign(E.el("option", "", one.name), { value: String(i) })));
    E.byId("case-choice").hidden = record.cases.length < 2;
    choice.onchange = drawCase;
    drawCase();
    const frame = E.byId("report"), has = run.files.includes("report.html");
    E.byId("report-part").hidden = !has;
    if (has) frame.src = `/runs/${run.id}/report.html`;
    else frame.removeAttribute("src");
  };

  function drawCase() {
    const one = record.cases[Number(E.byId("case").value || 0)];
    if (one.answer) E.setText(E.byId("answer-words"), one.answer);
    figures(one);
    drawMaps(one.name);
  }

  const cell = (tag, text, scope) => { const c = E.el(tag, "", text); if (scope) c.scope = scope; return c; };

  function figures(one) {
    const outcomes = MAIN.map((key) => record.outcomes.find((outcome) => outcome.key === key)).filter(Boolean);
    const against = new Map(one.comparisons.filter((pair) => pair.against === record.baseline).map((pair) => [pair.variant, pair.outcomes]));
    const rows = outcomes.map((outcome) => E.el("tr", "", cell("th", outcome.title, "row"), ...one.variants.map((variant) => {
      const value = variant.outcomes[outcome.key];
      const td = E.el("td", "", E.el("b", "", value ? plain(outcome, value.mean) : "–"));
      const pair = against.get(variant.name) && against.get(variant.name)[outcome.key];
      if (pair && pair.difference) {
        const d = pair.difference, told = d.low > 0 || d.high < 0;
        const better = told && outcome.better !== 0 ? (Math.sign(d.mean) === outcome.better ? "better" : "worse") : "";
        td.append(E.el("span", `apart ${better} ${d.mean > 0 ? "up" : "down"}`, `${apart(outcome, d.mean)}${better ? `, ${better}` : ""}`));
        td.append(E.el("span", "between", `${apart(outcome, d.low)} to ${apart(outcome, d.high)}`));
      } else if (value) td.append(E.el("span", "between", `${plain(outcome, value.low)} to ${plain(outcome, value.high)}`));
      return td;
    })));
    E.byId("figures").replaceChildren(E.el("caption", "hidden-text", `Figures of each way of working${one.name ? `, ${one.name}` : ""}`),
      E.el("thead", "", E.el("tr", "", cell("td", ""), ...one.variants.map((variant) => cell("th", variant.name, "col")))), E.el("tbody", "", ...rows));
    const level = Math.round(100 * record.level);
    E.setText(E.byId("figures-note"), `Times in minutes:seconds where they are long. Below each figure stands its difference from ${record.baseline} with the ${level} % interval of the mean difference; below those of ${record.baseline} the interval of the figure itself. "Better" and "worse" only where the interval leaves zero out. ${record.clock}`);
  }

  /* Two maps of the city that move together. */
  function makeMaps() {
    maps = ["left", "right"].map((side) => {
      const page = E.cityMap(E.byId(`${side}-map`), E.ground, { scrollWheelZoom: false });
      page.places = L.layerGroup().addTo(page.map);
      page.group = L.layerGroup().addTo(page.map);
      page.renderer = L.canvas({ pane: "hexagons" });
      page.tip = new E.Tip(page.map);
      E.byId(`${side}-view`).addEventListener("change", () => drawSide(page, side));
      return page;
    });
    maps.forEach((page, i) => page.map.on("move", () => {
      const other = maps[1 - i];
      if (page.busy) return;
      other.busy = true;
      other.map.setView(page.map.getCenter(), page.map.getZoom(), { animate: false });
      other.busy = false;
    }));
  }

  /* What the maps show; they are made once, and filled anew for every run. */
  function drawMaps(caseName) {
    const views = pictures.views.filter((view) => view.case === caseName);
    ["left", "right"].forEach((side, i) => {
      const select = E.byId(`${side}-view`);
      select.replaceChildren(...views.map((view, k) => Object.assign(E.el("option", "", view.variant), { value: String(k) })));
      const base = Math.max(0, views.findIndex((view) => view.variant === record.baseline));
      select.value = String(i === 0 ? base : views.length > 1 ? (base === views.length - 1 ? 0 : views.length - 1) : base);
    });
    pictures.shown = views;
    const fresh = !maps;
    if (fresh) makeMaps();
    maps.forEach((page) => {
      page.cells = pictures.cells.map((outline) => L.polygon(E.turned(outline), { pane: "hexagons", renderer: page.renderer }));
    });
    if (fresh) E.onTheme(drawSides);
    else drawSides();
    E.shadeKey(E.byId("pair-key"), pictures.target_s);
  }

  const drawSides = () => maps.forEach((page, i) => drawSide(page, ["left", "right"][i]));

  function drawSide(page, side) {
    const view = pictures.shown[Number(E.byId(`${side}-view`).value || 0)];
    if (!view) return;
    page.group.clearLayers();
    page.cells.forEach((polygon, i) => {
      const mean = view.cell_mean_s[i];
      if (mean === null) return;
      polygon.setStyle(E.shadeStyle(E.shadeClass(mean, pictures.target_s)));
      polygon.off();
      polygon.on("mousemove", (event) => page.tip.show([E.duration(mean), "mean response"], event.containerPoint));
      polygon.on("mouseout", () => page.tip.hide());
      page.group.addLayer(polygon);
    });
    page.places.clearLayers();
    view.posts.forEach((post) => E.sign([post.lat, post.lon], "P", "post", post.name, "Post").addTo(page.places));
    districts();
  }

  function districts() {
    const [a, b] = ["left", "right"].map((side) => pictures.shown[Number(E.byId(`${side}-view`).value || 0)]);
    if (!a || !b) return;
    const time = (value) => (value === null ? "–" : E.duration(value)), share = (value) => (value === null ? "–" : E.percent(value));
    const rows = pictures.zones.map((name, i) => ({ name, i })).filter(({ i }) => a.zone_calls[i] > 0 || b.zone_calls[i] > 0);
    const heads = ["District", "Calls a day", `Mean response: ${a.variant}`, `Mean response: ${b.variant}`, `Late: ${a.variant}`, `Late: ${b.variant}`];
    E.byId("districts").replaceChildren(E.el("caption", "hidden-text", "Responses by district, as on the two maps"),
      E.el("thead", "", E.el("tr", "", ...heads.map((text) => cell("th", text, "col")))),
      E.el("tbody", "", ...rows.map(({ name, i }) => E.el("tr", "", cell("th", name, "row"), E.el("td", "", a.zone_calls[i].toFixed(1)),
        E.el("td", "", time(a.zone_mean_s[i])), E.el("td", "", time(b.zone_mean_s[i])), E.el("td", "", share(a.zone_late[i])), E.el("td", "", share(b.zone_late[i]))))));
  }

  E.resizeResults = function () {
    if (maps) maps.forEach((page) => { page.map.invalidateSize({ animate: false }); page.map.fitBounds(E.ground.bounds, { animate: false }); });
  };
  E.results = { maps: () => maps, record: () => record };
})(window.EmsTwin);
