/* Charts over the hours for two variants, as SVG: a line with a band each, told apart by dashes and marks as well. */
(function (E) {
  "use strict";

  const LEFT = 46, RIGHT = 10, TOP = 12, LOW = 28;

  const text = (x, y, content, anchor = "middle") =>
    E.svg("text", { x: x.toFixed(1), y: y.toFixed(1), "text-anchor": anchor }, document.createTextNode(content));

  /* Pieces of a line without gaps, as rows of [hour, value]. */
  function pieces(values) {
    const found = [[]];
    values.forEach((value, i) => {
      if (value === null || value === undefined) found.push([]);
      else found[found.length - 1].push([i, value]);
    });
    return found.filter((piece) => piece.length);
  }

  function step(top) {
    const rough = top / 4, unit = 10 ** Math.floor(Math.log10(rough));
    return unit * [1, 2, 5, 10].find((factor) => factor * unit >= rough * 0.999);
  }

  /* A figure: title, and series of { name, mean, low, high } of which the first is solid and the second dashed. */
  E.hourChart = function ({ title, unit, hours, counted, series, wide = 520, high = 220, line = null }) {
    const known = series.flatMap((one) => [...one.mean, ...(one.high || [])]).filter((value) => value !== null);
    if (line !== null) known.push(line);
    const top = Math.max(1e-9, ...known) * 1.06, n = hours.length;
    const x = (i) => LEFT + ((i + 0.5) / n) * (wide - LEFT - RIGHT);
    const y = (value) => high - LOW - (value / top) * (high - LOW - TOP);
    const parts = [];
    for (const [from, to] of [[0, counted[0]], [counted[1], n]]) {
      const a = LEFT + (from / n) * (wide - LEFT - RIGHT), b = LEFT + (Math.min(to, n) / n) * (wide - LEFT - RIGHT);
      const size = { y: TOP, width: (b - a).toFixed(1), height: high - LOW - TOP };
      if (b > a) parts.push(E.svg("rect", { class: "outside", x: a.toFixed(1), ...size }));
    }
    const each = step(top), digits = each < 1 ? 1 : 0;
    const across = (kind, value) =>
      E.svg("line", { class: kind, x1: LEFT, x2: wide - RIGHT, y1: y(value).toFixed(1), y2: y(value).toFixed(1) });
    for (let value = 0; value <= top; value += each) {
      parts.push(across("grid", value));
      parts.push(text(LEFT - 6, y(value) + 4, value.toFixed(digits), "end"));
    }
    const every = Math.max(1, Math.ceil((n * 60) / (wide - LEFT - RIGHT)));
    hours.forEach((hour, i) => { if (i % every === 0) parts.push(text(x(i), high - 8, n > 24 ? hour : hour.slice(-5))); });
    if (line !== null) parts.push(across("full", line));
    series.forEach((one, k) => {
      const kind = k ? "right" : "left", points = (rows) => rows.map(([i, value]) => `${x(i).toFixed(1)},${y(value).toFixed(1)}`);
      if (one.low) {
        const lows = pieces(one.low), highs = pieces(one.high);
        lows.forEach((piece, j) => parts.push(E.svg("polygon", {
          class: `band ${kind}`, points: [...points(highs[j]), ...points(piece).reverse()].join(" "),
        })));
      }
      for (const piece of pieces(one.mean)) {
        parts.push(E.svg("polyline", { class: `mean ${kind}`, points: points(piece).join(" ") }));
        for (const [i, value] of piece) {
          parts.push(k
            ? E.svg("rect", {
              class: `mark ${kind}`, x: (x(i) - 2.6).toFixed(1), y: (y(value) - 2.6).toFixed(1), width: 5.2, height: 5.2,
            })
            : E.svg("circle", { class: `mark ${kind}`, cx: x(i).toFixed(1), cy: y(value).toFixed(1), r: 2.8 }));
        }
      }
    });
    const most = series.map((one) => {
      const best = pieces(one.mean).flat().reduce((a, b) => (b[1] > a[1] ? b : a), [0, -1]);
      return `${one.name} at most ${best[1].toFixed(1)} at ${hours[best[0]]}`;
    });
    const label = `${title}, ${unit}: ${most.join("; ")}.`;
    const chart = E.svg("svg", { viewBox: `0 0 ${wide} ${high}`, role: "img", "aria-label": label }, ...parts);
    return E.el("figure", "hour-chart", E.el("figcaption", "", `${title}, ${unit}`), chart);
  };

  /* Fill a table with its caption, head and rows; the first cell of a row is its head. */
  E.fillTable = function (table, caption, head, rows) {
    table.replaceChildren(
      E.el("caption", "", caption),
      E.el("thead", "", E.el("tr", "", ...head.map((name) => Object.assign(E.el("th", "", name), { scope: "col" })))),
      E.el("tbody", "", ...rows.map(([first, ...rest]) => E.el("tr", "",
        Object.assign(E.el("th", "", first), { scope: "row" }), ...rest.map((cell) => E.el("td", "", cell))))),
    );
  };
})(window.EmsTwin);
