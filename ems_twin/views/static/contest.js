/* The map of a comparison: differences of the mean response by cell, for one contender and size of fleet at a time. */
(function (E) {
  "use strict";

  E.startContest = function (page) {
    const data = E.readData("ems-data"), limits = data.limits_s;
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
      cells.forEach((cell, i) => cell.setStyle(E.changeStyle(E.changeFinding(view, i, limits))));
      E.byId("key").replaceChildren(E.el("ul", "key", ...E.changeKey(limits)));
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
          E.el("td", "", view.calls[i].toLocaleString("en")), E.el("td", "", E.signed(view.apart[i])),
          E.el("td", "", `${E.signed(view.apart[i] - view.half[i])} to ${E.signed(view.apart[i] + view.half[i])}`),
          E.el("td", "", E.changeWords(E.changeFinding(view, i, limits)))))));
    }

    choice.addEventListener("change", draw);
    E.onTheme(draw);
    E.watchHexagons(page.cells, pointer);
    const tip = new E.Tip(page.map);
    page.map.on("mousemove", (event) => {
      const i = pointer.hovered, view = shown();
      if (i < 0 || !view) { tip.hide(); return; }
      const lines = [data.cells[i], `${view.calls[i].toLocaleString("en")} calls`];
      if (view.apart[i] !== null) lines.push(`${E.signed(view.apart[i])} s ± ${view.half[i].toFixed(1)}`);
      tip.show([...lines, E.changeWords(E.changeFinding(view, i, limits))], event.containerPoint);
    });
    page.map.on("mouseout", () => tip.hide());
    page.map.scrollWheelZoom.disable(); // the page is to be scrolled past the map
    page.map.invalidateSize({ animate: false });
    page.map.fitBounds(data.bounds, { animate: false });
    E.contest = { page, data, cells };
  };
})(window.EmsTwin);
