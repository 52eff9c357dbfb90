
"use strict";
// The page without its viewer: theme, and tables that sort.
(() => {
  const root = document.documentElement;
  const themes = ["", "light", "dark"];
  const words = { "": "as the system", light: "light", dark: "dark" };
  const button = document.getElementById("theme");
  button.addEventListener("click", () => {
    const next = themes[(themes.indexOf(root.dataset.theme || "") + 1) % themes.length];
    if (next) root.dataset.theme = next;
    else delete root.dataset.theme;
    button.textContent = `Theme: ${words[next]}`;
  });

  const key = (row, place) => {
    const cell = row.cells[place];
    const value = cell.dataset.value ?? cell.textContent;
    const number = value === "inf" ? Infinity : value === "-inf" ? -Infinity : Number(value);
    return value.trim() === "" || Number.isNaN(number) ? value : number;
  };

  // Numbers before words; what is missing ("-") stays last either way.
  const compare = (a, b, way) => {
    if (a === "-" || b === "-") return (a === "-") - (b === "-");
    if (typeof a === "number" && typeof b === "number") return way * (a < b ? -1 : a > b ? 1 : 0);
    if (typeof a !== typeof b) return typeof a === "number" ? -1 : 1;
    return way * a.localeCompare(b, "en", { numeric: true });
  };

  const sort = (table, head) => {
    const way = head.getAttribute("aria-sort") === "ascending" ? -1 : 1;
    for (const other of head.parentNode.cells) {
      if (other.hasAttribute("aria-sort")) other.setAttribute("aria-sort", "none");
    }
    head.setAttribute("aria-sort", way === 1 ? "ascending" : "descending");
    const body = table.tBodies[0];
    const rows = Array.from(body.rows, (row) => [key(row, head.cellIndex), row]);
    rows.sort((a, b) => compare(a[0], b[0], way));
    body.append(...rows.map(([, row]) => row));
  };

  for (const table of document.querySelectorAll("table.sortable")) {
    for (const head of table.tHead.rows[0].cells) {
      head.querySelector(".sort")?.addEventListener("click", () => sort(table, head));
    }
  }
})();
