/* Draw a line, an area or a point: by clicks, by keys at the cross in the middle of the map, by corners or coordinates. */
(function (E) {
  "use strict";

  let now = null; // {kind, title, done, points, layer}

  E.drawing = () => now !== null;

  const LEAST = { line: 2, area: 3, point: 1 };
  const HELP = {
    line: "Click along it. Or press the space bar to add a point at the cross; Backspace takes the last away; Enter finishes.",
    area: "Click its corners. Or press the space bar to add a corner at the cross; Backspace takes the last away; Enter finishes.",
    point: "Click the place. Or move the map until the cross is on it, and press the space bar.",
  };

  /* Let somebody draw; resolves to points of longitude and latitude, or to null if they cancel. */
  E.draw = function (kind, title) {
    if (now) end(null);
    const from = document.activeElement;
    return new Promise((resolve) => {
      now = {
        kind, points: [], layer: L.layerGroup().addTo(E.planMap.map),
        done: (points) => { resolve(points); if (!points && from && from.isConnected) from.focus(); },
      };
      E.setText(E.byId("draw-title"), title);
      E.setText(E.byId("draw-help"), HELP[kind]);
      E.byId("draw-bar").hidden = false;
      E.byId("cross").hidden = false;
      E.byId("draw-undo").hidden = E.byId("draw-finish").hidden = kind === "point";
      E.setText(E.byId("draw-add"), kind === "point" ? "Set it at the cross" : "Add a point at the cross");
      refuse("");
      E.planMap.map.doubleClickZoom.disable();
      E.planMap.map.getContainer().classList.add("drawing");
      E.planMap.map.getContainer().focus({ preventScroll: true });
      update();
      E.say(`${title}. ${HELP[kind]}`);
    });
  };

  function refuse(text) {
    const error = E.byId("draw-error");
    error.textContent = text;
    error.hidden = !text;
  }

  function addPoint(lon, lat, { centre = false } = {}) {
    if (!now) return;
    const point = [Number(lon.toFixed(5)), Number(lat.toFixed(5))];
    const last = now.points[now.points.length - 1];
    if (last && Math.abs(last[0] - point[0]) < 2e-5 && Math.abs(last[1] - point[1]) < 2e-5) return; // a double click
    now.points.push(point);
    refuse("");
    if (centre) E.planMap.map.panTo([lat, lon], { animate: !E.reducedMotion() });
    if (now.kind === "point") { end(now.points); return; }
    update();
    E.say(`Point ${now.points.length} added.`);
  }

  function undo() {
    if (!now || !now.points.length) return;
    now.points.pop();
    update();
    E.say(`${E.plural(now.points.length, "point")} left.`);
  }

  function finish() {
    if (!now) return;
    const least = LEAST[now.kind];
    if (now.points.length < least) {
      refuse(`It needs ${E.plural(least, "point")} at least; there ${now.points.length === 1 ? "is" : "are"} ${now.points.length}.`);
      return;
    }
    end(now.points);
  }

  function end(points) {
    const { done, layer } = now;
    now = null;
    layer.remove();
    E.byId("draw-bar").hidden = true;
    E.byId("cross").hidden = true;
    E.planMap.map.doubleClickZoom.enable();
    E.planMap.map.getContainer().classList.remove("drawing");
    done(points);
  }

  function update() {
    now.layer.clearLayers();
    const points = E.turned(now.points), colour = E.colour("accent");
    const style = { color: colour, weight: 4, interactive: false, fillOpacity: 0.15 };
    if (points.length > 1) now.layer.addLayer(now.kind === "area" ? L.polygon(points, style) : L.polyline(points, style));
    points.forEach((at) => now.layer.addLayer(L.circleMarker(at, { radius: 5, color: colour, fillColor: E.colour("ground"), fillOpacity: 1, weight: 2, interactive: false })));
    E.byId("draw-undo").disabled = !points.length;
    E.byId("draw-finish").disabled = points.length < LEAST[now.kind];
  }

  async function corner(event) {
    event.preventDefault();
    const street = E.byId("corner-street"), cross = E.byId("corner-cross");
    try {
      const query = new URLSearchParams({ street: street.value, cross: cross.value });
      const { points } = await E.askJson(`/api/corner?${query}`);
      const last = now && now.points[now.points.length - 1];
      const near = (p) => (last ? Math.hypot(p[0] - last[0], p[1] - last[1]) : 0);
      const [lon, lat] = [...points].sort((a, b) => near(a) - near(b))[0];
      addPoint(lon, lat, { centre: true });
      cross.value = "";
      cross.focus();
    } catch (error) {
      refuse(error.message);
    }
  }

  function coordinates(event) {
    event.preventDefault();
    const input = E.byId("point-text");
    const found = input.value.match(/-?\d+(?:\.\d+)?/g) || [];
    const [lat, lon] = found.map(Number);
    if (found.length !== 2 || Math.abs(lat) > 90 || Math.abs(lon) > 180) {
      refuse("Give two numbers, such as 40.7729, -73.9766: latitude first.");
      return;
    }
    addPoint(lon, lat, { centre: true });
    input.value = "";
  }

  const atCross = () => { const { lat, lng } = E.planMap.map.getCenter(); addPoint(lng, lat); };

  E.startDrawing = function () {
    const map = E.planMap.map, box = map.getContainer();
    map.on("click", (event) => { if (now) addPoint(event.latlng.lng, event.latlng.lat); });
    map.on("dblclick", () => { if (now && now.kind !== "point") finish(); });
    box.addEventListener("keydown", (event) => {
      if (!now || event.target.closest(".leaflet-control")) return;
      const act = { " ": atCross, Enter: finish, Backspace: undo, Escape: () => end(null) }[event.key];
      if (!act) return;
      event.preventDefault();
      event.stopPropagation();
      act();
    });
    E.byId("draw-bar").addEventListener("keydown", (event) => { if (event.key === "Escape" && now) end(null); });
    E.byId("draw-add").addEventListener("click", atCross);
    E.byId("draw-undo").addEventListener("click", undo);
    E.byId("draw-finish").addEventListener("click", finish);
    E.byId("draw-cancel").addEventListener("click", () => { if (now) end(null); });
    E.byId("corner-form").addEventListener("submit", corner);
    E.byId("point-form").addEventListener("submit", coordinates);
  };
})(window.EmsTwin);
