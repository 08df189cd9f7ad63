// What a sign of the map says when it is opened.

const LISTED = 8;

function describe(some) {
    const items = some.slice(0, LISTED).map((row) => {
        const what = element("p", { className: "what" });
        for (const [label, value] of [["objet", text("object", row)], ["attribut", text("attribute", row)], ["valeur", text("value", row)]]) {
            if (value !== "") what.append(element("span", {}, `${label}\u00a0`, bit(value)));
        }
        const button = element("button", { type: "button", className: "quiet", textContent: "Voir dans le tableau" });
        button.addEventListener("click", () => theTable.open(row));
        return element(
            "li", {},
            element("h4", {}, sign(levelOf(row).code), kindOf(row).title),
            what, element("p", {}, element("bdi", { textContent: messageOf(row) })),
            button,
        );
    });
    const made = element("div", { className: "popup" }, element("ul", {}, ...items));
    if (some.length > LISTED) made.append(element("p", { textContent: `Et ${several(some.length - LISTED, "autre", "autres")} au même endroit\u00a0: voyez le tableau.` }));
    made.append(element("p", { className: "what", textContent: coordinates(some[0]) }));
    return made;
}

function coordinates(row) {
    const source = data.map;
    const metric = source.sourceX !== null;
    const [x, y] = metric ? [source.sourceX[row], source.sourceY[row]] : [source.x[row], source.y[row]];
    const format = new Intl.NumberFormat("fr-FR", { maximumFractionDigits: metric ? 2 : source.digits });
    return `${format.format(x)}\u00a0; ${format.format(y)}${source.system ? ` (${source.system})` : ""}`;
}
