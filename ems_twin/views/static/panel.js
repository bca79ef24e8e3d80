/* The panel: counters, the tables that mirror the map, hospitals, charts. Rewritten a few times a second. */
(function (E) {
  "use strict";

  const statusCell = (cell, row) => {
    if (cell.dataset.letter !== row.status.letter) {
      cell.dataset.letter = row.status.letter;
      cell.replaceChildren(E.el("span", `chip ${row.status.colour}`, row.status.letter), E.el("span", "status-words", row.status.words));
    }
  };

  const priorityCell = (cell, row) => {
    if (cell.dataset.priority === String(row.call.priority)) return;
    cell.dataset.priority = row.call.priority;
    const shape = ["triangle", "square"][row.call.priority - 1] || "disc";
    cell.replaceChildren(E.el("span", `shape ${shape}`), String(row.call.priority));
  };

  E.Panel = class {
    constructor(state, player, select) {
      this.state = state;
      this.units = new E.Table(E.byId("units-table"), [
        { label: "Unit", text: (row) => String(row.i + 1), sort: (row) => row.i },
        { label: "Status", draw: statusCell, sort: (row) => row.order },
        { label: "Doing", text: (row) => row.doing, fit: "clip" },
        { label: "For", text: (row) => E.duration(row.since), sort: (row) => row.since, numeric: true },
      ], (row) => select("unit", row.i));
      this.calls = new E.Table(E.byId("calls-table"), [
        { label: "Call", text: (row) => `#${row.call.id}`, sort: (row) => row.call.id },
        { label: "Priority", draw: priorityCell, sort: (row) => row.call.priority },
        { label: "State", text: (row) => row.phase, fit: "clip" },
        { label: "Response", text: (row) => row.responseText, sort: (row) => row.response, numeric: true },
      ], (row) => select("call", row.call.row));
      this.hospitals = new E.Table(E.byId("hospitals-table"), [
        { label: "Hospital", text: (row) => row.name, fit: "wrap" },
        { label: "Handover", draw: loadCell, sort: (row) => row.here },
        { label: "Inbound", text: (row) => String(row.inbound), sort: (row) => row.inbound, numeric: true },
      ], (row) => select("hospital", row.key));
      this.histogram = new E.Histogram(E.byId("histogram"), state);
      this.hours = new E.HourStrip(E.byId("hour-strip"), state, player);
      this.saidAt = 0;
    }

    update(chosen) {
      const { state } = this, counts = state.counts(), response = state.response();
      const put = (id, text) => E.setText(E.byId(id), text);
      put("available", String(counts.available));
      put("available-note", `of ${state.units.length} units`);
      put("waiting", String(counts.waiting));
      put("waiting-note", `of ${E.plural(counts.open, "open call")}${counts.late ? `, ${counts.late} late` : ""}`);
      E.byId("waiting-tile").classList.toggle("late", counts.late > 0);
      put("coverage", E.percent(state.coverageShare()));
      put("coverage-note", `in ${E.duration(state.data.coverage.limit)} drive`);
      put("response", E.duration(response.mean));
      put("response-note", response.n
        ? `median ${E.duration(response.median)}, 90 % ${E.duration(response.p90)}` : "nobody reached yet");
      put("on-target", E.percent(response.onTarget));
      put("on-target-note", `of ${response.n} reached`);
      const key = (kind) => (chosen && chosen.kind === kind ? chosen.row : null);
      if (!E.byId("panel-units").hidden) this.units.update(this.unitRows(), key("unit"));
      if (!E.byId("panel-calls").hidden) this.calls.update(this.callRows(), key("call"));
      E.byId("no-calls").hidden = state.openCalls.length > 0;
      if (!E.byId("panel-hospitals").hidden) this.hospitals.update(this.hospitalRows(counts), key("hospital"));
      if (!E.byId("panel-charts").hidden) { this.histogram.draw(); this.hours.draw(); }
      this.say(counts, response);
    }

    unitRows() {
      const { state } = this;
      return state.units.map((unit, i) => {
        const row = unit.rowAt(state.t), status = state.status[unit.status[row]];
        let first = row;
        while (first > 0 && unit.status[first - 1] === unit.status[row]) first--;
        const since = state.t - unit.time[first];
        return { key: i, i, status, order: unit.status[row], since, doing: this.doing(i, row) };
      });
    }

    doing(i, row) {
      const { data, units, calls } = this.state, unit = units[i];
      if (unit.hospital[row] >= 0) return data.hospitals[unit.hospital[row]].name;
      if (unit.call[row] >= 0) return `Call #${calls[unit.call[row]].id}, P${calls[unit.call[row]].priority}`;
      return data.stations[unit.station[row] >= 0 ? unit.station[row] : data.homes[i]].name;
    }

    callRows() {
      const { state } = this;
      return state.openCalls.map((call) => {
        const reached = call.scene <= state.t, response = (reached ? call.scene : state.t) - call.received;
        const late = response > state.target(call.priority);
        const responseText = `${E.duration(response)}${reached ? "" : " …"}${late ? " late" : ""}`;
        return { key: call.row, call, phase: state.callPhase(call), response, responseText };
      });
    }

    hospitalRows(counts) {
      return this.state.data.hospitals.map((hospital, i) => ({
        key: i, name: hospital.name, here: counts.here[i], inbound: counts.inbound[i], bays: hospital.bays,
      }));
    }

    /* A screen reader hears the counts now and then, not with every tick. */
    say(counts, response) {
      const now = performance.now();
      if (now - this.saidAt < 15000) return;
      this.saidAt = now;
      const mean = response.n ? `, mean response ${E.duration(response.mean)}` : "";
      E.setText(E.byId("announcer"),
        `${counts.available} of ${this.state.units.length} units available, ${counts.waiting} calls waiting${mean}.`);
    }
  };

  /* Units handing over, as a number and as a bar of the treatment bays. */
  function loadCell(cell, row) {
    const note = `${row.here} / ${row.bays}`;
    if (cell.dataset.note === note) return;
    cell.dataset.note = note;
    const bar = E.el("span", "load-bar");
    bar.style.setProperty("--load", `${Math.min(100, (100 * row.here) / Math.max(row.bays, 1))}%`);
    cell.replaceChildren(E.el("span", "load-text", note), bar);
  }
})(window.EmsTwin);
