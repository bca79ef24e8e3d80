/* The page of a city bundle: streets, stations, hospitals, and the drive from the nearest station. */
(function (E) {
  "use strict";

  E.startCity = function (page) {
    const data = E.readData("ems-data");
    const shading = { hovered: -1 };
    E.setText(E.byId("city-title"), data.title);
    E.byId("left-out").hidden = data.streets_left_out === 0;
    E.startTheme();
    E.startLegend(data.occurring || []);
    E.startSheet();
    E.startTabs(E.byId("tabs"));
    E.showAttribution(page.map, data.attribution);
    E.styleStreets(page);
    E.byId("facts").replaceChildren(...data.facts.flatMap(([label, value]) => [E.el("dt", "", label), E.el("dd", "", value)]));

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
      { label: "Kind", text: (row) => row.kind },
      count("units", "Units"),
    ], show("station")).update(keyed(data.stations));
    new E.Table(E.byId("hospitals-table"), [
      { label: "Hospital", text: (row) => row.name, fit: "wrap" },
      count("bays", "Bays"),
      count("beds", "Beds"),
    ], show("hospital")).update(keyed(data.hospitals));

    E.byId("shading-key").hidden = !page.coverage;
    if (page.coverage) shade(page, data, shading);
    E.fitCity(page.map, data.bounds);
    E.city = { page, data };
  };

  function shade(page, data, shading) {
    const { drive, limit, covered } = data.coverage;
    E.setText(E.byId("shade-title"), "Drive from the nearest station, lights and sirens");
    E.setText(E.byId("covered"), `${E.percent(covered)} of junctions within ${E.duration(limit)} of a station.`);
    E.shadeKey(E.byId("shade-key"), limit);
    const hexagons = E.hexagonsInOrder(page.coverage);
    page.control.addBaseLayer(L.layerGroup(), "No shading");
    E.onTheme(() => hexagons.forEach((hexagon, i) => hexagon.setStyle(E.shadeStyle(E.shadeClass(drive[i], limit)))));
    E.watchHexagons(page.coverage, shading);
    const tip = new E.Tip(page.map);
    page.map.on("mousemove", (event) => {
      if (shading.hovered < 0) { tip.hide(); return; }
      tip.show([`${E.duration(drive[shading.hovered])} drive`, "from the nearest station"], event.containerPoint);
    });
    page.map.on("mouseout", () => tip.hide());
    page.map.on("baselayerchange", () => { E.byId("shading-key").hidden = !page.map.hasLayer(page.coverage); });
  }
})(window.EmsTwin);
