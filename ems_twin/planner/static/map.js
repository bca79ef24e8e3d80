/* The map: streets, stations and hospitals of the city, and what the plan puts there. */
(function (E) {
  "use strict";

  const TIERS = ["major", "main", "middle", "minor"];
  const turned = (points) => points.map(([lon, lat]) => [lat, lon]);

  E.turned = turned;

  /* A map of the city without tiles: its own streets on a canvas. */
  E.cityMap = function (element, ground, options = {}) {
    const map = L.map(element, {
      preferCanvas: true, zoomSnap: 0.25, zoomDelta: 0.5, wheelPxPerZoomLevel: 120, minZoom: 8, maxZoom: 19, zoomControl: false,
      keyboardPanDelta: 40, zoomAnimation: !E.reducedMotion(), fadeAnimation: false, ...options,
    });
    L.control.zoom({ position: "topright" }).addTo(map);
    L.control.scale({ position: "bottomright" }).addTo(map);
    [["hexagons", 300], ["streets", 350], ["closures", 380]].forEach(([name, z]) => { map.createPane(name).style.zIndex = z; });
    map.getPane("streets").style.pointerEvents = "none";
    map.getPane("closures").style.pointerEvents = "none";
    const page = { map };
    const canvas = L.canvas({ pane: "streets", padding: 0.2 });
    for (const tier of TIERS) {
      const lines = (ground.streets[tier] || []).map(turned);
      if (lines.length) {
        page[`streets_${tier}`] = L.polyline(lines, { renderer: canvas, pane: "streets", interactive: false, smoothFactor: 0.8 }).addTo(map);
      }
    }
    map.fitBounds(ground.bounds, { animate: false });
    E.showAttribution(map, ground.attribution);
    E.styleStreets(page);
    new ResizeObserver(() => map.invalidateSize({ animate: false })).observe(element);
    return page;
  };

  /* A sign with a letter that keyboard and screen reader reach; its name is text. */
  E.sign = function (at, letter, looks, name, detail, onClick, shift = 0) {
    const marker = L.marker(at, {
      icon: L.divIcon({ html: E.el("span", "", letter), iconSize: [22, 22], iconAnchor: [11 - shift, 11], className: `place ${looks}` }),
      alt: name, title: "", keyboard: true,
    });
    marker.bindTooltip(E.el("div", "", E.el("b", "", name), ...(detail ? [E.el("div", "", detail)] : [])), { direction: "top", offset: [shift, -10] });
    marker.on("add", () => {
      const element = marker.getElement();
      element.setAttribute("aria-label", detail ? `${name}: ${detail}` : name);
      if (!onClick) element.tabIndex = -1;
    });
    if (onClick) {
      marker.on("click", onClick);
      marker.on("keypress", (event) => { if (event.originalEvent.key === "Enter") onClick(); });
    }
    return marker;
  };

  E.addPlaces = function (map, ground) {
    const group = L.layerGroup();
    const beside = (one, others) => others.some((other) => Math.hypot(one.lat - other.lat, (one.lon - other.lon) * 0.76) < 0.0012);
    for (const one of ground.stations) {
      const shift = beside(one, ground.hospitals) ? -12 : 0;
      E.sign([one.lat, one.lon], "S", "station", one.name, `${E.plural(one.units, "unit")} at home here`, null, shift).addTo(group);
    }
    for (const one of ground.hospitals) {
      const shift = beside(one, ground.stations) ? 12 : 0;
      E.sign([one.lat, one.lon], "H", "hospital", one.name, `Hospital, ${one.bays} treatment bays`, null, shift).addTo(group);
    }
    return group.addTo(map);
  };

  E.startMap = function (ground) {
    const page = E.cityMap(E.byId("map"), ground);
    page.places = E.addPlaces(page.map, ground);
    page.drawn = L.layerGroup().addTo(page.map);
    page.preview = L.layerGroup().addTo(page.map);
    E.startLegend([]);
    E.planMap = page;
    E.plan.on("change", soon);
    E.onTheme(() => drawPlan());
  };

  let due = 0;
  function soon() {
    window.cancelAnimationFrame(due);
    due = window.requestAnimationFrame(drawPlan);
  }

  /* Draw everything that the plan has a place for; a click goes to its card. */
  function drawPlan() {
    const { drawn } = E.planMap;
    drawn.clearLayers();
    const plan = E.plan, style = (name) => ({ color: E.colour(name), weight: 3, opacity: 0.9, fillOpacity: 0.12 });
    const add = (layer, path) => {
      layer.on("click", (event) => {
        if (E.drawing()) return;
        L.DomEvent.stop(event);
        go(path);
      });
      drawn.addLayer(layer);
    };
    const go = (path) => { const field = E.fields.get(path); if (field) E.goTo(field); };
    (plan.get("roads.closures.closures") || []).forEach((one, i) => {
      const path = `roads.closures.closures[${i}]`;
      if (Array.isArray(one.line)) add(L.polyline(turned(one.line), { ...style("accent"), dashArray: "2 7", weight: 4 }), path);
      if (Array.isArray(one.area)) add(L.polygon(turned(one.area), style("road-closed")), path);
    });
    (plan.get("demand.changes") || []).forEach((one, i) => {
      const path = `demand.changes[${i}]`, place = one.kind === "mass-casualty" ? one : one.place || {};
      const bad = one.kind === "mass-casualty";
      const name = one.id || "Change";
      let at = null;
      if (Array.isArray(place.area)) {
        const layer = L.polygon(turned(place.area), style("people"));
        add(layer, path);
        at = layer.getBounds().getCenter();
      } else if (Array.isArray(place.line)) {
        add(L.polyline(turned(place.line), { ...style("people"), weight: 10, opacity: 0.35 }), path);
        const [lon, lat] = place.line[Math.floor(place.line.length / 2)];
        at = [lat, lon];
      } else if (Number.isFinite(place.lon) && Number.isFinite(place.lat)) {
        at = [place.lat, place.lon];
        add(L.circle(at, { ...style(bad ? "alarm" : "people"), radius: place.radius_m || (bad ? 150 : 250) }), path);
      }
      if (at) drawn.addLayer(E.sign(at, bad ? "!" : "C", bad ? "casualties" : "people", name, E.changeWords(one), () => go(path)));
    });
    (plan.get("resources.posts") || []).forEach((one, i) => drawn.addLayer(
      E.sign([one.lat, one.lon], "P", "post", one.name || one.id, "Your post", () => go(`resources.posts[${i}]`))));
    (plan.get("resources.first_aid") || []).forEach((one, i) => {
      const path = `resources.first_aid[${i}]`;
      add(L.circle([one.lat, one.lon], { ...style("road-kept"), radius: one.radius_m || 400, weight: 1.5 }), path);
      drawn.addLayer(E.sign([one.lat, one.lon], "+", "aid", one.id, "First aid", () => go(path)));
    });
  }

  /* Look at a list of points, longitude first. */
  E.lookAt = function (points) {
    const bounds = L.latLngBounds(turned(points));
    E.planMap.map.fitBounds(bounds.pad(0.3), { animate: !E.reducedMotion(), maxZoom: 16 });
  };
})(window.EmsTwin);
