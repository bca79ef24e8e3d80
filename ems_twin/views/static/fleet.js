/* One canvas over the map for all that moves: the ways ahead, the calls, the units. */
(function (E) {
  "use strict";
  const PANE = "fleet";
  const DOOR = 14; // pixels from the middle of a place's marker to the units that stand under it

  /* A switch in the layer control: it draws nothing itself, the canvas asks whether it is on. */
  E.Switch = L.Layer.extend({
    initialize(changed) { this.changed = changed; this.on_ = false; },
    onAdd() { this.on_ = true; this.changed(); },
    onRemove() { this.on_ = false; this.changed(); },
    isOn() { return this.on_; },
  });

  E.Fleet = L.Layer.extend({
    initialize(state) {
      this.state = state;
      this.selected = null; // {kind: "unit" | "call", row}
      this.drawn = [];
      const redraw = () => this.draw();
      this.switches = { units: new E.Switch(redraw), calls: new E.Switch(redraw), ways: new E.Switch(redraw) };
    },

    onAdd(map) {
      const pane = map.getPane(PANE) || map.createPane(PANE);
      pane.style.zIndex = 620;
      pane.style.pointerEvents = "none";
      this.canvas = L.DomUtil.create("canvas", "leaflet-zoom-animated", pane);
      this.canvas.setAttribute("aria-hidden", "true"); // the tables say the same
      map.on("move zoom viewreset resize", this.draw, this);
      if (map.options.zoomAnimation && L.Browser.any3d) map.on("zoomanim", this.animateZoom, this);
      this.draw();
    },

    animateZoom(event) {
      const scale = this._map.getZoomScale(event.zoom);
      const offset = this._map._latLngToNewLayerPoint(this.corner, event.zoom, event.center);
      L.DomUtil.setTransform(this.canvas, offset, scale);
    },

    /* World at zoom 0 to pixels of the map's window. */
    frame() {
      const map = this._map, scale = Math.pow(2, map.getZoom());
      const origin = map.getPixelOrigin().subtract(map._getMapPanePos());
      return { scale, x0: origin.x, y0: origin.y };
    },

    draw() {
      if (!this._map || this._map._animatingZoom) return;
      const map = this._map, size = map.getSize(), ratio = window.devicePixelRatio || 1;
      const topLeft = map.containerPointToLayerPoint([0, 0]);
      L.DomUtil.setPosition(this.canvas, topLeft);
      this.corner = map.containerPointToLatLng([0, 0]);
      const width = Math.round(size.x * ratio), height = Math.round(size.y * ratio);
      if (this.canvas.width !== width || this.canvas.height !== height) {
        this.canvas.width = width;
        this.canvas.height = height;
        this.canvas.style.width = `${size.x}px`;
        this.canvas.style.height = `${size.y}px`;
      }
      const g = this.canvas.getContext("2d");
      g.setTransform(ratio, 0, 0, ratio, 0, 0);
      g.clearRect(0, 0, size.x, size.y);
      this.drawn.length = 0;
      const frame = this.frame();
      if (this.switches.ways.isOn()) this.drawWays(g, frame);
      if (this.switches.calls.isOn()) this.drawCalls(g, frame);
      if (this.switches.units.isOn()) this.drawUnits(g, frame);
    },

    isSelected(kind, row) {
      return this.selected !== null && this.selected.kind === kind && this.selected.row === row;
    },

    /* The rest of every trip with lights and sirens, and of the selected unit's. */
    drawWays(g, frame) {
      const { state } = this;
      g.lineJoin = "round";
      state.units.forEach((unit, i) => {
        const place = state.places[i], status = state.statusOf(i), chosen = this.isSelected("unit", i);
        if (!place.moving || !(chosen || status.name === "EN_ROUTE" || status.name === "TRANSPORTING")) return;
        const way = unit.wayOf(unit.at[place.trip]);
        g.beginPath();
        g.moveTo(place.x * frame.scale - frame.x0, place.y * frame.scale - frame.y0);
        for (let k = place.leg + 1; k < way.x.length; k++) {
          g.lineTo(way.x[k] * frame.scale - frame.x0, way.y[k] * frame.scale - frame.y0);
        }
        g.strokeStyle = E.colour(status.colour === "transport" ? "transport-line" : status.colour);
        g.globalAlpha = chosen ? 0.95 : 0.5;
        g.lineWidth = chosen ? 4 : 2.5;
        g.stroke();
      });
      g.globalAlpha = 1;
    },

    drawCalls(g, frame) {
      const r = E.unitRadius(this._map.getZoom()) * 0.85;
      const pulse = E.reducedMotion() ? 0 : 0.5 + 0.5 * Math.sin(performance.now() / 350); // 0.45 beats a second
      for (const call of this.state.openCalls) {
        const x = call.x * frame.scale - frame.x0, y = call.y * frame.scale - frame.y0;
        E.drawCall(g, x, y, r, call, this.state, this.isSelected("call", call.row), pulse);
        this.drawn.push({ kind: "call", row: call.row, x, y, r });
      }
    },

    /* Units that stand, by node: at home and at the hospital's door in rows under it, others beside or above. */
    standing() {
      const { state } = this, groups = new Map();
      const spots = { AT_STATION: "home", MOBILISING: "ready", AT_HOSPITAL: "door", CLEARING: "door" };
      state.units.forEach((unit, i) => {
        const { node } = state.places[i];
        if (node < 0) return;
        const spot = spots[state.statusOf(i).name] || "street";
        if (!groups.has(node)) groups.set(node, {});
        const group = groups.get(node);
        (group[spot] || (group[spot] = [])).push(i);
      });
      return groups;
    },

    drawUnits(g, frame) {
      const { state } = this, zoom = this._map.getZoom(), r = E.unitRadius(zoom);
      for (const group of this.standing().values()) {
        let below = DOOR;
        for (const spot of ["home", "door", "street", "ready"]) {
          const units = group[spot];
          if (!units) continue;
          const small = spot === "home" && zoom < 14, size = small ? 3.4 : spot === "home" ? r * 0.8 : r;
          const inRows = spot === "home" || spot === "door";
          units.forEach((i, k) => {
            const place = state.places[i], status = state.statusOf(i);
            const [dx, dy] = E.standing(k, units.length, size);
            const side = spot === "street" ? [r * 1.15, -r * 0.95] : spot === "ready" ? [0, -DOOR - size] : [0, below + size];
            const x = place.x * frame.scale - frame.x0 + dx + side[0];
            const y = place.y * frame.scale - frame.y0 + dy + side[1];
            const chosen = this.isSelected("unit", i);
            if (small) E.drawPip(g, x, y, size, status, chosen);
            else E.drawUnit(g, x, y, size, status, null, chosen);
            this.drawn.push({ kind: "unit", row: i, x, y, r: size });
          });
          if (inRows) below += Math.ceil(units.length / 6) * (2 * size + 2);
        }
      }
      state.units.forEach((unit, i) => {
        const place = state.places[i];
        if (place.node >= 0) return;
        const x = place.x * frame.scale - frame.x0, y = place.y * frame.scale - frame.y0;
        const heading = place.moving ? place.heading : null;
        E.drawUnit(g, x, y, r, state.statusOf(i), heading, this.isSelected("unit", i));
        this.drawn.push({ kind: "unit", row: i, x, y, r });
      });
    },

    /* What is drawn at a point of the window, topmost first; null when there is nothing near. */
    at(point) {
      let best = null, nearest = Infinity;
      for (let k = this.drawn.length - 1; k >= 0; k--) {
        const thing = this.drawn[k], away = Math.hypot(thing.x - point.x, thing.y - point.y);
        if (away <= thing.r + 5 && away < nearest - 0.5) { best = thing; nearest = away; }
      }
      return best;
    },
  });
})(window.EmsTwin);
