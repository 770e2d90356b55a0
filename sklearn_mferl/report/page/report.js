"use strict";

// The table of predictions: each pair is a table body of two rows, so that its details go with it.
(function () {
  const table = document.getElementById("predictions-table");
  const search = document.getElementById("search");
  const count = document.getElementById("count");
  const pairs = Array.from(table.tBodies);
  const headers = Array.from(table.tHead.rows[0].cells);
  const words = new Intl.Collator("en", { numeric: true, sensitivity: "base" });
  let sorted = "";

  document.documentElement.classList.add("js");

  function valueOf(pair, column) {
    const cell = pair.rows[0].cells[column];
    return headers[column].dataset.kind === "number" ? parseFloat(cell.dataset.value) : cell.textContent;
  }

  function compare(a, b) {
    if (typeof a === "string") return words.compare(a, b);
    return a - b;
  }

  function sort(column) {
    const descending = headers[column].getAttribute("aria-sort") === "ascending";
    // pairs are in the order of their ranks, which decides between equal ones
    const order = pairs.slice().sort(function (first, second) {
      const a = valueOf(first, column), b = valueOf(second, column);
      const missing = Number.isNaN(a) - Number.isNaN(b);
      return missing || (descending ? compare(b, a) : compare(a, b));
    });
    for (const pair of order) table.append(pair);
    for (const header of headers) header.removeAttribute("aria-sort");
    const direction = descending ? "descending" : "ascending";
    headers[column].setAttribute("aria-sort", direction);
    sorted = ", sorted by " + headers[column].textContent.trim() + ", " + direction;
    say();
  }

  function filter() {
    const wanted = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const pair of pairs) {
      const text = pair.rows[0].textContent.toLowerCase();
      pair.hidden = !wanted.every(function (word) { return text.includes(word); });
    }
    say();
  }

  function say() {
    const shown = pairs.filter(function (pair) { return !pair.hidden; }).length;
    count.textContent = shown + " of " + pairs.length + " shown" + sorted + ".";
  }

  headers.forEach(function (header, column) {
    header.querySelector("button").addEventListener("click", function () { sort(column); });
  });
  search.addEventListener("input", filter);
  filter();
})();
