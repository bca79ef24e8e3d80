/* Which ways of working are compared, and how thoroughly. */
(function (E) {
  "use strict";

  const EFFORTS = [[5, "A quick look: 5 days", "Shows the direction; intervals are wide."], [30, "Good: 30 days", "For decisions."]];

  function box(type, name, label, about, checked, act) {
    const input = E.el("input");
    input.type = type;
    input.name = name;
    input.checked = checked;
    input.id = `${name}-${label.replace(/\W+/g, "-")}`;
    const text = E.el("label", "", E.el("b", "", label), E.el("span", "note", about));
    text.htmlFor = input.id;
    input.addEventListener("change", act);
    return E.el("div", "option", input, text);
  }

  function draw() {
    const plan = E.plan, variants = plan.get("variants") || [];
    const known = new Map(variants.map((one) => [plan.templateOf(one), one]).filter(([template]) => template));
    const own = variants.filter((one) => !plan.templateOf(one));
    const legend = E.byId("variants").querySelector("legend");
    const rows = plan.templates.map((template) => {
      const there = known.get(template);
      return box("checkbox", "variant", there ? there.name : template.name, template.about, Boolean(there), (event) => {
        change(template, event.target.checked);
      });
    });
    own.forEach((variant) => rows.push(box("checkbox", "variant", variant.name, `${(variant.description || "A way of working that came with the file").replace(/\.$/, "")}. Kept as it is.`, true, () => {
      put(variants.filter((one) => one !== variant));
    })));
    E.byId("variants").replaceChildren(legend, ...rows);
    const first = variants[0];
    if (first) {
      const name = plan.get("baseline") || first.name;
      const marked = [...E.byId("variants").querySelectorAll("label b")].find((b) => b.textContent === name);
      if (marked) marked.after(E.el("span", "tag", "compared with"));
    }
    effort();
  }

  /* Variants in the order of the templates, those of a file's own after them. */
  function change(template, on) {
    const plan = E.plan, variants = plan.get("variants") || [];
    const focus = document.activeElement && document.activeElement.id;
    if (!on) put(variants.filter((one) => plan.templateOf(one) !== template));
    else {
      const rank = (one) => { const t = plan.templateOf(one); return t ? plan.templates.indexOf(t) : 99; };
      const added = { name: template.name, ...JSON.parse(JSON.stringify(template.content || {})) };
      put([...variants, added].sort((a, b) => rank(a) - rank(b)));
    }
    if (focus && E.byId(focus)) E.byId(focus).focus();
  }

  /* What speaks of a variant that is gone goes, too. */
  function put(variants) {
    const plan = E.plan, names = new Set(variants.map((one) => one.name));
    if (!names.has(plan.get("baseline"))) plan.set("baseline", undefined);
    const pairs = (plan.get("comparisons") || []).filter((pair) => names.has(pair.variant) && names.has(pair.against));
    plan.set("comparisons", pairs.length ? pairs : undefined);
    plan.set("variants", variants);
    draw();
  }

  function effort() {
    const plan = E.plan, n = plan.get("replications") ?? 30, legend = E.byId("effort").querySelector("legend");
    E.byId("effort").replaceChildren(legend, ...EFFORTS.map(([days, label, about]) => box("radio", "effort", label, about, n === days, () => {
      plan.set("replications", days);
      E.refreshFields();
    })));
  }

  /* What the page has no field for is neither lost nor hidden. */
  const KEPT = [
    ["cases", (v) => `Circumstances under which all is compared: ${v.map((one) => one.name).join(", ")}`],
    ["comparisons", (v) => `Further pairs to compare: ${v.map((one) => `${one.variant} against ${one.against}`).join("; ")}`],
    ["demand.factor", (v) => `All ordinary calls times ${v}`],
    ["roads.traffic", () => "Speeds by the hour of the week"],
    ["resources.withdrawn", (v) => `Units out of service: ${v.map((one) => one.count).join(", ")}`],
    ["hospitals.bays", (v) => `Treatment bays of ${Object.keys(v).join(", ")}`],
    ["hospitals.surge_beds", (v) => `Extra treatment bays of ${Object.keys(v).join(", ")}`],
    ["hospitals.diversions", (v) => `Hospitals closed to ambulances for a time: ${v.map((one) => one.hospital).join(", ")}`],
    ["hospitals.choice", (v) => (v === "nearest" ? "" : "In every way of working, patients go where a bed is expected soonest")],
    ["policy", (v) => (Object.keys(v).length === 1 && v.move === "home" ? "" : `In every way of working unless it says otherwise: policy ${v.move || "home"}`)],
    ["search_runs", (v) => `Days that the search for bases may simulate: ${v}`],
    ["level", (v) => `Intervals of ${Math.round(100 * v)} %`],
  ];

  function kept() {
    const rows = KEPT.map(([path, words]) => [path, E.plan.get(path), words]).filter(([, value]) => value !== undefined && value !== null && !(Array.isArray(value) && !value.length))
      .map(([path, value, words]) => [path, words(value)]).filter(([, text]) => text);
    E.byId("kept").hidden = !rows.length;
    E.byId("kept-list").replaceChildren(...rows.map(([path, text]) => E.el("li", "kept-row", E.el("span", "", text),
      E.button("Leave out", () => { E.plan.set(path, undefined); kept(); draw(); E.say("Left out."); }))));
  }

  E.startVariants = function () {
    E.fields.set("variants", { path: "variants", label: "Ways of working", control: null, error: E.byId("variants-error"), box: E.byId("variants"), refresh() {} });
    E.byId("variants").tabIndex = -1;
    E.byId("compare-fields").append(
      E.field({ path: "replications", label: "Days to simulate", kind: "number", min: 2, max: 1000, step: 1, blank: 30, after: effort }),
      E.field({ path: "seed", label: "Seed of chance", kind: "number", min: 0, max: 1000000, step: 1, blank: 1, hint: "The same seed gives the same days." }));
    E.plan.on("load", () => { draw(); kept(); });
  };

  /* What the server cannot know: crews are to be tried, and there are none. */
  E.ownFaults = function () {
    const variants = E.plan.get("variants") || [];
    const found = [];
    if (!variants.length) found.push({ path: "variants", problem: "nothing is ticked", remedy: "Tick one way of working at least." });
    if (variants.some((one) => one.name === E.plan.crewsName) && !(E.plan.get("resources.crews") || []).length) {
      found.push({ path: "variants", problem: `'${E.plan.crewsName}' is ticked, but there are no extra crews`, remedy: "Add some under Crews, or untick it." });
    }
    return found;
  };
})(window.EmsTwin);
