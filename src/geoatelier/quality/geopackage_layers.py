"""What does not hold together in one layer of a GeoPackage: system, key, spatial index, count of objects."""

import sqlite3
from collections.abc import Iterator

from geoatelier.quality.finding import Finding
from geoatelier.quality.wording import count, number, quote

_NO_SYSTEM = (-1, 0)


def systems_of(
    table: str, srs: int | None, column: tuple[str, int] | None, systems: set[int]
) -> Iterator[Finding]:
    declared = column[1] if column else srs
    if column and srs is not None and srs != declared:
        yield Finding(
            "structure-incoherente",
            f"La couche est annoncée dans le système {srs} et sa géométrie dans le système {declared}. "
            "Gardez celui qui est vrai.",
            table,
            value=f"{srs}, {declared}",
        )
    if declared in _NO_SYSTEM:
        yield Finding(
            "systeme-indefini",
            "La couche est déclarée sans système de coordonnées. Demandez-le au producteur, "
            f"puis attribuez-le dans QGIS ({quote('Définir la projection')}).",
            table,
            value=declared,
        )
    elif declared is not None and declared not in systems:
        yield Finding(
            "structure-incoherente",
            f"Le système de coordonnées {declared} de la couche n'est pas décrit dans le fichier.",
            table,
            value=declared,
        )


def layer_findings(
    database: sqlite3.Connection, table: str, column: tuple[str, int] | None, kinds: dict[str, str]
) -> Iterator[Finding]:
    rows = database.execute(f"PRAGMA table_info({quoted(table)})").fetchall()
    if kinds[table] == "view":
        return
    key = next((row[1] for row in rows if row[5] == 1 and str(row[2]).upper() == "INTEGER"), None)
    if key is None:
        yield Finding(
            "structure-incoherente",
            "La table n'a pas de clé primaire entière (fid) : QGIS ne peut pas la modifier, ni l'indexer. "
            "Réécrivez-la avec QGIS ou GDAL.",
            table,
        )
    if column is None:
        return
    if column[0] not in {row[1] for row in rows}:
        yield Finding(
            "structure-incoherente",
            f"La colonne de géométrie annoncée, {quote(column[0])}, n'existe pas dans la table.",
            table,
            attribute=column[0],
        )
        return
    index = f"rtree_{table}_{column[0]}"
    if index not in kinds:
        yield Finding(
            "index-absent",
            f"La couche n'a pas d'index spatial. Créez-le (QGIS, {quote('Créer un index spatial')}).",
            table,
        )
    elif f"{index}_rowid" in kinds:
        yield from _index_in_step(database, table, column[0], f"{index}_rowid")


def _index_in_step(database: sqlite3.Connection, table: str, column: str, entries: str) -> Iterator[Finding]:
    """Objects that the spatial index lacks, and entries of objects that are gone.

    The index is read through the plain table that it keeps its row numbers in. Byte 4 of a geometry tells, in
    its bit 4, that it is empty: such an object is not indexed.
    """
    geometry = quoted(column)
    shown = f"{geometry} IS NOT NULL AND instr('13579BDF', substr(hex(substr({geometry}, 4, 1)), 1, 1)) = 0"
    lacking = database.execute(
        f"SELECT count(*) FROM {quoted(table)} AS t WHERE {shown} "
        f"AND NOT EXISTS (SELECT 1 FROM {quoted(entries)} AS r WHERE r.rowid = t.rowid)"
    ).fetchone()[0]
    stale = database.execute(
        f"SELECT count(*) FROM {quoted(entries)} AS r "
        f"WHERE NOT EXISTS (SELECT 1 FROM {quoted(table)} AS t WHERE t.rowid = r.rowid)"
    ).fetchone()[0]
    if lacking or stale:
        yield Finding(
            "index-faux",
            f"L'index spatial ignore {count(lacking, 'objet')} et en garde {number(stale)} qui n'existent "
            "plus. Supprimez l'index et recréez-le.",
            table,
            value=f"{lacking}, {stale}",
        )


def announced_count(database: sqlite3.Connection, table: str, kinds: dict[str, str]) -> Iterator[Finding]:
    if "gpkg_ogr_contents" not in kinds or kinds[table] == "view":
        return
    row = database.execute(
        "SELECT feature_count FROM gpkg_ogr_contents WHERE table_name = ?", (table,)
    ).fetchone()
    if row is None or row[0] is None:
        return
    actual = database.execute(f"SELECT count(*) FROM {quoted(table)}").fetchone()[0]
    if row[0] != actual:
        yield Finding(
            "effectif-faux",
            f"Le fichier annonce {count(row[0], 'objet')} et en contient {number(actual)}. "
            "Réécrivez la couche avec QGIS ou GDAL.",
            table,
            value=row[0],
        )


def quoted(name: str) -> str:
    """A name as SQL writes it."""
    doubled = name.replace('"', '""')
    return f'"{doubled}"'
