/* The map of a comparison: differences of the mean response by cell, for one contender and size of fleet at a time. */
(function (E) {
  "use strict";

  const BETTER = "#0072b2", WORSE = "#d55e00", OPACITY = [0.3, 0.55, 0.8];

  /* Finding of a cell: -1 sooner, 1 later, 0 not told apart, null unknown; and the class of its size. */
  function finding(view, i, limits) {
    const apart = view.apart[i];
    if (apart === null) return { way: null, klass: 0 };
    if (Math.abs(apart) <= view.half[i]) return { way: 0, klass: 0 };
    const size = Math.abs(apart);
    return { way: Math.sign(apart), klass: size > limits[1] ? 2 : size > limits[0] ? 1 : 0 };
  }

  /* Colour alone does not say it: cells that are worse have a dashed edge, those not told apart no colour. */
  function style({ way, klass }) {
    const ink = E.colour("ink-2");
    const edge = { stroke: true, color: ink, weight: 0.6, opacity: 0.6, dashArray: null, fill: true };
    if (way === null) return { ...edge, opacity: 0.3, fillColor: ink, fillOpacity: 0 };
    if (way === 0) return { ...edge, fillColor: ink, fillOpacity: 0.16 };
    const worse = way > 0;
    return {
      ...edge, weight: worse ? 1.6 : 0.8, opacity: 1, color: E.colour("ink"), dashArray: worse ? "4 3" : null,
      fillColor: worse ? WORSE : BETTER, fillOpacity: OPACITY[klass],
    };
  }

  const signed = (value) => `${value > 0 ? "+" : value < 0 ? "−" : ""}${Math.abs(value).toFixed(1)}`;
  const words = ({ way }) => (way === null ? "too few calls" : way === 0 ? "not told apart" : way < 0 ? "sooner" : "later");

  function swatch(looks, text) {
    const box = E.el("span", "swatch");
    box.style.background = looks.fillColor;
    box.style.opacity = String(Math.max(looks.fillOpacity, 0.16));
    const frame = E.el("span", `frame${looks.dashArray ? " dashed" : ""}`, box);
    return E.el("li", "", frame, text);
  }

  E.startContest = function (page) {
    const data = E.readData("ems-data"), [a, b] = data.limits_s;
    E.startTheme();
    E.byId("map-slot").append(page.map.getContainer());
    E.byId("left-out").hidden = data.streets_left_out === 0;
    E.showAttribution(page.map, data.attribution);
    E.styleStreets(page);
    const cells = E.hexagonsInOrder(page.cells), choice = E.byId("view"), pointer = { hovered: -1 };
    choice.replaceChildren(...data.views.map((view, i) => Object.assign(E.el("option", "", view.label), { value: String(i) })));
    choice.value = String(data.first);
    const shown = () => data.views[Number(choice.value || 0)];

    function draw() {
      const view = shown();
      if (!view) return;
      cells.forEach((cell, i) => cell.setStyle(style(finding(view, i, data.limits_s))));
      const key = (way, klass, text) => swatch(style({ way, klass }), text);
      E.byId("key").replaceChildren(E.el("ul", "key",
        key(-1, 2, `over ${b} s sooner`), key(-1, 1, `${a} to ${b} s sooner`), key(-1, 0, `up to ${a} s sooner`),
        key(0, 0, "not told apart"),
        key(1, 0, `up to ${a} s later`), key(1, 1, `${a} to ${b} s later`), key(1, 2, `over ${b} s later`)));
      table(view);
    }

    function table(view) {
      const head = ["Place", "Calls", "Difference, s", `${data.level} % interval`, "Finding"];
      const rows = data.cells.map((place, i) => ({ place, i })).filter(({ i }) => view.apart[i] !== null);
      rows.sort((one, other) => view.apart[one.i] - view.apart[other.i]);
      E.byId("cells").replaceChildren(
        E.el("caption", "", `${view.label}: mean response beside ${data.baseline}, by cell`),
        E.el("thead", "", E.el("tr", "", ...head.map((text) => Object.assign(E.el("th", "", text), { scope: "col" })))),
        E.el("tbody", "", ...rows.map(({ place, i }) => E.el("tr", "",
          Object.assign(E.el("th", "", place), { scope: "row" }),
          E.el("td", "", view.calls[i].toLocaleString("en")), E.el("td", "", signed(view.apart[i])),
          E.el("td", "", `${signed(view.apart[i] - view.half[i])} to ${signed(view.apart[i] + view.half[i])}`),
          E.el("td", "", words(finding(view, i, data.limits_s)))))));
    }

    choice.addEventListener("change", draw);
    E.onTheme(draw);
    E.watchHexagons(page.cells, pointer);
    const tip = new E.Tip(page.map);
    page.map.on("mousemove", (event) => {
      const i = pointer.hovered, view = shown();
      if (i < 0 || !view) { tip.hide(); return; }
      const lines = [data.cells[i], `${view.calls[i].toLocaleString("en")} calls`];
      if (view.apart[i] !== null) lines.push(`${signed(view.apart[i])} s ± ${view.half[i].toFixed(1)}`);
      tip.show([...lines, words(finding(view, i, data.limits_s))], event.containerPoint);
    });
    page.map.on("mouseout", () => tip.hide());
    page.map.scrollWheelZoom.disable(); // the page is to be scrolled past the map
    page.map.invalidateSize({ animate: false });
    page.map.fitBounds(data.bounds, { animate: false });
    E.contest = { page, data, cells };
  };
})(window.EmsTwin);
