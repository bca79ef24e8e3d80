/* The page of a run: everything put together. Folium's layers arrive in `page`, the data stands in the document. */
(function (E) {
  "use strict";
  const PANEL_EVERY_MS = 250;

  E.startReplay = function (page) {
    const data = E.readData("ems-data");
    const state = new E.State(data);
    state.move(0);
    const fleet = new E.Fleet(state);
    const shading = { hovered: -1, step: -1 };
    let panel = null, details = null, panelAt = 0, pointer = null;

    E.setText(E.byId("city-title"), data.title);
    E.setText(E.byId("run-note"), `${E.plural(state.units.length, "unit")}, ` +
      `${E.plural(state.calls.length, "call")}, ` +
      `${data.driver} driver, ${data.seed === null ? "calls from a file" : `seed ${data.seed}`}`);
    E.byId("left-out").hidden = data.streets_left_out === 0;
    E.startTheme();
    E.startLegend(data.occurring || []);
    E.showAttribution(page.map, data.attribution);

    const chosen = () => (details ? details.chosen : null);
    function refreshPanel() {
      panelAt = performance.now();
      panel.update(chosen());
      details.update();
    }
    function tick(t) {
      state.move(t);
      shadeCoverage();
      fleet.draw();
      if (panel && (performance.now() - panelAt > PANEL_EVERY_MS || !player.playing)) refreshPanel();
      if (pointer) hover();
    }

    const coverageHexagons = E.hexagonsInOrder(page.coverage);
    const codeOf = new Map([...data.coverage.alphabet].map((letter, i) => [letter, i]));
    const classOfCode = [...data.coverage.alphabet].map((_, i) =>
      E.shadeClass((i + 0.5) * data.coverage.bin, data.coverage.limit));
    function shadeCoverage(force) {
      const step = state.coverageStep();
      if ((step === shading.step && !force) || !page.map.hasLayer(page.coverage)) return;
      const letters = data.coverage.steps[step];
      const before = !force && shading.step >= 0 ? data.coverage.steps[shading.step] : null;
      shading.step = step;
      const styles = Array.from({ length: 6 }, (_, klass) => E.shadeStyle(klass));
      coverageHexagons.forEach((hexagon, i) => {
        const klass = classOfCode[codeOf.get(letters[i])];
        if (before && klass === classOfCode[codeOf.get(before[i])]) return;
        hexagon.setStyle(styles[klass]);
      });
    }
    function shadeResponse() {
      E.hexagonsInOrder(page.response).forEach((hexagon, i) => {
        hexagon.setStyle(E.shadeStyle(E.shadeClass(data.response.cells[i].median, state.target(1))));
      });
    }
    function showKey() {
      const now = page.map.hasLayer(page.coverage);
      E.byId("shade-title").textContent = now
        ? "Drive from the nearest available unit" : "Median response time, whole replay";
      E.shadeKey(E.byId("shade-key"), now ? data.coverage.limit : state.target(1));
      E.byId("shading-key").hidden = !now && !page.map.hasLayer(page.response);
    }

    const noShading = L.layerGroup();
    page.control.addBaseLayer(noShading, "No shading");
    page.control.addOverlay(fleet.switches.ways, "Ways ahead");
    page.control.addOverlay(fleet.switches.calls, "Calls");
    page.control.addOverlay(fleet.switches.units, "Units");
    fleet.addTo(page.map);
    Object.values(fleet.switches).forEach((layer) => layer.addTo(page.map));
    page.map.on("baselayerchange", () => { shadeCoverage(true); showKey(); });
    E.watchHexagons(page.coverage, shading);
    E.watchHexagons(page.response, shading);

    const player = new E.Player(data, tick);
    details = new E.Details(state, player);
    panel = new E.Panel(state, player, select);
    E.startTabs(E.byId("tabs"), refreshPanel);
    E.startSheet();
    E.drawActivity(E.byId("activity"), state, data.span_s);

    function select(kind, row, keepView) {
      fleet.selected = { kind, row };
      details.show({ kind, row });
      const spot = kind === "unit" ? state.places[row] : kind === "call" ? state.calls[row] : null;
      if (spot && !keepView) {
        const point = L.latLng(E.latOf(spot.y), E.lonOf(spot.x));
        if (!page.map.getBounds().pad(-0.1).contains(point)) page.map.panTo(point, { animate: !E.reducedMotion() });
      }
      fleet.draw();
      refreshPanel();
    }
    function unselect() {
      fleet.selected = null;
      details.show(null);
      fleet.draw();
      refreshPanel();
    }
    E.byId("details-close").addEventListener("click", unselect);

    function hover() {
      const thing = fleet.at(pointer);
      page.map.getContainer().classList.toggle("over-thing", thing !== null);
      if (thing) { tip.show(describe(thing), pointer); return; }
      const i = shading.hovered;
      if (i < 0) { tip.hide(); return; }
      if (page.map.hasLayer(page.coverage)) {
        const seconds = codeOf.get(data.coverage.steps[state.coverageStep()][i]) * data.coverage.bin;
        const top = seconds >= (data.coverage.alphabet.length - 1) * data.coverage.bin;
        tip.show([`${top ? "more than" : "about"} ${E.duration(seconds)} drive`, "from the nearest available unit"], pointer);
      } else {
        const cell = data.response.cells[i];
        const rest = `mean ${E.duration(cell.mean)}, 90 % ${E.duration(cell.p90)}, ${E.plural(cell.n, "call")}`;
        tip.show([`Median response ${E.duration(cell.median)}`, rest], pointer);
      }
    }
    function describe({ kind, row }) {
      const { title, lines } = details[kind](row);
      return [title, ...lines.slice(0, 3).map(([label, text]) => `${label}: ${text}`)];
    }
    const tip = new E.Tip(page.map);
    page.map.on("mousemove", (event) => { pointer = event.containerPoint; hover(); });
    page.map.on("mouseout movestart", () => { pointer = null; tip.hide(); });
    page.map.on("click", (event) => {
      const thing = fleet.at(event.containerPoint);
      if (thing) select(thing.kind, thing.row, true);
      else if (chosen()) unselect();
    });
    for (const kind of ["station", "hospital"]) {
      page[`${kind}s`].getLayers().forEach((marker, row) => {
        const choose = () => select(kind, row, true);
        marker.on("click", choose);
        marker.on("keypress", (event) => { if (event.originalEvent.key === "Enter") choose(); });
      });
    }

    E.styleStreets(page);
    E.onTheme(() => { shadeCoverage(true); shadeResponse(); showKey(); fleet.draw(); });
    const asked = /^#t=(\d+(?:\.\d+)?)$/.exec(window.location.hash); // a link into the replay opens it there, paused
    E.fitCity(page.map, data.bounds);
    player.pause();
    player.seek(asked ? Number(asked[1]) : 0);
    if (data.autoplay && !asked && !E.reducedMotion()) player.play();
    E.replay = { page, state, player, fleet, select, unselect };
  };
})(window.EmsTwin);
