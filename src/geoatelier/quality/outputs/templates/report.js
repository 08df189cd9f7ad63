// The report: its data, its filters, and what the table and the map (the other report_*.js) share.
"use strict";

document.documentElement.classList.add("scripted");

const PLACES_OF_SORT = new Intl.Collator("fr", { numeric: true });
const WHOLE = new Intl.NumberFormat("fr-FR", { maximumFractionDigits: 0 });
const data = JSON.parse(document.getElementById("data").textContent);
const size = data.level.length;

const byId = (id) => document.getElementById(id);
const several = (n, one, many) => `${WHOLE.format(n)}\u00a0${n < 2 ? one : many}`;
const text = (column, row) => (data[column].of[row] < 0 ? "" : data[column].values[data[column].of[row]]);
// A pattern, with the object of the row and what changes from one row to the next.
function messageOf(row) {
    const parts = data.message.parts[row].split("\ue001");
    let next = 0;
    return data.message.patterns[data.message.of[row]].replace(
        /[\ue000\ue001]/g, (mark) => (mark === "\ue000" ? text("object", row) : parts[next++]),
    );
}
const kindOf = (row) => data.kinds[data.kind[row]];
const levelOf = (row) => data.levels[data.level[row]];

// Everything is written as text, never as HTML: a value of the data can do nothing here.
function element(name, properties = {}, ...children) {
    const made = Object.assign(document.createElement(name), properties);
    made.append(...children);
    return made;
}

function sign(level) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
    use.setAttribute("href", `#sign-${level}`);
    svg.setAttribute("class", "sign");
    svg.setAttribute("aria-hidden", "true");
    svg.append(use);
    return svg;
}

// What is asked for. `rows` are those that answer, the gravest first; `shown` those among them that the map
// shows, when the table follows it.
const asked = { words: [], levels: new Set(data.levels.keys()), kind: -1, layer: -1, file: -1, followMap: false };
let rows = [];
let shown = [];

const plain = (string) => string.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
let haystacks = null;

function haystack(row) {
    haystacks ??= new Array(size);
    haystacks[row] ??= plain(
        ["object", "related", "attribute", "value", "layer", "file"].map((name) => text(name, row)).join(" ")
            + ` ${messageOf(row)} ${kindOf(row).title} ${data.row[row] ?? ""}`,
    );
    return haystacks[row];
}

function answers(row) {
    return asked.levels.has(data.level[row])
        && (asked.kind < 0 || data.kind[row] === asked.kind)
        && (asked.layer < 0 || data.layer.of[row] === asked.layer)
        && (asked.file < 0 || data.file.of[row] === asked.file)
        && asked.words.every((word) => haystack(row).includes(word));
}

function filter() {
    rows = [];
    for (let row = 0; row < size; row += 1) if (answers(row)) rows.push(row);
    theMap?.show(rows);
    list();
}

function list() {
    shown = asked.followMap && theMap ? rows.filter((row) => theMap.sees(row)) : rows;
    theTable.show(shown);
    const all = shown.length === size ? "" : ` sur ${WHOLE.format(size)}`;
    byId("found").textContent = `${several(shown.length, "anomalie", "anomalies")}${all}`;
}

function fill(select, values) {
    const options = values.map((label, index) => element("option", { value: index, textContent: label }));
    options.sort((a, b) => PLACES_OF_SORT.compare(a.textContent, b.textContent));
    select.append(...options);
    select.closest(".field").hidden = values.length < 2;
}

function readFilters() {
    asked.words = plain(byId("filter-text").value).split(/\s+/).filter(Boolean);
    asked.levels = new Set([...document.querySelectorAll("[name=level]:checked")].map((box) => Number(box.value)));
    for (const name of ["kind", "layer", "file"]) {
        const { value } = byId(`filter-${name}`);
        asked[name] = value === "" ? -1 : Number(value);
    }
    asked.followMap = byId("filter-view").checked;
    filter();
}

function startFilters() {
    fill(byId("filter-kind"), data.kinds.map((kind) => kind.title));
    fill(byId("filter-layer"), data.layer.values);
    fill(byId("filter-file"), data.file.values);
    const form = byId("filters");
    let waiting;
    form.addEventListener("input", () => {
        clearTimeout(waiting);
        waiting = setTimeout(readFilters, size > 5000 ? 200 : 60);
    });
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("reset", () => setTimeout(readFilters));
}

// The list by kind: folded on screen, unfolded on paper.

function startKinds() {
    const kinds = [...document.querySelectorAll(".kind")];
    const unfold = byId("unfold");
    const open = (yes) => {
        kinds.forEach((kind) => { kind.open = yes; });
        unfold.setAttribute("aria-expanded", String(yes));
        unfold.textContent = yes ? "Tout replier" : "Tout déplier";
    };
    open(false);
    unfold.addEventListener("click", () => open(unfold.getAttribute("aria-expanded") === "false"));
    let before = [];
    addEventListener("beforeprint", () => {
        before = kinds.filter((kind) => kind.open);
        kinds.forEach((kind) => { kind.open = true; });
    });
    addEventListener("afterprint", () => kinds.forEach((kind) => { kind.open = before.includes(kind); }));
    for (const kind of kinds) {
        kind.querySelector(".show-all").addEventListener("click", () => {
            showKind(kind.dataset.kind, kind.dataset.level);
        });
    }
}

function showKind(title, level) {
    byId("filters").reset();
    byId("filter-kind").value = data.kinds.findIndex((kind) => kind.title === title);
    for (const box of document.querySelectorAll("[name=level]")) {
        box.checked = data.levels[Number(box.value)].code === level;
    }
    // After the filters are read, as the reset asks.
    setTimeout(() => {
        byId("explorer").focus({ preventScroll: true });
        byId("explorer").scrollIntoView();
    });
}

let theTable = null;
let theMap = null;

addEventListener("DOMContentLoaded", () => {
    startKinds();
    startFilters();
    theTable = makeTable();
    theMap = makeMap();
    filter();
    performance.mark("interactive");
});
