// The map of anomalies: signs of the DOM for what can be opened, a canvas below for outlines.

const SIGN_WIDTH = 58;
const SIGN_HEIGHT = 32;
const SMALLEST_OUTLINE = 5; // pixels
const STROKES = ["#6d0f26", "#cf4307", "#8a6500", "#24618f"];

function makeMap() {
    const source = data.map;
    const container = byId("map");
    const placed = source.x.reduce((n, x) => n + (x !== null), 0);
    if (!placed) {
        byId("map").closest(".map-block").replaceChildren(element("p", { textContent: "Aucune anomalie n'a de place sur une carte\u00a0: toutes concernent une couche entière, ou des objets sans géométrie." }));
        byId("filter-view").closest("label").hidden = true;
        return null;
    }
    const crs = source.geographic ? L.CRS.EPSG3857 : L.CRS.Simple;
    const flat = flatten(crs, size, source.x, source.y);
    const outlines = source.outlines.map((shape) => unroll(crs, shape, 10 ** source.digits));
    const extents = source.extents.map(({ ring }) => flatten(crs, ring.length, ring.map((p) => p[0]), ring.map((p) => p[1])));
    const home = L.latLngBounds([source.view[1], source.view[0]], [source.view[3], source.view[2]]);
    const middle = crs.latLngToPoint(home.getCenter(), 0);
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const map = L.map(container, {
        crs, zoomSnap: 0.25, zoomControl: false, attributionControl: false, scrollWheelZoom: false,
        zoomAnimation: !still, fadeAnimation: !still, inertia: !still, ...zooms(),
    });
    L.control.zoom({ zoomInTitle: "Agrandir", zoomOutTitle: "Réduire" }).addTo(map);
    (source.geographic ? L.control.scale({ imperial: false }) : new PlainScale({ imperial: false })).addTo(map);
    // The wheel scrolls the page until one has chosen the map.
    map.on("focus", () => map.scrollWheelZoom.enable());
    map.on("blur", () => map.scrollWheelZoom.disable());
    map.getPane("markerPane").setAttribute("role", "group");
    map.getPane("markerPane").setAttribute("aria-label", "Anomalies de la carte");

    let wanted = [];
    let clusters = new Map();
    let icons = []; // signs in reading order
    let current = -1;
    const marks = L.layerGroup().addTo(map);
    const drawing = new Drawing(draw);

    // Between the whole and a few millimetres, whatever the unit.
    function zooms() {
        if (source.geographic) return { minZoom: 0, maxZoom: 23 };
        const span = Math.max(source.view[2] - source.view[0], source.view[3] - source.view[1]) || 1;
        const whole = Math.floor(Math.log2(800 / span));
        return { minZoom: whole - 12, maxZoom: whole + 16 };
    }

    // The gravest anomaly of a neighbourhood stands for it: signs never cover one another, and stay where
    // they are while the map is moved.
    function clustersAt(zoom) {
        if (clusters.has(zoom)) return clusters.get(zoom);
        const scale = 2 ** zoom;
        const cells = new Map();
        const found = [];
        for (const row of wanted) {
            const x = flat.x[row] * scale;
            const y = flat.y[row] * scale;
            if (Number.isNaN(x)) continue;
            const column = Math.floor((x - middle.x * scale) / SIGN_WIDTH);
            const line = Math.floor((y - middle.y * scale) / SIGN_HEIGHT);
            let near = null;
            for (let i = -1; i < 2 && !near; i += 1) {
                for (let j = -1; j < 2 && !near; j += 1) {
                    const other = cells.get((column + i) * 2 ** 26 + line + j);
                    if (other && Math.abs(other.x - x) < SIGN_WIDTH && Math.abs(other.y - y) < SIGN_HEIGHT) near = other;
                }
            }
            if (near) near.rows.push(row);
            else {
                near = { x, y, rows: [row] };
                cells.set(column * 2 ** 26 + line, near);
                found.push(near);
            }
        }
        if (clusters.size > 12) clusters = new Map();
        clusters.set(zoom, found);
        return found;
    }

    function refresh() {
        const bounds = map.getPixelBounds();
        const zoom = map.getZoom();
        const inside = ({ x, y }) => x > bounds.min.x - 20 && x < bounds.max.x + 20 && y > bounds.min.y - 10 && y < bounds.max.y + 10;
        const here = clustersAt(zoom).filter(inside);
        here.sort((a, b) => Math.round((a.y - b.y) / SIGN_HEIGHT) || a.x - b.x);
        const held = container.contains(document.activeElement) && document.activeElement.classList.contains("mark")
            ? Number(document.activeElement.dataset.first) : -1;
        marks.clearLayers();
        icons = here.map((cluster) => {
            const made = mark(cluster, zoom);
            marks.addLayer(made);
            return dress(made, cluster);
        });
        const kept = icons.find((icon) => Number(icon.dataset.first) === held) ?? icons[0];
        if (kept) kept.tabIndex = 0;
        if (held >= 0) (kept ?? container).focus({ preventScroll: true });
        note();
    }

    function mark(cluster, zoom) {
        const code = levelOf(cluster.rows[0]).code;
        const n = cluster.rows.length;
        const face = n === 1 ? sign(code) : element("span", {}, sign(code), WHOLE.format(n));
        const icon = L.divIcon({ className: "mark", html: face, iconSize: [n === 1 ? 28 : SIGN_WIDTH, n === 1 ? 28 : SIGN_HEIGHT - 4] });
        const made = L.marker(map.unproject([cluster.x, cluster.y], zoom), { icon, keyboard: false });
        made.on("click", () => openCluster(cluster));
        return made;
    }

    function dress(made, cluster) {
        const icon = made.getElement();
        const [first] = cluster.rows;
        const n = cluster.rows.length;
        icon.setAttribute("role", "button");
        icon.setAttribute("aria-label", n === 1
            ? `${levelOf(first).name}\u00a0: ${kindOf(first).title}${text("object", first) && `, objet ${text("object", first)}`}`
            : `${several(n, "anomalie", "anomalies")}, la plus grave\u00a0: ${kindOf(first).title}`);
        icon.tabIndex = -1;
        icon.dataset.first = first;
        return icon;
    }

    const spread = (some) => {
        const box = L.bounds(some.map((row) => L.point(flat.x[row], flat.y[row])));
        const { x, y } = box.getSize();
        return { box, wide: Math.max(x / SIGN_WIDTH, y / SIGN_HEIGHT) };
    };

    function openCluster(cluster) {
        const { box, wide } = spread(cluster.rows);
        if (wide * 2 ** map.getMaxZoom() > 1.5) {
            const sides = [box.getBottomLeft(), box.getTopRight()].map((corner) => crs.pointToLatLng(corner, 0));
            map.fitBounds(L.latLngBounds(sides), { padding: [70, 70] });
        } else openPopup(cluster.rows);
    }

    function openPopup(some) {
        const [first] = some;
        [current] = some;
        const place = crs.pointToLatLng(L.point(flat.x[first], flat.y[first]), 0);
        const popup = L.popup({ maxWidth: Math.min(360, map.getSize().x - 60), minWidth: 200, offset: [0, -6] });
        const content = describe(some);
        popup.setLatLng(place).setContent(content).openOn(map);
        const close = popup.getElement().querySelector(".leaflet-popup-close-button");
        close.setAttribute("aria-label", "Fermer");
        content.tabIndex = -1;
        content.focus({ preventScroll: true });
        drawing.redraw();
    }

    function draw(context, min, scale, width, height) {
        context.lineJoin = "round";
        const trace = (pixels) => {
            for (let i = 0; i < pixels.length; i += 2) {
                context[i ? "lineTo" : "moveTo"](pixels[i] * scale - min.x, pixels[i + 1] * scale - min.y);
            }
        };
        context.strokeStyle = "#7b8b9a";
        context.lineWidth = 1.2;
        context.setLineDash([6, 4]);
        for (const { x, y } of extents) {
            context.beginPath();
            x.forEach((each, i) => context[i ? "lineTo" : "moveTo"](each * scale - min.x, y[i] * scale - min.y));
            context.stroke();
        }
        context.setLineDash([]);
        // The lightest first, so that nothing covers the gravest.
        const drawn = new Set();
        for (let k = wanted.length - 1; k >= 0; k -= 1) {
            const row = wanted[k];
            const index = source.outlineOf[row];
            if (index < 0 || drawn.has(index * 4 + data.level[row])) continue;
            const { filled, rings, box } = outlines[index];
            if (Math.max(box[2] - box[0], box[3] - box[1]) * scale < SMALLEST_OUTLINE) continue;
            if (box[2] * scale < min.x || box[0] * scale > min.x + width || box[3] * scale < min.y || box[1] * scale > min.y + height) continue;
            drawn.add(index * 4 + data.level[row]);
            context.strokeStyle = STROKES[data.level[row]];
            context.fillStyle = `${STROKES[data.level[row]]}26`;
            context.lineWidth = row === current ? 3.5 : 1.5;
            context.beginPath();
            rings.forEach(trace);
            if (filled) context.fill("evenodd");
            context.stroke();
        }
    }

    function note() {
        const visible = wanted.filter((row) => !Number.isNaN(flat.x[row]));
        const here = visible.filter((row) => api.sees(row)).length;
        const parts = [`${several(here, "anomalie", "anomalies")} dans cette vue`];
        if (visible.length > here) parts.push(`${WHOLE.format(visible.length - here)} au-delà`);
        if (wanted.length > visible.length) {
            parts.push(`${WHOLE.format(wanted.length - visible.length)} sans place sur la carte (couche entière, ou objet sans géométrie)`);
        }
        byId("map-note").textContent = `${parts.join(", ")}.`;
    }

    // One stop of the Tab key for all signs; arrows go from one to the next.
    container.addEventListener("keydown", (event) => {
        if (!event.target.classList.contains("mark")) return;
        const at = icons.indexOf(event.target);
        const steps = { ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at - 1, ArrowUp: at - 1, Home: 0, End: icons.length - 1 };
        if (event.key in steps) {
            const next = icons[(steps[event.key] + icons.length) % icons.length];
            event.target.tabIndex = -1;
            next.tabIndex = 0;
            next.focus();
        } else if (event.key === "Enter" || event.key === " ") event.target.click();
        else return;
        event.preventDefault();
        event.stopPropagation();
    }, true);
    map.on("popupclose", ({ popup }) => {
        if (popup.getElement().contains(document.activeElement)) {
            (container.querySelector(`.mark[data-first="${current}"]`) ?? container).focus({ preventScroll: true });
        }
        current = -1;
        drawing.redraw();
    });
    container.addEventListener("keydown", (event) => {
        if (event.key === "Escape") map.closePopup();
    });

    function step(by) {
        const order = wanted.filter((row) => !Number.isNaN(flat.x[row]));
        if (!order.length) return;
        const at = order.indexOf(last);
        api.open(order[at < 0 ? (by > 0 ? 0 : order.length - 1) : (at + by + order.length) % order.length]);
    }
    let last = -1;
    byId("map-next").addEventListener("click", () => step(1));
    byId("map-previous").addEventListener("click", () => step(-1));
    byId("map-home").addEventListener("click", () => map.fitBounds(home, { padding: [30, 30] }));
    byId("map-all").addEventListener("click", () => {
        const all = wanted.filter((row) => !Number.isNaN(flat.x[row]));
        if (!all.length) return;
        const { box } = spread(all);
        map.fitBounds(L.latLngBounds([box.getBottomLeft(), box.getTopRight()].map((p) => crs.pointToLatLng(p, 0))), { padding: [30, 30] });
    });

    const api = {
        has: (row) => !Number.isNaN(flat.x[row]),
        sees(row) {
            const { min, max } = map.getPixelBounds();
            const scale = 2 ** map.getZoom();
            const x = flat.x[row] * scale;
            const y = flat.y[row] * scale;
            return x >= min.x && x <= max.x && y >= min.y && y <= max.y;
        },
        show(some) {
            wanted = some;
            clusters = new Map();
            map.closePopup();
            refresh();
            drawing.redraw();
        },
        // Go to an anomaly, near enough to see its outline, and say what it is.
        open(row) {
            last = row;
            container.scrollIntoView({ block: "nearest" });
            const outline = source.outlineOf[row] < 0 ? null : outlines[source.outlineOf[row]].box;
            const place = crs.pointToLatLng(L.point(flat.x[row], flat.y[row]), 0);
            const nearest = map.getBoundsZoom(home) + 5;
            const fit = outline ? Math.log2(200 / Math.max(outline[2] - outline[0], outline[3] - outline[1])) : nearest;
            map.setView(place, Math.min(map.getMaxZoom(), Math.max(nearest, Math.floor(fit))), { animate: false });
            const same = wanted.filter((other) => flat.x[other] === flat.x[row] && flat.y[other] === flat.y[row]);
            openPopup([row, ...same.filter((other) => other !== row)]);
        },
    };
    map.fitBounds(home, { padding: [30, 30], animate: false });
    drawing.addTo(map);
    map.on("moveend", () => {
        refresh();
        if (asked.followMap) list();
    });
    return api;
}
