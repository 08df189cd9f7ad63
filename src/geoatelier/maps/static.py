"""The static face of a map: its folium layers drawn by matplotlib, in the order of Leaflet."""

import base64
import io
import textwrap
from collections.abc import Sequence
from functools import singledispatch
from typing import Any

import folium
import matplotlib.pyplot as plt
import numpy as np
import shapely
from branca.element import Element
from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.patches import Patch
from PIL import Image
from pyproj import Geod
from shapely.geometry import shape

from geoatelier.faces import figure_png
from geoatelier.maps.legends import ColourBar, Legend, number
from geoatelier.maps.offline_map import ATTRIBUTION, OfflineMap, PlaceName
from geoatelier.maps.paths import HATCHES, TO_WEB, complete_style, draw_paths, fill_of, ink_on
from geoatelier.maps.plots import north_arrow, scale_bar

SEA = "#dfe8ee"
_HALO = [patheffects.withStroke(linewidth=2.4, foreground="white")]
_BACKGROUND, _VECTORS, _MARKERS, _NAMES = 1, 10, 20, 30


def draw_png(m: OfflineMap, *, width: float, dpi: int) -> bytes:
    """Draw a map as PNG bytes.

    Parameters
    ----------
    m : the map
    width : in inches
    dpi : pixels an inch
    """
    west, south, east, north = m.view()
    (left, right), (bottom, top) = TO_WEB.transform((west, east), (south, north))
    margin = 0.02 * max(right - left, top - bottom)
    left, right, bottom, top = left - margin, right + margin, bottom - margin, top + margin
    legends = m.legends()
    share = 0.74 if legends else 1.0
    height = np.clip(width * share * (top - bottom) / (right - left), 0.35 * width, 0.85 * width)

    figure = plt.figure(figsize=(width, height), dpi=dpi, layout=None)
    axes = figure.add_axes((0, 0, share, 1), facecolor=SEA)
    axes.set_aspect("equal", adjustable="datalim")
    axes.set_xlim(left, right)
    axes.set_ylim(bottom, top)
    axes.set_autoscale_on(False)
    axes.set(xticks=[], yticks=[])
    for layer in m._children.values():
        _draw(layer, axes)
    axes.apply_aspect()

    latitude = np.radians((south + north) / 2)
    scale_bar(axes, metres_per_unit=float(np.cos(latitude)))
    north_arrow(axes)
    _write_attribution(axes)
    _draw_legends(figure, legends, share)
    # A fine hatch tells the family without changing how light the colour under it looks.
    with plt.rc_context({"hatch.linewidth": 0.5}):
        png = figure_png(figure, dpi=dpi, tight=False)
    plt.close(figure)
    return png


@singledispatch
def _draw(layer: Element, axes: Axes) -> None:
    """Draw nothing: controls, tooltips and tiles of the web have no static face."""


@_draw.register
def _(layer: folium.FeatureGroup, axes: Axes) -> None:
    if layer.show:
        for child in layer._children.values():
            _draw(child, axes)


@_draw.register
def _(layer: folium.GeoJson, axes: Axes) -> None:
    if not layer.show:
        return
    features = [
        feature for feature in layer.data.get("features", [layer.data]) if feature.get("geometry", feature)
    ]
    geometries = np.array([shape(feature.get("geometry", feature)) for feature in features], dtype=object)
    if layer.style:
        given = [layer.style_function(feature) for feature in features]
    else:
        given = [(feature.get("properties") or {}).get("style", {}) for feature in features]
    styles = [complete_style(layer.marker.options if layer.marker else {}, style) for style in given]
    if not isinstance(layer.marker, folium.Circle | folium.CircleMarker):
        pins = shapely.get_dimensions(geometries) == 0
        _draw_pins(geometries[pins], axes)
        geometries, styles = geometries[~pins], [styles[index] for index in np.flatnonzero(~pins)]
    elif isinstance(layer.marker, folium.Circle):
        geometries = [
            _disc(geometry, style["radius"]) if geometry.geom_type == "Point" else geometry
            for geometry, style in zip(geometries, styles, strict=True)
        ]
    background = layer.options.get("pane") == "tilePane"
    draw_paths(geometries, styles, axes, _BACKGROUND if background else _VECTORS)


@_draw.register
def _(layer: folium.raster_layers.ImageOverlay, axes: Axes) -> None:
    if not layer.show:
        return
    (south, west), (north, east) = layer.bounds
    (left, right), (bottom, top) = TO_WEB.transform((west, east), (south, north))
    picture = Image.open(io.BytesIO(base64.b64decode(layer.url.partition(",")[2])))
    axes.imshow(
        np.asarray(picture.convert("RGBA")),
        extent=(left, right, bottom, top),
        alpha=layer.options.get("opacity", 1.0),
        interpolation="nearest" if layer.pixelated else "antialiased",
        zorder=_BACKGROUND - 0.5 if layer.options.get("pane") == "tilePane" else _BACKGROUND,
        aspect="equal",
    )


@_draw.register(folium.Polygon)
@_draw.register(folium.PolyLine)
def _(layer: Any, axes: Axes) -> None:  # noqa: ANN401
    line = np.asarray(layer.locations, dtype=float)[:, ::-1]
    geometry = shapely.Polygon(line) if isinstance(layer, folium.Polygon) else shapely.LineString(line)
    draw_paths([geometry], [complete_style(layer.options)], axes, _VECTORS)


@_draw.register
def _(layer: folium.Rectangle, axes: Axes) -> None:
    (south, west), (north, east) = layer.locations
    draw_paths([shapely.box(west, south, east, north)], [complete_style(layer.options)], axes, _VECTORS)


@_draw.register
def _(layer: folium.Circle, axes: Axes) -> None:
    disc = _disc(shapely.Point(layer.location[::-1]), layer.options["radius"])
    draw_paths([disc], [complete_style(layer.options)], axes, _VECTORS)


@_draw.register
def _(layer: folium.CircleMarker, axes: Axes) -> None:
    draw_paths([shapely.Point(layer.location[::-1])], [complete_style(layer.options)], axes, _VECTORS)


@_draw.register
def _(layer: folium.Marker, axes: Axes) -> None:
    _draw_pins([shapely.Point(layer.location[::-1])], axes)


@_draw.register
def _(layer: PlaceName, axes: Axes) -> None:
    x, y = TO_WEB.transform(layer.location[1], layer.location[0])
    axes.text(
        x, y, layer.text, ha="center", va="center", fontsize=9, fontweight="bold", color="#1a1a1a",
        path_effects=_HALO, zorder=_NAMES, clip_on=True,
    )  # fmt: skip


def _draw_pins(points: Sequence[shapely.Geometry], axes: Axes) -> None:
    x, y = TO_WEB.transform(*shapely.get_coordinates(points).T) if len(points) else ([], [])
    axes.scatter(x, y, marker="v", s=120, color="#0072b2", edgecolors="#222222", zorder=_MARKERS)


def _disc(centre: shapely.Point, metres: float) -> shapely.Polygon:
    """Return the disc of a radius on the ground round a point in degrees, in degrees."""
    around = np.linspace(0, 2 * np.pi, 64, endpoint=False)
    longitude, latitude, _ = Geod(ellps="WGS84").fwd(
        np.full(64, centre.x), np.full(64, centre.y), np.degrees(around), np.full(64, metres)
    )
    return shapely.Polygon(np.column_stack([longitude, latitude]))


def _write_attribution(axes: Axes) -> None:
    axes.text(
        0.995, 0.008, ATTRIBUTION, transform=axes.transAxes, ha="right", va="bottom", fontsize=6,
        color="#333333", path_effects=_HALO, zorder=_NAMES + 1,
    )  # fmt: skip


def _draw_legends(figure: plt.Figure, legends: list[Legend | ColourBar], left: float) -> None:
    top = 0.97
    for legend in legends:
        if isinstance(legend, ColourBar):
            top = _draw_colour_bar(figure, legend, left, top)
        else:
            top = _draw_classes(figure, legend, left, top)


def _draw_classes(figure: plt.Figure, legend: Legend, left: float, top: float) -> float:
    handles = []
    for label, given in legend.items.items():
        style = complete_style({"fillOpacity": 1.0}, given)
        fill, hatch = fill_of(style), HATCHES.get(style.get("hatch", ""))
        handles.append(
            Patch(facecolor=fill, edgecolor=ink_on(fill), hatch=hatch, linewidth=0, label=_wrapped(label))
        )
    box = figure.legend(
        handles=handles, title=_wrapped(legend.title), loc="upper left", bbox_to_anchor=(left + 0.008, top),
        frameon=False, fontsize=8, title_fontproperties={"size": 9, "weight": "bold"},
        alignment="left", borderaxespad=0, handlelength=2.2, handleheight=1.2, labelspacing=0.45,
    )  # fmt: skip
    figure.canvas.draw()
    return box.get_window_extent().transformed(figure.transFigure.inverted()).y0 - 0.04


def _draw_colour_bar(figure: plt.Figure, legend: ColourBar, left: float, top: float) -> float:
    title = figure.text(
        left + 0.015, top, _wrapped(legend.title), ha="left", va="top", fontsize=9, fontweight="bold"
    )
    figure.canvas.draw()
    below = title.get_window_extent().transformed(figure.transFigure.inverted()).y0
    bar = figure.add_axes((left + 0.02, below - 0.34, 0.022, 0.32))
    colours = LinearSegmentedColormap.from_list("legend", legend.colours(), N=64)
    low, high = legend.colormap.vmin, legend.colormap.vmax
    bar.imshow(
        np.linspace(high, low, 256)[:, np.newaxis], cmap=colours, aspect="auto", extent=(0, 1, low, high)
    )
    bar.set_xticks([])
    bar.yaxis.tick_right()
    bar.set_yticks(legend.ticks(), [number(value) for value in legend.ticks()], fontsize=8)
    return below - 0.40


def _wrapped(text: str, width: int = 30) -> str:
    return "\n".join(textwrap.wrap(text, width))
