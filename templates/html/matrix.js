"use strict";
// Finds and orders rows of the matrices. Without it the tables are whole; an order is by what stands out, then by name,
// never by a number.
(() => {
  const tools = document.querySelector(".matrix-tools");
  const tables = [...document.querySelectorAll("table.matrix:not(.gaps):not(.districts)")];
  if (!tools || tools.dataset.ready || !tables.length) return;
  tools.dataset.ready = "yes";
  const plain = (text) => text.toLowerCase().normalize("NFD").replace(/\p{M}/gu, "");
  const rows = tables.flatMap((table) => [...table.querySelectorAll("tbody tr:not(.theme)")]);
  const names = rows.map((row) => plain(row.cells[0].textContent));
  // A school has a row in two tables; it is counted once.
  const whose = rows.map((row) => (row.cells[0].querySelector("a") || row.cells[0]).outerHTML);
  const schools = new Set(whose).size;
  const kinds = rows.map((row) => [...row.querySelectorAll("td, td i")].map((e) => e.className).join(" ").split(" "));
  const box = tools.querySelector("input"), choice = tools.querySelector("select"), said = tools.querySelector("p");
  let timer = 0;

  function find() {
    const words = plain(box.value).split(/\s+/).filter(Boolean);
    const shown = new Set();
    rows.forEach((row, i) => {
      const match = words.every((word) => names[i].includes(word)) && (!choice.value || kinds[i].includes(choice.value));
      row.hidden = !match;
      if (match) shown.add(whose[i]);
    });
    for (const table of tables) {
      for (const body of table.tBodies) {
        const head = body.querySelector(".theme");
        if (head) head.hidden = !body.querySelector("tr:not(.theme):not([hidden])");
      }
    }
    clearTimeout(timer);
    timer = setTimeout(() => {
      said.textContent = shown.size === schools
        ? tools.dataset.all.replace("{n}", shown.size)
        : tools.dataset.some.replace("{n}", shown.size).replace("{all}", schools);
    }, 150);
  }

  // From what to look at first to what is a strength; a cell without a number comes last in both orders.
  function weight(cell) {
    const moved = cell.querySelector("i");
    if (!/\d/.test(cell.textContent)) return null;
    return ({ c: -2, s: 2 }[cell.className] || 0) + (moved ? { w: -1, b: 1 }[moved.className] : 0);
  }

  for (const table of tables) {
    const bodies = [...table.tBodies];
    const original = bodies.map((body) => [...body.rows]);
    const heads = [...table.tHead.rows[1].cells].slice(1);
    heads.forEach((head, k) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "order";
      const label = (key) => button.setAttribute("aria-label", tools.dataset[key].replace("{name}", head.dataset.name));
      button.textContent = "↕";
      label("sort");
      button.addEventListener("click", () => {
        const was = head.getAttribute("aria-sort");
        const now = was === null ? "ascending" : was === "ascending" ? "descending" : null;
        for (const other of heads) {
          other.removeAttribute("aria-sort");
          const own = other.querySelector(".order");
          if (own) {
            own.textContent = "↕";
            own.setAttribute("aria-label", tools.dataset.sort.replace("{name}", other.dataset.name));
          }
        }
        if (now) head.setAttribute("aria-sort", now);
        button.textContent = now === "ascending" ? "◆" : now === "descending" ? "▲" : "↕";
        label(now === "ascending" ? "turn" : now === "descending" ? "back" : "sort");
        const turn = now === "descending" ? -1 : 1;
        bodies.forEach((body, b) => {
          const inOrder = original[b].filter((row) => !row.classList.contains("theme"));
          if (now) {
            const at = new Map(inOrder.map((row) => [row, weight(row.cells[k + 1])]));
            inOrder.sort((x, y) => {
              const a = at.get(x), c = at.get(y);
              return a === null || c === null ? (a === null) - (c === null) : turn * (a - c);
            });
          }
          body.append(...original[b].filter((row) => row.classList.contains("theme")), ...inOrder);
        });
      });
      head.append(" ", button);
    });
  }

  box.addEventListener("input", find);
  choice.addEventListener("change", find);
  tools.hidden = false;
  find();
})();
