"""Geometries drawn by matplotlib as Leaflet draws them, from the same path options."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import shapely
from folium.utilities import camelize
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.colors import is_color_like, to_rgba
from matplotlib.path import Path
from numpy.typing import NDArray
from PIL import ImageColor
from pyproj import Transformer

# What Leaflet draws a path with when it is told nothing.
PATH_DEFAULTS = {
    "stroke": True,
    "color": "#3388ff",
    "weight": 3,
    "opacity": 1.0,
    "fillOpacity": 0.2,
    "radius": 10,
}
HATCHES = {"/": "///", "-": "---", ".": "..."}
PIXEL = 0.75  # a CSS pixel, in points
TO_WEB = Transformer.from_crs("EPSG:4326", "EPSG:3857", always_xy=True)


def draw_paths(
    geometries: Sequence[shapely.Geometry], styles: Sequence[Mapping[str, Any]], axes: Axes, zorder: float
) -> None:
    """Draw geometries in degrees on axes in web Mercator metres, each in its style.

    Parameters
    ----------
    geometries : any geometries, longitude first
    styles : complete styles, as `complete_style` returns
    axes, zorder : where
    """
    parts, owner = shapely.get_parts(np.asarray(geometries, dtype=object), return_index=True)
    parts = shapely.transform(parts, TO_WEB.transform, interleaved=False)
    dimensions = shapely.get_dimensions(parts)
    for dimension, drawer in ((2, _draw_polygons), (1, _draw_lines), (0, _draw_points)):
        chosen = dimensions == dimension
        if chosen.any():
            drawer(parts[chosen], [styles[index] for index in owner[chosen]], axes, zorder)


def complete_style(*given: Mapping[str, Any]) -> dict[str, Any]:
    """Return Leaflet's default style changed by each of the given ones in turn, in either spelling."""
    style = dict(PATH_DEFAULTS)
    for options in given:
        style |= {camelize(key): value for key, value in options.items() if value is not None}
    return style


def fill_of(style: Mapping[str, Any]) -> tuple[float, float, float, float]:
    """Return the RGBA of the inside of a style."""
    if style.get("fill") is False:
        return (0, 0, 0, 0)
    return _rgba(style.get("fillColor") or style["color"], style["fillOpacity"])


def ink_on(fill: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    """Return the RGBA of a hatch that shows over a colour."""
    luminance = 0.299 * fill[0] + 0.587 * fill[1] + 0.114 * fill[2]
    return (1, 1, 1, 0.75) if luminance < 0.5 else (0.2, 0.2, 0.2, 0.75)


def _draw_polygons(
    polygons: NDArray[np.object_], styles: list[Mapping[str, Any]], axes: Axes, zorder: float
) -> None:
    outlines = [_path(polygon) for polygon in polygons]
    fills = [fill_of(style) for style in styles]
    axes.add_collection(
        PathCollection(
            outlines,
            facecolors=fills,
            edgecolors=[_stroke(style) for style in styles],
            linewidths=[_width(style) for style in styles],
            linestyles=[_dashes(style) for style in styles],
            zorder=zorder,
        ),
        autolim=False,
    )
    hatched: dict[tuple, list[Path]] = {}
    for outline, style, fill in zip(outlines, styles, fills, strict=True):
        if hatch := HATCHES.get(style.get("hatch", "")):
            hatched.setdefault((hatch, ink_on(fill)), []).append(outline)
    for (hatch, ink), paths in hatched.items():
        collection = PathCollection(
            paths, facecolors="none", edgecolors=[ink], linewidths=0, hatch=hatch, zorder=zorder
        )
        axes.add_collection(collection, autolim=False)


def _draw_lines(
    lines: NDArray[np.object_], styles: list[Mapping[str, Any]], axes: Axes, zorder: float
) -> None:
    collection = LineCollection(
        [shapely.get_coordinates(line) for line in lines],
        colors=[_stroke(style) for style in styles],
        linewidths=[_width(style) for style in styles],
        linestyles=[_dashes(style) for style in styles],
        zorder=zorder,
        capstyle="round",
    )
    axes.add_collection(collection, autolim=False)


def _draw_points(
    points: NDArray[np.object_], styles: list[Mapping[str, Any]], axes: Axes, zorder: float
) -> None:
    axes.scatter(
        shapely.get_x(points),
        shapely.get_y(points),
        s=[(2 * style["radius"] * PIXEL) ** 2 for style in styles],
        facecolors=[fill_of(style) for style in styles],
        edgecolors=[_stroke(style) for style in styles],
        linewidths=[_width(style) for style in styles],
        zorder=zorder,
    )


def _path(polygon: shapely.Polygon) -> Path:
    rings = [Path(ring.coords, closed=True) for ring in (polygon.exterior, *polygon.interiors)]
    return Path.make_compound_path(*rings)


def _stroke(style: Mapping[str, Any]) -> tuple[float, float, float, float]:
    return _rgba(style["color"], style["opacity"]) if style["stroke"] else (0, 0, 0, 0)


def _width(style: Mapping[str, Any]) -> float:
    return style["weight"] * PIXEL if style["stroke"] else 0


def _dashes(style: Mapping[str, Any]) -> str | tuple[float, list[float]]:
    """Turn dashes in CSS pixels into matplotlib's, which counts in line widths."""
    text = style.get("dashArray")
    if not text:
        return "solid"
    width = max(_width(style), 0.1)
    return 0, [float(value) * PIXEL / width for value in str(text).replace(",", " ").split()]


def _rgba(css: str, opacity: float) -> tuple[float, float, float, float]:
    if not is_color_like(css):
        css = tuple(value / 255 for value in ImageColor.getcolor(css, "RGBA"))
    red, green, blue, alpha = to_rgba(css)
    return red, green, blue, alpha * opacity
