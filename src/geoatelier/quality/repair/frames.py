"""What every repair does with a frame: look at it as a layer, and make a new one with other values."""

from collections.abc import Hashable, Mapping
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import ArrayLike, NDArray

from geoatelier.quality.layer import Layer, layer_of
from geoatelier.quality.wording import quote

_WEB_MERCATOR = 3857


def layer_to_repair(frame: gpd.GeoDataFrame) -> Layer:
    """`frame` as a layer whose rows are known by their index: their position in the source.

    Raises
    ------
    TypeError
        If `frame` is not a GeoDataFrame.
    ValueError
        If it has no active geometry, or an index that is not made of distinct whole numbers.
    """
    if not isinstance(frame, gpd.GeoDataFrame):
        raise TypeError(
            f"Donnez un GeoDataFrame, comme celui que rend `gpd.read_file`. Vous avez donné : "
            f"{type(frame).__name__}."
        )
    if frame._geometry_column_name not in frame.columns:
        raise ValueError(
            "Ce GeoDataFrame n'a pas de colonne de géométrie active. "
            'Désignez-la avec `.set_geometry("nom_de_la_colonne")`.'
        )
    if not (pd.api.types.is_integer_dtype(frame.index) and frame.index.is_unique):
        raise ValueError(
            "L'index doit donner le rang de chaque ligne : des entiers, tous différents. "
            "Appelez `.reset_index()` avant de réparer."
        )
    return replace(layer_of(frame), rows=frame.index.to_numpy())


def with_geometries(frame: gpd.GeoDataFrame, geometries: NDArray[np.object_]) -> gpd.GeoDataFrame:
    """A copy of `frame` with other geometries, of shape (n,), in the same CRS."""
    return frame.assign(**{frame.geometry.name: gpd.GeoSeries(geometries, index=frame.index, crs=frame.crs)})


def with_columns(frame: gpd.GeoDataFrame, columns: Mapping[Hashable, pd.Series]) -> gpd.GeoDataFrame:
    """A copy of `frame` where some columns hold other values."""
    frame = frame.copy()
    for name, values in columns.items():
        frame[name] = values
    return frame


def with_values(values: pd.Series, rows: ArrayLike, new: ArrayLike) -> pd.Series:
    """A copy of a column with `new` values at positions `rows`; a category learns the values it lacks."""
    values = values.copy()
    new = list(new)
    if isinstance(values.dtype, pd.CategoricalDtype):
        known = set(values.cat.categories)
        values = values.cat.add_categories(sorted({value for value in new if value not in known}))
    values.iloc[np.asarray(rows, dtype=int)] = new
    return values


def in_metres(layer: Layer) -> bool:
    """Whether areas computed from the coordinates are square metres."""
    crs = layer.frame.crs
    return bool(
        crs is not None
        and crs.is_projected
        and crs.to_epsg() != _WEB_MERCATOR
        and all(axis.unit_conversion_factor == 1 for axis in crs.axis_info[:2])
    )


def require_metres(layer: Layer, operation: str) -> None:
    """Raise ValueError, in French, when the coordinates of `layer` are not in metres."""
    if in_metres(layer):
        return
    if layer.frame.crs is None:
        raise ValueError(
            f"{quote(operation)} mesure en mètres, et la couche n'a pas de système de coordonnées. "
            "Donnez-le d'abord : `set_right_crs(couche, crs=2154)`."
        )
    raise ValueError(
        f"{quote(operation)} mesure en mètres, et les coordonnées n'y sont pas. "
        "Reprojetez la couche (`.to_crs(2154)` en métropole)."
    )


def areas(layer: Layer, geometries: NDArray[np.object_]) -> NDArray[np.float64]:
    """Areas in m², nan when coordinates are not in metres or for what is not a polygon."""
    if not in_metres(layer):
        return np.full(len(geometries), np.nan)
    return np.where(shapely.get_dimensions(geometries) == 2, shapely.area(geometries), np.nan)
