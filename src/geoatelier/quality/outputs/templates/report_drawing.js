// What the map draws on: coordinates as pixels, a canvas, a scale without a unit.

// Pixels at zoom 0, of which every zoom is a multiple.
function flatten(crs, count, x, y) {
    const flat = { x: new Float64Array(count).fill(NaN), y: new Float64Array(count).fill(NaN) };
    for (let i = 0; i < count; i += 1) {
        if (x[i] === null) continue;
        const point = crs.latLngToPoint(L.latLng(y[i], x[i]), 0);
        flat.x[i] = point.x;
        flat.y[i] = point.y;
    }
    return flat;
}

// Outlines: `rings` holds flat arrays of pixels at zoom 0, and `box` what they cover.
function unroll(crs, [filled, ...rings], unit) {
    const box = [Infinity, Infinity, -Infinity, -Infinity];
    const flat = rings.map((ring) => {
        const pixels = new Float64Array(ring.length);
        let x = 0;
        let y = 0;
        for (let i = 0; i < ring.length; i += 2) {
            x += ring[i];
            y += ring[i + 1];
            const point = crs.latLngToPoint(L.latLng(y / unit, x / unit), 0);
            pixels[i] = point.x;
            pixels[i + 1] = point.y;
            box[0] = Math.min(box[0], point.x);
            box[1] = Math.min(box[1], point.y);
            box[2] = Math.max(box[2], point.x);
            box[3] = Math.max(box[3], point.y);
        }
        return pixels;
    });
    return { filled, rings: flat, box };
}

const Drawing = L.Layer.extend({
    initialize(draw) { this._draw = draw; },
    onAdd(map) {
        this._canvas = L.DomUtil.create("canvas", "leaflet-zoom-hide", this.getPane());
        this._canvas.setAttribute("aria-hidden", "true");
        map.on("moveend resize", this.redraw, this);
        this.redraw();
    },
    redraw() {
        const map = this._map;
        const { x: width, y: height } = map.getSize();
        const ratio = devicePixelRatio || 1;
        Object.assign(this._canvas, { width: width * ratio, height: height * ratio });
        Object.assign(this._canvas.style, { width: `${width}px`, height: `${height}px`, pointerEvents: "none" });
        L.DomUtil.setPosition(this._canvas, map.containerPointToLayerPoint([0, 0]));
        const context = this._canvas.getContext("2d");
        context.scale(ratio, ratio);
        const { min } = map.getPixelBounds();
        this._draw(context, min, 2 ** map.getZoom(), width, height);
    },
});

// A scale for coordinates of which no one told the unit.
const PlainScale = L.Control.Scale.extend({
    _updateMetric(longest) {
        const round = this._getRoundNum(longest);
        this._updateScale(this._mScale, `${WHOLE.format(round)} (unité du fichier)`, round / longest);
    },
});
