// Sortable tables and the search. Without this script every page still reads, and the search page lists all indicators.
"use strict";

/* ---- sorting: a button in each heading that has data-sort; what is missing stays last ---- */
const plainText = (cell) => {
  const copy = cell.cloneNode(true);
  copy.querySelectorAll(".vh, .sub, .en").forEach((part) => part.remove());
  return copy.textContent.trim();
};
const asNumber = (text) => {
  const found = text.replace(/[,\s]/g, "").match(/^[-−]?\d+(\.\d+)?/);
  return found ? Number(found[0].replace("−", "-")) : null;
};
const collator = new Intl.Collator("zh-CN", { numeric: true });

function sortBy(table, column, kind, descending) {
  const body = table.tBodies[0];
  const rows = [...body.rows].map((row, at) => {
    const text = plainText(row.cells[column]);
    const key = kind === "number" ? asNumber(text) : text || null;
    return { row, key, at: Number(row.dataset.at ?? (row.dataset.at = at)) };
  });
  const compare = kind === "number" ? (a, b) => a - b : collator.compare;
  rows.sort((a, b) => {
    if (a.key === null || b.key === null) return (a.key === null) - (b.key === null) || a.at - b.at;
    return (descending ? -1 : 1) * compare(a.key, b.key) || a.at - b.at;
  });
  body.append(...rows.map((each) => each.row));
}

for (const table of document.querySelectorAll("table.sortable")) {
  for (const head of table.querySelectorAll("th[data-sort]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const descending = head.getAttribute("aria-sort") === "ascending";
      table.querySelectorAll("th[aria-sort]").forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", descending ? "descending" : "ascending");
      sortBy(table, head.cellIndex, head.dataset.sort, descending);
    });
  }
}

/* ---- search: the index is a script, loaded when it is first needed ---- */
const root = document.body.dataset.root;
const fold = (text) => text.normalize("NFKC").toLowerCase();
let loading;
const index = () =>
  (loading ??= new Promise((done) => {
    const script = document.createElement("script");
    script.src = `${root}assets/search-index.js`;
    script.onload = () => done(window.carestatIndex.map((entry) => ({ entry, text: fold(entry.slice(1, 4).join("\n")) })));
    document.head.append(script);
  }));

async function find(query) {
  const words = fold(query).split(/\s+/).filter(Boolean);
  if (!words.length) return [];
  const rank = (title) => (title === words[0] ? 0 : title.includes(words[0]) ? 1 : 2);
  return (await index())
    .filter(({ text }) => words.every((word) => text.includes(word)))
    .map(({ entry }) => ({ entry, rank: rank(fold(entry[1])) }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ entry: [kind, zh, en, code, url] }) => ({ kind, zh, en, code, url: root + url }));
}

function described(target, hit) {
  for (const [part, text] of [["kind", hit.kind], ["name", hit.zh], ["more", hit.en]]) {
    const span = document.createElement("span");
    span.className = part;
    span.textContent = text;
    if (part === "more" && /^[\x20-\x7e]+$/.test(text)) span.lang = "en";
    target.append(span, " ");
  }
  return target;
}

const box = document.getElementById("q");
const list = document.createElement("ul");
Object.assign(list, { id: "options", hidden: true });
list.setAttribute("role", "listbox");
list.setAttribute("aria-label", "检索结果");
box.after(list);
for (const [name, value] of Object.entries({ role: "combobox", "aria-expanded": "false", "aria-controls": "options", "aria-autocomplete": "list" }))
  box.setAttribute(name, value);
let active = -1;

function mark(at) {
  active = at;
  [...list.children].forEach((option, n) => option.setAttribute("aria-selected", String(n === at)));
  if (at < 0) box.removeAttribute("aria-activedescendant");
  else {
    box.setAttribute("aria-activedescendant", list.children[at].id);
    list.children[at].scrollIntoView({ block: "nearest" });
  }
}
function show(hits) {
  list.replaceChildren(
    ...hits.map((hit, n) => {
      const option = document.createElement("li");
      Object.assign(option, { id: `option-${n}`, role: "option" });
      option.dataset.url = hit.url;
      option.addEventListener("mousedown", (event) => event.preventDefault());
      option.addEventListener("click", () => (location.href = hit.url));
      return described(option, hit);
    }),
  );
  list.hidden = !hits.length;
  box.setAttribute("aria-expanded", String(!list.hidden));
  mark(-1);
}
box.addEventListener("focus", index);
box.addEventListener("input", async () => {
  const asked = box.value;
  const hits = await find(asked);
  if (asked === box.value) show(hits.slice(0, 10));
});
box.addEventListener("blur", () => show([]));
box.addEventListener("keydown", (event) => {
  const last = list.children.length - 1;
  if (event.key === "Escape" && !list.hidden) { show([]); event.preventDefault(); }
  else if (event.key === "ArrowDown" && last >= 0) { mark(active >= last ? 0 : active + 1); event.preventDefault(); }
  else if (event.key === "ArrowUp" && last >= 0) { mark(active <= 0 ? last : active - 1); event.preventDefault(); }
  else if (event.key === "Enter" && active >= 0) { location.href = list.children[active].dataset.url; event.preventDefault(); }
});

/* ---- the page of all hits ---- */
const hitList = document.getElementById("hits");
const asked = new URLSearchParams(location.search).get("q");
if (hitList && asked) {
  box.value = asked;
  find(asked).then((hits) => {
    document.getElementById("found").textContent = hits.length ? `“${asked}”：找到 ${hits.length} 条` : `没有找到“${asked}”`;
    hitList.replaceChildren(
      ...hits.slice(0, 200).map((hit) => {
        const item = document.createElement("li");
        const link = document.createElement("a");
        link.href = hit.url;
        item.append(described(link, hit));
        return item;
      }),
    );
  });
}
