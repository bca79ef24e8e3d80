/* A table that a reader sorts by its headings and that is rewritten in place while the replay runs. */
(function (E) {
  "use strict";

  /*
   * columns: [{label, text(row), sort(row), numeric, fit, draw(cell, row)}]; the first column's text is the row's button;
   * `fit` is "clip" or "wrap" for the column that takes what width is left.
   * A row is any object with a `key`; onSelect(row) is called by a click on it.
   */
  E.Table = class {
    constructor(table, columns, onSelect) {
      this.columns = columns;
      this.onSelect = onSelect;
      this.sortBy = 0;
      this.descending = false;
      this.lines = new Map();
      this.rows = [];
      this.body = E.el("tbody");
      this.headings = columns.map((column, i) => this.heading(column, i));
      table.append(E.el("thead", "", E.el("tr", "", ...this.headings)), this.body);
      this.markHeadings();
    }

    heading(column, i) {
      const button = E.el("button", "", column.label);
      button.type = "button";
      button.addEventListener("click", () => {
        this.descending = this.sortBy === i && !this.descending;
        this.sortBy = i;
        this.markHeadings();
        this.update(this.rows);
      });
      const cell = E.el("th", column.numeric ? "numeric" : "", button);
      cell.scope = "col";
      return cell;
    }

    markHeadings() {
      this.headings.forEach((cell, i) => {
        cell.setAttribute("aria-sort", i !== this.sortBy ? "none" : this.descending ? "descending" : "ascending");
      });
    }

    update(rows, selectedKey) {
      if (selectedKey !== undefined) this.selectedKey = selectedKey;
      this.rows = rows;
      const value = this.columns[this.sortBy].sort || this.columns[this.sortBy].text;
      const sign = this.descending ? -1 : 1;
      const sorted = rows.map((row, i) => [value(row), i, row]);
      sorted.sort(([a, i], [b, j]) => (a < b ? -sign : a > b ? sign : i - j));
      const seen = new Set();
      let before = null;
      for (const [, , row] of sorted) {
        seen.add(row.key);
        const line = this.line(row);
        const next = before === null ? this.body.firstChild : before.nextSibling;
        if (next !== line) this.body.insertBefore(line, next);
        before = line;
      }
      for (const [key, line] of this.lines) {
        if (!seen.has(key)) { line.remove(); this.lines.delete(key); }
      }
    }

    line(row) {
      let line = this.lines.get(row.key);
      if (!line) {
        line = E.el("tr", "", ...this.columns.map((column) => E.el("td", column.numeric ? "numeric" : column.fit || "")));
        const button = E.el("button", "row-button");
        button.type = "button";
        line.firstChild.append(button);
        line.addEventListener("click", () => this.onSelect(line.row));
        this.lines.set(row.key, line);
      }
      line.row = row;
      this.columns.forEach((column, i) => {
        const cell = line.children[i];
        if (column.draw) column.draw(i === 0 ? cell.firstChild : cell, row);
        else E.setText(i === 0 ? cell.firstChild : cell, column.text(row));
        if (column.fit === "clip") cell.title = cell.textContent;
      });
      line.classList.toggle("selected", row.key === this.selectedKey);
      return line;
    }
  };

  /* Tabs: buttons with role="tab" that name their panel; arrow keys move between them. */
  E.startTabs = function (list, onChange) {
    const tabs = [...list.querySelectorAll("[role=tab]")];
    const show = (chosen) => {
      for (const tab of tabs) {
        const on = tab === chosen;
        tab.setAttribute("aria-selected", String(on));
        tab.tabIndex = on ? 0 : -1;
        E.byId(tab.getAttribute("aria-controls")).hidden = !on;
      }
      if (onChange) onChange();
    };
    tabs.forEach((tab, i) => {
      tab.addEventListener("click", () => show(tab));
      tab.addEventListener("keydown", (event) => {
        const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
        if (!step) return;
        const next = tabs[(i + step + tabs.length) % tabs.length];
        event.preventDefault();
        event.stopPropagation();
        next.focus();
        show(next);
      });
    });
    show(tabs[0]);
  };
})(window.EmsTwin);
