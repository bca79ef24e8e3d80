/* Small charts, drawn as SVG: what the whole window holds in outline, what has happened by now filled in. */
(function (E) {
  "use strict";
  const WIDTH = 336;
  const HIST = { height: 132, bin: 60, bins: 20 };
  const HOURS = { height: 132 };
  const FOOT = 18, HEAD = 14;

  const text = (x, y, content, extra) =>
    E.svg("text", { x: x.toFixed(1), y: y.toFixed(1), ...extra }, document.createTextNode(content));

  /* Response times in bins of a minute, the last open-ended, with the target as a line. */
  E.Histogram = class {
    constructor(box, state) {
      this.box = box;
      this.state = state;
      this.all = this.count(state.answered);
    }

    count(calls) {
      const bins = new Array(HIST.bins).fill(0);
      for (const call of calls) {
        bins[Math.min(HIST.bins - 1, Math.floor((call.scene - call.received) / HIST.bin))]++;
      }
      return bins;
    }

    draw() {
      const { n, median, p90 } = this.state.response();
      if (n === this.drawn) return;
      this.drawn = n;
      const now = this.count(this.state.answered.slice(0, n));
      const top = Math.max(1, ...this.all), step = WIDTH / HIST.bins;
      const base = HIST.height - FOOT, y = (count) => base - ((base - HEAD) * count) / top;
      const parts = [];
      for (let i = 0; i < HIST.bins; i++) {
        const bar = (className, count) => E.svg("rect", {
          class: className, x: (i * step + 1).toFixed(1), width: (step - 2).toFixed(1), y: y(count).toFixed(1),
          height: (base - y(count)).toFixed(1),
        });
        parts.push(bar("bar-all", this.all[i]), bar("bar-now", now[i]));
        if (i % 4 === 0) parts.push(text(i * step, HIST.height - 4, `${i}`, { "text-anchor": i ? "middle" : "start" }));
      }
      parts.push(text(WIDTH, HIST.height - 4, `${HIST.bins}+ min`, { "text-anchor": "end" }));
      const target = (this.state.target(1) / HIST.bin) * step;
      if (target < WIDTH) {
        parts.push(
          E.svg("line", { class: "target", x1: target, x2: target, y1: 2, y2: base }),
          text(target + 4, 10, `target ${E.duration(this.state.target(1))}`, {}),
        );
      }
      const label = n
        ? `Response times of ${n} calls: median ${E.duration(median)}, 90th percentile ${E.duration(p90)}.`
        : "No call has been reached yet.";
      this.box.replaceChildren(chart(HIST.height, label, parts));
    }
  };

  /* Calls received in each civil hour of the window as bars, their median response as dots. */
  E.HourStrip = class {
    constructor(box, state, player) {
      this.box = box;
      this.state = state;
      const hourMs = 3600 * 1000, { epoch, civil } = player;
      const first = Math.floor(epoch / hourMs), n = Math.max(1, Math.ceil((epoch + player.span * 1000) / hourMs) - first);
      this.first = first * hourMs - epoch;
      this.names = Array.from({ length: n }, (_, i) => civil.hour((first + i) * hourMs));
      this.calls = Array.from({ length: n }, () => []);
      for (const call of state.calls) {
        const i = Math.floor((call.received * 1000 - this.first) / hourMs);
        if (call.received >= 0 && i < n) this.calls[i].push(call);
      }
      this.worst = 60;
      for (const calls of this.calls) this.worst = Math.max(this.worst, this.median(calls, Infinity) || 0);
    }

    median(calls, t) {
      const times = calls.filter((c) => Number.isFinite(c.scene) && c.scene <= t).map((c) => c.scene - c.received);
      return E.quantile(Float64Array.from(times).sort(), 0.5);
    }

    draw() {
      const { t } = this.state, now = Math.floor(t / 60);
      if (now === this.drawn) return;
      this.drawn = now;
      const n = this.calls.length, step = WIDTH / n, base = HOURS.height - FOOT;
      const top = Math.max(1, ...this.calls.map((calls) => calls.length));
      const y = (part) => base - (base - HEAD) * part;
      const parts = [], every = Math.ceil(n / 8);
      this.calls.forEach((calls, i) => {
        const bar = (className, count) => E.svg("rect", {
          class: className, x: (i * step + 0.75).toFixed(1), width: Math.max(0.8, step - 1.5).toFixed(1),
          y: y(count / top).toFixed(1), height: (base - y(count / top)).toFixed(1),
        });
        parts.push(bar("bar-all", calls.length), bar("bar-now", calls.filter((call) => call.received <= t).length));
        if (i % every === 0) {
          parts.push(text((i + 0.5) * step, HOURS.height - 4, String(this.names[i]), { "text-anchor": "middle" }));
        }
      });
      this.calls.forEach((calls, i) => {
        const median = this.median(calls, t);
        if (Number.isFinite(median)) {
          const dot = { class: "dot", cx: (i + 0.5) * step, cy: y(0.95 * median / this.worst), r: 3 };
          parts.push(E.svg("circle", dot));
        }
      });
      const seen = this.state.calls.filter((call) => call.received >= 0 && call.received <= t).length;
      const label = `Calls by hour, ${seen} so far; the busiest hour has ${top}. Slowest median ${E.duration(this.worst)}.`;
      this.box.replaceChildren(chart(HOURS.height, label, parts));
    }
  };

  /* Open calls and free units over the whole window, behind the slider. */
  E.drawActivity = function (svg, state, span) {
    const n = 240, free = [], open = [];
    for (let k = 0; k < n; k++) {
      const t = (span * k) / (n - 1);
      free.push(state.units.filter((u) => state.status[u.status[u.rowAt(t)]].available).length);
      open.push(state.calls.filter((c) => c.received <= t && c.ended > t).length);
    }
    const line = (values, top) =>
      values.map((value, k) => `${((100 * k) / (n - 1)).toFixed(2)},${(30 - (28 * value) / top).toFixed(2)}`).join(" ");
    const top = Math.max(1, ...open, ...free);
    svg.replaceChildren(
      E.svg("polygon", { class: "activity-open", points: `0,30 ${line(open, top)} 100,30` }),
      E.svg("polyline", { class: "activity-free", points: line(free, top), "vector-effect": "non-scaling-stroke" }),
    );
  };

  function chart(height, label, parts) {
    return E.svg("svg", { viewBox: `0 0 ${WIDTH} ${height}`, role: "img", "aria-label": label }, ...parts);
  }
})(window.EmsTwin);
