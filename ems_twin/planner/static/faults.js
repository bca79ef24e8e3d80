/* Faults beside the fields that they belong to, and all of them in one list on top. */
(function (E) {
  "use strict";

  let shown = "";

  /* The field of a path, or of the nearest part of the plan that holds it. */
  function fieldOf(path) {
    let at = path;
    while (at) {
      if (E.fields.has(at)) return E.fields.get(at);
      at = at.replace(/(\.[^.[\]]+|\[\d+\])$/, "") === at ? "" : at.replace(/(\.[^.[\]]+|\[\d+\])$/, "");
    }
    return null;
  }

  /* Where crews belong to a variant, they are still edited in their own list. */
  const home = (path) => (path || "").replace(/^variants\[\d+\]\.resources\.crews/, "resources.crews");

  /* A fault as a sentence: what is wrong is told as a phrase about its field. */
  function words(fault) {
    const { problem } = fault, remedy = (fault.remedy || "").replace(/^Input should/, "It should");
    const verb = /^(is|has|ends|begins|happens|lies|needs|names|does|brings|says|must|runs)\b/.test(problem);
    const text = verb ? `It ${problem}` : problem.charAt(0).toUpperCase() + problem.slice(1);
    return `${text}${/[.!?]$/.test(text) ? "" : "."} ${remedy}`.trim();
  }
  E.faultWords = words;

  function stepOf(element) {
    const panel = element.closest("#panels > [role=tabpanel]");
    return panel ? E.byId(panel.getAttribute("aria-labelledby")) : null;
  }

  /* Bring a field to view and put the focus on it. */
  E.goTo = function (field) {
    const step = stepOf(field.box);
    if (step) step.click();
    for (let at = field.box; at; at = at.parentElement) if (at.tagName === "DETAILS") at.open = true;
    (field.control || field.box).focus();
    field.box.scrollIntoView({ block: "center", behavior: E.reducedMotion() ? "auto" : "smooth" });
  };

  E.showFaults = function (faults) {
    const touched = new Set();
    const badges = new Map();
    E.fields.forEach((field) => {
      field.error.textContent = "";
      field.error.hidden = true;
      if (field.control) field.control.removeAttribute("aria-invalid");
    });
    const entries = faults.map((fault) => {
      const field = fieldOf(home(fault.path));
      const text = words(fault);
      if (!field) return E.el("li", "", E.el("span", "", fault.path ? `${fault.path}: ${text}` : text));
      const before = field.error.textContent;
      field.error.textContent = before ? `${before} ${text}` : text;
      field.error.hidden = false;
      if (field.control) field.control.setAttribute("aria-invalid", "true");
      touched.add(field);
      const step = stepOf(field.box);
      if (step) badges.set(step.id, (badges.get(step.id) || 0) + 1);
      const button = E.el("button", "link", `${field.label}: ${text}`);
      button.type = "button";
      button.addEventListener("click", () => E.goTo(field));
      return E.el("li", "", button);
    });
    E.byId("faults").hidden = !faults.length;
    const title = `Before this can run: ${E.plural(faults.length, "thing")} to mend`;
    E.setText(E.byId("faults-title"), title);
    E.byId("faults-list").replaceChildren(...entries);
    for (const tab of E.byId("steps").querySelectorAll("[role=tab]")) {
      const n = badges.get(tab.id) || 0;
      tab.querySelectorAll(".badge").forEach((old) => old.remove());
      if (n) tab.append(E.el("span", "badge", String(n), E.el("span", "hidden-text", ` to mend`)));
    }
    const key = JSON.stringify(faults);
    if (key !== shown) {
      if (faults.length) E.say(`${title}.`);
      else if (shown) E.say("Nothing is left to mend.");
    }
    shown = faults.length ? key : "";
  };
})(window.EmsTwin);
