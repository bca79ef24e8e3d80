/* Names that every script of the page shares: DOM, numbers, times. Texts are set as text, never as markup. */
window.EmsTwin = window.EmsTwin || {};
(function (E) {
  "use strict";

  E.byId = (id) => document.getElementById(id);

  /* Element with a class and children; a child that is not a node becomes text. */
  E.el = function (tag, className, ...children) {
    const element = document.createElement(tag);
    if (className) element.className = className;
    for (const child of children) element.append(child instanceof Node ? child : document.createTextNode(child));
    return element;
  };

  /* SVG element with attributes and children. */
  E.svg = function (tag, attributes, ...children) {
    const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(attributes || {})) element.setAttribute(name, value);
    for (const child of children) element.append(child);
    return element;
  };

  /* Set a text only where it changed: the page is written to several times a second. */
  E.setText = function (element, text) {
    if (element.textContent !== text) element.textContent = text;
  };

  E.readData = (id) => JSON.parse(E.byId(id).textContent);

  /* Undo differences. */
  E.sums = function (differences, scale = 1) {
    const values = new Float64Array(differences.length);
    let sum = 0;
    for (let i = 0; i < differences.length; i++) values[i] = (sum += differences[i]) * scale;
    return values;
  };

  /* Last index whose value is at most x in an ascending array, -1 when there is none. */
  E.lastAtMost = function (values, x, length = values.length) {
    let low = 0, high = length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (values[middle] <= x) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  };

  /* 65 -> "1:05", 4000 -> "1:06:40"; nothing for what has not happened. */
  E.duration = function (seconds) {
    if (!Number.isFinite(seconds)) return "–";
    const s = Math.max(0, Math.round(seconds));
    const tail = String(s % 60).padStart(2, "0");
    if (s < 3600) return `${Math.floor(s / 60)}:${tail}`;
    return `${Math.floor(s / 3600)}:${String(Math.floor(s / 60) % 60).padStart(2, "0")}:${tail}`;
  };

  E.percent = (share) => (Number.isFinite(share) ? `${(100 * share).toFixed(share < 0.995 ? 1 : 0)} %` : "–");

  E.plural = (n, one, many = `${one}s`) => `${n} ${n === 1 ? one : many}`;

  /* Linear quantile of ascending values, as numpy has it. */
  E.quantile = function (sorted, q) {
    if (!sorted.length) return NaN;
    const at = (sorted.length - 1) * q, low = Math.floor(at);
    const high = Math.min(low + 1, sorted.length - 1);
    return sorted[low] + (sorted[high] - sorted[low]) * (at - low);
  };

  /* Civil times of the city, from milliseconds since 1970. */
  E.civil = function (timezone) {
    const part = (options) => new Intl.DateTimeFormat("en-GB", { timeZone: timezone, hourCycle: "h23", ...options });
    const time = part({ hour: "2-digit", minute: "2-digit", second: "2-digit" });
    const minute = part({ hour: "2-digit", minute: "2-digit" });
    const date = part({ weekday: "short", day: "numeric", month: "short", year: "numeric" });
    const zone = new Intl.DateTimeFormat("en-US", { timeZone: timezone, timeZoneName: "short" }); // knows EDT
    return {
      time: (ms) => time.format(ms),
      minute: (ms) => minute.format(ms),
      date: (ms) => date.format(ms),
      hour: (ms) => Number(minute.format(ms).slice(0, 2)),
      zone: (ms) => zone.formatToParts(ms).find((p) => p.type === "timeZoneName").value,
    };
  };

  /* Position on Leaflet's world at zoom 0 (256 pixels square, Web Mercator). */
  E.worldX = (lon) => (256 * (lon + 180)) / 360;
  E.worldY = (lat) => 128 - (128 / Math.PI) * Math.log(Math.tan(Math.PI / 4 + (lat * Math.PI) / 360));

  /* Degrees from a position on that world. */
  E.lonOf = (x) => (360 * x) / 256 - 180;
  E.latOf = (y) => (360 / Math.PI) * Math.atan(Math.exp(((128 - y) * Math.PI) / 128)) - 90;

  E.reducedMotion = () => window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  E.narrow = () => window.matchMedia("(max-width: 800px)").matches;
})(window.EmsTwin);
