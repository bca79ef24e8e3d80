/* Closures: courses, areas and streets, their crossings, and courses from files. */
(function (E) {
  "use strict";

  const plan = () => E.plan, { times, span } = E.parts;
  const lengthKm = (line) => {
    let metres = 0;
    for (let i = 1; i < line.length; i++) metres += L.latLng(line[i][1], line[i][0]).distanceTo(L.latLng(line[i - 1][1], line[i - 1][0]));
    return metres / 1000;
  };

  function shapeOf(one) {
    if (Array.isArray(one.line)) {
      const all = lengthKm(one.line), from = one.from_km || 0, to = Math.min(one.to_km ?? all, all);
      return from > 0 || to < all ? `km ${from.toFixed(1)} to ${to.toFixed(1)} of a course` : `a course of ${all.toFixed(1)} km`;
    }
    if (Array.isArray(one.area)) return "an area";
    if (one.streets) return one.streets.join(", ");
    return E.plural((one.edges || []).length, "stretch", "stretches");
  }

  E.startClosures = function () {
    const path = "roads.closures.closures";
    E.cardList({
      path, element: E.byId("closures"), what: "closure", heading: "Closures",
      title: (one) => `${one.id}: ${shapeOf(one)}`,
      fields: (one, at) => [
        E.field({ path: `${at}.id`, label: "Name", kind: "text", wide: true }),
        ...times(at, "start_date", "end_date"),
        E.field({
          path: `${at}.vehicle_impact`, label: "What is closed", kind: "choice", blank: "all-lanes-closed", wide: true,
          options: [["all-lanes-closed", "Closed to all traffic"], ["some-lanes-closed", "Only slower: some lanes stay open"]],
          after: () => {
            const slower = plan().get(`${at}.vehicle_impact`) !== undefined;
            plan().set(`${at}.speed_factor`, slower ? 0.5 : undefined);
            if (slower) plan().set(`${at}.ambulance_lane_kmh`, undefined);
            E.redrawCards(path);
          },
        }),
        one.vehicle_impact === "some-lanes-closed"
          ? E.field({ path: `${at}.speed_factor`, label: "Speed there", kind: "percent", unit: "% of usual", min: 5, max: 100 })
          : E.field({ path: `${at}.ambulance_lane_kmh`, label: "Lane kept for ambulances", kind: "number", unit: "km/h", min: 1, max: 120, hint: "Leave it empty if there is none." }),
        ...(one.line ? [
          E.field({ path: `${at}.from_km`, label: "From kilometre", kind: "number", blank: 0, min: 0 }),
          E.field({ path: `${at}.to_km`, label: "To kilometre", kind: "number", min: 0, hint: "Empty: to its end." }),
        ] : []),
        ...(one.line ? [E.field({ path: `${at}.buffer_m`, label: "Streets along it within", kind: "number", unit: "m", blank: 15, min: 1, max: 200 })] : []),
        ...(one.line || one.streets ? [E.field({ path: `${at}.keep_open`, label: "Streets that stay open", kind: "list", wide: true, hint: "Names with commas between: bridges and tunnels above or below it." })] : []),
        ...(one.line ? [crossings(one, at)] : []),
      ],
      actions: (one, at) => [
        ...(one.line || one.area ? [E.button("Show on the map", () => E.lookAt(one.line || one.area)), E.button("Draw it anew", () => redraw(at, one.line ? "line" : "area"))] : []),
      ],
    });
    E.byId("roads-fields").append(E.field({
      path: "roads.accept_cut_off", aliases: ["roads.closures", "roads"], label: "Accept that some places can only be reached on foot", kind: "check",
      hint: "Otherwise a station or hospital that is cut off is a mistake in the plan.",
    }));
  };

  async function redraw(at, shape) {
    const points = await E.draw(shape, `Draw ${plan().get(`${at}.id`)} anew`);
    if (!points) return;
    plan().set(`${at}.${shape}`, points);
    E.goTo(E.fields.get(at));
  }

  function crossings(one, at) {
    const rows = (one.crossings || []).map((crossing, i) => {
      const path = `${at}.crossings[${i}]`;
      const name = crossing.name || crossing.street || `Crossing ${i + 1}`;
      return E.el("li", "crossing-row", E.field({ path: `${path}.delay_s`, aliases: [path], label: `${name}: units wait`, kind: "number", unit: "s", blank: 90, min: 0, max: 3600 }),
        E.button("Remove", () => { plan().removeAt(`${at}.crossings`, i); }));
    });
    const street = E.el("input");
    street.setAttribute("list", "street-names");
    street.setAttribute("aria-label", `Street that crosses ${one.id}`);
    street.placeholder = "Street that crosses it";
    return E.el("fieldset", "wide-field", E.el("legend", "", "Crossings for ambulances"), E.el("ul", "crossings", ...rows),
      E.el("div", "adders",
        E.button("Set one on the map", async () => {
          const points = await E.draw("point", `A crossing of ${one.id}`);
          if (points) plan().add(`${at}.crossings`, { lon: points[0][0], lat: points[0][1], radius_m: 100 });
        }),
        street,
        E.button("Add this street", () => { if (street.value) plan().add(`${at}.crossings`, { street: street.value }); })));
  }

  function newClosure(shape) {
    const { start, end } = span();
    if (!plan().get("roads.closures")) plan().set("roads.closures", { name: plan().get("name") || "Event", closures: [] });
    E.addCard("roads.closures.closures", { ...shape, ...(start ? { start_date: start } : {}), ...(end ? { end_date: end } : {}) });
  }

  async function uploadCourse() {
    const input = E.byId("course-file"), file = input.files[0];
    input.value = "";
    if (!file) return;
    try {
      const found = await E.askJson(`/api/course?${new URLSearchParams({ name: file.name })}`, { method: "POST", body: file, headers: { "Content-Type": "application/octet-stream" } });
      newClosure({ id: plan().freeId("roads.closures.closures", found.name || "course"), line: found.line });
      E.lookAt(found.line);
    } catch (error) {
      E.warn(`${file.name}: ${error.message}`);
    }
  }

  E.newClosure = newClosure;
  E.uploadCourse = uploadCourse;
})(window.EmsTwin);
