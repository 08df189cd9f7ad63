"""Whether two folders hold the same territory: the same features, pixels and texts, whatever their bytes."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pandas as pd
import pyogrio
import rasterio
import shapely

from geoatelier.territory.files import CATALOGUE

# Two machines may round the last digit of a computation otherwise, and a pixel then falls on the other side
# of a rounding: coordinates may differ by this many metres, and this share of the pixels may differ.
METRES = 1e-3
PIXELS = 1e-4
# Parts of a shapefile that its .shp opens.
_OPENED_BY_ANOTHER = {".shx", ".dbf"}
_DESCRIPTIONS = ("gpkg_data_columns", "gpkg_data_column_constraints", "layer_styles")


def same_content(folder_a: Path, folder_b: Path) -> list[str]:
    """What two folders differ by, one line a difference; nothing where their content is the same.

    Vectors are compared by layers, fields, attributes and geometries, rasters by georeferencing, tags and
    pixels, the others by text. Sizes of files are not content.
    """
    names_a, names_b = (_names(folder) for folder in (folder_a, folder_b))
    differences = [f"{name}: only in {folder_a}" for name in sorted(names_a - names_b)]
    differences += [f"{name}: only in {folder_b}" for name in sorted(names_b - names_a)]
    for name in sorted(names_a & names_b):
        differences += [f"{name}: {line}" for line in _compare(folder_a / name, folder_b / name)]
    return differences


def _names(folder: Path) -> set[str]:
    return {file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file()}


def _compare(a: Path, b: Path) -> Iterator[str]:
    if a.suffix in (".gpkg", ".shp", ".geojson"):
        yield from _compare_vectors(a, b)
    elif a.suffix == ".tif":
        yield from _compare_rasters(a, b)
    elif a.name == CATALOGUE:
        if _catalogue(a) != _catalogue(b):
            yield "other catalogue"
    elif a.suffix not in _OPENED_BY_ANOTHER and a.read_bytes() != b.read_bytes():
        yield "other text"


def _compare_vectors(a: Path, b: Path) -> Iterator[str]:
    layers_a, layers_b = pyogrio.list_layers(a), pyogrio.list_layers(b)
    if layers_a.tolist() != layers_b.tolist():
        yield f"layers {layers_a.tolist()} and {layers_b.tolist()}"
        return
    for layer, geometry in layers_a.tolist():
        one, other = (_read(path, layer, spatial=geometry is not None) for path in (a, b))
        yield from (f"{layer}: {line}" for line in _compare_tables(one, other))
    if a.suffix == ".gpkg" and _descriptions(a) != _descriptions(b):
        yield "other aliases, lists of values or styles"


def _read(path: Path, layer: str, *, spatial: bool) -> pd.DataFrame:
    return pyogrio.read_dataframe(path, layer=layer, read_geometry=spatial, on_invalid="warn")


def _compare_tables(a: pd.DataFrame, b: pd.DataFrame) -> Iterator[str]:
    if list(a.columns) != list(b.columns) or list(a.dtypes) != list(b.dtypes):
        yield "other columns or types"
        return
    if len(a) != len(b):
        yield f"{len(a)} and {len(b)} features"
        return
    for name in a.columns:
        one, other = a[name], b[name]
        if name == "geometry":
            if a.crs != b.crs:
                yield f"systems {a.crs} and {b.crs}"
            apart = ~_same_shapes(one.to_numpy(), other.to_numpy())
        elif pd.api.types.is_float_dtype(one):
            apart = ~np.isclose(one.to_numpy(), other.to_numpy(), rtol=1e-9, atol=METRES, equal_nan=True)
        else:
            apart = ~((one == other) | (one.isna() & other.isna())).to_numpy(dtype=bool)
        if apart.any():
            yield f"{name} differs in {int(apart.sum())} features, first in row {int(np.argmax(apart))}"


def _same_shapes(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    missing_a, missing_b = shapely.is_missing(a), shapely.is_missing(b)
    return np.where(missing_a | missing_b, missing_a & missing_b, shapely.equals_exact(a, b, METRES))


def _descriptions(path: Path) -> dict[str, list[tuple]]:
    """Rows of the tables that describe layers and columns, for those that the file has."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        held = {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        tables = {"gpkg_contents": "table_name, data_type, identifier, description"}
        tables |= {name: "*" for name in _DESCRIPTIONS if name in held}
        return {
            name: sorted(database.execute(f"SELECT {what} FROM {name}"), key=repr)
            for name, what in tables.items()
        }


def _compare_rasters(a: Path, b: Path) -> Iterator[str]:
    with rasterio.open(a) as one, rasterio.open(b) as other:
        for name in ("shape", "count", "dtypes", "crs", "transform", "nodata", "descriptions", "units"):
            if getattr(one, name) != getattr(other, name):
                yield f"{name} {getattr(one, name)} and {getattr(other, name)}"
                return
        if one.tags() != other.tags():
            yield "other tags"
        pixels_a, pixels_b = one.read(), other.read()
    if np.issubdtype(pixels_a.dtype, np.floating):
        apart = ~np.isclose(pixels_a, pixels_b, rtol=0, atol=METRES, equal_nan=True)
    else:
        apart = pixels_a != pixels_b
    if apart.mean() > PIXELS:
        yield f"{int(apart.sum())} pixels differ"


def _catalogue(path: Path) -> dict:
    catalogue = json.loads(path.read_text(encoding="utf-8"))
    for resource in catalogue["resources"]:
        resource.pop("bytes")
    return catalogue
