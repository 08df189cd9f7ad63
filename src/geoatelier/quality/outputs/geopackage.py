"""A report as a GeoPackage that opens over the data in QGIS: styled, with names for people, indexed."""

import datetime as dt
import sqlite3
import warnings
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
from pyogrio.errors import DataSourceError

from geoatelier.qgis_files import DATA_COLUMNS, SCHEMA_EXTENSION, STYLES, STYLES_TABLE, add_style
from geoatelier.quality.outputs import rows
from geoatelier.quality.outputs.places import has_place
from geoatelier.quality.outputs.qgis import LEVEL_SYMBOLS, Symbol, qml
from geoatelier.quality.report import Report
from geoatelier.quality.wording import quote
from geoatelier.safely import UnwritableOutput, new_file

_GEOMETRY = "geom"
# Of what QGIS has read without a warning since 2021; read when the file is made, not when a layer is added.
_DATASET = {"VERSION": "1.3"}
# By dimension of the geometry: end of the layer's name, type in the file, kind of symbol in QGIS.
_SHAPES = (("points", "Point", "marker"), ("lignes", "LineString", "line"), ("surfaces", "Polygon", "fill"))

_TABLES = f"""
{DATA_COLUMNS}
CREATE TABLE IF NOT EXISTS gpkg_extensions (
    table_name TEXT,
    column_name TEXT,
    extension_name TEXT NOT NULL,
    definition TEXT NOT NULL,
    scope TEXT NOT NULL,
    CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name)
);
{STYLES}
INSERT INTO gpkg_contents (table_name, data_type, identifier, description)
    VALUES ('{STYLES_TABLE}', 'attributes', '{STYLES_TABLE}', 'Styles QGIS des couches');
"""


def write_geopackage(report: Report, path: str | Path, *, overwrite: bool = False) -> Path:
    """Write a report to a GeoPackage, in the system of coordinates of its anomalies (or without any).

    Layers `anomalies_points`, `anomalies_lignes` and `anomalies_surfaces` exist when they have rows; the
    tables `anomalies_sans_lieu`, `controle`, `couches`, `mesures` always do, `fichiers_non_lus` when there
    are some. Heights are left out: a place on a map is what an anomaly needs.

    Raises
    ------
    ValueError
        If `path` does not end in .gpkg.
    UnwritableOutput
        See `new_file`.
    """
    tables = {
        "controle": rows.verdict_rows(report),
        "couches": rows.layer_rows(report),
        "mesures": rows.measure_rows(report),
    }
    if report.unread:
        tables["fichiers_non_lus"] = rows.unread_rows(report)
    anomalies = rows.anomaly_rows(report.anomalies)
    return write_places(path, anomalies, tables, "niveau", LEVEL_SYMBOLS, overwrite=overwrite)


def write_places(
    path: str | Path,
    places: gpd.GeoDataFrame,
    tables: Mapping[str, pd.DataFrame],
    attribute: str,
    symbols: Mapping[str, Symbol],
    *,
    prefix: str = "anomalies",
    aliases: Mapping[str, str] = rows.ALIASES,
    overwrite: bool = False,
) -> Path:
    """Write `places` as one layer a dimension, those that have no place as a table, then `tables`.

    Parameters
    ----------
    places : rows with points, lines, surfaces or nothing
    tables : name to table without geometry
    attribute, symbols : column of `places` that decides the symbol, and value to symbol
    prefix : start of the names of the layers: prefix_points, prefix_lignes, prefix_surfaces, prefix_sans_lieu
    aliases : column to the name that people read
    """
    path = Path(path)
    if path.suffix.lower() != ".gpkg":
        raise ValueError(f"Donnez un nom de fichier en .gpkg, et non {quote(path.name)}.")
    placed = has_place(places.geometry.to_numpy())
    dimensions = np.where(placed, shapely.get_dimensions(places.geometry.to_numpy()), -1)
    styles = {}
    with new_file(path, overwrite=overwrite) as file:
        try:
            for dimension, (ending, kind, symbol) in enumerate(_SHAPES):
                layer = f"{prefix}_{ending}"
                if (dimensions == dimension).any():
                    _write_layer(file, layer, places[dimensions == dimension], dimension, kind)
                    styles[layer] = qml(symbol, attribute, symbols, aliases)
            placeless = pd.DataFrame(places[~placed].drop(columns=places.geometry.name))
            for name, table in {f"{prefix}_sans_lieu": placeless, **tables}.items():
                _write(file, table, name)
            _describe(file, [*styles, f"{prefix}_sans_lieu"], places.columns, aliases, styles)
        except (DataSourceError, sqlite3.OperationalError) as error:
            raise UnwritableOutput(
                f"Impossible d'écrire {quote(path.name)} : le disque est plein, ou ne se laisse pas écrire. "
                "Libérez de la place, ou choisissez un autre dossier."
            ) from error
    return path


def _write_layer(file: Path, layer: str, table: gpd.GeoDataFrame, dimension: int, kind: str) -> None:
    geometries = shapely.force_2d(table.geometry.to_numpy())
    collections = np.flatnonzero(shapely.get_type_id(geometries) == shapely.GeometryType.GEOMETRYCOLLECTION)
    for i in collections:
        geometries[i] = _largest_parts(geometries[i], dimension)
    several = dimension > 0 or (shapely.get_type_id(geometries) == shapely.GeometryType.MULTIPOINT).any()
    _write(
        file,
        table.set_geometry(gpd.GeoSeries(geometries, index=table.index, crs=table.crs)),
        layer,
        geometry_type=f"Multi{kind}" if several else kind,
        promote_to_multi=bool(several),
        layer_options={"GEOMETRY_NAME": _GEOMETRY, "SPATIAL_INDEX": "YES"},
    )


def _largest_parts(collection: shapely.Geometry, dimension: int) -> shapely.Geometry:
    """What a collection holds of its highest dimension: a layer has one type only."""
    parts = np.array([collection], dtype=object)
    while (shapely.get_type_id(parts) >= shapely.GeometryType.MULTIPOINT).any():
        parts = shapely.get_parts(parts)
    make = (shapely.multipoints, shapely.multilinestrings, shapely.multipolygons)[dimension]
    return make(parts[shapely.get_dimensions(parts) == dimension])


def _write(file: Path, table: pd.DataFrame, layer: str, **options: object) -> None:
    with warnings.catch_warnings():
        # A report without a system of coordinates is what it says; nothing is missing from the file.
        warnings.filterwarnings("ignore", message="'crs' was not provided")
        pyogrio.write_dataframe(
            table, file, layer=layer, driver="GPKG", append=file.exists(), dataset_options=_DATASET, **options
        )


def _describe(
    file: Path, layers: list[str], columns: pd.Index, aliases: Mapping[str, str], styles: Mapping[str, str]
) -> None:
    """Give columns the names that people read, and layers their style."""
    named = [(layer, column, aliases[column]) for layer in layers for column in columns if column in aliases]
    with closing(sqlite3.connect(file)) as database, database:
        database.executescript(_TABLES)
        database.execute(
            "INSERT INTO gpkg_extensions VALUES ('gpkg_data_columns', NULL, ?, ?, ?)", SCHEMA_EXTENSION
        )
        database.executemany(
            "INSERT INTO gpkg_data_columns (table_name, column_name, name, title) VALUES (?1, ?2, ?3, ?3)",
            named,
        )
        now = f"{dt.datetime.now(dt.UTC):%Y-%m-%dT%H:%M:%S.000Z}"
        for layer, document in styles.items():
            add_style(database, layer, _GEOMETRY, layer, document, "Style de GéoAtelier", now)
