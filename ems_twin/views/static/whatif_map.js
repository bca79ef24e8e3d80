/* Two maps that move together: hexagons, idle units, moves and closures of one variant each, at one hour. */
(function (E) {
  "use strict";

  const COVER_LIMITS = [8, 4, 2, 1, 0.5]; // idle units within reach; the last two classes are thin
  const MOVE = "#b3389a", UNIT = "#009e73";

  /* Class 0 (many units) to 5 (hardly one). */
  E.coverClass = function (units) {
    let i = 0;
    while (i < COVER_LIMITS.length && units < COVER_LIMITS[i]) i++;
    return i;
  };

  /* Class 0 to 5 of extra calls beside the most of any hexagon and hour; each class is twice the one before. */
  E.extraClass = (calls, most) => (calls <= 0 ? -1 : Math.max(0, Math.min(5, 5 + Math.floor(Math.log2(calls / most)) + 1)));

  const plain = (klass) => ({ ...E.shadeStyle(klass), dashArray: null, color: E.colour("ground"), weight: 0.6 });
  const empty = () => ({ ...E.changeStyle({ way: null, klass: 0 }) });

  /* What a shading shows of hexagon i: its looks, and its words. */
  const SHADINGS = {
    response: {
      look: (data, view, i) =>
        (view.response[i] === null ? empty() : E.shadeStyle(E.shadeClass(view.response[i], data.target_s[0]))),
      words: (data, view, i) => (view.response[i] === null ? "too few calls" : E.duration(view.response[i])),
      head: "Mean response",
    },
    change: {
      look: (data, view, i) => (view.apart ? E.changeStyle(E.changeFinding(view, i, data.limits_s)) : empty()),
      words: (data, view, i) => {
        if (!view.apart) return "baseline";
        if (view.apart[i] === null) return "too few calls";
        const found = E.changeWords(E.changeFinding(view, i, data.limits_s));
        return `${E.signed(view.apart[i])} s ± ${view.half[i].toFixed(1)}, ${found}`;
      },
      head: "Change of the mean response",
    },
    cover: {
      look: (data, view, i, hour) => E.shadeStyle(E.coverClass(view.cover[hour][i])),
      words: (data, view, i, hour) => `${view.cover[hour][i].toFixed(1)} units`,
      head: "Idle units within reach",
    },
    extra: {
      look: (data, view, i, hour) => {
        const klass = E.extraClass(data.extras[view.extra][hour][i], data.most_extra);
        return klass < 0 ? empty() : plain(klass);
      },
      words: (data, view, i, hour) => `${data.extras[view.extra][hour][i].toFixed(2)} calls`,
      head: "Extra calls in the hour",
    },
  };
  E.shading = (name) => SHADINGS[name];

  E.shadingKey = function (name, data) {
    if (name === "change") return E.changeKey(data.limits_s);
    const entry = (klass, text, looks = E.shadeStyle(klass)) => E.keyEntry(looks, text);
    if (name === "response") {
      const at = [0.25, 0.5, 0.75, 1, 1.5].map((part) => E.duration(part * data.target_s[0]));
      return at.map((text, i) => entry(i, `${i ? "to" : "up to"} ${text}`)).concat(entry(5, `over ${at[4]}`));
    }
    if (name === "cover") {
      const words = ["8 units or more", "4 to 8", "2 to 4", "1 to 2", "half a unit to 1", "less"];
      return words.map((text, i) => entry(i, text));
    }
    const limit = (i) => (data.most_extra * 2 ** (i - 5)).toPrecision(2);
    return [0, 1, 2, 3, 4, 5].map((i) => entry(i, i ? `${limit(i - 1)} to ${limit(i)}` : `up to ${limit(0)}`, plain(i)));
  };

  E.WhatifMap = class {
    constructor(page, data, slot) {
      Object.assign(this, { page, data, map: page.map, shown: {} });
      slot.append(page.map.getContainer());
      E.showAttribution(page.map, data.attribution);
      E.styleStreets(page);
      this.cells = E.hexagonsInOrder(page.cells);
      this.renderer = L.svg(); // a canvas on top would keep the pointer from the hexagons
      this.units = L.layerGroup().addTo(page.map);
      this.moves = L.layerGroup().addTo(page.map);
      this.pointer = { hovered: -1 };
      E.watchHexagons(page.cells, this.pointer);
      const tip = new E.Tip(page.map);
      page.map.on("mousemove", (event) => {
        const i = this.pointer.hovered;
        if (i < 0 || !this.view) return tip.hide();
        const what = SHADINGS[this.state.shading];
        tip.show([data.cells[i], `${what.head}: ${what.words(data, this.view, i, this.state.hour)}`], event.containerPoint);
      });
      page.map.on("mouseout", () => tip.hide());
      page.map.on("zoomend", () => this.drawMoves());
      page.map.scrollWheelZoom.disable(); // the page is to be scrolled past the maps
      page.map.invalidateSize({ animate: false });
      page.map.fitBounds(data.bounds, { animate: false });
    }

    draw(view, state) {
      this.view = view;
      this.state = state;
      const what = SHADINGS[state.shading];
      this.cells.forEach((cell, i) => cell.setStyle(what.look(this.data, view, i, state.hour)));
      this.drawUnits();
      this.drawMoves();
      this.drawClosures();
      for (const name of ["stations", "hospitals"]) this.toggle(this.page[name], this.state.layers.places);
      if (this.page.suggested) this.toggle(this.page.suggested, this.state.layers.suggested);
    }

    toggle(layer, on) {
      if (on === this.map.hasLayer(layer)) return;
      if (on) layer.addTo(this.map); else layer.remove();
    }

    drawUnits() {
      this.units.clearLayers();
      if (!this.state.layers.units) return;
      this.view.standing[this.state.hour].forEach((n, i) => {
        if (n < 0.05) return;
        const [name, lat, lon] = this.data.stations[i];
        L.circleMarker([lat, lon], {
          renderer: this.renderer, radius: 3 + 4 * Math.sqrt(n), color: E.colour("ink"), weight: 1.2, fillColor: UNIT, fillOpacity: 0.75,
        }).bindTooltip(E.el("span", "", `${name}: ${n.toFixed(1)} idle units`), { direction: "top" }).addTo(this.units);
      });
    }

    /* An arrow is a line and a head of constant size on the screen; it stops short of the place it points to. */
    drawMoves() {
      this.moves.clearLayers();
      if (!this.state || !this.state.layers.moves) return;
      const looks = { renderer: this.renderer, color: MOVE, fillColor: MOVE };
      for (const [hour, from, to, n] of this.view.moves.rows) {
        if (hour !== this.state.hour) continue;
        const [a, b] = [from, to].map((i) => this.map.latLngToLayerPoint(this.data.stations[i].slice(1)));
        const length = a.distanceTo(b);
        if (length < 14) continue;
        const unit = b.subtract(a).divideBy(length), side = L.point(-unit.y, unit.x);
        const tip = b.subtract(unit.multiplyBy(7)), neck = tip.subtract(unit.multiplyBy(9));
        const at = (point) => this.map.layerPointToLatLng(point);
        const words = `${this.data.stations[from][0]} to ${this.data.stations[to][0]}: ${n.toFixed(2)} a day in this hour`;
        L.polyline([at(a), at(neck)], { ...looks, weight: 1.2 + 3 * Math.min(n, 2), opacity: 0.85 })
          .bindTooltip(E.el("span", "", words), { sticky: true }).addTo(this.moves);
        const wings = [1, -1].map((way) => at(neck.add(side.multiplyBy(5 * way))));
        L.polygon([at(tip), ...wings], { ...looks, weight: 1, fillOpacity: 1 }).addTo(this.moves);
      }
    }

    drawClosures() {
      const hour = this.state.hour;
      this.data.closures.forEach((closure, k) => {
        const now = closure.from < hour + 1 && closure.to > hour;
        const on = this.state.layers.closures && closure.plan === this.view.plan && now;
        const styles = [["closed", null, 4], ["barrier", "4 4", 2.5]];
        for (const [kind, dashArray, weight] of styles) {
          const layer = this.page[`${kind}_${k}`];
          this.toggle(layer, on);
          layer.setStyle({ color: E.colour(`road-${kind}`), weight, dashArray, opacity: 0.95 });
        }
        this.toggle(this.page[`crossings_${k}`], on);
      });
    }
  };

  /* Moving one map moves the other. */
  E.syncMaps = function (one, other) {
    let following = false;
    for (const [a, b] of [[one, other], [other, one]]) {
      a.on("move", () => {
        if (following) return;
        following = true;
        b.setView(a.getCenter(), a.getZoom(), { animate: false });
        following = false;
      });
    }
  };
})(window.EmsTwin);
