/* What the parts of the form share: the day itself, a stretch of time, the hours that are judged. */
(function (E) {
  "use strict";

  const plan = () => E.plan;
  const put = (id, ...boxes) => E.byId(id).append(...boxes);
  const times = (path, start, end) => [
    E.field({ path: `${path}.${start}`, label: "From", kind: "time" }),
    E.field({ path: `${path}.${end}`, label: "Until", kind: "time" }),
  ];
  const span = () => {
    const start = plan().get("window.count_from") || plan().get("window.start"), end = plan().get("window.count_to");
    return { ...(start ? { start: start.slice(0, 16) } : {}), ...(end ? { end: end.slice(0, 16) } : {}) };
  };

  E.parts = { put, times, span };

  E.startDay = function () {
    put("day-fields",
      E.field({ path: "name", label: "Name of the plan", kind: "text", wide: true }),
      E.field({ path: "question", label: "What do you want to know?", kind: "text", wide: true, hint: "For the report; in your own words." }),
      E.field({ path: "window.start", label: "Simulate from", kind: "time", hint: "A few hours before it matters: units are busy by then.", wide: true }),
      E.field({ path: "window.hours", label: "For", kind: "number", unit: "hours", min: 1, max: 168, slider: [1, 48, 1], wide: true }),
      E.field({ path: "window.count_from", label: "Judge calls from", kind: "time" }),
      E.field({ path: "window.count_to", label: "Judge calls until", kind: "time" }));
  };
})(window.EmsTwin);
