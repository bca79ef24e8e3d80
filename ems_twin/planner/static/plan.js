/* The plan: a what-if scenario as plain values, read and written by path, such as demand.changes[0].people. */
(function (E) {
  "use strict";

  const listeners = { change: [], load: [], structure: [] };
  const tell = (event, path) => listeners[event].forEach((listener) => listener(path));
  const steps = (path) => path.match(/[^.[\]]+/g).map((part) => (/^\d+$/.test(part) ? Number(part) : part));
  const isEmpty = (value) => value && typeof value === "object" && !Array.isArray(value) && !Object.keys(value).length;

  /* Ways of working that can be ticked; one that a file brings and that is none of these is kept as it is. */
  const CREWS = "with extra crews";
  const relocation = { move: "best-move" }, forecast = { move: "best-move", knows: { of: "event" } };
  const TEMPLATES = [
    { name: "usual practice", about: "The closest idle unit goes; units wait at their own stations; patients go to the nearest hospital.", content: {} },
    { name: "ordinary day", about: "Usual practice on the same day without your event, to see what the event costs.", content: { event: false } },
    { name: "re-optimised posts", about: "Usual practice, with units based where a search finds best for this very day. Takes longer.", content: { resources: { placement: "event" } } },
    { name: "relocation", about: "Waiting units are moved to where they are missed, by what is usual.", content: { policy: relocation } },
    { name: "relocation with the forecast", about: "The same, told where your event will bring calls.", content: { policy: forecast } },
    { name: "relocation, forecast and hospital choice", about: "The same, and patients go where a bed is expected soonest.", content: { policy: forecast, hospitals: { choice: "soonest" } } },
    { name: CREWS, about: "Usual practice with the extra crews that you add under Crews. All other ways go without them.", content: null },
  ];

  const Plan = {
    doc: {},
    templates: TEMPLATES,
    crewsName: CREWS,

    on(event, listener) { listeners[event].push(listener); },

    get(path) {
      return steps(path).reduce((value, step) => (value === undefined || value === null ? undefined : value[step]), Plan.doc);
    },

    /* Set a value, or take it out; what is then left empty goes, too. */
    set(path, value) {
      const parts = steps(path);
      const trail = [Plan.doc];
      parts.slice(0, -1).forEach((step, i) => {
        const here = trail[i];
        if (here[step] === undefined || here[step] === null) {
          if (value === undefined) { trail.push({}); return; }
          here[step] = typeof parts[i + 1] === "number" ? [] : {};
        }
        trail.push(here[step]);
      });
      const last = parts[parts.length - 1];
      if (value === undefined) delete trail[trail.length - 1][last];
      else trail[trail.length - 1][last] = value;
      for (let i = trail.length - 1; i > 0; i--) {
        if (isEmpty(trail[i]) && !Array.isArray(trail[i - 1])) delete trail[i - 1][parts[i - 1]];
      }
      tell("change", path);
    },

    add(path, item) {
      const list = Plan.get(path) || [];
      Plan.set(path, [...list, item]);
      tell("structure", path);
      return list.length;
    },

    removeAt(path, i) {
      const list = Plan.get(path).filter((_, k) => k !== i);
      const whole = path === "roads.closures.closures" ? "roads.closures" : path; // a plan of no closures is none
      if (list.length) Plan.set(path, list);
      else Plan.set(whole, undefined);
      tell("structure", path);
    },

    load(doc) {
      Plan.doc = hoisted(JSON.parse(JSON.stringify(doc)));
      tell("load");
      tell("change", "");
    },

    /* Whether a variant is one of the templates, by what it says. */
    templateOf(variant) {
      const { name, description, replications, ...content } = variant;
      if (name === CREWS && !Object.keys(content).length) return TEMPLATES[TEMPLATES.length - 1];
      return TEMPLATES.find((one) => one.content && same(one.content, content)) || null;
    },

    /* What is sent: extra crews belong to the variant that tries them, where there is one. */
    sent() {
      const doc = JSON.parse(JSON.stringify(Plan.doc));
      const own = (doc.variants || []).find((one) => one.name === CREWS);
      const crews = doc.resources && doc.resources.crews;
      if (own && crews) {
        own.resources = { crews };
        delete doc.resources.crews;
        if (isEmpty(doc.resources)) delete doc.resources;
      }
      return doc;
    },

    /* A name that no other item of a list has. */
    freeId(path, stem) {
      const taken = new Set((Plan.get(path) || []).map((one) => one.id));
      for (let i = 1; ; i++) {
        const id = i === 1 ? stem : `${stem} ${i}`;
        const clean = path === "resources.posts" ? id.replaceAll(" ", "-") : id;
        if (!taken.has(clean)) return clean;
      }
    },
  };

  function hoisted(doc) {
    const own = (doc.variants || []).find((one) => one.name === CREWS);
    const inner = own && own.resources && own.resources.crews;
    if (inner && !(doc.resources && doc.resources.crews) && Object.keys(own.resources).length === 1) {
      doc.resources = { ...doc.resources, crews: inner };
      delete own.resources;
    }
    return doc;
  }

  function same(a, b) {
    if (a === b) return true;
    if (!a || !b || typeof a !== "object" || typeof b !== "object") return false;
    const keys = Object.keys(a);
    return keys.length === Object.keys(b).length && keys.every((key) => same(a[key], b[key]));
  }

  E.plan = Plan;

  /* Talk to the server; a refusal becomes an Error with its faults. */
  E.ask = async function (address, options = {}) {
    const { json, ...rest } = options;
    if (json !== undefined) {
      Object.assign(rest, { method: rest.method || "POST", body: JSON.stringify(json), headers: { "Content-Type": "application/json" } });
    }
    let answer;
    try {
      answer = await fetch(address, rest);
    } catch (error) {
      if (error.name === "AbortError") throw error;
      throw Object.assign(new Error("The planner's program does not answer. Is it still running?"), { faults: [] });
    }
    if (answer.ok) return answer;
    const told = await answer.json().catch(() => ({}));
    const faults = told.faults || [];
    const text = faults.map(E.faultWords).join(" ");
    throw Object.assign(new Error(text || told.error || "The program could not do that."), { faults, status: answer.status });
  };
  E.askJson = async (address, options) => (await E.ask(address, options)).json();

  /* Say something to those who listen, without moving their focus. */
  E.say = function (text) {
    const status = E.byId("status");
    status.textContent = "";
    window.setTimeout(() => { status.textContent = text; }, 30);
  };

  /* Something went wrong: shown, and said at once. */
  let hiding = 0;
  E.warn = function (text) {
    const alert = E.byId("alert");
    alert.hidden = !text;
    alert.textContent = text || "";
    window.clearTimeout(hiding);
    if (text) hiding = window.setTimeout(() => { alert.hidden = true; }, 15000);
  };

  /* Ask before something is lost; resolves to whether the answer was yes. */
  E.confirm = function (text, yes) {
    const dialog = E.byId("ask");
    E.byId("ask-text").textContent = text;
    E.byId("ask-yes").textContent = yes;
    dialog.showModal();
    return new Promise((resolve) => {
      const done = (answer) => { dialog.close(); resolve(answer); };
      E.byId("ask-yes").onclick = () => done(true);
      E.byId("ask-no").onclick = () => done(false);
      dialog.oncancel = () => resolve(false);
    });
  };
})(window.EmsTwin);
