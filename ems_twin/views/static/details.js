/* What is known of the thing that the reader chose: a unit, a call, a station or a hospital. */
(function (E) {
  "use strict";

  E.Details = class {
    constructor(state, player) {
      this.state = state;
      this.player = player;
      this.box = E.byId("details");
      this.title = E.byId("details-title");
      this.list = E.byId("details-list");
      this.chosen = null;
    }

    show(chosen) {
      this.chosen = chosen;
      this.box.hidden = chosen === null;
      this.update();
    }

    update() {
      if (!this.chosen) return;
      const { title, lines } = this[this.chosen.kind](this.chosen.row);
      E.setText(this.title, title);
      while (this.list.children.length > 2 * lines.length) this.list.lastChild.remove();
      lines.forEach(([label, text], i) => {
        if (!this.list.children[2 * i]) this.list.append(E.el("dt"), E.el("dd"));
        E.setText(this.list.children[2 * i], label);
        E.setText(this.list.children[2 * i + 1], text);
      });
    }

    clock(t) {
      if (!Number.isFinite(t)) return "–";
      return this.player.civil.time(this.player.epoch + Math.round(t) * 1000);
    }

    /* What has happened by now; the replay does not tell the future. */
    past(t) { return t <= this.state.t ? this.clock(t) : "–"; }

    unit(i) {
      const { state } = this, { data } = state, unit = state.units[i], row = unit.rowAt(state.t);
      const status = state.status[unit.status[row]], call = unit.call[row], hospital = unit.hospital[row];
      let since = row;
      while (since > 0 && unit.status[since - 1] === unit.status[row]) since--;
      const lines = [
        ["Status", `${status.letter} · ${status.words}`],
        ["For", E.duration(state.t - unit.time[since])],
        ["Home", data.stations[data.homes[i]].name],
      ];
      if (call >= 0) lines.push(["Call", this.callName(state.calls[call])]);
      if (hospital >= 0) lines.push(["Hospital", data.hospitals[hospital].name]);
      const trip = state.places[i].trip;
      if (state.places[i].moving) lines.push(["Arrives in", E.duration(unit.endOfTrip(trip) - state.t)]);
      return { title: state.unitName(i), lines };
    }

    callName(call) { return `#${call.id}, priority ${call.priority}`; }

    call(row) {
      const { state } = this, call = state.calls[row], reached = call.scene <= state.t;
      const lines = [
        ["State", state.callPhase(call)],
        ["Priority", String(call.priority)],
        ["Received", this.clock(call.received)],
        ["Unit notified", this.past(call.notified)],
        ["On scene", this.past(call.scene)],
        [reached ? "Response time" : "Waiting since", E.duration((reached ? call.scene : state.t) - call.received)],
        ["Target", E.duration(state.target(call.priority))],
      ];
      if (call.notified <= state.t && call.unit >= 0) lines.push(["Unit", state.unitName(call.unit)]);
      if (call.left <= state.t) lines.push(["Left scene", this.past(call.left)]);
      if (call.left <= state.t && call.hospital >= 0) {
        lines.push(["Hospital", state.data.hospitals[call.hospital].name], ["At hospital", this.past(call.arrived)]);
      }
      return { title: `Call #${call.id}`, lines };
    }

    station(row) {
      const { state } = this, { data } = state, station = data.stations[row];
      const own = data.homes.map((home, i) => [home, i]).filter(([home]) => home === row).map(([, i]) => i);
      const here = own.filter((i) => state.statusOf(i).name === "AT_STATION");
      return {
        title: station.name,
        lines: [
          ["Kind", station.kind === "post" ? "Street post" : "Station"],
          ["Units at home here", String(own.length)],
          ["Standing here", String(here.length)],
          ["Available", String(own.filter((i) => state.statusOf(i).available).length)],
        ],
      };
    }

    hospital(row) {
      const { state } = this, hospital = state.data.hospitals[row], counts = state.counts();
      const lines = [
        ["Units handing over", `${counts.here[row]} (${hospital.bays} treatment bays)`],
        ["Units on their way", String(counts.inbound[row])],
      ];
      if (hospital.beds) lines.push(["Beds", String(hospital.beds)]);
      const arrivals = state.calls.filter((call) => call.hospital === row && call.arrived <= state.t).length;
      lines.push(["Arrivals so far", String(arrivals)]);
      return { title: hospital.name, lines };
    }
  };
})(window.EmsTwin);
