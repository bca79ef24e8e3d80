/* How units and calls are drawn: a colour never says it alone, there is a letter or a shape beside it. */
(function (E) {
  "use strict";
  const FONT = "system-ui, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif";
  const WHITE_LETTER = new Set(["transport"]);

  E.unitRadius = (zoom) => Math.min(11, Math.max(5.6, 6.5 + (zoom - 11.5) * 1.4));

  /* A unit: disc with its letter, and a nose that points where it drives. */
  E.drawUnit = function (g, x, y, r, status, heading, selected) {
    if (heading !== null) {
      g.beginPath();
      g.moveTo(x + Math.cos(heading) * r * 1.75, y + Math.sin(heading) * r * 1.75);
      g.lineTo(x + Math.cos(heading + 0.75) * r, y + Math.sin(heading + 0.75) * r);
      g.lineTo(x + Math.cos(heading - 0.75) * r, y + Math.sin(heading - 0.75) * r);
      g.closePath();
      g.fillStyle = E.colour(status.colour);
      g.fill();
    }
    g.beginPath();
    g.arc(x, y, r, 0, 2 * Math.PI);
    g.fillStyle = E.colour(status.colour);
    g.fill();
    g.lineWidth = 1.5;
    g.strokeStyle = E.colour("marker-edge");
    g.stroke();
    if (selected) ring(g, x, y, r + 4, 2, E.colour("ink"));
    g.fillStyle = WHITE_LETTER.has(status.colour) ? "#fff" : "#111";
    g.font = `700 ${(r * 1.25).toFixed(1)}px ${FONT}`;
    g.textAlign = "center";
    g.textBaseline = "middle";
    g.fillText(status.letter, x, y + r * 0.07);
  };

  /* A unit that stands at its station, seen from far: a small disc in the row under the station. */
  E.drawPip = function (g, x, y, r, status, selected) {
    g.beginPath();
    g.arc(x, y, r, 0, 2 * Math.PI);
    g.fillStyle = E.colour(status.colour);
    g.fill();
    g.lineWidth = 1;
    g.strokeStyle = E.colour("marker-edge");
    g.stroke();
    if (selected) ring(g, x, y, r + 3, 2, E.colour("ink"));
  };

  /* Shape of a call: triangle for the most urgent, then square, then disc. */
  function outline(g, x, y, r, priority) {
    g.beginPath();
    if (priority <= 1) {
      g.moveTo(x, y - r * 1.2);
      g.lineTo(x + r * 1.1, y + r * 0.8);
      g.lineTo(x - r * 1.1, y + r * 0.8);
      g.closePath();
    } else if (priority === 2) {
      g.rect(x - r * 0.88, y - r * 0.88, r * 1.76, r * 1.76);
    } else {
      g.arc(x, y, r, 0, 2 * Math.PI);
    }
  }

  /* A call: filled until somebody is there, hollow from then on, faint once the patient has left the scene. */
  E.drawCall = function (g, x, y, r, call, state, selected, pulse) {
    const reached = state.t >= call.scene, left = state.t >= call.left;
    const waiting = state.t < call.notified, late = state.isLate(call);
    const colour = E.colour(late ? "alarm" : "call");
    g.globalAlpha = left ? 0.45 : 1;
    if (waiting) ring(g, x, y, r * (1.7 + 0.5 * pulse), 1.5, colour, 0.8 - 0.4 * pulse);
    outline(g, x, y, left ? r * 0.75 : r, call.priority);
    g.lineWidth = reached ? 1.8 : 1.5;
    g.strokeStyle = reached ? colour : E.colour("marker-edge");
    g.fillStyle = reached ? E.colour("ground") : colour;
    g.fill();
    g.stroke();
    g.globalAlpha = 1;
    if (selected) ring(g, x, y, r + 6, 2, E.colour("ink"));
  };

  function ring(g, x, y, r, width, colour, alpha = 1) {
    g.beginPath();
    g.arc(x, y, r, 0, 2 * Math.PI);
    g.globalAlpha *= alpha;
    g.lineWidth = width;
    g.strokeStyle = colour;
    g.stroke();
    g.globalAlpha = 1;
  }

  /* Offset of the i-th of n discs that stand at one place: rows of six, centred. */
  E.standing = function (i, n, r) {
    const row = Math.floor(i / 6), inRow = Math.min(6, n - 6 * row), gap = 2 * r + 2;
    return [((i % 6) - (inRow - 1) / 2) * gap, row * gap];
  };
})(window.EmsTwin);
