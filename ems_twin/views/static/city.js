/* The page of a city: streets, stations with their units, now or proposed, hospitals, and shadings by drive time. */
(function (E) {
  "use strict";

  E.startCity = function (page) {
    const data = E.readData("ems-data");
    E.setText(E.byId("city-title"), data.title);
    E.setText(E.byId("city-subtitle"), data.subtitle);
    E.byId("left-out").hidden = data.streets_left_out === 0;
    document.querySelectorAll("[data-proposal]").forEach((line) => { line.hidden = !data.proposal; });
    document.querySelectorAll("[data-closures]").forEach((line) => { line.hidden = !data.closures; });
    E.startTheme();
    E.startLegend(data.occurring || []);
    E.startSheet();
    E.startTabs(E.byId("tabs"));
    E.showAttribution(page.map, data.attribution);
    E.styleStreets(page);
    E.byId("facts").replaceChildren(...data.facts.flatMap(([label, value]) => [E.el("dt", "", label), E.el("dd", "", value)]));

    E.byId("notes").replaceChildren(...(data.notes || []).map((note) => E.el("li", "", note)));

    const markers = { station: page.stations.getLayers(), hospital: page.hospitals.getLayers() };
    const show = (kind) => (row) => {
      const marker = markers[kind][row.key];
      page.map.panTo(marker.getLatLng(), { animate: !E.reducedMotion() });
      Object.values(markers).flat().forEach((other) => other.closeTooltip());
      marker.openTooltip();
    };
    const count = (key, label) => ({
      label, text: (row) => (row[key] ? String(row[key]) : "–"), sort: (row) => row[key], numeric: true,
    });
    const keyed = (places) => places.map((place, key) => ({ key, ...place }));
    new E.Table(E.byId("stations-table"), [
      { label: "Station", text: (row) => row.name, fit: "wrap" },
      ...(data.proposal
        ? [count("now", "Now"), count("units", "Proposed"), { ...count("change", "Change"), text: (row) => signed(row.change) }]
        : [{ label: "Kind", text: (row) => row.kind }, count("units", "Units")]),
    ], show("station")).update(keyed(data.stations));
    new E.Table(E.byId("hospitals-table"), [
      { label: "Hospital", text: (row) => row.name, fit: "wrap" },
      count("bays", "Bays"),
      count("beds", "Beds"),
    ], show("hospital")).update(keyed(data.hospitals));

    if (data.closures) styleClosures(page);
    shade(page, data.shadings || []);
    E.fitCity(page.map, data.bounds);
    E.city = { page, data };
  };

  /* Patterns as well as colours: solid where closed, dashed up to the barrier, dotted where some may drive. */
  function styleClosures(page) {
    const dash = { closed: null, barrier: "6 5", kept: "2 6" };
    E.onTheme(() => Object.entries(dash).forEach(([name, dashArray]) => {
      page[name].setStyle({ color: E.colour(`road-${name}`), weight: name === "closed" ? 5 : 3, opacity: 1, dashArray });
    }));
  }

  const signed = (change) => (change > 0 ? `+${change}` : change < 0 ? `−${-change}` : "–");

  /* Shadings of which one is shown at a time: {layer, title, note, tip, drive, limit, word}. */
  function shade(page, list) {
    const pointer = { hovered: -1 };
    const shadings = list.map((one) => ({ ...one, layer: page[one.layer], hexagons: E.hexagonsInOrder(page[one.layer]) }));
    const shown = () => shadings.find((one) => page.map.hasLayer(one.layer));
    const tell = () => {
      const one = shown();
      E.byId("shading-key").hidden = !one;
      if (!one) return;
      E.setText(E.byId("shade-title"), one.title);
      E.setText(E.byId("covered"), one.note);
      E.shadeKey(E.byId("shade-key"), one.limit);
    };
    tell();
    if (!shadings.length) return;
    page.control.addBaseLayer(L.layerGroup(), "No shading");
    E.onTheme(() => shadings.forEach(({ hexagons, drive, limit }) => hexagons.forEach((hexagon, i) => {
      hexagon.setStyle(E.shadeStyle(E.shadeClass(drive[i], limit)));
    })));
    shadings.forEach((one) => E.watchHexagons(one.layer, pointer));
    const tip = new E.Tip(page.map);
    page.map.on("mousemove", (event) => {
      const one = shown();
      if (!one || pointer.hovered < 0) { tip.hide(); return; }
      tip.show([`${E.duration(one.drive[pointer.hovered])} ${one.word || "drive"}`, one.tip], event.containerPoint);
    });
    page.map.on("mouseout", () => tip.hide());
    page.map.on("baselayerchange", tell);
  }
})(window.EmsTwin);
