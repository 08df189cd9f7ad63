"""The GeoPackage of the territory, made to open well in QGIS: titles, aliases, lists of values, styles.

References
----------
OGC GeoPackage 1.3, 12-128r18: annex F.9 for the schema extension (`gpkg_data_columns`). The table
`layer_styles` is the convention of QGIS.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path

import geopandas as gpd

from geoatelier.territory.schemas import COVER_CODES, CROPS, LAYERS, USE_CODES, Column, Layer
from geoatelier.territory.styles import qml
from geoatelier.territory.texts import TEXTS
from geoatelier.territory.vector import FROZEN_DAY, write_vector
from geoatelier.territory.world import CRS

GEOMETRY_COLUMN = "geom"
STYLES_TABLE = "layer_styles"

# What codes mean, for those that do not speak for themselves.
MEANINGS = {code: name for code, (_, name) in CROPS.items()} | COVER_CODES | USE_CODES

_SCHEMA_DEFINITION = "http://www.geopackage.org/spec/#extension_schema"

_TABLES = f"""
CREATE TABLE gpkg_data_columns (
    table_name TEXT NOT NULL,
    column_name TEXT NOT NULL,
    name TEXT,
    title TEXT,
    description TEXT,
    mime_type TEXT,
    constraint_name TEXT,
    CONSTRAINT pk_gdc PRIMARY KEY (table_name, column_name),
    CONSTRAINT gdc_tn UNIQUE (table_name, name)
);
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
CREATE TABLE {STYLES_TABLE} (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    f_table_catalog TEXT(256),
    f_table_schema TEXT(256),
    f_table_name TEXT(256),
    f_geometry_column TEXT(256),
    styleName TEXT(30),
    styleQML TEXT,
    styleSLD TEXT,
    useAsDefault BOOLEAN,
    description TEXT,
    owner TEXT(30),
    ui TEXT(30),
    update_time DATETIME
);
"""


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
            _give_style(database, schema)


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
        (table, None, "gpkg_schema", _SCHEMA_DEFINITION, "read-write")
        for table in ("gpkg_data_columns", "gpkg_data_column_constraints")
    ]
    database.executemany("INSERT INTO gpkg_extensions VALUES (?, ?, ?, ?, ?)", rows)
    database.execute(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, last_change)"
        " VALUES (?, 'attributes', ?, 'Styles QGIS des couches', ?)",
        (STYLES_TABLE, STYLES_TABLE, f"{FROZEN_DAY}T00:00:00.000Z"),
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


def _give_style(database: sqlite3.Connection, schema: Layer) -> None:
    database.execute(
        f"INSERT INTO {STYLES_TABLE} (f_table_catalog, f_table_schema, f_table_name, f_geometry_column,"
        " styleName, styleQML, styleSLD, useAsDefault, description, owner, ui, update_time)"
        " VALUES ('', '', ?, ?, ?, ?, '', 1, ?, '', NULL, ?)",
        (
            schema.name,
            GEOMETRY_COLUMN,
            schema.title,
            qml(schema),
            f"Style par défaut\u00a0: {schema.title}",
            f"{FROZEN_DAY}T00:00:00.000Z",
        ),
    )
