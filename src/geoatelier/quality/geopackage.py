"""What does not hold together inside a GeoPackage, read as the SQLite database that it is.

Rules are those of OGC 12-128r19 (GeoPackage Encoding Standard 1.4), with what GDAL and QGIS add: the spatial
index and the count of objects. The file is opened read-only and immutable: nothing is written beside it.
"""

import re
import sqlite3
import struct
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from geoatelier.quality.finding import Finding
from geoatelier.quality.geopackage_layers import announced_count, layer_findings, quoted, systems_of
from geoatelier.quality.wording import count, number, quote, some

_APPLICATION_IDS = (0x47504B47, 0x47503130, 0x47503131)  # GPKG, GP10, GP11
_SPATIAL_TYPES = {
    "GEOMETRY", "POINT", "LINESTRING", "POLYGON", "MULTIPOINT", "MULTILINESTRING", "MULTIPOLYGON",
    "GEOMETRYCOLLECTION", "CIRCULARSTRING", "COMPOUNDCURVE", "CURVEPOLYGON", "MULTICURVE", "MULTISURFACE",
    "CURVE", "SURFACE",
}  # fmt: skip
_IMAGES = ("tiles", "2d-gridded-coverage")  # what the registers of a GeoPackage call them
_SERVICE_TABLES = re.compile(
    r"(gpkg_|rtree_|sqlite_|idx_).*|layer_styles|qgis_projects|ogr_empty_table", re.I
)
_SOUND_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_RESERVED = {
    "add", "all", "alter", "and", "as", "asc", "between", "by", "case", "check", "column", "constraint",
    "create", "cross", "default", "delete", "desc", "distinct", "drop", "else", "end", "exists",
    "foreign", "from", "full", "group", "having", "in", "index", "inner", "insert", "into", "is",
    "join", "left", "like", "limit", "natural", "not", "null", "offset", "on", "or", "order", "outer",
    "primary", "references", "right", "select", "set", "table", "then", "to", "union", "unique",
    "update", "using", "values", "when", "where", "with",
}  # fmt: skip


def geopackage_findings(path: Path) -> list[Finding]:
    """All that is wrong with the structure of a GeoPackage, its companions included.

    Parameters
    ----------
    path : an existing file
    """
    found = list(_companions(path))
    damage = _damage(path)
    if damage:
        return [*found, Finding("fichier-abime", f"{damage} Recommencez la copie, ou redemandez le fichier.")]
    try:
        with closing(_opened(path)) as database:
            found += _contents(database)
    except (sqlite3.Error, UnicodeDecodeError):
        found.append(
            Finding(
                "fichier-abime",
                "La base ne se lit pas jusqu'au bout : une partie du fichier est abîmée. "
                "Recommencez la copie, ou redemandez le fichier.",
            )
        )
    return found


def image_tables(path: Path) -> list[str]:
    """Names of the layers of a GeoPackage that are images; none where it cannot be read."""
    try:
        with closing(_opened(path)) as database:
            rows = database.execute("SELECT table_name, data_type FROM gpkg_contents ORDER BY table_name")
            return [name for name, kind in rows if kind in _IMAGES]
    except (sqlite3.Error, UnicodeDecodeError):
        return []


def _opened(path: Path) -> sqlite3.Connection:
    """The database of a GeoPackage, to be read only, without a file beside it."""
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)


def _companions(path: Path) -> Iterator[Finding]:
    for suffix, what in (("-wal", "des modifications"), ("-journal", "une modification interrompue")):
        beside = path.with_name(path.name + suffix)
        if beside.is_file() and beside.stat().st_size:
            yield Finding(
                "livraison-incomplete",
                f"{quote(beside.name)} est à côté du fichier et contient {what} : livré seul, le GeoPackage "
                "est incomplet. Fermez-le dans QGIS et dans tout autre logiciel, puis livrez-le à nouveau.",
                value=beside.name,
            )


def _damage(path: Path) -> str | None:
    """Why the file cannot be a whole SQLite database, or None."""
    size = path.stat().st_size
    with path.open("rb") as file:
        header = file.read(100)
    if len(header) < 100 or not header.startswith(b"SQLite format 3\0"):
        return "Ce fichier n'est pas un GeoPackage, malgré son nom."
    page = struct.unpack(">H", header[16:18])[0]
    page = 65_536 if page == 1 else page
    changed, valid_for = header[24:28], header[92:96]
    expected = page * struct.unpack(">I", header[28:32])[0]
    if changed == valid_for and size < expected:  # else an old writer left the number of pages stale
        return f"Le fichier devrait faire {number(expected)} octets et n'en a que {number(size)}."
    return None


def _contents(database: sqlite3.Connection) -> Iterator[Finding]:
    identity = database.execute("PRAGMA application_id").fetchone()[0]
    if identity not in _APPLICATION_IDS:
        yield Finding(
            "structure-incoherente",
            "Le fichier ne se déclare pas comme un GeoPackage (application_id). "
            "Réécrivez-le avec QGIS ou GDAL, qui le déclareront.",
            value=identity,
        )
    kinds = dict(database.execute("SELECT name, type FROM sqlite_master WHERE type IN ('table', 'view')"))
    lost = [name for name in ("gpkg_contents", "gpkg_spatial_ref_sys") if name not in kinds]
    if lost:
        yield Finding(
            "structure-incoherente",
            f"Il manque {some(lost)}, sans quoi aucun outil ne sait ce que le fichier contient. "
            "Réécrivez-le avec QGIS ou GDAL.",
        )
        return
    registered = {
        name: (kind, srs)
        for name, kind, srs in database.execute("SELECT table_name, data_type, srs_id FROM gpkg_contents")
    }
    columns = _geometry_columns(database, kinds)
    systems = {row[0] for row in database.execute("SELECT srs_id FROM gpkg_spatial_ref_sys")}
    yield from _registers(kinds, registered, columns)
    for name, (kind, srs) in registered.items():
        if name not in kinds:
            continue
        yield from _names(database, name)
        if kinds[name] == "view":
            yield Finding(
                "vue-livree", "Cette couche est une vue. Livrez une table, sauf si c'est voulu.", name
            )
        if kind == "features":
            yield from systems_of(name, srs, columns.get(name), systems)
            yield from layer_findings(database, name, columns.get(name), kinds)
        if kind in _IMAGES:
            yield Finding(
                "controle-non-fait",
                f"{quote(name)} est une couche d'images, qui n'a pas été contrôlée. "
                "Exportez-la en GeoTIFF pour qu'elle le soit.",
                name,
            )
        if kind in ("features", "attributes"):
            yield from announced_count(database, name, kinds)


def _geometry_columns(database: sqlite3.Connection, kinds: dict[str, str]) -> dict[str, tuple[str, int]]:
    """Geometry column and system that each table is registered with."""
    if "gpkg_geometry_columns" not in kinds:
        return {}
    rows = database.execute("SELECT table_name, column_name, srs_id FROM gpkg_geometry_columns")
    return {table: (column, srs) for table, column, srs in rows}


def _registers(
    kinds: dict[str, str], registered: dict[str, tuple], columns: dict[str, tuple]
) -> Iterator[Finding]:
    for name in registered.keys() - kinds.keys():
        yield Finding(
            "structure-incoherente",
            f"La couche {quote(name)} est annoncée mais n'existe pas. Redemandez-la, ou retirez son annonce.",
            name,
        )
    for name in sorted(kinds.keys() - registered.keys()):
        if not _SERVICE_TABLES.fullmatch(name):
            yield Finding(
                "structure-incoherente",
                f"La table {quote(name)} n'est annoncée nulle part : QGIS ne la montre pas comme une couche. "
                "Enregistrez-la (QGIS, gestionnaire de bases de données), ou supprimez-la.",
                name,
                level="avertissement",
            )
    features = {name for name, (kind, _) in registered.items() if kind == "features"}
    for name in sorted(features - columns.keys()):
        yield Finding(
            "structure-incoherente", "La couche n'a pas de colonne de géométrie annoncée. Réécrivez-la.", name
        )
    for name in sorted(columns.keys() - features):
        yield Finding(
            "structure-incoherente",
            f"Une colonne de géométrie est annoncée pour {quote(name)}, qui n'est pas une couche annoncée.",
            name,
        )


def _names(database: sqlite3.Connection, table: str) -> Iterator[Finding]:
    rows = database.execute(f"PRAGMA table_info({quoted(table)})").fetchall()
    fragile = [name for name in [table, *(row[1] for row in rows)] if _is_fragile(name)]
    if fragile:
        yield Finding(
            "nom-fragile",
            f"Espace, accent, signe ou mot réservé du SQL dans {some([quote(name) for name in fragile])}. "
            "Renommez en lettres sans accent, chiffres et tirets bas.",
            table,
            value=", ".join(fragile),
        )
    spatial = [row[1] for row in rows if str(row[2]).upper() in _SPATIAL_TYPES]
    if len(spatial) > 1:
        yield Finding(
            "structure-incoherente",
            f"La table a {count(len(spatial), 'colonne')} de géométrie ({some(spatial)}) : la norme en veut "
            "une, et les outils n'en lisent qu'une. Séparez-les en plusieurs couches.",
            table,
            attribute=", ".join(spatial),
        )


def _is_fragile(name: str) -> bool:
    return not _SOUND_NAME.fullmatch(name) or name.lower() in _RESERVED
