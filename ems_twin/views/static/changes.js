/* Differences by hexagon: what was found, how it looks, and its key. Colour alone does not say it. */
(function (E) {
  "use strict";

  const BETTER = "#0072b2", WORSE = "#d55e00", OPACITY = [0.3, 0.55, 0.8];

  /* Finding of a cell: -1 sooner, 1 later, 0 not told apart, null unknown; and the class of its size. */
  E.changeFinding = function (view, i, limits) {
    const apart = view.apart[i];
    if (apart === null) return { way: null, klass: 0 };
    if (Math.abs(apart) <= view.half[i]) return { way: 0, klass: 0 };
    const size = Math.abs(apart);
    return { way: Math.sign(apart), klass: size > limits[1] ? 2 : size > limits[0] ? 1 : 0 };
  };

  /* Cells that are worse have a dashed edge, those not told apart no colour. */
  E.changeStyle = function ({ way, klass }) {
    const ink = E.colour("ink-2");
    const edge = { stroke: true, color: ink, weight: 0.6, opacity: 0.6, dashArray: null, fill: true };
    if (way === null) return { ...edge, opacity: 0.3, fillColor: ink, fillOpacity: 0 };
    if (way === 0) return { ...edge, fillColor: ink, fillOpacity: 0.16 };
    const worse = way > 0;
    return {
      ...edge, weight: worse ? 1.6 : 0.8, opacity: 1, color: E.colour("ink"), dashArray: worse ? "4 3" : null,
      fillColor: worse ? WORSE : BETTER, fillOpacity: OPACITY[klass],
    };
  };

  E.signed = (value) => `${value > 0 ? "+" : value < 0 ? "−" : ""}${Math.abs(value).toFixed(1)}`;
  E.changeWords = ({ way }) =>
    (way === null ? "too few calls" : way === 0 ? "not told apart" : way < 0 ? "sooner" : "later");

  /* Entry of a key: a swatch that looks like a cell, and its words. */
  E.keyEntry = function (looks, text) {
    const box = E.el("span", "swatch");
    box.style.background = looks.fillColor;
    box.style.opacity = String(Math.max(looks.fillOpacity, 0.16));
    const frame = E.el("span", `frame${looks.dashArray ? " dashed" : ""}`, box);
    return E.el("li", "", frame, text);
  };

  E.changeKey = function ([a, b]) {
    const key = (way, klass, text) => E.keyEntry(E.changeStyle({ way, klass }), text);
    return [
      key(-1, 2, `over ${b} s sooner`), key(-1, 1, `${a} to ${b} s sooner`), key(-1, 0, `up to ${a} s sooner`),
      key(0, 0, "not told apart"),
      key(1, 0, `up to ${a} s later`), key(1, 1, `${a} to ${b} s later`), key(1, 2, `over ${b} s later`),
    ];
  };
})(window.EmsTwin);
