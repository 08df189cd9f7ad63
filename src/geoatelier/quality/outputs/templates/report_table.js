// The table of anomalies: sorted by any column, a page at a time.

const ROWS_A_PAGE = 50;

const COLUMNS = [
    { name: "level", label: "Niveau", rank: (row) => data.level[row], write: writeLevel },
    { name: "layer", label: "Couche", sortText: "layer", write: writeLayer },
    { name: "object", label: "Objet", sortText: "object", write: writeObject },
    { name: "attribute", label: "Attribut", sortText: "attribute", write: (row) => bit(text("attribute", row)), card: "Attribut" },
    { name: "value", label: "Valeur", sortText: "value", write: (row) => bit(text("value", row)), card: "Valeur" },
    { name: "kind", label: "Type, ce qui ne va pas, que faire", titles: true, write: writeMessage },
];

function bit(value) {
    return value === "" ? "" : element("bdi", { className: "data", textContent: value });
}

function writeLevel(row) {
    const { code, name } = levelOf(row);
    return element("span", { className: `badge badge-${code}` }, sign(code), name);
}

function writeLayer(row) {
    const cell = element("span", {}, element("bdi", { textContent: text("layer", row) }));
    if (data.file.values.length > 1) {
        cell.append(element("small", {}, element("bdi", { textContent: text("file", row) })));
    }
    return cell;
}

function writeMessage(row) {
    const message = element("bdi", { textContent: messageOf(row) });
    return element("span", {}, element("strong", { textContent: kindOf(row).title }), message);
}

function writeObject(row) {
    const key = text("object", row);
    if (key === "" && data.row[row] === null) return "";
    const cell = element("span", {}, bit(key));
    const notes = [];
    if (data.row[row] !== null && String(data.row[row]) !== key) notes.push(`ligne\u00a0${data.row[row]}`);
    const other = text("related", row);
    if (other !== "" && other !== key) notes.push(`avec ${other}`);
    if (notes.length) cell.append(element("small", { textContent: notes.join(", ") }));
    return cell;
}

function makeTable() {
    const table = byId("table");
    const head = table.tHead.rows[0];
    const body = table.tBodies[0];
    let order = { column: COLUMNS[0], down: false };
    let listed = [];
    let page = 0;

    for (const column of COLUMNS) {
        const button = element("button", { type: "button", textContent: column.label });
        const cell = element("th", { scope: "col", className: `column-${column.name}` }, button);
        cell.setAttribute("role", "columnheader");
        button.addEventListener("click", () => {
            order = { column, down: order.column === column && !order.down };
            sort();
            draw(0);
        });
        column.cell = cell;
        head.append(cell);
    }
    const last = element("th", { scope: "col", className: "column-place" }, element("span", { className: "hidden", textContent: "Sur la carte" }));
    last.setAttribute("role", "columnheader");
    head.append(last);

    // Distinct values are ranked once a column; rows are then compared by whole numbers.
    function ranks({ sortText, rank, titles }) {
        if (rank) return rank;
        if (titles) {
            const place = placesInOrder(data.kinds.map((kind) => kind.title));
            return (row) => place[data.kind[row]];
        }
        const { values, of } = data[sortText];
        const place = placesInOrder(values);
        return (row) => (of[row] < 0 ? values.length : place[of[row]]);
    }

    function placesInOrder(values) {
        const place = new Array(values.length);
        [...values.keys()].sort((a, b) => PLACES_OF_SORT.compare(values[a], values[b])).forEach((value, index) => {
            place[value] = index;
        });
        return place;
    }

    function sort() {
        for (const { cell } of COLUMNS) cell.setAttribute("aria-sort", "none");
        order.column.cell.setAttribute("aria-sort", order.down ? "descending" : "ascending");
        order.column.ranked ??= ranks(order.column);
        const { ranked } = order.column;
        const sense = order.down ? -1 : 1;
        listed.sort((a, b) => sense * (ranked(a) - ranked(b)) || a - b);
    }

    function pages() {
        return Math.max(1, Math.ceil(listed.length / ROWS_A_PAGE));
    }

    function draw(wanted) {
        page = Math.min(Math.max(wanted, 0), pages() - 1);
        const now = listed.slice(page * ROWS_A_PAGE, (page + 1) * ROWS_A_PAGE);
        body.replaceChildren(...now.map(line));
        byId("page-now").textContent = `Page ${WHOLE.format(page + 1)} sur ${WHOLE.format(pages())}`;
        for (const name of ["first", "previous"]) byId(`page-${name}`).disabled = page === 0;
        for (const name of ["next", "last"]) byId(`page-${name}`).disabled = page === pages() - 1;
        table.closest("section").querySelector(".pages").hidden = pages() === 1;
    }

    function line(row) {
        const made = element("tr", { tabIndex: -1 });
        made.setAttribute("role", "row");
        made.dataset.row = row;
        for (const column of COLUMNS) {
            const cell = element("td", { className: `column-${column.name}` });
            cell.setAttribute("role", "cell");
            const content = column.write(row);
            if (content !== "") cell.append(content);
            if (column.card && content !== "") cell.dataset.label = column.card;
            made.append(cell);
        }
        const place = element("td", { className: "column-place" });
        place.setAttribute("role", "cell");
        if (theMap?.has(row)) {
            const button = element("button", { type: "button", className: "place", title: "Voir sur la carte" }, sign("place"));
            button.setAttribute("aria-label", `Voir sur la carte\u00a0: ${kindOf(row).title}, ${text("object", row) || `ligne ${data.row[row]}`}`);
            button.addEventListener("click", () => theMap.open(row));
            place.append(button);
        }
        made.append(place);
        return made;
    }

    byId("page-first").addEventListener("click", () => turn(0));
    byId("page-previous").addEventListener("click", () => turn(page - 1));
    byId("page-next").addEventListener("click", () => turn(page + 1));
    byId("page-last").addEventListener("click", () => turn(pages() - 1));

    function turn(wanted) {
        draw(wanted);
        byId("titre-tableau").scrollIntoView();
    }

    return {
        show(wanted) {
            listed = [...wanted];
            sort();
            draw(0);
        },
        // Go to the line of an anomaly, and say so to a screen reader by giving it the focus.
        open(row) {
            const index = listed.indexOf(row);
            if (index < 0) return;
            draw(Math.floor(index / ROWS_A_PAGE));
            const found = body.querySelector(`[data-row="${row}"]`);
            found.classList.add("chosen");
            found.scrollIntoView({ block: "center" });
            found.focus({ preventScroll: true });
        },
    };
}
