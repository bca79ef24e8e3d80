/* Fields of the form, each bound to a path of the plan: a label, a control, a hint, and room for its fault. */
(function (E) {
  "use strict";

  const fields = new Map(); // by path: {path, label, control, error, box, refresh}
  let count = 0;

  E.fields = fields;

  /* Values as they are shown, and as the plan has them. */
  const number = (text) => (text === "" || !Number.isFinite(Number(text)) ? undefined : Number(text));
  const tidy = (value) => Number(value.toFixed(6));
  const KINDS = {
    text: { show: (v) => v ?? "", read: (t) => (t === "" ? undefined : t) },
    list: { show: (v) => (v || []).join(", "), read: (t) => { const all = t.split(",").map((p) => p.trim()).filter(Boolean); return all.length ? all.map((p) => (/^\d+$/.test(p) ? Number(p) : p)) : undefined; } },
    number: { show: (v) => v ?? "", read: number },
    percent: { show: (v) => (v === undefined || v === null ? "" : tidy(100 * v)), read: (t) => { const v = number(t); return v === undefined ? undefined : tidy(v / 100); } },
    more: { show: (v) => (v === undefined ? "0" : tidy(100 * (v - 1))), read: (t) => { const v = number(t); return v === undefined ? undefined : tidy(1 + v / 100); } },
    time: { show: (v) => (v || "").slice(0, 16), read: (t) => t || undefined },
    choice: { show: (v) => v ?? "", read: (t) => t || undefined },
    check: { show: Boolean, read: (on) => on || undefined },
  };

  /*
   * Make a field: {path, label, kind, hint, min, max, step, unit, options, slider, blank, get, set, after}.
   * `slider` adds a slider beside the number; `get` and `set` take the place of the plan's; `blank` is what an absent value is.
   */
  E.field = function (spec) {
    const kind = KINDS[spec.kind || "text"];
    const id = `field-${++count}`;
    const control = spec.kind === "choice" ? E.el("select") : E.el("input");
    const get = spec.get || (() => { const v = E.plan.get(spec.path); return v === undefined || v === null ? spec.blank : v; });
    const set = spec.set || ((value) => E.plan.set(spec.path, spec.blank !== undefined && value === spec.blank ? undefined : value));
    control.id = id;
    if (spec.kind === "choice") {
      const fill = () => control.replaceChildren(...(typeof spec.options === "function" ? spec.options() : spec.options).map(
        ([value, text]) => Object.assign(E.el("option", "", text), { value })));
      fill();
      control.refill = fill;
    } else if (spec.kind === "check") control.type = "checkbox";
    else if (spec.kind === "time") control.type = "datetime-local";
    else if (["number", "percent", "more"].includes(spec.kind)) {
      control.type = "number";
      for (const name of ["min", "max"]) if (spec[name] !== undefined) control[name] = spec[name];
      control.step = spec.step || "any";
    } else control.type = "text";
    if (spec.list) control.setAttribute("list", spec.list);
    const label = E.el("label", "", spec.label);
    label.htmlFor = id;
    const error = E.el("p", "error");
    error.id = `${id}-error`;
    error.hidden = true;
    const described = [];
    const row = E.el("div", "control");
    let slider = null;
    if (spec.slider) {
      slider = E.el("input");
      slider.type = "range";
      [slider.min, slider.max, slider.step] = spec.slider;
      slider.setAttribute("aria-label", `${spec.label}, slider`);
      row.append(slider);
    }
    row.append(control);
    if (spec.unit) row.append(E.el("span", "unit", spec.unit));
    const box = E.el("div", `field ${spec.kind || "text"}${spec.wide ? " wide-field" : ""}`);
    if (spec.kind === "check") box.append(E.el("div", "control", control, label));
    else box.append(label, row);
    if (spec.hint) {
      const hint = E.el("p", "hint", spec.hint);
      hint.id = `${id}-hint`;
      described.push(hint.id);
      box.append(hint);
    }
    box.append(error);
    control.setAttribute("aria-describedby", [...described, error.id].join(" "));

    const refresh = () => {
      if (document.activeElement === control) return; // what somebody types is not taken from them
      if (control.refill) control.refill();
      const value = kind.show(get());
      if (spec.kind === "check") control.checked = value;
      else control.value = value;
      if (slider) slider.value = value === "" ? slider.min : value;
    };
    const take = () => {
      set(kind.read(spec.kind === "check" ? control.checked : control.value));
      if (slider) slider.value = control.value;
      if (spec.after) spec.after();
    };
    const events = spec.kind === "check" || spec.kind === "choice" ? ["change"] : ["input", "change"];
    events.forEach((name) => control.addEventListener(name, take));
    if (slider) {
      slider.addEventListener("input", () => {
        control.value = slider.value;
        set(kind.read(slider.value));
        if (spec.after) spec.after();
      });
    }
    control.addEventListener("blur", refresh);
    const field = { path: spec.path, label: spec.label, control, error, box, refresh };
    fields.set(spec.path, field);
    for (const alias of spec.aliases || []) fields.set(alias, field);
    refresh();
    return box;
  };

  /* Forget the fields of a list's items: they are made anew. */
  E.forgetFields = function (list) {
    for (const path of [...fields.keys()]) if (path.startsWith(`${list}[`)) fields.delete(path);
  };

  E.refreshFields = () => fields.forEach((field) => field.refresh());
})(window.EmsTwin);
