/* The city at a time: who does what, which calls are open, what the response has been so far. */
(function (E) {
  "use strict";

  /* Letter, words and colour of each status, in the order of the world's UnitStatus. */
  E.STATUS = {
    AT_STATION: ["A", "At station", "available"],
    MOBILISING: ["D", "Dispatched", "dispatched"],
    EN_ROUTE: ["E", "En route to call", "enroute"],
    ON_SCENE: ["S", "On scene", "scene"],
    TRANSPORTING: ["T", "Transporting", "transport"],
    AT_HOSPITAL: ["H", "At hospital", "hospital"],
    CLEARING: ["C", "Clearing", "clearing"],
    RETURNING: ["R", "Returning", "returning"],
    RELOCATING: ["M", "Moving to another station", "returning"],
    OFF_DUTY: ["O", "Off duty", "off"],
    ON_BREAK: ["B", "On break", "off"],
    OUT_OF_SERVICE: ["X", "Out of service", "off"],
  };

  E.State = class {
    constructor(data) {
      this.data = data;
      this.status = data.statuses.map((name) => {
        const [letter, words, colour] = E.STATUS[name];
        return { name, letter, words, colour, available: data.available.includes(name) };
      });
      this.units = E.unpackUnits(data.replay);
      this.calls = E.unpackCalls(data.replay.calls);
      this.places = this.units.map(() => ({}));
      const counted = this.calls.filter((call) => call.received >= 0);
      this.answered = counted.filter((call) => Number.isFinite(call.scene)).sort((a, b) => a.scene - b.scene);
      this.answeredAt = Float64Array.from(this.answered, (call) => call.scene);
      this.receivedAt = Float64Array.from(this.calls, (call) => call.received);
      this.summary = { n: -1 };
      this.openCalls = [];
    }

    target(priority) {
      const targets = this.data.target_s;
      return targets[Math.min(Math.max(priority, 1), targets.length) - 1];
    }

    /* Where everybody is at a time; called every frame. */
    move(t) {
      this.t = t;
      for (let i = 0; i < this.units.length; i++) this.units[i].place(t, this.places[i]);
      const last = E.lastAtMost(this.receivedAt, t);
      this.openCalls.length = 0;
      for (let i = 0; i <= last; i++) {
        if (this.calls[i].ended > t) this.openCalls.push(this.calls[i]);
      }
    }

    statusOf(i) {
      const unit = this.units[i];
      return this.status[unit.status[unit.rowAt(this.t)]];
    }

    callPhase(call) {
      const t = this.t;
      if (t >= call.ended) return "Ended";
      if (t >= call.arrived) return "At hospital";
      if (t >= call.left) return "Transporting";
      if (t >= call.scene) return "Unit on scene";
      return t >= call.notified ? "Unit on its way" : "Waiting for a unit";
    }

    isLate(call) { return this.t < call.scene && this.t - call.received > this.target(call.priority); }

    /* Counts of the moment; called a few times a second. */
    counts() {
      let available = 0;
      const inbound = this.data.hospitals.map(() => 0), here = this.data.hospitals.map(() => 0);
      for (let i = 0; i < this.units.length; i++) {
        const status = this.statusOf(i), unit = this.units[i];
        const hospital = unit.hospital[unit.rowAt(this.t)];
        if (status.available) available++;
        if (hospital >= 0 && status.name === "TRANSPORTING") inbound[hospital]++;
        if (hospital >= 0 && status.name === "AT_HOSPITAL") here[hospital]++;
      }
      const waiting = this.openCalls.filter((call) => this.t < call.notified).length;
      const late = this.openCalls.filter((call) => this.isLate(call)).length;
      return { available, inbound, here, waiting, late, open: this.openCalls.length };
    }

    /* Response time of the calls that somebody has reached by now: no mean without its spread and number. */
    response() {
      const n = E.lastAtMost(this.answeredAt, this.t) + 1;
      if (n === this.summary.n) return this.summary;
      const calls = this.answered.slice(0, n);
      const times = Float64Array.from(calls, (call) => call.scene - call.received).sort();
      const inTime = calls.filter((call) => call.scene - call.received <= this.target(call.priority)).length;
      this.summary = {
        n,
        mean: n ? times.reduce((sum, s) => sum + s, 0) / n : NaN,
        median: E.quantile(times, 0.5),
        p90: E.quantile(times, 0.9),
        onTarget: n ? inTime / n : NaN,
      };
      return this.summary;
    }

    /* Share of demand within the target's drive, as of the last picture. */
    coverageStep() {
      const { step, steps } = this.data.coverage;
      return Math.min(Math.max(Math.floor(this.t / step), 0), steps.length - 1);
    }

    coverageShare() { return this.data.coverage.covered[this.coverageStep()] / 1000; }

    unitName(i) { return `Unit ${i + 1}`; }
  };
})(window.EmsTwin);
