// What a folium map needs beside Leaflet to run alone: no jQuery, no web font, no request outside.
// It also gives French labels, hatches, and a way to every feature with the keyboard.
"use strict";

// folium calls jQuery for two things only: to run a function when the page is ready, and to turn a
// text of HTML into an element.
window.$ = function (what) {
    if (typeof what === "function") {
        document.addEventListener("DOMContentLoaded", what);
    } else if (what === document) {
        return { ready: window.$ };
    } else if (what.trim().startsWith("<")) {
        const template = document.createElement("template");
        template.innerHTML = what.trim();
        return [template.content.firstElementChild];
    }
    return { draggable() {} };
};

L.Control.Attribution.mergeOptions({ prefix: "Leaflet" });
L.Control.Scale.mergeOptions({ imperial: false });
L.Control.Zoom.mergeOptions({ zoomInTitle: "Agrandir", zoomOutTitle: "Réduire" });

// The pin that folium draws with a web font, as a vector image of the same colour.
const PIN_COLOURS = {
    blue: "#0072b2", darkblue: "#004c78", lightblue: "#56b4e9", cadetblue: "#436978", orange: "#e69f00",
    red: "#d55e00", darkred: "#8c3b00", lightred: "#f2855e", green: "#009e73", darkgreen: "#00573f",
    lightgreen: "#7fd4b8", purple: "#7a4f9e", darkpurple: "#43246b", pink: "#cc79a7", beige: "#e8d3a2",
    gray: "#757575", lightgray: "#b8b8b8", black: "#222222", white: "#ffffff",
};
L.AwesomeMarkers = {
    Icon: L.DivIcon.extend({
        initialize(options) {
            const colour = PIN_COLOURS[options.markerColor] || PIN_COLOURS.blue;
            L.DivIcon.prototype.initialize.call(this, {
                className: "map-pin", iconSize: [26, 36], iconAnchor: [13, 35], popupAnchor: [0, -32],
                html: `<svg viewBox="0 0 26 36" width="26" height="36" aria-hidden="true"><path d="M13 1a12 12 0 0 1
                    12 12c0 8-8 15-12 22C9 28 1 21 1 13A12 12 0 0 1 13 1z" fill="${colour}" stroke="#222"/><circle
                    cx="13" cy="13" r="4.5" fill="#fff" stroke="#222"/></svg>`,
            });
        },
    }),
    icon: (options) => new L.AwesomeMarkers.Icon(options),
};

// Hatches: the path option `hatch` is "/", "-" or ".", drawn over the fill colour.
const HATCHES = {
    "/": '<path d="M-2 2L2-2M0 8L8 0M6 10L10 6" stroke-width=".8"/>',
    "-": '<path d="M0 3.5H8" stroke-width="1"/>',
    ".": '<circle cx="4" cy="4" r="1.2" stroke="none" fill="currentColor"/>',
};
const plainUpdateStyle = L.SVG.prototype._updateStyle;
L.SVG.include({
    _updateStyle(layer) {
        plainUpdateStyle.call(this, layer);
        const { hatch, fill, fillColor, color } = layer.options;
        if (!layer._path || !fill || !HATCHES[hatch]) return;
        layer._path.setAttribute("fill", `url(#${this._hatch(hatch, fillColor || color)})`);
    },
    _hatch(hatch, colour) {
        const id = `hatch-${hatch.charCodeAt(0)}-${colour.replace(/\W/g, "")}`;
        if (!document.getElementById(id)) {
            const pattern = L.SVG.create("pattern");
            for (const [name, value] of Object.entries({ id, width: 8, height: 8, patternUnits: "userSpaceOnUse" })) {
                pattern.setAttribute(name, value);
            }
            const ink = isDark(colour) ? "#ffffff" : "#333333";
            pattern.innerHTML = `<rect width="8" height="8" fill="${colour}"/>
                <g stroke="${ink}" color="${ink}" stroke-opacity=".75" fill="none">${HATCHES[hatch]}</g>`;
            this._container.appendChild(pattern);
        }
        return id;
    },
});

function isDark(colour) {
    const [red, green, blue] = [1, 3, 5].map((start) => parseInt(colour.slice(start, start + 2), 16));
    return 0.299 * red + 0.587 * green + 0.114 * blue < 128;
}

// One Tab stop for all the features of a map; from there the arrows go to the nearest one in their direction,
// Enter opens the popup, Escape closes it.
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
L.Map.addInitHook(function () {
    const map = this;
    const container = map.getContainer();
    let last = null;
    let returnTo = null;

    // A popup or a tooltip is bound to the feature itself or to the layer that holds it.
    const holders = (layer) => [layer, ...Object.values(layer._eventParents || {})];
    const popupOf = (layer) => holders(layer).map((holder) => holder.getPopup()).find(Boolean);
    const tooltipOf = (layer) => holders(layer).map((holder) => holder.getTooltip()).find(Boolean);
    const speaks = (layer) => layer instanceof L.Path && layer._path && (popupOf(layer) || tooltipOf(layer));
    const spot = (layer) => map.latLngToLayerPoint(layer.getLatLng ? layer.getLatLng() : layer.getBounds().getCenter());

    function reach() {
        let first = null;
        map.eachLayer((layer) => {
            if (!speaks(layer)) return;
            first = first || layer;
            if (layer._reachable) return;
            layer._reachable = true;
            layer._path.setAttribute("tabindex", "-1");
            layer._path.setAttribute("role", popupOf(layer) ? "button" : "img");
            layer._path.addEventListener("focus", () => arrive(layer));
            layer._path.addEventListener("keydown", (event) => steer(event, layer));
        });
        if (!last || !map.hasLayer(last)) last = first;
        if (last) last._path.setAttribute("tabindex", "0");
    }

    function arrive(layer) {
        if (last && last._path) last._path.setAttribute("tabindex", "-1");
        last = layer;
        layer._path.setAttribute("tabindex", "0");
        layer._path.setAttribute("aria-label", says(layer));
        const centre = map.layerPointToLatLng(spot(layer));
        if (!map.getBounds().contains(centre)) map.panTo(centre);
    }

    function says(layer) {
        let content = (tooltipOf(layer) || popupOf(layer)).getContent();
        if (typeof content === "function") content = content(layer);
        const box = document.createElement("div");
        box.append(content instanceof Node ? content.cloneNode(true) : "");
        if (typeof content === "string") box.innerHTML = content;
        return box.textContent.replace(/\s+/g, " ").trim();
    }

    function steer(event, layer) {
        const direction = ARROWS[event.key];
        if (!direction) return;
        event.preventDefault();
        event.stopPropagation();
        const next = nearest(layer, direction);
        if (next) next._path.focus();
    }

    function nearest(from, [dx, dy]) {
        const start = spot(from);
        let best = null;
        let shortest = Infinity;
        map.eachLayer((layer) => {
            if (layer === from || !speaks(layer)) return;
            const { x, y } = spot(layer).subtract(start);
            const along = x * dx + y * dy;
            const aside = Math.abs(x * dy) + Math.abs(y * dx);
            if (along > 0 && aside <= 2 * along && along + 2 * aside < shortest) {
                shortest = along + 2 * aside;
                best = layer;
            }
        });
        return best;
    }

    map.on("popupopen", ({ popup }) => {
        const close = popup.getElement().querySelector(".leaflet-popup-close-button");
        if (close) close.setAttribute("aria-label", "Fermer");
        returnTo = document.activeElement.closest("path");
        if (returnTo) {
            popup._contentNode.tabIndex = -1;
            popup._contentNode.focus();
        }
    });
    map.on("popupclose", () => {
        if (returnTo) returnTo.focus();
    });
    container.addEventListener("keydown", (event) => {
        if (event.key === "Escape") map.closePopup();
    });

    // A map must not catch the wheel of a person who only scrolls the notebook past it.
    map.scrollWheelZoom.disable();
    map.on("focus", () => map.scrollWheelZoom.enable());
    map.on("blur", () => map.scrollWheelZoom.disable());

    container.setAttribute("role", "region");
    container.setAttribute(
        "aria-label",
        `${document.title}. Flèches : déplacer. Plus et moins : changer d'échelle. Tabulation : aller aux objets.`,
    );
    let planned = false;
    map.on("layeradd", () => {
        if (planned) return;
        planned = true;
        setTimeout(() => { planned = false; reach(); });
    });
    document.addEventListener("DOMContentLoaded", () => {
        reach();
        for (const toggle of container.querySelectorAll(".leaflet-control-layers-toggle")) toggle.title = "Couches";
    });
});
