"""The table of anomalies: one row an anomaly, its geometry where the error is."""

from collections.abc import Iterable, Sequence
from functools import lru_cache

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from pyproj import CRS
from pyproj.exceptions import ProjError

from geoatelier.quality.coordinates import without_unusable
from geoatelier.quality.kinds import KINDS, Level
from geoatelier.quality.layer import Layer

COLUMNS = (
    "fichier", "code", "niveau", "couche", "rang", "objet", "objet_lie", "attribut", "valeur", "message",
    "element_iso", "mesure_iso", "quadogeo", "geometry",
)  # fmt: skip
_INTEGERS = ("rang", "mesure_iso")


def anomalies(
    layer: Layer,
    code: str,
    rows: ArrayLike,
    messages: str | Sequence[str],
    *,
    geometry: Sequence | None = None,
    related: Sequence | None = None,
    attribute: str | None = None,
    values: Sequence | None = None,
    level: Level | None = None,
) -> gpd.GeoDataFrame:
    """One anomaly for each of `rows`.

    Parameters
    ----------
    layer : the layer where they are
    code : a key of `KINDS`
    rows : array of shape (n,), positions in `layer`; a row may come twice
    messages : one French sentence for all, or n of them: what is wrong and what to do
    geometry : n geometries in the coordinates of `layer`; the objects' own when not given
    related : n keys of the other objects concerned
    attribute : the column at fault
    values : n values at fault
    level : when it is not the usual one of this kind

    Returns
    -------
    GeoDataFrame of n rows with `COLUMNS`, in the CRS of `layer`
    """
    rows = np.asarray(rows, dtype=int)
    n = len(rows)
    if not n:
        return no_anomaly(layer)
    kind = KINDS[code]
    if geometry is None:
        geometry = layer.geometries[rows]
    table = {
        "fichier": [layer.file] * n,
        "code": [code] * n,
        "niveau": [level or kind.level] * n,
        "couche": [layer.name] * n,
        "rang": layer.rows[rows],
        "objet": layer.keys[rows],
        "objet_lie": [None] * n if related is None else [str(key) for key in related],
        "attribut": [attribute] * n,
        "valeur": [None] * n if values is None else [_text(value) for value in values],
        "message": [messages] * n if isinstance(messages, str) else list(messages),
    }
    return _frame(table, kind.code, n, geometry, layer.frame.crs)


def layer_anomaly(
    layer: Layer,
    code: str,
    message: str,
    *,
    attribute: str | None = None,
    value: object = None,
    level: Level | None = None,
) -> gpd.GeoDataFrame:
    """One anomaly of the whole layer, with neither row, object nor geometry."""
    table = {
        "fichier": [layer.file],
        "code": [code],
        "niveau": [level or KINDS[code].level],
        "couche": [layer.name],
        "rang": [None],
        "objet": [None],
        "objet_lie": [None],
        "attribut": [attribute],
        "valeur": [_text(value)],
        "message": [message],
    }
    return _frame(table, code, 1, [None], layer.frame.crs)


def no_anomaly(layer: Layer) -> gpd.GeoDataFrame:
    """The empty table, in the CRS of `layer`."""
    return _empty(layer.frame.crs)


def together(tables: Iterable[gpd.GeoDataFrame], crs: CRS | None = None) -> gpd.GeoDataFrame:
    """All rows of `tables`, one after the other, in `crs` (those without a CRS are taken to be in it)."""
    tables = [table for table in tables if len(table)]
    if not tables:
        return _empty(crs)
    if crs is not None:
        tables = [_in_crs(table, crs) for table in tables]
    return gpd.GeoDataFrame(pd.concat(tables, ignore_index=True), geometry="geometry", crs=tables[0].crs)


def _in_crs(table: gpd.GeoDataFrame, crs: CRS) -> gpd.GeoDataFrame:
    """`table` in `crs`, its geometry null where `crs` has no place for it."""
    if table.crs is None:
        return table.set_crs(crs)
    if table.crs == crs:
        return table
    try:
        places = without_unusable(table.geometry.to_crs(crs).to_numpy())
    except ProjError:  # nothing leads from a local system, or that of another planet, to this one
        places = np.full(len(table), None, dtype=object)
    return table.set_geometry(gpd.GeoSeries(places, name="geometry", crs=crs))


@lru_cache
def _empty(crs: CRS | None) -> gpd.GeoDataFrame:
    """Built once for each CRS: most controls find nothing."""
    return _frame({name: [] for name in COLUMNS[:10]}, None, 0, [], crs)


def _frame(
    table: dict[str, object], code: str | None, n: int, geometry: Sequence, crs: object
) -> gpd.GeoDataFrame:
    kind = KINDS.get(code)
    table = table | {
        "element_iso": [kind.element if kind else None] * n,
        "mesure_iso": [kind.measure if kind else None] * n,
        "quadogeo": [kind.quadogeo if kind else None] * n,
    }
    columns = {
        name: pd.array(values, dtype="Int64") if name in _INTEGERS else pd.array(list(values), dtype="str")
        for name, values in table.items()
    }
    return gpd.GeoDataFrame(columns, geometry=gpd.GeoSeries(list(geometry), dtype="geometry", crs=crs))


def _text(value: object) -> str | None:
    return None if value is None or (np.isscalar(value) and pd.isna(value)) else str(value)
