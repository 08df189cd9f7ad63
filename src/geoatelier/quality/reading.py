"""Open what people send: vector files, tables, archives; or say in French why not."""

import difflib
import errno
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio.errors
from shapely.errors import GEOSException

from geoatelier.quality.archives import members, read_member
from geoatelier.quality.formats import (
    TABLES,
    VECTORS,
    check_content,
    check_name,
    check_shapefile,
    is_known,
    unanswered,
)
from geoatelier.quality.geopackage import image_tables
from geoatelier.quality.memory import lacks_memory, too_large
from geoatelier.quality.source import Batch, Source, UnreadableSource
from geoatelier.quality.tables import Table, read_table, table_batches
from geoatelier.quality.vectors import LARGE, gdal_sources, parquet_source
from geoatelier.quality.wording import count, quote, some

# What pyogrio, pyarrow, GEOS and Python raise on a damaged file: an error here says the file is at fault.
_DAMAGED = (
    pyogrio.errors.DataSourceError,
    pyogrio.errors.DataLayerError,
    pyogrio.errors.FeatureError,
    pyogrio.errors.FieldError,
    pyogrio.errors.GeometryError,
    pyogrio.errors.CRSError,
    GEOSException,
    ValueError,
    TypeError,
    KeyError,
    OSError,
    OverflowError,
    RuntimeError,
    UnboundLocalError,  # pyogrio, on a system of coordinates that GDAL reads and cannot write
)


def read_layers(source: str | Path | gpd.GeoDataFrame, layer: str | None = None) -> list[Source]:
    """All layers of `source`, or the one named `layer`.

    Parameters
    ----------
    source : path of a file of one of `formats.VECTORS`, or a GeoDataFrame

    Raises
    ------
    UnreadableSource
        If it cannot be read, with a message in French for the person who gave it.
    """
    if isinstance(source, gpd.GeoDataFrame):
        return [_from_frame(source, layer)]
    if not isinstance(source, (str, Path)) or not str(source).strip():
        raise UnreadableSource(
            'Donnez le chemin d\'un fichier entre guillemets, par exemple "mes_parcelles.gpkg", '
            f"ou un GeoDataFrame. Vous avez donné : {type(source).__name__}."
        )
    path = Path(str(source).strip()).expanduser()
    _check_readable(path)
    found = [_guarded(path, layer_found) for layer_found in _sources(path, layer)]
    if layer is not None and not found:
        raise UnreadableSource(f"Le fichier {quote(path.name)} n'a pas de couche {quote(layer)}.")
    if not found:
        raise UnreadableSource(f"Le fichier {quote(path.name)} s'ouvre mais ne contient aucune couche.")
    return found


def _sources(path: Path, layer: str | None) -> list[Source]:
    suffix = path.suffix.lower()
    if suffix == ".zip":
        return [
            found
            for member in members(path)
            for found in (
                [_from_table(path, Path(member.filename).stem, read_member(path, member))]
                if Path(member.filename).suffix.lower() in TABLES
                else _attempt(path, lambda m=member: _in_archive(path, m.filename, m.file_size, layer))
            )
        ]
    if suffix in TABLES:
        return [_large_table(path) if path.stat().st_size > LARGE else _from_table(path, path.stem)]
    if suffix == ".parquet":
        return _attempt(path, lambda: [parquet_source(path)])
    size = path.stat().st_size if path.is_file() else LARGE + 1
    return _attempt(path, lambda: list(gdal_sources(str(path), size, layer)))


def _in_archive(path: Path, member: str, size: int, layer: str | None) -> list[Source]:
    return list(gdal_sources(f"/vsizip/{path.resolve()}/{member}", size, layer))


def _from_frame(frame: gpd.GeoDataFrame, layer: str | None) -> Source:
    if frame.columns.empty or frame._geometry_column_name not in frame.columns:
        raise UnreadableSource(
            "Ce GeoDataFrame n'a pas de colonne de géométrie active. "
            'Désignez-la avec `.set_geometry("nom_de_la_colonne")`.'
        )
    return Source.of(layer or "couche", Batch(frame))


def _check_readable(path: Path) -> None:
    if not _exists(path):
        raise UnreadableSource(_not_found(path))
    if path.is_dir() and path.suffix.lower() != ".gdb":
        names = sorted(item.name for item in _inside(path) if is_known(item))
        inside = f" Il contient : {some(names)}." if names else ""
        raise UnreadableSource(f"{quote(path)} est un dossier. Indiquez le fichier à lire.{inside}")
    check_name(path)
    if path.suffix.lower() == ".shp":
        check_shapefile(path.name, (item.name for item in path.parent.iterdir()))
    check_content(path)


def _inside(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError as error:
        raise UnreadableSource(
            f"Le dossier {quote(folder)} ne s'ouvre pas : vous n'en avez pas le droit, ou le disque ne "
            "répond pas. Demandez ce droit à qui gère le dossier, ou copiez-le ailleurs."
        ) from error


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError as error:
        raise UnreadableSource(
            f"Le fichier {quote(path.name)} n'existe pas : son nom est trop long pour ce disque."
            if error.errno == errno.ENAMETOOLONG
            else unanswered(path)
        ) from error


def _not_found(path: Path) -> str:
    if path.is_symlink():
        return (
            f"{quote(path.name)} est un lien vers {quote(path.readlink())}, qui n'existe pas. "
            "Donnez le fichier lui-même."
        )
    folder = path.parent if str(path.parent) != "." else Path.cwd()
    message = f"Le fichier {quote(path.name)} n'existe pas dans {quote(folder)}."
    if not folder.is_dir():
        return f"Le dossier {quote(folder)} n'existe pas. Vérifiez le chemin : {quote(path)}."
    near = difflib.get_close_matches(path.name, [item.name for item in folder.iterdir()], n=3)
    if near:
        return f"{message} Vouliez-vous dire : {', '.join(near)} ?"
    return f"{message} Vérifiez le nom, ou déposez le fichier dans ce dossier."


def _attempt(path: Path, read: Callable[[], list[Source]]) -> list[Source]:
    try:
        return read()
    except UnreadableSource:
        raise
    except (*_DAMAGED, MemoryError) as error:
        raise _unreadable(path, error) from error


def _guarded(path: Path, source: Source) -> Source:
    """The same source, whose later batches too say in French that the file is damaged."""

    def batches() -> Iterator[Batch]:
        try:
            yield from source.batches()
        except UnreadableSource:
            raise
        except (*_DAMAGED, MemoryError) as error:
            raise _unreadable(path, error) from error

    return Source(source.name, batches, source.rows, source.spatial, source.supposed_crs)


def _unreadable(path: Path, error: Exception) -> UnreadableSource:
    if lacks_memory(error):
        return UnreadableSource(too_large(f"Le fichier {quote(path.name)}"))
    if path.suffix.lower() == ".gpkg" and (images := image_tables(path)):
        return UnreadableSource(
            f"Le GeoPackage {quote(path.name)} n'a que des images ({some(map(quote, images))}), et "
            "aucun objet. Exportez-les en GeoTIFF pour les contrôler."
        )
    kind = VECTORS.get(path.suffix.lower(), "donnée géographique")
    return UnreadableSource(
        f"Le fichier {quote(path.name)} ne se lit pas comme {kind} : il est abîmé, incomplet, "
        "ou son extension ne dit pas son vrai format. Ouvrez-le dans QGIS pour le vérifier, "
        "ou redemandez-le."
    )


def _from_table(path: Path, name: str, data: bytes | None = None) -> Source:
    table = _tabular(path, lambda: read_table(path.read_bytes() if data is None else data))
    return Source.of(
        name,
        Batch(table.frame, table.odd_decimals),
        spatial=table.x is not None,
        supposed_crs=table.frame.crs is not None,
    )


def _large_table(path: Path) -> Source:
    first = _tabular(path, lambda: next(iter(table_batches(path))))

    def batches() -> Iterator[Batch]:
        tables = table_batches(path)
        while (table := _tabular(path, lambda: next(tables, None))) is not None:
            yield Batch(table.frame, table.odd_decimals)

    return Source(path.stem, batches, None, first.x is not None, first.frame.crs is not None)


def _tabular(path: Path, read: Callable[[], Table | None]) -> Table | None:
    try:
        return read()
    except pd.errors.EmptyDataError as error:
        raise UnreadableSource(
            f"Le fichier {quote(path.name)} ne contient ni en-tête ni ligne. Redemandez-le."
        ) from error
    except (pd.errors.ParserError, ValueError) as error:
        raise UnreadableSource(
            f"Le fichier {quote(path.name)} n'est pas un tableau régulier. {_irregularity(str(error))}"
        ) from error


def _irregularity(detail: str) -> str:
    """What pandas says of a table that it cannot cut into columns, and what to do."""
    if uneven := re.search(r"Expected (\d+) fields in line (\d+), saw (\d+)", detail):
        wanted, line, met = map(int, uneven.groups())
        return (
            f"La ligne {line} a {count(met, 'valeur')}, et l'en-tête {count(wanted, 'colonne')} : "
            "un séparateur traîne sans doute dans un texte sans guillemets. Corrigez cette ligne, "
            "ou redemandez-le."
        )
    if unclosed := re.search(r"EOF inside string starting at row (\d+)", detail):
        return (
            f"Un guillemet ouvert vers la ligne {int(unclosed[1]) + 1} n'est jamais refermé. "
            "Corrigez cette ligne, ou redemandez-le."
        )
    return "Ouvrez-le dans un éditeur de texte pour le vérifier, ou redemandez-le."
