// The tables' search, filters, sorting and paging; and the mark on a page's picture.
// Everything is read from this page or from a file beside it. Nothing is asked of any network.
"use strict";

(() => {
  const PER_PAGE = 50;
  const MOST_CHOICES = 400; // a month or a state may be chosen, a name out of thousands not
  const ROW = /^#row-(\d+)$/;

  const make = (tag, properties = {}, ...children) => {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
  };

  const field = (name, control) => make("div", { className: "field" }, make("label", { htmlFor: control.id, textContent: name }), control);

  // Texts of a row: as they stand in the page, or in the file beside it (page number first).
  const readRows = (table) => {
    if (self.recordkeepRows) {
      return self.recordkeepRows.map(([page, ...texts], at) => ({ number: at + 1, page, texts, tr: null }));
    }
    return [...table.tBodies[0].rows].map((tr, at) => {
      const texts = [...tr.cells].slice(1, -1).map((cell) => cell.textContent);
      return { number: at + 1, page: Number(tr.cells[tr.cells.length - 1].textContent), texts, tr };
    });
  };

  // Where records are seen on pictures of their pages; of some pages there may be none.
  const places = ({ pages, drawn }) => {
    const numbers = drawn && new Set(drawn.split(" ").map(Number));
    return (row) => (pages && (!numbers || numbers.has(row.page)) ? pages + row.number : "");
  };

  const makeRow = (row, classes, placeOf) => {
    if (row.tr) return row.tr;
    const head = make("th", { scope: "row", textContent: row.number });
    const cells = row.texts.map((text, at) => make("td", { className: classes[at], textContent: text }));
    const last = make("td");
    const href = placeOf(row);
    last.append(href ? make("a", { href, title: `See record ${row.number} on its page`, textContent: row.page }) : String(row.page));
    row.tr = make("tr", { id: `row-${row.number}` }, head, ...cells, last);
    return row.tr;
  };

  const value = (row, column, kind) => {
    if (kind === "row") return row.number;
    if (kind === "page") return row.page;
    const text = row.texts[column];
    return kind === "number" ? (text === "" ? -Infinity : Number(text)) : text;
  };

  const reader = (table) => {
    const heads = [...table.tHead.rows[0].cells];
    const kinds = heads.map((head) => head.dataset.kind);
    const fields = heads.slice(1, -1).map((head) => head.textContent);
    const classes = heads.slice(1, -1).map((head) => head.dataset.cells ?? "");
    const rows = readRows(table);
    const placeOf = places(table.dataset);
    const body = table.tBodies[0];
    const tools = document.getElementById("tools");
    const state = { query: "", chosen: new Map(), by: 0, down: false, page: 0 };
    let found = rows;
    // Where the file beside the page could not be loaded, the first of many rows are all there are.
    const missing = Number(table.dataset.total) - rows.length;
    const lost = missing ? `; ${missing.toLocaleString("en")} more could not be loaded` : "";

    for (const row of rows) row.hay = row.texts.join("\n").toLowerCase();

    // What a column is sorted by, worked out once: row by row it would be done ten times over.
    const sorted = new Map();
    const sortedBy = (by) => {
      if (!sorted.has(by)) sorted.set(by, rows.map((row) => value(row, by - 1, kinds[by])));
      return sorted.get(by);
    };

    const count = make("p", { className: "count soft" });
    count.setAttribute("role", "status");
    const search = make("input", { type: "search", id: "search", autocomplete: "off" });
    const choices = make("div", { className: "choices" });
    const filters = make("details", { open: self.matchMedia("(min-width: 40rem)").matches }, make("summary", { textContent: "Filter by column" }), choices);
    tools.append(field("search", search));
    fields.forEach((name, column) => {
      if (kinds[column + 1] === "number") return; // figures are sorted, not chosen
      const values = new Set(rows.map((row) => row.texts[column]));
      if (values.size < 2 || values.size > MOST_CHOICES || values.size > rows.length / 1.5) return;
      const order = [...values].sort(new Intl.Collator("en").compare);
      const select = make("select", { id: `filter-${column}`, name }, make("option", { value: "all", textContent: "all" }));
      for (const text of order) select.append(make("option", { value: `=${text}`, textContent: text || "(blank)" }));
      select.addEventListener("change", () => {
        if (select.value === "all") state.chosen.delete(column);
        else state.chosen.set(column, select.value.slice(1));
        refresh();
      });
      choices.append(field(name, select));
    });
    const clear = make("button", { type: "button", textContent: "Clear" });
    tools.append(clear);
    if (choices.childElementCount) tools.append(filters);
    tools.append(count);
    tools.hidden = false;

    const back = make("button", { type: "button", textContent: "Earlier rows" });
    const next = make("button", { type: "button", textContent: "More rows" });
    const pager = make("div", { className: "tools below" }, back, next);
    table.parentElement.after(pager);

    const show = () => {
      const from = state.page * PER_PAGE;
      const part = found.slice(from, from + PER_PAGE);
      body.replaceChildren(...part.map((row) => makeRow(row, classes, placeOf)));
      const all = rows.length === found.length ? "" : ` of ${rows.length.toLocaleString("en")}`;
      table.parentElement.scrollTop = 0;
      const range = found.length > PER_PAGE ? `, shown: ${from + 1} to ${from + part.length}` : "";
      count.textContent = `${found.length.toLocaleString("en")}${all} records${range}${lost}`;
      pager.hidden = found.length <= PER_PAGE;
      back.disabled = state.page === 0;
      next.disabled = from + PER_PAGE >= found.length;
    };

    const refresh = () => {
      const words = state.query.toLowerCase().split(/\s+/).filter(Boolean);
      const chosen = [...state.chosen];
      found = rows.filter((row) => words.every((word) => row.hay.includes(word)) && chosen.every(([column, text]) => row.texts[column] === text));
      if (state.by || state.down) {
        const values = sortedBy(state.by);
        const sign = state.down ? -1 : 1;
        found.sort((one, other) => {
          const a = values[one.number - 1];
          const b = values[other.number - 1];
          return sign * (a < b ? -1 : a > b ? 1 : 0) || one.number - other.number;
        });
      }
      state.page = 0;
      show();
    };

    heads.forEach((head, at) => {
      const button = make("button", { type: "button", textContent: head.textContent });
      head.replaceChildren(button);
      button.addEventListener("click", () => {
        state.down = state.by === at && !state.down;
        state.by = at;
        for (const other of heads) other.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", state.down ? "descending" : "ascending");
        refresh();
      });
    });
    search.addEventListener("input", () => {
      state.query = search.value;
      refresh();
    });
    clear.addEventListener("click", () => {
      state.query = search.value = "";
      state.chosen.clear();
      for (const select of tools.querySelectorAll("select")) select.value = "all";
      refresh();
      search.focus();
    });
    const turn = (by) => () => {
      state.page += by;
      show();
      table.parentElement.scrollIntoView();
    };
    back.addEventListener("click", turn(-1));
    next.addEventListener("click", turn(1));

    // A link to a row finds it, whatever page of the table it is on.
    const find = () => {
      const named = ROW.exec(location.hash);
      const row = named && rows[Number(named[1]) - 1];
      if (!row) return;
      clear.click();
      state.page = Math.floor(found.indexOf(row) / PER_PAGE);
      show();
      for (const other of table.querySelectorAll(".here")) other.classList.remove("here");
      row.tr.classList.add("here");
      row.tr.scrollIntoView({ block: "center" });
    };
    self.addEventListener("hashchange", find);
    refresh();
    find();
  };

  // A record may go on over a page's end: all its places are marked, and the first is brought up.
  const mark = () => {
    for (const other of document.querySelectorAll("rect.here")) other.classList.remove("here");
    const name = decodeURIComponent(location.hash.slice(1));
    const places = [...document.querySelectorAll("rect[data-record]")].filter((rect) => rect.dataset.record === name);
    for (const rect of places) rect.classList.add("here");
    if (places.length) places[0].scrollIntoView({ block: "center" });
  };

  const table = document.getElementById("records");
  if (table) reader(table);
  if (document.querySelector(".sheet")) {
    self.addEventListener("hashchange", mark);
    self.addEventListener("load", mark); // after the browser's own scrolling
  }
})();
