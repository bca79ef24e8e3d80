/* The replay's clock: play and pause, speed, slider, keys. */
(function (E) {
  "use strict";
  const LONGEST_FRAME_S = 0.25; // a page in the background must not leap when it comes back
  const CALM_STEP_MS = 1000; // with reduced motion the picture changes once a second

  E.Player = class {
    /* onTick(t) is called with every change of the time, seconds since the beginning of the window. */
    constructor(data, onTick) {
      this.span = data.span_s;
      this.epoch = data.epoch_ms;
      this.civil = E.civil(data.timezone);
      this.onTick = onTick;
      this.t = 0;
      this.speed = 60;
      this.playing = false;
      this.slider = E.byId("slider");
      this.slider.max = String(Math.ceil(this.span));
      this.slider.addEventListener("input", () => this.seek(Number(this.slider.value)));
      this.button = E.byId("play");
      this.button.addEventListener("click", () => this.toggle());
      document.querySelectorAll("input[name=speed]").forEach((input) => {
        input.addEventListener("change", () => { this.speed = Number(input.value); });
        if (input.checked) this.speed = Number(input.value);
      });
      document.addEventListener("keydown", (event) => this.key(event));
      this.showHours();
    }

    key(event) {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      const focus = event.target;
      const onControl = focus.closest && focus.closest("button, input, summary, a, [role=tab]");
      if (event.key === " " && (!onControl || focus === this.slider)) {
        event.preventDefault();
        this.toggle();
        return;
      }
      const direction = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (!direction || (focus.closest && focus.closest(".leaflet-container, input[type=radio]"))) return; // map pans
      event.preventDefault();
      this.seek(this.t + direction * (event.shiftKey ? 600 : 60));
    }

    seek(t) {
      this.t = Math.min(Math.max(t, 0), this.span);
      this.show();
      this.onTick(this.t);
    }

    toggle() { if (this.playing) this.pause(); else this.play(); }

    play() {
      if (this.playing) return;
      if (this.t >= this.span) this.t = 0;
      this.playing = true;
      this.last = performance.now();
      this.markButton();
      requestAnimationFrame((now) => this.frame(now));
    }

    pause() {
      this.playing = false;
      this.markButton();
    }

    markButton() {
      this.button.setAttribute("aria-label", this.playing ? "Pause" : "Play");
      this.button.title = `${this.playing ? "Pause" : "Play"} (space bar)`;
      this.button.classList.toggle("playing", this.playing);
    }

    frame(now) {
      if (!this.playing) return;
      const calm = E.reducedMotion();
      if (!calm || now - this.last >= CALM_STEP_MS) {
        const longest = calm ? (2 * CALM_STEP_MS) / 1000 : LONGEST_FRAME_S;
        const dt = Math.min(Math.max(now - this.last, 0) / 1000, longest);
        this.last = now;
        this.seek(this.t + dt * this.speed);
        if (this.t >= this.span) { this.pause(); return; }
      }
      requestAnimationFrame((next) => this.frame(next));
    }

    /* Clock and slider; the texts change once a second of the city's time. */
    show() {
      this.slider.value = String(Math.round(this.t));
      this.slider.style.setProperty("--done", `${(100 * this.t) / this.span}%`);
      const second = Math.floor(this.t);
      if (second === this.shown) return;
      this.shown = second;
      const ms = this.epoch + second * 1000;
      const time = this.civil.time(ms), date = this.civil.date(ms);
      E.setText(E.byId("clock-time"), time);
      E.setText(E.byId("clock-date"), `${date} · ${this.civil.zone(ms)}`);
      this.slider.setAttribute("aria-valuetext", `${date}, ${time}`);
    }

    /* Marks under the slider at full civil hours. */
    showHours() {
      const hours = this.span / 3600, step = [1, 2, 3, 6, 12, 24, 48].find((h) => hours / h <= 9) || 96;
      const marks = [];
      const hourMs = 3600 * 1000;
      for (let ms = Math.ceil(this.epoch / hourMs) * hourMs; ms <= this.epoch + this.span * 1000; ms += hourMs) {
        if (this.civil.hour(ms) % step !== 0 && step < 24) continue;
        if (step >= 24 && this.civil.hour(ms) !== 0) continue;
        const mark = E.el("span", "", this.civil.minute(ms));
        mark.style.left = `${(100 * (ms - this.epoch)) / 1000 / this.span}%`;
        marks.push(mark);
      }
      E.byId("hours").replaceChildren(...marks);
    }
  };
})(window.EmsTwin);
