"""What holds of every page that can be used: scripts that answer a list of what is wrong."""

UNNAMED = """
    const wrong = [];
    const name = (e) => e.getAttribute("aria-label") || (e.getAttribute("aria-labelledby") || "").split(" ").map((id) => (document.getElementById(id) || {}).textContent || "").join("")
      || (e.labels && [...e.labels].map((l) => l.textContent).join("")) || e.textContent.trim() || e.alt || e.title;
    for (const e of document.querySelectorAll("button, a[href], input, select, textarea, summary, iframe, [role=tab], [role=tabpanel], [role=region], [role=application], progress, table, dialog, [tabindex='0']")) {
      if (e.type === "range" || !e.closest("[hidden]")) if (!name(e) && e.tagName !== "TABLE") wrong.push(e.outerHTML.slice(0, 120));
    }
    const ids = [...document.querySelectorAll("[id]")].map((e) => e.id);
    ids.filter((id, i) => ids.indexOf(id) !== i).forEach((id) => wrong.push(`twice: ${id}`));
    for (const e of document.querySelectorAll("[aria-controls], [aria-labelledby], [aria-describedby], label[for]")) {
      for (const attribute of ["aria-controls", "aria-labelledby", "aria-describedby", "for"]) {
        for (const id of (e.getAttribute(attribute) || "").split(" ").filter(Boolean)) if (!document.getElementById(id)) wrong.push(`${attribute}: ${id}`);
      }
    }
    for (const list of document.querySelectorAll("[role=tablist]")) {
      const on = [...list.querySelectorAll("[role=tab]")].filter((t) => t.getAttribute("aria-selected") === "true");
      if (on.length !== 1 || on[0].tabIndex !== 0) wrong.push(`tabs: ${list.id}`);
    }
    if (document.documentElement.lang !== "en" || document.querySelectorAll("main").length !== 1 || document.querySelectorAll("h1").length !== 1) wrong.push("page");
    return wrong;
"""
"""Controls and regions without a name, ids that are there twice or lead nowhere, tabs that disagree."""

FAINT = """
    const parse = (c) => { const m = c.match(/[\\d.]+/g).map(Number); return c.startsWith("color(srgb") ? [...m.slice(0, 3).map((v) => v * 255), m[3] ?? 1] : [m[0], m[1], m[2], m[3] ?? 1]; };
    const light = ([r, g, b]) => { const f = (v) => { v /= 255; return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; }; return 0.2126 * f(r) + 0.7152 * f(g) + 0.0722 * f(b); };
    const ground = (e) => { for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor); if (c[3] > 0.8) return c; } return [255, 255, 255]; };
    const wrong = [];
    for (const e of document.querySelectorAll("body *")) {
      if (![...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim()) || !e.offsetParent || e.closest(":disabled, .leaflet-control-scale, script, option")) continue;
      const s = getComputedStyle(e), a = light(parse(s.color)), b = light(ground(e));
      const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
      if (ratio < 4.5) wrong.push(`${ratio.toFixed(2)} ${e.tagName} ${e.className} ${e.textContent.slice(0, 40)}`);
    }
    return wrong;
"""
"""Texts whose contrast with what is behind them is below 4.5."""

SMALL = """
    return [...document.querySelectorAll("button, a[href], input, select, summary")].filter((e) => e.offsetParent && !e.closest(".leaflet-control-attribution"))
      .filter((e) => { const r = e.getBoundingClientRect(); return r.height < 20 || r.width < 20 || (r.height < 24 && r.width < 24 && e.type !== "checkbox" && e.type !== "radio"); })
      .map((e) => e.outerHTML.slice(0, 100));
"""
"""Controls that are smaller than 24 pixels both ways."""
