"""What makes a GeoPackage open well in QGIS: columns named for people, styles, and the QML of a symbol.

References
----------
OGC GeoPackage 1.3, 12-128r18: annex F.9 for the schema extension (`gpkg_data_columns`). The table
`layer_styles` and QML are those of QGIS 3.
"""

import sqlite3
from collections.abc import Mapping
from xml.etree import ElementTree as ET

STYLES_TABLE = "layer_styles"
SCHEMA_EXTENSION = ("gpkg_schema", "http://www.geopackage.org/spec/#extension_schema", "read-write")

DATA_COLUMNS = """
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
"""
_STYLES = f"""
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
    update_time DATETIME%s
);
"""
STYLES = _STYLES % " DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))"
UNDATED_STYLES = _STYLES % ""  # for a file that two runs must write alike


def add_style(
    database: sqlite3.Connection,
    layer: str,
    geometry: str,
    name: str,
    qml: str,
    description: str,
    updated: str,
) -> None:
    """Make a QML document the style in which QGIS opens a layer.

    Parameters
    ----------
    geometry : name of the geometry column
    qml : its text, see `document`
    updated : date and time, as GeoPackage writes them
    """
    database.execute(
        f"INSERT INTO {STYLES_TABLE} (f_table_catalog, f_table_schema, f_table_name, f_geometry_column,"
        " styleName, styleQML, styleSLD, useAsDefault, description, owner, update_time)"
        " VALUES ('', '', ?, ?, ?, ?, '', 1, ?, '', ?)",
        (layer, geometry, name, qml, description, updated),
    )


def document(root: ET.Element) -> str:
    """The text of a QML document."""
    ET.indent(root, " ")
    return "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n" + ET.tostring(
        root, encoding="unicode"
    )


def add_category(categories: ET.Element, rank: int, value: str, label: str) -> None:
    """Draw a value with the symbol of this rank."""
    ET.SubElement(categories, "category", symbol=str(rank), value=value, label=label, render="true")


def add_symbol(parent: ET.Element, name: str, shape: str) -> ET.Element:
    """Add a symbol without layers yet; its shape is marker, line or fill."""
    return ET.SubElement(parent, "symbol", name=name, type=shape, alpha="1", clip_to_extent="1")


def add_line(symbol: ET.Element, colour: str, width: float, dash: str, cap: str) -> None:
    """Draw a line, `width` in millimetres, `dash` and `cap` in the words of QGIS (dash, dot; flat, round)."""
    options = {
        "line_color": rgba(colour),
        "line_style": dash,
        "line_width": f"{width:g}",
        "line_width_unit": "MM",
        "capstyle": cap,
        "joinstyle": "round",
    }
    add_symbol_layer(symbol, "SimpleLine", options)


def add_symbol_layer(symbol: ET.Element, kind: str, options: Mapping[str, str]) -> ET.Element:
    """Add a layer of this class of QGIS (SimpleLine, SimpleFill…) to a symbol."""
    layer = ET.SubElement(symbol, "layer", {"class": kind, "enabled": "1", "locked": "0", "pass": "0"})
    box = ET.SubElement(layer, "Option", type="Map")
    for name, value in options.items():
        ET.SubElement(box, "Option", name=name, value=value, type="QString")
    return layer


def add_aliases(root: ET.Element, aliases: Mapping[str, str]) -> None:
    """Name columns for people: a QGIS built on GDAL before 3.7 does not read their names in the file."""
    names = ET.SubElement(root, "aliases")
    for column, alias in aliases.items():
        ET.SubElement(names, "alias", field=column, name=alias)


def rgba(colour: str, alpha: int = 255) -> str:
    """« #1a2b3c » as QGIS writes it: « 26,43,60,255 »."""
    return ",".join(str(int(colour[i : i + 2], 16)) for i in (1, 3, 5)) + f",{alpha}"
