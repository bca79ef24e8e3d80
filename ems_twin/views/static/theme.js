/* Dark or light: the page's own choice until the reader makes one, which is remembered. Runs before the body exists. */
(function (E) {
  "use strict";
  const KEY = "ems-twin-theme";
  const root = document.documentElement;
  const listeners = [];

  /* Storage may be forbidden (a file opened in a locked-down browser): then the choice lasts as long as the page. */
  function stored() {
    try { return window.localStorage.getItem(KEY); } catch { return null; }
  }
  function store(theme) {
    try { window.localStorage.setItem(KEY, theme); } catch { /* lasts as long as the page */ }
  }

  const chosen = stored();
  if (chosen === "dark" || chosen === "light") root.dataset.theme = chosen;

  E.theme = () => root.dataset.theme;
  E.onTheme = function (listener) { listeners.push(listener); listener(); };

  /* Value of a colour that theme.css defines; canvases cannot read style sheets. */
  const cache = new Map();
  E.colour = function (name) {
    if (!cache.has(name)) cache.set(name, getComputedStyle(root).getPropertyValue(`--${name}`).trim());
    return cache.get(name);
  };

  function label(button) {
    const other = E.theme() === "dark" ? "light" : "dark";
    button.setAttribute("aria-label", `Switch to the ${other} theme`);
    button.title = button.getAttribute("aria-label");
  }

  E.startTheme = function () {
    const button = E.byId("theme");
    label(button);
    button.addEventListener("click", () => {
      root.dataset.theme = E.theme() === "dark" ? "light" : "dark";
      store(E.theme());
      cache.clear();
      label(button);
      listeners.forEach((listener) => listener());
    });
  };
})(window.EmsTwin);
