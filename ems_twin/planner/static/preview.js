/* Look the plan over on the server while it is made: faults, what closures do, how much there is to simulate. */
(function (E) {
  "use strict";

  const WAIT_MS = 400;
  let timer = 0, sent = 0;

  E.checked = null; // the last answer, or null while the plan is newer than it

  E.startChecks = function () {
    E.plan.on("change", () => {
      E.checked = null;
      E.setText(E.byId("estimate"), "Looking the plan over…");
      window.clearTimeout(timer);
      timer = window.setTimeout(check, WAIT_MS);
    });
    E.onTheme(() => { if (E.checked) draw(E.checked.preview); });
  };

  async function check() {
    const number = ++sent;
    let found;
    try {
      found = await E.askJson("/api/check", { json: E.plan.sent() });
    } catch (error) {
      if (number === sent) { E.warn(error.message); E.setText(E.byId("estimate"), ""); }
      return;
    }
    if (number !== sent) return; // the plan has changed meanwhile
    E.warn("");
    const own = E.ownFaults();
    found.faults = [...own, ...found.faults.filter((fault) => !(own.length && fault.path === "variants"))];
    E.checked = found;
    E.showFaults(found.faults);
    draw(found.preview);
    tell(found.preview);
    estimate(found);
    document.dispatchEvent(new Event("planner-checked"));
  }

  function draw(preview) {
    const layer = E.planMap.preview;
    layer.clearLayers();
    if (!preview) return;
    const lines = (name, options) => {
      if (!preview[name].length) return;
      L.polyline(preview[name].map(E.turned), { pane: "closures", interactive: false, opacity: 1, color: E.colour(`road-${name}`), ...options }).addTo(layer);
    };
    lines("barrier", { weight: 3, dashArray: "6 5" });
    lines("kept", { weight: 3, dashArray: "2 6" });
    lines("closed", { weight: 5 });
    for (const one of preview.crossings) E.sign([one.lat, one.lon], "X", "crossing", one.name, `Units wait ${Math.round(one.delay_s)} s to cross`).addTo(layer);
  }

  const minutes = (seconds) => E.duration(seconds);

  function tell(preview) {
    E.byId("preview").hidden = !preview;
    if (!preview) return;
    const { phase } = preview, rows = [];
    rows.push(["Closed", `${(phase.km_closed / 2).toFixed(1)} km of streets`]);
    if (phase.edges_slower) rows.push(["Slower", E.plural(phase.edges_slower, "stretch", "stretches")]);
    rows.push(["Calls usually come from places cut off", E.percent(phase.share_cut_off)]);
    if (phase.longest_walk_m > 0) rows.push(["Longest way on foot", `${Math.round(phase.longest_walk_m)} m`]);
    for (const place of phase.places) rows.push([`Cut off: ${place.name}`, place.walk_m > 0 ? `${Math.round(place.walk_m)} m on foot` : "vehicles reach the barrier"]);
    for (const one of phase.detours) {
      rows.push([`Drive ${one.kind}`, `${minutes(one.mean_before_s)} becomes ${minutes(one.mean_s)}; at worst ${minutes(one.most_s)} more`]);
    }
    E.byId("preview-facts").replaceChildren(...rows.flatMap(([name, value]) => [E.el("dt", "", name), E.el("dd", "", value)]));
    E.byId("preview-notes").replaceChildren(...preview.notes.map((note) => E.el("li", "", note)));
  }

  function estimate(found) {
    const box = E.byId("estimate");
    if (!found.summary) { E.setText(box, found.faults.length ? `${E.plural(found.faults.length, "thing")} to mend before this can run.` : ""); return; }
    const { summary } = found;
    const extra = Math.max(...summary.variants.map((one) => one.extra_calls));
    const search = summary.searches ? " First a search for bases, which takes a minute or more." : "";
    const more = extra >= 0.5 ? ` Your event brings about ${Math.round(extra).toLocaleString("en")} calls.` : "";
    const slow = summary.rollouts ? " Moves are tried in sampled futures, which takes long: many minutes, or hours." : "";
    E.setText(box, `${E.plural(summary.days, "day")} to simulate.${more}${search}${slow}`);
  }
})(window.EmsTwin);
