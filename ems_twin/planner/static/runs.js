/* Runs: start, follow, stop, go on, delete; the list of them. */
(function (E) {
  "use strict";

  const STATES = { waiting: "waiting its turn", running: "running", done: "done", stopped: "stopped", failed: "failed" };
  let records = [], chosen = null, source = null;

  const clock = (iso) => new Date(iso).toLocaleString("en-GB", { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });

  async function list() {
    records = await E.askJson("/api/runs");
    draw();
  }

  function draw() {
    E.byId("no-runs").hidden = records.length > 0;
    E.byId("runs").replaceChildren(...records.map((record) => {
      const button = E.button("", () => choose(record.id), "run-button");
      button.append(E.el("b", "", record.name), E.el("span", "note", `${clock(record.made)}, ${E.plural(record.replications, "day")}, ${STATES[record.state]}`));
      button.dataset.run = record.id;
      if (record.id === chosen) button.setAttribute("aria-current", "true");
      return E.el("li", `run ${record.state}`, button);
    }));
  }

  function keep(record) {
    const i = records.findIndex((one) => one.id === record.id);
    if (i < 0) records.unshift(record);
    else records[i] = record;
    const button = document.querySelector(`[data-run="${record.id}"] .note`);
    if (i < 0 || !button) draw();
    else E.setText(button, `${clock(record.made)}, ${E.plural(record.replications, "day")}, ${STATES[record.state]}`);
  }

  function choose(id) {
    chosen = id;
    draw();
    follow(id);
    const record = records.find((one) => one.id === id);
    show(record);
    E.byId("detail-title").focus();
  }

  /* Follow a run by server-sent events until it is over. */
  function follow(id) {
    if (source) source.close();
    source = null;
    const record = records.find((one) => one.id === id);
    if (record && record.is_over) return;
    source = new EventSource(`/api/runs/${id}/events`);
    source.addEventListener("run", (event) => {
      const record = JSON.parse(event.data), before = records.find((one) => one.id === id);
      keep(record);
      if (chosen === id) show(record, before);
    });
    source.addEventListener("end", () => { if (source) source.close(); });
  }

  const left = (seconds) => (seconds === null ? "" : seconds < 90 ? `about ${Math.max(1, Math.round(seconds))} s left` : `about ${Math.round(seconds / 60)} min left`);
  let said = 0;

  function show(record, before) {
    E.setText(E.byId("detail-title"), record.name);
    const running = !record.is_over;
    E.byId("progress").hidden = !running;
    if (running) {
      const share = record.share === null ? "" : ` ${Math.round(100 * record.share)} %`;
      const text = record.state === "waiting" ? "Waiting for the run before it" : `${record.text.charAt(0).toUpperCase()}${record.text.slice(1)}${share}`;
      const rest = left(record.left_s);
      E.setText(E.byId("progress-text"), rest ? `${text}, ${rest} of this step` : text);
      const bar = E.byId("progress-bar");
      if (record.share === null) bar.removeAttribute("value");
      else bar.value = record.share;
      if (Date.now() - said > 10000) { said = Date.now(); E.say(E.byId("progress-text").textContent); }
    }
    const states = {
      done: `${E.plural(record.replications, "day")} of ${record.variants.join(", ")}. Took ${E.duration(record.seconds)}.`,
      stopped: "Stopped. The days that were simulated are kept: it can go on from there.",
      failed: [record.text, ...record.faults.map((one) => `${one.path ? `${one.path}: ` : ""}${E.faultWords(one)}`)].join(" "),
    };
    E.setText(E.byId("detail-state"), states[record.state] || "");
    if (!before || before.state !== record.state) {
      actions(record);
      if (before) E.say(`${record.name}: ${STATES[record.state]}.`);
      E.byId("answer").hidden = true;
      if (record.state === "done") E.showResults(record);
    }
  }

  function actions(record) {
    const post = (what) => async () => {
      try {
        keep(await E.askJson(`/api/runs/${record.id}/${what}`, { method: "POST" }));
        choose(record.id);
      } catch (error) { E.warn(error.message); }
    };
    const link = (name, text) => {
      const a = E.el("a", "button", text);
      a.href = `/runs/${record.id}/${name}?download=true`;
      a.setAttribute("download", "");
      return a;
    };
    const buttons = [];
    if (!record.is_over) buttons.push(E.button("Stop", post("stop")));
    if (record.state === "stopped" || record.state === "failed") buttons.push(E.button("Go on", post("resume"), "primary"));
    if (record.files.includes("report.html")) {
      const a = link("report.html", "Download the report");
      a.classList.add("primary");
      buttons.push(a);
    }
    buttons.push(link("scenario.yaml", "Download the plan (YAML)"));
    if (record.files.includes("results.json")) buttons.push(link("results.json", "Figures (JSON)"));
    buttons.push(E.button("Change this plan", async () => {
      const file = await (await E.ask(`/runs/${record.id}/scenario.yaml`)).blob();
      E.openPlan(await E.askJson("/api/open?name=scenario.yaml", { method: "POST", body: file, headers: { "Content-Type": "application/octet-stream" } }));
    }));
    if (record.is_over) buttons.push(E.button("Delete", () => remove(record)));
    E.byId("detail-actions").replaceChildren(...buttons);
  }

  async function remove(record) {
    if (!(await E.confirm(`Delete the run '${record.name}' with all that it found?`, "Delete"))) return;
    try {
      await E.ask(`/api/runs/${record.id}`, { method: "DELETE" });
    } catch (error) { E.warn(error.message); return; }
    chosen = null;
    E.byId("answer").hidden = true;
    E.setText(E.byId("detail-title"), "Choose a run");
    E.setText(E.byId("detail-state"), "");
    E.byId("detail-actions").replaceChildren();
    E.say(`${record.name} deleted.`);
    await list();
    (E.byId("runs").querySelector("button") || E.byId("results")).focus();
  }

  async function run() {
    const button = E.byId("run");
    if (E.checked && E.checked.faults.length) {
      E.showFaults(E.checked.faults);
      const first = E.byId("faults-list").querySelector("button");
      E.byId("faults").scrollIntoView({ block: "nearest" });
      if (first) first.focus();
      return;
    }
    button.disabled = true;
    try {
      const record = await E.askJson("/api/runs", { json: E.plan.sent() });
      keep(record);
      E.byId("view-results").click();
      choose(record.id);
    } catch (error) {
      if (error.faults.length) E.showFaults(error.faults);
      E.warn(error.message);
    } finally {
      button.disabled = false;
    }
  }

  E.startRuns = function () {
    E.byId("run").addEventListener("click", run);
    return list().then(() => {
      if (records.length) { chosen = records[0].id; draw(); }
    });
  };

  /* The results are looked at for the first time: show the newest run. */
  E.openResults = function () {
    if (chosen && !E.byId("detail-actions").childElementCount) {
      follow(chosen);
      show(records.find((one) => one.id === chosen));
    }
    E.resizeResults();
  };
})(window.EmsTwin);
