/* Begin: ask for the city, build the form and the map, load a plan. */
(function (E) {
  "use strict";

  async function start() {
    E.startTheme();
    E.startTabs(E.byId("steps"));
    try {
      const [ground, presets] = await Promise.all([E.askJson("/api/city"), E.askJson("/api/presets")]);
      E.ground = ground;
      E.setText(E.byId("city-title"), ground.title);
      E.startMap(ground);
      E.startDrawing();
      E.startThings();
      E.startVariants();
      E.startChecks();
      files(presets);
      E.startTabs(E.byId("views"), () => { if (!E.byId("results").hidden) E.openResults(); else E.planMap.map.invalidateSize(); });
      E.openPlan(await E.askJson(`/api/presets/${presets[0].key}`));
      await E.startRuns();
      document.body.classList.add("ready");
    } catch (error) {
      E.warn(error.message);
    }
  }

  E.openPlan = function ({ scenario }) {
    E.plan.load(scenario);
    E.byId("view-plan").click();
    E.dirty = false;
    const points = [];
    (E.plan.get("roads.closures.closures") || []).forEach((one) => points.push(...(Array.isArray(one.line) ? one.line : []), ...(one.area || [])));
    if (points.length) E.lookAt(points);
    else E.planMap.map.fitBounds(E.ground.bounds, { animate: false });
    E.say(`${E.plan.get("name")} is open.`);
  };

  function files(presets) {
    const select = E.byId("preset");
    select.replaceChildren(...presets.map((one) => Object.assign(E.el("option", "", one.title), { value: one.key, title: one.about })));
    let before = select.value;
    select.addEventListener("change", async () => {
      if (E.dirty && !(await E.confirm("Begin anew? What you have changed is lost unless you save it.", "Begin anew"))) { select.value = before; return; }
      before = select.value;
      try { E.openPlan(await E.askJson(`/api/presets/${select.value}`)); } catch (error) { E.warn(error.message); }
    });
    E.plan.on("change", (path) => { if (path) E.dirty = true; });
    E.byId("open").addEventListener("click", () => E.byId("open-file").click());
    E.byId("open-file").addEventListener("change", async () => {
      const file = E.byId("open-file").files[0];
      E.byId("open-file").value = "";
      if (!file) return;
      try {
        E.openPlan(await E.askJson(`/api/open?${new URLSearchParams({ name: file.name })}`, { method: "POST", body: file, headers: { "Content-Type": "application/octet-stream" } }));
      } catch (error) { E.warn(`${file.name}: ${error.message}`); }
    });
    E.byId("save").addEventListener("click", async () => {
      try {
        const answer = await E.ask("/api/scenario.yaml", { json: E.plan.sent() });
        const a = E.el("a");
        a.href = URL.createObjectURL(await answer.blob());
        a.download = `${(E.plan.get("name") || "plan").replace(/[^\w-]+/g, "-").toLowerCase()}.yaml`;
        a.click();
        window.setTimeout(() => URL.revokeObjectURL(a.href), 1000);
        E.dirty = false;
      } catch (error) { E.warn(error.message); }
    });
    window.addEventListener("beforeunload", (event) => { if (E.dirty) event.preventDefault(); });
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})(window.EmsTwin);
