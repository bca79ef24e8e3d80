/* Lists of the plan as cards: one item a card, with its fields, and a button to take it out. */
(function (E) {
  "use strict";

  const lists = [];

  /*
   * A list: {path, element, what, title(item, i), fields(item, path), heading}. Cards are made anew when items come and go;
   * while somebody types only their titles change.
   */
  E.cardList = function (spec) {
    lists.push(spec);
    spec.element.classList.add("card-list");
    E.plan.on("structure", (path) => { if (path === spec.path || path.startsWith(`${spec.path}[`)) draw(spec); });
    E.plan.on("load", () => draw(spec));
    E.plan.on("change", (path) => { if (!path || path.startsWith(spec.path)) retitle(spec); });
    draw(spec);
  };

  function draw(spec) {
    const open = new Set([...spec.element.querySelectorAll("details.card[open]")].map((card) => card.dataset.id));
    const fresh = spec.drawn === undefined;
    const focused = [...E.fields.values()].find((field) => field.control && field.control === document.activeElement);
    E.forgetFields(spec.path);
    const items = E.plan.get(spec.path) || [];
    const cards = items.map((item, i) => card(spec, item, i, open, fresh));
    const error = E.el("p", "error");
    error.hidden = true;
    const box = E.el("div", "", ...(items.length && spec.heading ? [E.el("h3", "", spec.heading)] : []), ...cards, error);
    spec.element.replaceChildren(box);
    E.fields.set(spec.path, { path: spec.path, label: spec.heading || spec.what, control: null, error, box, refresh() {} });
    spec.drawn = items.length;
    const again = focused && E.fields.get(focused.path);
    if (again && again !== focused && again.control) again.control.focus();
  }

  function card(spec, item, i, open, fresh) {
    const path = `${spec.path}[${i}]`;
    const summary = E.el("summary", "", spec.title(item, i));
    const error = E.el("p", "error");
    error.hidden = true;
    const remove = E.el("button", "quiet", `Remove ${spec.what}`);
    remove.type = "button";
    remove.addEventListener("click", () => {
      const name = summary.textContent;
      E.plan.removeAt(spec.path, i);
      E.say(`${name} removed.`);
      const next = spec.element.querySelectorAll("summary")[Math.max(0, i - 1)];
      (next || spec.element.closest("[role=tabpanel]")).focus();
    });
    const box = E.el("details", "card", summary, E.el("div", "card-body", error, E.el("div", "fields", ...spec.fields(item, path)), E.el("div", "card-actions", ...(spec.actions ? spec.actions(item, path) : []), remove)));
    box.dataset.id = item.id;
    box.open = open.has(item.id) || (!fresh && i === spec.fresh);
    E.fields.set(path, { path, label: spec.title(item, i), control: summary, error, box, refresh() {} });
    return box;
  }

  function retitle(spec) {
    const items = E.plan.get(spec.path) || [];
    spec.element.querySelectorAll("details.card").forEach((box, i) => {
      if (!items[i]) return;
      const title = spec.title(items[i], i);
      E.setText(box.querySelector("summary"), title);
      const field = E.fields.get(`${spec.path}[${i}]`);
      if (field) field.label = title;
    });
  }

  /* Make the cards of a list anew: they have other fields now. */
  E.redrawCards = (path) => draw(lists.find((one) => one.path === path));

  /* Add an item, open its card and put the focus on its first field. */
  E.addCard = function (path, item) {
    const spec = lists.find((one) => one.path === path);
    spec.fresh = (E.plan.get(path) || []).length;
    const i = E.plan.add(path, item);
    spec.fresh = undefined;
    const box = spec.element.querySelectorAll("details.card")[i];
    box.scrollIntoView({ block: "nearest" });
    box.querySelector("input, select").focus();
    E.say(`${spec.title(item, i)} added.`);
  };

  E.button = function (text, act, className = "quiet") {
    const button = E.el("button", className, text);
    button.type = "button";
    button.addEventListener("click", act);
    return button;
  };
})(window.EmsTwin);
