/* Who serves: ambulances, posts, extra crews, first aid; and how full emergency rooms are. */
(function (E) {
  "use strict";

  const plan = () => E.plan, { put, times } = E.parts;

  E.startCrews = function () {
    const bases = () => [...E.ground.stations.map((one) => [one.id, one.name]), ...(plan().get("resources.posts") || []).map((one) => [one.id, `${one.name || one.id} (your post)`])];
    put("units-fields",
      E.field({
        path: "resources.units", label: "Ambulances", kind: "number", unit: "units", min: 1, max: 5000, step: 1, blank: E.ground.units,
        slider: [Math.max(1, Math.round(E.ground.units * 0.4)), Math.round(E.ground.units * 1.8), 1], wide: true, hint: `The city has ${E.ground.units}.`,
      }),
      E.field({
        path: "resources.placement", label: "Where they are based", kind: "choice", blank: "own", wide: true,
        options: [["own", "As the city has them"], ["ordinary", "Where a search finds best for an ordinary day (takes longer)"], ["event", "Where a search finds best for this day (takes longer)"]],
      }),
      E.field({ path: "resources.street_posts", label: "Street corners where units may also stand", kind: "number", blank: 0, min: 0, max: 500, step: 1 }));
    E.cardList({
      path: "resources.posts", element: E.byId("posts"), what: "post", heading: "Posts",
      title: (one) => `Post ${one.name || one.id}`,
      fields: (one, at) => [
        E.field({ path: `${at}.id`, label: "Short name", kind: "text", hint: "Letters, digits and hyphens." }),
        E.field({ path: `${at}.name`, label: "Name", kind: "text" }),
      ],
      actions: (one) => [E.button("Show on the map", () => E.lookAt([[one.lon, one.lat]]))],
    });
    E.cardList({
      path: "resources.crews", element: E.byId("crews"), what: "crews", heading: "Extra crews",
      title: (one) => `${one.id}: ${E.plural(one.count || 1, "unit")} at ${(bases().find(([id]) => id === one.at) || [null, one.at])[1]}`,
      fields: (one, at) => [
        E.field({ path: `${at}.id`, label: "Name", kind: "text" }),
        E.field({ path: `${at}.count`, label: "How many", kind: "number", blank: 1, min: 1, max: 500, step: 1, slider: [1, 20, 1], wide: true }),
        E.field({ path: `${at}.at`, label: "Based at", kind: "choice", options: bases, wide: true }),
        E.field({ path: `${at}.kind`, label: "What they are", kind: "choice", blank: "ambulance", options: [["ambulance", "Ambulances"], ["first-responder", "First responders: treat, and wait for an ambulance"], ["bike", "Bikes: treat, and wait for an ambulance"]], wide: true }),
        E.field({ path: `${at}.mutual_aid`, label: "They come from a neighbouring service", kind: "check" }),
        E.field({ path: `${at}.shifts[0].start`, label: "On duty from", kind: "time", hint: "Leave both empty for always.", set: (v) => shift(at, "start", v) }),
        E.field({ path: `${at}.shifts[0].end`, label: "On duty until", kind: "time", set: (v) => shift(at, "end", v) }),
      ],
    });
    E.cardList({
      path: "resources.first_aid", element: E.byId("aid"), what: "first-aid station", heading: "First-aid stations",
      title: (one) => `First aid ${one.id}`,
      fields: (one, at) => [
        E.field({ path: `${at}.id`, label: "Name", kind: "text" }),
        E.field({ path: `${at}.radius_m`, label: "Patients come from within", kind: "number", unit: "m", blank: 400, min: 10, max: 3000 }),
        E.field({ path: `${at}.treats_share`, label: "Treats, of those who need no hospital", kind: "percent", unit: "%", blank: 0.9, min: 0, max: 100 }),
        ...times(at, "start", "end"),
      ],
      actions: (one) => [E.button("Show on the map", () => E.lookAt([[one.lon, one.lat]]))],
    });
  };

  function shift(at, part, value) {
    const one = { ...(plan().get(`${at}.shifts[0]`) || {}) };
    if (value) one[part] = value;
    else delete one[part];
    plan().set(`${at}.shifts`, Object.keys(one).length ? [one] : undefined);
  }

  E.startRooms = function () {
    const ground = E.ground;
    if (!ground.bays) {
      put("rooms-fields", E.el("p", "note", "This city's data know nothing of treatment bays: emergency rooms take every patient at once."));
      return;
    }
    put("rooms-fields",
      E.field({
        path: "hospitals.bays_count", label: "Emergency rooms fill up", kind: "check", hint: "Patients stay in a bed, others walk in, and ambulances wait with their patient where no bed is free.",
        after: () => {
          if (plan().get("hospitals.bays_count")) return;
          ["occupancy", "divert_above"].forEach((name) => plan().set(`hospitals.${name}`, undefined));
          E.refreshFields();
        },
      }),
      E.field({
        path: "hospitals.occupancy", label: "Beds in use, on average", kind: "percent", unit: "%", min: 1, max: 99, slider: [50, 99, 1], wide: true,
        hint: ground.occupancy ? `The city's own is ${Math.round(100 * ground.occupancy)} %.` : "",
        after: () => { if (plan().get("hospitals.occupancy") && !plan().get("hospitals.bays_count")) { plan().set("hospitals.bays_count", true); E.refreshFields(); } },
      }),
      E.field({
        path: "hospitals.divert_above", label: "Full emergency rooms turn ambulances away", kind: "check",
        hint: "When their queue would hold a patient up for about half an hour.", get: () => plan().get("hospitals.divert_above") !== undefined,
        set: (on) => plan().set("hospitals.divert_above", on ? 1.125 : undefined),
      }));
  };
})(window.EmsTwin);
