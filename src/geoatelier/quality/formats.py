"""What a file is, from its name and from its first bytes, before any reader opens it."""

import re
import stat
from collections.abc import Iterable
from pathlib import Path, PurePath

from geoatelier.quality.source import UnreadableSource
from geoatelier.quality.wording import quote

VECTORS = {
    ".gpkg": "GeoPackage",
    ".shp": "Shapefile",
    ".zip": "archive zip",
    ".geojson": "GeoJSON",
    ".json": "GeoJSON",
    ".csv": "CSV",
    ".txt": "CSV",
    ".tsv": "CSV",
    ".parquet": "GeoParquet",
    ".fgb": "FlatGeobuf",
    ".gml": "GML",
    ".kml": "KML",
    ".tab": "MapInfo",
    ".mif": "MapInfo",
    ".gdb": "géodatabase fichier",
}
TABLES = (".csv", ".txt", ".tsv")
IMAGES = {".tif": "GeoTIFF", ".tiff": "GeoTIFF"}
_OTHER_IMAGES = (".jp2", ".png", ".jpg", ".jpeg", ".ecw", ".asc")
_OFFICE = (".xlsx", ".xls", ".ods")
SHAPEFILE_PARTS = (".dbf", ".shx", ".prj", ".cpg", ".sbn", ".sbx", ".qmd", ".qix")

_SIGNATURES = (
    (re.compile(rb"SQLite format 3\0"), "GeoPackage"),
    (re.compile(rb"\x00\x00\x27\x0a"), "Shapefile"),
    (re.compile(rb"PK(\x03\x04|\x05\x06)"), "archive zip"),
    (re.compile(rb"PAR1"), "GeoParquet"),
    (re.compile(rb"fgb"), "FlatGeobuf"),
    (re.compile(rb"(II[\x2a\x2b]\x00|MM\x00[\x2a\x2b])"), "GeoTIFF"),
    (re.compile(rb"%PDF"), "PDF"),
    (re.compile(rb"\x89PNG"), "image PNG"),
    (re.compile(rb"\xff\xd8\xff"), "image JPEG"),
    (re.compile(rb"\xd0\xcf\x11\xe0"), "classeur Excel"),
    (re.compile(rb"(\xef\xbb\xbf)?\s*<!doctype html|(\xef\xbb\xbf)?\s*<html", re.IGNORECASE), "page web"),
    (re.compile(rb"(\xef\xbb\xbf)?\s*[\[{]"), "GeoJSON"),
    (re.compile(rb"(\xef\xbb\xbf)?\s*<"), "XML"),
)
_SIGNED = {"GeoPackage", "Shapefile", "GeoParquet", "FlatGeobuf", "GeoTIFF", "GeoJSON"}
# A GDAL virtual dataset is a recipe that names other files and addresses: it is not what was sent.
_RECIPE = re.compile(rb"<(OGRVRTDataSource|VRTDataset|GDAL_WMS|OGRVRT)", re.IGNORECASE)


def is_image(path: Path) -> bool:
    """Whether the name of the file says that it is an image that can be controlled."""
    return path.suffix.lower() in IMAGES


def is_known(path: Path) -> bool:
    """Whether the name of the file says that it can be controlled."""
    return path.suffix.lower() in VECTORS.keys() | IMAGES.keys()


def check_name(path: Path) -> None:
    """Refuse what the extension says cannot be read as vector data.

    Raises
    ------
    UnreadableSource
        With the format to ask for instead.
    """
    suffix = path.suffix.lower()
    if suffix in _OTHER_IMAGES or suffix in IMAGES:
        raise UnreadableSource(
            f"{quote(path.name)} est une image. Ces contrôles portent sur des objets "
            "(points, lignes, surfaces) : donnez un GeoPackage, un Shapefile, un GeoJSON ou un CSV."
        )
    if suffix in _OFFICE:
        raise UnreadableSource(
            f"{quote(path.name)} est un classeur. Enregistrez la feuille au format CSV UTF-8, "
            "puis donnez ce fichier CSV."
        )
    if suffix in SHAPEFILE_PARTS:
        raise UnreadableSource(
            f"{quote(path.name)} est un morceau de Shapefile. Donnez le fichier {quote(path.stem + '.shp')} "
            "du même dossier, ou l'archive zip qui les contient tous."
        )
    if suffix not in VECTORS:
        raise UnreadableSource(
            f"Le format {quote(suffix or 'sans extension')} n'est pas reconnu. "
            f"Formats lus : {', '.join(known for known in VECTORS if known != '.json')}."
        )


def check_shapefile(name: str, beside: Iterable[str], where: str = "") -> None:
    """Refuse a Shapefile without its index or its table.

    Parameters
    ----------
    name : of its .shp
    beside : names in the same folder
    where : what the folder is in, when it is an archive

    Raises
    ------
    UnreadableSource
        With the names that lack.
    """
    shape = PurePath(name)
    present = {other.suffix.lower() for other in map(PurePath, beside) if other.stem == shape.stem}
    lost = [shape.stem + suffix for suffix in (".shx", ".dbf") if suffix not in present]
    if lost:
        raise UnreadableSource(
            f"Il manque {' et '.join(lost)} à côté de {quote(shape.name)}{where}. "
            "Un Shapefile est fait d'au moins trois fichiers (.shp, .shx, .dbf) : "
            "redemandez l'ensemble, dans une même archive zip."
        )


def check_content(path: Path) -> None:
    """Refuse a file whose first bytes are not those of the format that its name announces.

    Raises
    ------
    UnreadableSource
        With what the file looks like.
    """
    if path.is_dir():
        return  # a geodatabase
    start = _first_bytes(path)
    if not start:
        raise UnreadableSource(
            f"Le fichier {quote(path.name)} est vide (0 octet) : la copie ou le téléchargement "
            "s'est sans doute interrompu. Recommencez-le, ou redemandez le fichier."
        )
    if _RECIPE.search(start):
        raise UnreadableSource(
            f"{quote(path.name)} est une recette qui renvoie à d'autres fichiers (VRT), pas une donnée. "
            "Donnez les fichiers eux-mêmes."
        )
    announced = (VECTORS | IMAGES).get(path.suffix.lower())
    found = next((kind for signature, kind in _SIGNATURES if signature.match(start)), None)
    if announced in _SIGNED and found != announced:
        seen = f" Son contenu est celui d'un fichier {found}." if found else ""
        raise UnreadableSource(
            f"Le fichier {quote(path.name)} ne se lit pas comme {announced} : il est abîmé, incomplet, "
            f"ou son extension ne dit pas son vrai format.{seen} Ouvrez-le dans QGIS pour le vérifier, "
            "ou redemandez-le."
        )
    if announced == "CSV" and found not in (None, "GeoJSON", "XML"):
        raise UnreadableSource(
            f"Le fichier {quote(path.name)} n'est pas un tableau de texte : son contenu est celui d'un "
            f"fichier {found}. Donnez-lui sa vraie extension, ou redemandez-le."
        )


def unanswered(path: Path) -> str:
    """The sentence for a file that the system cannot open, for a reason that is not in the file."""
    return (
        f"Le fichier {quote(path.name)} ne s'ouvre pas : le disque ou le réseau ne répond pas. "
        "Copiez-le sur cette machine, puis recommencez."
    )


def _first_bytes(path: Path) -> bytes:
    """The beginning of a file; a pipe or a device, which may never answer, is not opened."""
    try:
        if stat.S_ISREG(path.stat().st_mode):
            with path.open("rb") as file:
                return file.read(4096)
    except FileNotFoundError as error:
        raise UnreadableSource(
            f"Le fichier {quote(path.name)} n'existe pas dans {quote(path.parent)}. Vérifiez le nom."
        ) from error
    except PermissionError as error:
        raise UnreadableSource(
            f"Vous n'avez pas le droit de lire {quote(path.name)}. Demandez ce droit à qui gère le dossier, "
            "ou copiez le fichier ailleurs."
        ) from error
    except OSError as error:
        raise UnreadableSource(unanswered(path)) from error
    raise UnreadableSource(
        f"{quote(path.name)} n'est pas un fichier ordinaire (tube, périphérique…). "
        "Donnez le fichier lui-même."
    )
