"""Slivers and micro-polygons given to their neighbour; those that have none are listed."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geoatelier.quality.layer import Layer
from geoatelier.quality.repair.borders import annexed, longest_border
from geoatelier.quality.repair.frames import layer_to_repair, require_metres, with_geometries
from geoatelier.quality.repair.log import TITLES, Repaired, entries, joined
from geoatelier.quality.wording import area, quote

_NAME = "merge_slivers"


def merge_slivers(
    frame: gpd.GeoDataFrame, *, max_area: float | None = None, min_width: float = 0.5
) -> Repaired:
    """Objects too small or too thin to be real, merged into the neighbour with the longest common border.

    The total area is kept. An object with no neighbour is left as it was and listed. The attributes of the
    neighbour are kept, those of the sliver are lost with it.

    Parameters
    ----------
    max_area : m², below which an object is a micro-area; that of its profile when not given
    min_width : m; diameter of the largest circle that fits, below which an object is a sliver

    Raises
    ------
    ValueError
        If the coordinates are not in metres.
    """
    layer = layer_to_repair(frame)
    require_metres(layer, TITLES[_NAME])
    usable = layer.polygonal & shapely.is_valid(layer.geometries)
    small = usable & _too_small(layer, usable, max_area, min_width)
    polygons = np.where(usable & ~small, layer.geometries, None)
    host = np.full(len(frame), -1)
    left = np.flatnonzero(small)
    while len(left):  # a sliver behind another one touches its host only once that one is merged
        best, _ = longest_border(layer.geometries[left], polygons)
        merged, target = left[best >= 0], best[best >= 0]
        if not len(merged):
            break
        host[merged] = target
        for row, into in zip(merged, target, strict=True):
            polygons[into] = annexed(polygons[into], layer.geometries[row])
        left = left[best < 0]
    gone = host >= 0
    grown = np.unique(host[gone])
    geometries = layer.geometries.copy()
    geometries[grown] = polygons[grown]
    repaired = with_geometries(frame, geometries)[~gone]
    return Repaired(repaired, _log(layer, geometries, np.flatnonzero(gone), host[gone], grown, left))


def _too_small(
    layer: Layer, usable: NDArray[np.bool_], max_area: float | None, min_width: float
) -> NDArray[np.bool_]:
    """True for polygons that are below `max_area`, or in which no circle as wide as `min_width` fits."""
    surface = shapely.area(layer.geometries)
    small = surface < (layer.profile.smallest_area if max_area is None else max_area)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean_width = 2 * surface / shapely.length(layer.geometries)
    thin = np.flatnonzero(usable & (mean_width < min_width) & (surface > 0))
    circles = shapely.maximum_inscribed_circle(layer.geometries[thin], tolerance=0.01)
    small[thin[2 * shapely.length(circles) < min_width]] = True
    return small


def _log(
    layer: Layer,
    geometries: NDArray[np.object_],
    merged: NDArray[np.int64],
    host: NDArray[np.int64],
    grown: NDArray[np.int64],
    left: NDArray[np.int64],
) -> pd.DataFrame:
    surface, name = shapely.area(layer.geometries), layer.frame.geometry.name
    gone = entries(
        layer,
        _NAME,
        merged,
        [f"{area(surface[row])}, fondus dans {quote(layer.keys[into])} (ligne {layer.rows[into]}), "
         "le voisin de plus longue limite commune." for row, into in zip(merged, host, strict=True)],
        before=layer.keys[merged],
        after=layer.keys[host],
        area_before=surface[merged],
        area_after=np.zeros(len(merged)),
        state="retiré",
    )  # fmt: skip
    taken = entries(
        layer,
        _NAME,
        grown,
        "L'objet reçoit le sol de ses micro-surfaces voisines.",
        attribute=name,
        area_before=surface[grown],
        area_after=shapely.area(geometries[grown]),
    )
    alone = entries(
        layer,
        _NAME,
        left,
        "Trop petit ou trop mince pour être réel, mais sans voisin à qui le donner : "
        "vérifiez-le, puis écartez-le en le notant.",
        attribute=name,
        area_before=surface[left],
        area_after=surface[left],
        state="à décider",
    )
    return joined([gone, taken, alone])
