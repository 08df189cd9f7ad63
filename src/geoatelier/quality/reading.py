"""Open what people send: GeoPackage, Shapefile (zipped or not), GeoJSON, CSV; or say in French why not."""

import difflib
import warnings
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
from numpy.typing import NDArray
from pyogrio.errors import DataLayerError, DataSourceError

from geoatelier.quality.tables import read_table
from geoatelier.quality.wording import quote, some

FORMATS = {
    ".gpkg": "GeoPackage",
    ".shp": "Shapefile",
    ".zip": "archive zip",
    ".geojson": "GeoJSON",
    ".json": "GeoJSON",
    ".csv": "CSV",
    ".txt": "CSV",
    ".tsv": "CSV",
    ".fgb": "FlatGeobuf",
    ".gml": "GML",
    ".kml": "KML",
    ".tab": "MapInfo",
    ".mif": "MapInfo",
    ".gdb": "géodatabase fichier",
}
_TABLES = (".csv", ".txt", ".tsv")
_IMAGES = (".tif", ".tiff", ".jp2", ".png", ".jpg", ".jpeg", ".ecw", ".asc")
_QGIS_TABLES = ("layer_styles", "qgis_projects")
_OFFICE = (".xlsx", ".xls", ".ods")
_SHAPEFILE_PARTS = (".dbf", ".shx", ".prj", ".cpg", ".sbn", ".sbx", ".qmd")


class UnreadableSource(ValueError):  # noqa: N818 - it names what the reader met
    """The source cannot be read; its message says, in French, why and what to do.

    A notebook shows the message alone, without a traceback.
    """

    def _render_traceback_(self) -> list[str]:
        return [str(self)]


@dataclass(frozen=True)
class Source:
    """One layer that was read.

    Parameters
    ----------
    name : of the layer
    frame : its rows
    spatial : False for a table without geometry
    supposed_crs : True when the CRS was not written but guessed from the values
    odd_decimals : for a column of numbers of a CSV, the rows that do not write decimals as the others do
    """

    name: str
    frame: gpd.GeoDataFrame
    spatial: bool = True
    supposed_crs: bool = False
    odd_decimals: Mapping[str, NDArray[np.int64]] = field(default_factory=dict)


def read_layers(source: str | Path | gpd.GeoDataFrame, layer: str | None = None) -> list[Source]:
    """All layers of `source`, or the one named `layer`.

    Parameters
    ----------
    source : path of a file of one of `FORMATS`, or a GeoDataFrame

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
    if path.suffix.lower() in _TABLES:
        return [_from_table(path)]
    sources = [found for place in _places(path) for found in _from_gdal(path, place, layer)]
    if layer is not None and not sources:
        raise UnreadableSource(f"Le fichier {quote(path.name)} n'a pas de couche {quote(layer)}.")
    if not sources:
        raise UnreadableSource(f"Le fichier {quote(path.name)} s'ouvre mais ne contient aucune couche.")
    return sources


def _from_frame(frame: gpd.GeoDataFrame, layer: str | None) -> Source:
    if frame.columns.empty or frame._geometry_column_name not in frame.columns:
        raise UnreadableSource(
            "Ce GeoDataFrame n'a pas de colonne de géométrie active. "
            'Désignez-la avec `.set_geometry("nom_de_la_colonne")`.'
        )
    return Source(layer or "couche", frame)


def _check_readable(path: Path) -> None:
    suffix = path.suffix.lower()
    if not path.exists():
        raise UnreadableSource(_not_found(path))
    if path.is_dir() and suffix != ".gdb":
        names = sorted(item.name for item in path.iterdir() if item.suffix.lower() in FORMATS)
        inside = f" Il contient : {some(names)}." if names else ""
        raise UnreadableSource(f"{quote(path)} est un dossier. Indiquez le fichier à lire.{inside}")
    if path.is_file() and path.stat().st_size == 0:
        raise UnreadableSource(
            f"Le fichier {quote(path.name)} est vide (0 octet) : la copie ou le téléchargement "
            "s'est sans doute interrompu. Recommencez-le, ou redemandez le fichier."
        )
    if suffix in _IMAGES:
        raise UnreadableSource(
            f"{quote(path.name)} est une image. Ces contrôles portent sur des objets "
            "(points, lignes, surfaces) : donnez un GeoPackage, un Shapefile, un GeoJSON ou un CSV."
        )
    if suffix in _OFFICE:
        raise UnreadableSource(
            f"{quote(path.name)} est un classeur. Enregistrez la feuille au format CSV UTF-8, "
            "puis donnez ce fichier CSV."
        )
    if suffix in _SHAPEFILE_PARTS:
        raise UnreadableSource(
            f"{quote(path.name)} est un morceau de Shapefile. Donnez le fichier {quote(path.stem + '.shp')} "
            "du même dossier, ou l'archive zip qui les contient tous."
        )
    if suffix not in FORMATS:
        raise UnreadableSource(
            f"Le format {quote(suffix or 'sans extension')} n'est pas reconnu. "
            f"Formats lus : {', '.join(known for known in FORMATS if known != '.json')}."
        )
    if suffix == ".shp":
        _check_shapefile(path)


def _not_found(path: Path) -> str:
    folder = path.parent if str(path.parent) != "." else Path.cwd()
    message = f"Le fichier {quote(path.name)} n'existe pas dans {quote(folder)}."
    if not folder.is_dir():
        return f"Le dossier {quote(folder)} n'existe pas. Vérifiez le chemin : {quote(path)}."
    near = difflib.get_close_matches(path.name, [item.name for item in folder.iterdir()], n=3)
    if near:
        return f"{message} Vouliez-vous dire : {', '.join(near)} ?"
    return f"{message} Vérifiez le nom, ou déposez le fichier dans ce dossier."


def _check_shapefile(path: Path) -> None:
    present = {item.suffix.lower() for item in path.parent.glob(f"{path.stem}.*")}
    lost = [suffix for suffix in (".shx", ".dbf") if suffix not in present]
    if lost:
        raise UnreadableSource(
            f"Il manque {' et '.join(path.stem + suffix for suffix in lost)} à côté de {quote(path.name)}. "
            "Un Shapefile est fait d'au moins trois fichiers (.shp, .shx, .dbf) : "
            "redemandez l'ensemble, de préférence dans une archive zip."
        )


def _places(path: Path) -> Iterator[str]:
    """Where GDAL finds each dataset of `path`: itself, or each one in an archive."""
    if path.suffix.lower() != ".zip":
        yield str(path)
        return
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.namelist()
    except zipfile.BadZipFile as error:
        raise UnreadableSource(
            f"L'archive {quote(path.name)} est abîmée ou n'est pas une archive zip. "
            "Recommencez le téléchargement, ou redemandez le fichier."
        ) from error
    readable = [
        member
        for member in sorted(members)
        if Path(member).suffix.lower() in FORMATS.keys() - {".zip", *_TABLES}
        and not member.startswith("__MACOSX")
    ]
    if not readable:
        raise UnreadableSource(
            f"L'archive {quote(path.name)} ne contient aucune couche lisible ici. "
            f"Elle contient : {some(members) or 'rien'}."
        )
    yield from (f"/vsizip/{path.resolve()}/{member}" for member in readable)


def _from_gdal(path: Path, place: str, layer: str | None) -> Iterator[Source]:
    try:
        names = pyogrio.list_layers(place)
        for name, kind in names:
            if name in _QGIS_TABLES or layer not in (None, name):
                continue
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", RuntimeWarning)
                frame = pyogrio.read_dataframe(place, layer=name, on_invalid="warn")
            if kind is None or not isinstance(frame, gpd.GeoDataFrame):
                frame = gpd.GeoDataFrame(pd.DataFrame(frame), geometry=[None] * len(frame))
                yield Source(name, frame, spatial=False)
            else:
                yield Source(name, frame)
    except (DataSourceError, DataLayerError, UnicodeDecodeError, ValueError) as error:
        kind = FORMATS[path.suffix.lower()]
        raise UnreadableSource(
            f"Le fichier {quote(path.name)} ne se lit pas comme {kind} : il est abîmé, incomplet, "
            "ou son extension ne dit pas son vrai format. Ouvrez-le dans QGIS pour le vérifier, "
            "ou redemandez-le."
        ) from error


def _from_table(path: Path) -> Source:
    try:
        table = read_table(path)
    except pd.errors.EmptyDataError as error:
        raise UnreadableSource(
            f"Le fichier {quote(path.name)} ne contient ni en-tête ni ligne. Redemandez-le."
        ) from error
    except (pd.errors.ParserError, ValueError) as error:
        raise UnreadableSource(
            f"Le fichier {quote(path.name)} n'est pas un tableau régulier : une ligne a plus de valeurs que "
            "l'en-tête n'a de colonnes. Un séparateur traîne sans doute dans un texte sans guillemets "
            f"(détail : {error})."
        ) from error
    supposed = table.frame.crs is not None
    return Source(path.stem, table.frame, table.x is not None, supposed, table.odd_decimals)
