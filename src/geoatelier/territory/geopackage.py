"""The GeoPackage of the territory, made to open well in QGIS: titles, aliases, lists of values, styles."""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path

import geopandas as gpd

from geoatelier.qgis_files import DATA_COLUMNS, SCHEMA_EXTENSION, STYLES_TABLE, UNDATED_STYLES, add_style
from geoatelier.territory.schemas import COVER_CODES, CROPS, LAYERS, USE_CODES, Column, Layer
from geoatelier.territory.styles import qml
from geoatelier.territory.texts import TEXTS
from geoatelier.territory.vector import FROZEN_DAY, write_vector
from geoatelier.territory.world import CRS

GEOMETRY_COLUMN = "geom"

# What codes mean, for those that do not speak for themselves.
MEANINGS = {code: name for code, (_, name) in CROPS.items()} | COVER_CODES | USE_CODES

_TABLES = f"""
{DATA_COLUMNS}
CREATE TABLE gpkg_data_column_constraints (
    constraint_name TEXT NOT NULL,
    constraint_type TEXT NOT NULL,
    value TEXT,
    min NUMERIC,
    min_is_inclusive BOOLEAN,
    max NUMERIC,
    max_is_inclusive BOOLEAN,
    description TEXT,
    CONSTRAINT gdcc_ntv UNIQUE (constraint_name, constraint_type, value)
);
{UNDATED_STYLES}
"""
_LAST_CHANGE = f"{FROZEN_DAY}T00:00:00.000Z"


def write_geopackage(path: Path, layers: Mapping[str, gpd.GeoDataFrame]) -> None:
    """Write the layers of the territory, in the order and with the columns of `schemas.LAYERS`.

    Parameters
    ----------
    path : file to write; it must not exist
    layers : one table a layer of `schemas.LAYERS`, by name, EPSG:2154

    Raises
    ------
    ValueError
        If a layer or a column is missing, or a layer is in another system of coordinates.
    """
    if missing := set(LAYERS) - set(layers):
        raise ValueError(f"layers missing: {', '.join(sorted(missing))}")
    for name, schema in LAYERS.items():
        _write_layer(path, schema, layers[name])
    with closing(sqlite3.connect(path)) as database, database:
        database.executescript(_TABLES)
        _declare_extension(database)
        for schema in LAYERS.values():
            _describe_columns(database, schema)
            about = f"Style par défaut\u00a0: {schema.title}"
            add_style(database, schema.name, GEOMETRY_COLUMN, schema.title, qml(schema), about, _LAST_CHANGE)


def conform(table: gpd.GeoDataFrame, schema: Layer) -> gpd.GeoDataFrame:
    """The columns of the schema, in its order, then the geometry.

    Raises
    ------
    ValueError
        If a column is missing, or the table is not in Lambert-93.
    """
    names = [column.name for column in schema.columns]
    if missing := set(names) - set(table.columns):
        raise ValueError(f"{schema.name}: columns missing: {', '.join(sorted(missing))}")
    if table.crs is None or table.crs.to_epsg() != 2154:
        raise ValueError(f"{schema.name}: expected {CRS}, found {table.crs}")
    return gpd.GeoDataFrame(table[names], geometry=table.geometry.array, crs=CRS)


def _write_layer(path: Path, schema: Layer, table: gpd.GeoDataFrame) -> None:
    write_vector(
        conform(table, schema),
        path,
        driver="GPKG",
        layer=schema.name,
        geometry_type=schema.geometry,
        dates=[column.name for column in schema.columns if column.kind == "date"],
        append=path.exists(),
        layer_options={
            "GEOMETRY_NAME": GEOMETRY_COLUMN,
            "IDENTIFIER": schema.title,
            "DESCRIPTION": TEXTS[schema.name].summary,
            "SPATIAL_INDEX": "YES",
        },
    )


def _declare_extension(database: sqlite3.Connection) -> None:
    rows = [
        (table, None, *SCHEMA_EXTENSION) for table in ("gpkg_data_columns", "gpkg_data_column_constraints")
    ]
    database.executemany("INSERT INTO gpkg_extensions VALUES (?, ?, ?, ?, ?)", rows)
    database.execute(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, last_change)"
        " VALUES (?, 'attributes', ?, 'Styles QGIS des couches', ?)",
        (STYLES_TABLE, STYLES_TABLE, _LAST_CHANGE),
    )


def _describe_columns(database: sqlite3.Connection, schema: Layer) -> None:
    for column in schema.columns:
        values = list(_permitted(column))
        constraint = f"{schema.name}_{column.name}" if values else None
        database.execute(
            "INSERT INTO gpkg_data_columns VALUES (?, ?, ?, ?, ?, NULL, ?)",
            (schema.name, column.name, column.alias, column.alias, describe(column), constraint),
        )
        database.executemany(
            "INSERT INTO gpkg_data_column_constraints (constraint_name, constraint_type, value, description)"
            " VALUES (?, 'enum', ?, ?)",
            [(constraint, value, meaning) for value, meaning in values],
        )


def describe(column: Column) -> str:
    """One French sentence on a column: what it is, its unit, whether it can be empty."""
    unit = f", en {column.unit}" if column.unit else ""
    empty = "peut être vide" if column.nullable else "toujours renseigné"
    return f"{column.alias}{unit}\u00a0; {empty}."


def _permitted(column: Column) -> Iterator[tuple[str, str]]:
    for value in column.domain or ():
        yield value, MEANINGS.get(value, value)
