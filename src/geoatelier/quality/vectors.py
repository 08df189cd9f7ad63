"""Read a vector file through GDAL or pyarrow: at once when it is small, in batches when it is not."""

import json
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely

from geoatelier.quality.source import Batch, Source

LARGE = 48 * 2**20  # bytes of a file above which its layers are read in batches
_BATCH_BYTES = 10 * 2**20
_MOST_ROWS = 50_000
_QGIS_TABLES = ("layer_styles", "qgis_projects")


def gdal_sources(place: str, size: int, layer: str | None = None) -> Iterator[Source]:
    """Layers of a dataset that GDAL opens, tables without geometry included.

    Parameters
    ----------
    place : path, or `/vsizip/…`
    size : bytes of the file, once out of its archive
    layer : the only one wanted
    """
    with _without_warnings():
        layers = pyogrio.list_layers(place)
    for name, kind in layers:
        if name in _QGIS_TABLES or layer not in (None, name):
            continue
        if size <= LARGE:
            frame = _read_at_once(place, name)
            spatial = kind is not None and isinstance(frame, gpd.GeoDataFrame)
            yield Source.of(name, Batch(_with_geometry(frame)), spatial=spatial)
        else:
            yield _large_source(place, name, size, spatial=kind is not None)


def parquet_source(path: Path) -> Source:
    """The layer of a GeoParquet file, or the table of a Parquet file without geometry."""
    import pyarrow.parquet as pq

    file = pq.ParquetFile(path)
    described = json.loads((file.schema_arrow.metadata or {}).get(b"geo", b"null"))
    if described is None:
        frame = _with_geometry(file.read().to_pandas())
        return Source.of(path.stem, Batch(frame), spatial=False)
    main = described["primary_column"]
    column = described["columns"][main]
    rows = file.metadata.num_rows
    if rows <= _MOST_ROWS or column.get("encoding", "WKB") != "WKB":
        with _without_warnings():
            return Source.of(path.stem, Batch(gpd.read_parquet(path)))
    # GeoParquet: a CRS that is not written is longitude and latitude, one written null is unknown.
    crs = column.get("crs", "OGC:CRS84")

    def batches() -> Iterator[Batch]:
        for table in pq.ParquetFile(path).iter_batches(_rows_a_batch(path.stat().st_size * 3, rows)):
            yield _from_arrow(table, main, crs)

    return Source(path.stem, batches, rows)


def _large_source(place: str, name: str, size: int, *, spatial: bool) -> Source:
    information = pyogrio.read_info(place, layer=name, force_feature_count=True)
    rows = int(information["features"])
    if rows <= 0:
        return Source.of(name, Batch(_with_geometry(_read_at_once(place, name))), spatial=spatial)

    def batches() -> Iterator[Batch]:
        with pyogrio.open_arrow(
            place, layer=name, use_pyarrow=True, batch_size=_rows_a_batch(size, rows)
        ) as (description, reader):
            column = description["geometry_name"] or "wkb_geometry"
            for table in reader:
                yield _from_arrow(table, column if spatial else None, description["crs"])

    return Source(name, batches, rows, spatial)


def _rows_a_batch(size: int, rows: int) -> int:
    return int(np.clip(_BATCH_BYTES * rows / max(size, 1), 100, _MOST_ROWS))


@contextmanager
def _without_warnings() -> Iterator[None]:
    """What GDAL and GEOS say in English of a damaged file, the controls say in French."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _read_at_once(place: str, name: str) -> pd.DataFrame:
    with _without_warnings():
        # A GeoPackage says how many objects it has, and may be wrong: with a filter GDAL counts them.
        every = "1 = 1" if place.lower().endswith(".gpkg") else None
        return pyogrio.read_dataframe(place, layer=name, on_invalid="warn", where=every)


def _from_arrow(table: object, column: str | None, crs: object) -> Batch:
    """Rows of an Arrow record batch, geometries given as WKB; what cannot be decoded is None."""
    if column is None:
        return Batch(_with_geometry(table.to_pandas(date_as_object=False)))
    encoded = table.column(column).to_numpy(zero_copy_only=False)
    with _without_warnings():
        geometries = shapely.from_wkb(encoded, on_invalid="ignore")
    values = table.drop_columns([column]).to_pandas(date_as_object=False)
    encoded[shapely.is_missing(geometries)] = None
    return Batch(gpd.GeoDataFrame(values, geometry=geometries, crs=crs), encoded=encoded)


def _with_geometry(frame: pd.DataFrame) -> gpd.GeoDataFrame:
    if isinstance(frame, gpd.GeoDataFrame):
        return frame
    return gpd.GeoDataFrame(frame, geometry=[None] * len(frame))
