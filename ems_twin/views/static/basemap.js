/* What every map of ours has: streets by theme and zoom, shaded hexagons with a key, attribution, one tooltip. */
(function (E) {
  "use strict";

  const WEIGHT = { major: 2.6, main: 1.7, middle: 1.2, minor: 0.8 };
  const TARGET_PARTS = [0.25, 0.5, 0.75, 1, 1.5]; // class limits as parts of the target; the last two classes miss it

  E.styleStreets = function (page) {
    const draw = () => {
      const zoom = page.map.getZoom();
      page.map.getContainer().classList.toggle("far", zoom < 11.75); // markers shrink before they hide the city
      const grow = Math.pow(1.28, zoom - 13);
      for (const [tier, weight] of Object.entries(WEIGHT)) {
        const layer = page[`streets_${tier}`];
        if (!layer) continue;
        layer.setStyle({
          color: E.colour(`street-${tier}`),
          weight: Math.max(tier === "minor" ? 0.45 : 0.8, weight * grow),
          opacity: tier === "minor" && zoom < 11.5 ? 0.65 : 1,
          lineCap: "round",
        });
      }
    };
    page.map.on("zoomend", draw);
    E.onTheme(draw);
  };

  /* Class 0 to 5 of a time against a target; 4 and 5 miss it. */
  E.shadeClass = function (seconds, target) {
    let i = 0;
    while (i < TARGET_PARTS.length && seconds > TARGET_PARTS[i] * target) i++;
    return i;
  };

  /* Colour alone does not say it: hexagons that miss the target have a dashed edge. */
  E.shadeStyle = function (klass) {
    const missed = klass >= 4;
    return {
      stroke: true,
      color: missed ? E.colour("shade-edge") : E.colour("ground"),
      weight: missed ? 1.2 : 0.6,
      opacity: missed ? 0.9 : 0.5,
      dashArray: missed ? "3 4" : null,
      fill: true,
      fillColor: E.colour(`shade-${klass}`),
      fillOpacity: Number(E.colour("shade-opacity")),
    };
  };

  /* Rows of the key, from the limits that the classes really have. */
  E.shadeKey = function (list, target) {
    const limits = TARGET_PARTS.map((part) => E.duration(part * target));
    list.replaceChildren(...Array.from({ length: 6 }, (_, i) => {
      const text = i === 0 ? `up to ${limits[0]}` : i === 5 ? `over ${limits[4]}` : `to ${limits[i]}`;
      return E.el("li", "", E.el("span", `swatch shade-${i}`), text);
    }));
  };

  /* Credit is text: it comes from the bundle. Leaflet's own link would be the page's only one to the outside. */
  E.showAttribution = function (map, text) {
    map.attributionControl.setPrefix(false);
    const credit = document.createElement("span");
    credit.textContent = `${text} (ODbL) · Leaflet · ems_twin`;
    map.attributionControl.addAttribution(credit.innerHTML);
  };

  /* One tooltip for everything that is not a Folium marker; show(lines, point) with the first line in bold. */
  E.Tip = class {
    constructor(map) {
      this.box = E.el("div", "tip");
      this.box.hidden = true;
      this.box.setAttribute("aria-hidden", "true");
      this.map = map;
      map.getContainer().append(this.box);
    }

    show(lines, point) {
      this.box.replaceChildren(...lines.map((line, i) => E.el(i ? "div" : "b", "", line)));
      this.box.hidden = false;
      const size = this.map.getSize();
      const x = Math.min(point.x + 14, size.x - this.box.offsetWidth - 8);
      const y = point.y + 14 + this.box.offsetHeight > size.y ? point.y - 14 - this.box.offsetHeight : point.y + 14;
      this.box.style.transform = `translate(${Math.max(4, x)}px, ${Math.max(4, y)}px)`;
    }

    hide() { this.box.hidden = true; }
  };

  /* Keep `shading.hovered` at the hexagon under the pointer of a layer made by Folium. */
  E.watchHexagons = function (layer, shading) {
    layer.on("mouseover", (event) => { shading.hovered = event.layer.feature.id; });
    layer.on("mouseout", () => { shading.hovered = -1; });
    layer.on("remove", () => { shading.hovered = -1; });
  };

  E.hexagonsInOrder = function (layer) {
    const list = [];
    layer.eachLayer((hexagon) => { list[hexagon.feature.id] = hexagon; });
    return list;
  };

  E.startLegend = function (occurring) {
    const legend = E.byId("legend");
    legend.open = !E.narrow();
    for (const entry of legend.querySelectorAll("[data-status]")) {
      entry.hidden = !occurring.includes(entry.dataset.status);
    }
    L.DomEvent.disableClickPropagation(legend);
    L.DomEvent.disableScrollPropagation(legend);
  };

  /* Show the whole city, again when the window changes, until the reader moves the map. */
  E.fitCity = function (map, bounds) {
    let fitted = null;
    const fit = () => {
      const left = E.narrow() ? 24 : E.byId("legend").offsetWidth + 24; // the city does not hide behind the legend
      map.fitBounds(bounds, { paddingTopLeft: [left, 24], paddingBottomRight: [24, 24], animate: false });
      fitted = { zoom: map.getZoom(), centre: map.getCenter() };
    };
    map.invalidateSize({ animate: false });
    fit();
    new ResizeObserver(() => {
      const untouched = map.getZoom() === fitted.zoom && map.getCenter().equals(fitted.centre, 1e-7);
      map.invalidateSize({ animate: false });
      if (untouched && !document.body.classList.contains("sheet-open")) fit();
    }).observe(map.getContainer());
  };

  /* The panel is a sheet at the bottom of a narrow screen. */
  E.startSheet = function () {
    const button = E.byId("sheet");
    button.addEventListener("click", () => {
      const open = document.body.classList.toggle("sheet-open");
      button.setAttribute("aria-expanded", String(open));
      button.setAttribute("aria-label", open ? "Close the panel" : "Open the panel");
    });
  };
})(window.EmsTwin);
