/* Changes of the calls: a crowd, extra calls, a factor, a mass-casualty incident, and where they happen. */
(function (E) {
  "use strict";

  const plan = () => E.plan, { put, times, span } = E.parts;
  const PLACES = [["city", "The whole city"], ["point", "A place on the map"], ["area", "An area on the map"], ["line", "Along a course"]];

  const placeKind = (place) => (!place ? "city" : place.area ? "area" : place.line ? "line" : place.lon !== undefined ? "point" : "city");

  function placeFields(one, at) {
    const path = `${at}.place`, shape = placeKind(one.place);
    const courses = () => (plan().get("roads.closures.closures") || []).filter((c) => Array.isArray(c.line));
    const options = PLACES.filter(([key]) => key !== "city" || one.kind !== "crowd");
    return [
      E.field({
        path, label: "Where", kind: "choice", options, wide: true, get: () => placeKind(plan().get(path)),
        set: async (key) => {
          if (key === "city") { plan().set(path, undefined); plan().set(`${at}.runners`, undefined); E.redrawCards("demand.changes"); return; }
          let place = null;
          if (key === "line" && courses().length) place = { line: courses()[0].line, radius_m: 300 };
          else {
            const points = await E.draw(key, `Where is ${one.id}?`);
            if (points) place = key === "point" ? { lon: points[0][0], lat: points[0][1], radius_m: 250 } : key === "area" ? { area: points } : { line: points, radius_m: 300 };
          }
          if (place) { plan().set(path, place); if (key !== "line") plan().set(`${at}.runners`, undefined); }
          E.redrawCards("demand.changes");
        },
      }),
      ...(shape === "line" && courses().length > 1 ? [E.field({
        path: `${path}.line`, label: "Which course", kind: "choice", wide: true,
        options: () => [["", "As it is"], ...courses().map((c, i) => [String(i), c.id])],
        get: () => { const i = courses().findIndex((c) => JSON.stringify(c.line) === JSON.stringify(plan().get(`${path}.line`))); return i < 0 ? "" : String(i); },
        set: (i) => { if (i !== undefined) plan().set(`${path}.line`, courses()[Number(i)].line); },
      })] : []),
      ...(shape === "point" || shape === "line" ? [E.field({ path: `${path}.radius_m`, label: "How far around", kind: "number", unit: "m", blank: 250, min: 10, max: 5000 })] : []),
      ...(shape === "line" && one.kind !== "factor" ? [E.field({
        path: `${at}.runners.start`, label: "Runners start at", kind: "time", hint: "If people pass along the course, when the first of them start. Leave it empty if they stand there all the time.",
        set: (value) => { plan().set(`${at}.runners`, value ? { ...plan().get(`${at}.runners`), start: value } : undefined); },
      })] : []),
      ...(shape === "line" && one.runners ? [
        E.field({ path: `${at}.runners.waves`, label: "Waves that start", kind: "number", blank: 1, min: 1, max: 50 }),
        E.field({ path: `${at}.runners.pace_min_per_km`, label: "Usual pace", kind: "number", unit: "min/km", blank: 6.4, min: 2, max: 30 }),
      ] : []),
    ];
  }

  E.changeWords = function (one) {
    if (one.kind === "crowd") return `${Number(one.people || 0).toLocaleString("en")} people`;
    if (one.kind === "mass-casualty") return `${one.patients || 0} patients at once`;
    if (one.kind === "factor") return `${one.factor >= 1 ? "+" : "−"}${Math.abs(Math.round(100 * ((one.factor || 1) - 1)))} % calls`;
    if (one.city_share) return `+${Math.round(100 * one.city_share)} % calls`;
    return `${one.calls || 0} extra calls`;
  };

  const WHOLE = "all calls";

  /* The slider for the whole city is a change of its own: the ordinary day goes without it. */
  E.startWholeCity = function () {
    const rows = () => plan().get("demand.changes") || [];
    const at = () => rows().findIndex((one) => one.kind === "factor" && one.id === WHOLE && !one.place);
    put("people-fields", E.field({
      path: "demand.changes.all", label: "Calls in the whole city, against usual", kind: "more", unit: "%", min: -90, max: 900, slider: [-50, 150, 5], wide: true,
      get: () => (at() < 0 ? undefined : rows()[at()].factor),
      set: (value) => {
        const i = at(), none = value === undefined || value === 1;
        if (i < 0 && !none) plan().add("demand.changes", { id: WHOLE, kind: "factor", factor: value });
        else if (i >= 0 && none) plan().removeAt("demand.changes", i);
        else if (i >= 0) plan().set(`demand.changes[${i}].factor`, value);
      },
    }));
  };

  E.startChanges = function () {
    E.cardList({
      path: "demand.changes", element: E.byId("changes"), what: "change", heading: "Changes of the calls",
      title: (one) => `${one.id}: ${E.changeWords(one)}`,
      fields: (one, at) => [
        E.field({ path: `${at}.id`, label: "Name", kind: "text", wide: true }),
        ...(one.kind === "crowd" ? [
          E.field({ path: `${at}.people`, label: "People", kind: "number", min: 1, max: 20000000, step: 1, slider: [1000, 200000, 1000], wide: true }),
          E.field({ path: `${at}.event`, label: "What they do", kind: "choice", blank: "mass-gathering", options: [["mass-gathering", "Gather: a concert, a march, a match"], ["marathon", "Run a marathon"]], hint: "Sets how many fall ill: ranges from published events.", wide: true }),
        ] : []),
        ...(one.kind === "surge" ? [
          one.calls !== undefined
            ? E.field({ path: `${at}.calls`, label: "Extra calls in all", kind: "number", min: 1, max: 100000 })
            : E.field({ path: `${at}.city_share`, aliases: [], label: "Extra calls, of all the city's usual ones", kind: "percent", unit: "%", min: 1, max: 500, slider: [0, 100, 1], wide: true }),
        ] : []),
        ...(one.kind === "factor" ? [E.field({ path: `${at}.factor`, label: "Calls there, against usual", kind: "more", unit: "%", min: -90, max: 900, slider: [-50, 150, 5], wide: true })] : []),
        ...(one.kind === "mass-casualty" ? [
          E.field({ path: `${at}.at`, label: "First reported at", kind: "time" }),
          E.field({ path: `${at}.patients`, label: "Patients", kind: "number", min: 1, max: 5000, step: 1, slider: [1, 200, 1], wide: true }),
          E.field({ path: `${at}.within_min`, label: "All reported within", kind: "number", unit: "min", blank: 20, min: 1, max: 600 }),
        ] : [...times(at, "start", "end"),
          ...(one.kind === "crowd" ? [E.field({ path: `${at}.heat_index_rise`, label: "Heat above usual", kind: "number", unit: "°F", blank: 0, min: -30, max: 40, wide: true })] : []),
          ...(one.kind === "factor" && one.id === WHOLE ? [] : placeFields(one, at))]),
        ...(Array.isArray(one.profile) ? [E.el("p", "note wide-field", "Follows a profile over the hours that came with the file.")] : []),
      ],
      actions: (one) => {
        const place = one.kind === "mass-casualty" ? one : one.place || {};
        const points = place.area || place.line || (place.lon !== undefined ? [[place.lon, place.lat]] : null);
        return points ? [E.button("Show on the map", () => E.lookAt(points))] : [];
      },
    });
  };
})(window.EmsTwin);
