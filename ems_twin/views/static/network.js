/* The compact columns of views/replay.py, unpacked: ways through the city, and where each unit is on them. */
(function (E) {
  "use strict";
  const TICK = 0.01; // seconds
  const PART = 1e-6; // degrees

  /* Part of the road network that some unit drives on. */
  class Network {
    constructor(data) {
      this.lon = E.sums(data.lon, PART);
      this.lat = E.sums(data.lat, PART);
      const n = data.degree.length, m = data.head.length;
      this.firstOut = new Int32Array(n + 1);
      for (let v = 0; v < n; v++) this.firstOut[v + 1] = this.firstOut[v] + data.degree[v];
      this.head = Int32Array.from(data.head);
      this.firstBend = new Int32Array(m + 1);
      for (let e = 0; e < m; e++) this.firstBend[e + 1] = this.firstBend[e] + data.bends[e];
      this.shape = data.shape;
      this.ms = data.ms.map((times) => times || data.ms[0]);
    }
  }

  /* A way: points on the world at zoom 0 and the part of the trip's time at which each is passed. */
  function walk(network, from, hops, codes, metric) {
    const x = [], y = [], when = [], step = [], along = [];
    let node = from, elapsed = 0;
    const add = (lon, lat, time) => { x.push(E.worldX(lon)); y.push(E.worldY(lat)); when.push(time); };
    add(network.lon[node], network.lat[node], 0);
    for (const hop of hops) {
      const edge = network.firstOut[node] + codes.get(hop);
      const first = network.firstBend[edge], last = network.firstBend[edge + 1];
      const squeeze = Math.cos((network.lat[from] * Math.PI) / 180);
      let lon = network.lon[node], lat = network.lat[node], total = 0;
      node = network.head[edge];
      step.length = along.length = 0;
      let bendLon = lon, bendLat = lat;
      for (let k = first; k <= last; k++) {
        const end = k === last;
        if (!end) { bendLon += network.shape[2 * k] * PART; bendLat += network.shape[2 * k + 1] * PART; }
        const nextLon = end ? network.lon[node] : bendLon, nextLat = end ? network.lat[node] : bendLat;
        total += Math.hypot((nextLon - lon) * squeeze, nextLat - lat);
        step.push(nextLon, nextLat);
        along.push(total);
        lon = nextLon;
        lat = nextLat;
      }
      const ms = network.ms[metric][edge];
      for (let k = 0; k < along.length; k++) {
        add(step[2 * k], step[2 * k + 1], elapsed + ms * (total > 0 ? along[k] / total : 1));
      }
      elapsed += ms;
    }
    const scale = elapsed > 0 ? 1 / elapsed : 0;
    return { x: Float64Array.from(x), y: Float64Array.from(y), when: Float64Array.from(when, (w) => w * scale) };
  }

  class Unit {
    constructor(columns, wayOf, network) {
      this.time = E.sums(columns.t, TICK);
      Object.assign(this, { status: columns.status, call: columns.call, hospital: columns.hospital });
      Object.assign(this, { station: columns.station, at: columns.at, lag: columns.lag, dur: columns.dur });
      this.wayOf = wayOf;
      this.network = network;
      this.row = 0;
    }

    /* Row that holds at a time; replays mostly go forward, so the last answer is tried first. */
    rowAt(t) {
      const next = this.time[this.row + 1];
      if (!(this.time[this.row] <= t && (next === undefined || t < next))) {
        this.row = Math.max(0, E.lastAtMost(this.time, t));
      }
      return this.row;
    }

    /* Row whose trip the unit is on: before a trip begins, the one before it goes on. */
    tripAt(t) {
      let row = this.rowAt(t);
      while (row > 0 && t < this.time[row] + this.lag[row] * TICK) row--;
      return row;
    }

    /* Part of a trip that lies behind at a time, 0 to 1. */
    progress(row, t) {
      const part = (t - this.time[row] - this.lag[row] * TICK) / (this.dur[row] * TICK);
      return Math.min(1, Math.max(0, part));
    }

    endOfTrip(row) { return this.time[row] + (this.lag[row] + this.dur[row]) * TICK; }

    /* Position on the world at zoom 0 and direction in radians, written into `out`. */
    place(t, out) {
      const row = this.tripAt(t);
      out.trip = row;
      out.node = -1;
      if (this.dur[row] === 0) {
        const node = this.at[row];
        out.x = E.worldX(this.network.lon[node]);
        out.y = E.worldY(this.network.lat[node]);
        out.moving = false;
        out.node = node;
        return out;
      }
      const way = this.wayOf(this.at[row]), part = this.progress(row, t);
      const k = Math.min(Math.max(E.lastAtMost(way.when, part), 0), way.when.length - 2);
      const span = way.when[k + 1] - way.when[k];
      const share = span > 0 ? Math.min(1, (part - way.when[k]) / span) : 1;
      const dx = way.x[k + 1] - way.x[k], dy = way.y[k + 1] - way.y[k];
      out.x = way.x[k] + share * dx;
      out.y = way.y[k] + share * dy;
      out.heading = Math.atan2(dy, dx);
      out.moving = part < 1;
      out.leg = k;
      return out;
    }
  }

  /* Units and ways; a way is walked when someone first looks at it. */
  E.unpackUnits = function (replay) {
    const network = new Network(replay.network);
    const codes = new Map([...replay.paths.alphabet].map((hop, i) => [hop, i]));
    const ways = [];
    const wayOf = (i) => ways[i] || (ways[i] = walk(
      network, replay.paths.from[i], replay.paths.hops[i], codes, replay.paths.metric[i],
    ));
    return replay.units.map((columns) => new Unit(columns, wayOf, network));
  };

  /* Calls with their times in seconds since the beginning of the window, infinite where something never happens. */
  E.unpackCalls = function (columns) {
    const received = E.sums(columns.received, TICK);
    const lon = E.sums(columns.lon, 1e-5), lat = E.sums(columns.lat, 1e-5);
    const time = (name, i) => (columns[name][i] < 0 ? Infinity : received[i] + columns[name][i] * TICK);
    return columns.id.map((id, i) => ({
      row: i, id, received: received[i], x: E.worldX(lon[i]), y: E.worldY(lat[i]), lon: lon[i], lat: lat[i],
      notified: time("notified", i), scene: time("scene", i), left: time("left", i), arrived: time("arrived", i),
      ended: time("ended", i), priority: columns.priority[i], unit: columns.unit[i], hospital: columns.hospital[i],
    }));
  };
})(window.EmsTwin);
