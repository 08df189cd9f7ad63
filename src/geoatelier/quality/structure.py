"""The file itself, before its objects: what it is made of, what it lacks, what does not hold together.

`inspect_structure` sends a GeoPackage to `geopackage`, and looks here at Shapefiles and archives. Nothing is
written or unpacked: files are opened for reading only.
"""

import struct
import zipfile
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path, PurePosixPath

import geopandas as gpd
from pyproj import CRS

from geoatelier.quality.anomalies import layer_anomaly, together
from geoatelier.quality.archives import climbs_out
from geoatelier.quality.finding import Finding
from geoatelier.quality.geopackage import geopackage_findings
from geoatelier.quality.kinds import Level
from geoatelier.quality.layer import layer_of
from geoatelier.quality.wording import SPACE, count, number, quote, some

_NEAR_LIMIT = 0.9 * 2**31  # bytes: offsets in a .shp or a .dbf stop at 2 GB
_HEADER = 100  # bytes, of a .shp or a .shx
_FIELD_WIDTH = 10  # characters, of the name of a column in a .dbf
_DATASETS = (
    ".shp", ".gpkg", ".geojson", ".fgb", ".parquet", ".gml", ".kml", ".tab", ".mif", ".csv", ".tif", ".tiff",
)  # fmt: skip


def file_anomaly(
    file: str,
    code: str,
    message: str,
    *,
    layer: str = "",
    attribute: str | None = None,
    value: object = None,
    level: Level | None = None,
    crs: CRS | None = None,
) -> gpd.GeoDataFrame:
    """One anomaly of a file, with neither row, object nor geometry.

    Parameters
    ----------
    file : its name
    code : a key of `KINDS`
    message : in French, what is wrong and what to do
    layer : the layer or table concerned, if there is one
    attribute : the column at fault
    value : the value at fault
    level : when it is not the usual one of this kind
    crs : the system to give the table, so that it can join those of the layers
    """
    empty = layer_of(gpd.GeoDataFrame(geometry=[], crs=crs), layer, file=file)
    return layer_anomaly(empty, code, message, attribute=attribute, value=value, level=level)


def inspect_structure(path: str | Path, file: str | None = None) -> gpd.GeoDataFrame:
    """All that is wrong with the structure of a file, before its layers are read.

    Parameters
    ----------
    path : an existing GeoPackage, Shapefile (.shp) or zip archive; other formats have no structure to control
    file : what to call it in the anomalies; its own name when not given

    Returns
    -------
    GeoDataFrame of anomalies, of the whole file or of one of its layers, without rows nor geometries
    """
    path = Path(path)
    controls = {".gpkg": geopackage_findings, ".shp": _shapefile_findings, ".zip": _archive_findings}
    control = controls.get(path.suffix.lower())
    return together(
        file_anomaly(
            file or path.name,
            found.code,
            found.message,
            layer=found.layer,
            attribute=found.attribute,
            value=found.value,
            level=found.level,
        )
        for found in (control(path) if control else ())
    )


def _shapefile_findings(path: Path) -> Iterator[Finding]:
    siblings = {item.name: item for item in path.parent.iterdir() if item.stem == path.stem}
    yield from _missing_companions(path.stem, siblings)
    for name, item in sorted(siblings.items()):
        if item.suffix.lower() in (".shp", ".dbf") and item.stat().st_size > _NEAR_LIMIT:
            yield Finding(
                "taille-limite",
                f"{quote(name)} fait {number(item.stat().st_size / 2**30, 2)}{SPACE}Go et le format s'arrête "
                f"à 2{SPACE}Go : des objets ont pu être perdus. Redemandez un GeoPackage.",
                value=item.stat().st_size,
            )
    parts = {item.suffix.lower(): item for item in siblings.values()}
    records = {suffix: item.stat().st_size for suffix, item in parts.items()}
    announced = _announced_size(path)
    if announced is None or records[".shp"] < announced:
        yield Finding(
            "fichier-abime",
            f"{quote(path.name)} est coupé : {number(records['.shp'])} octets, au lieu de "
            f"{number(announced or _HEADER)}. Recommencez la copie, ou redemandez le fichier.",
        )
    if ".dbf" in parts:
        yield from _table_findings(path.stem, parts)


def _missing_companions(stem: str, names: Collection[str]) -> Iterator[Finding]:
    """The .prj and .cpg of a Shapefile that are not among `names`."""
    suffixes = {PurePosixPath(name).suffix.lower() for name in names if PurePosixPath(name).stem == stem}
    if ".prj" not in suffixes:
        yield Finding(
            "livraison-incomplete",
            f"Il manque {quote(stem + '.prj')}, qui dit le système de coordonnées. Redemandez-le.",
            stem,
            value=f"{stem}.prj",
        )
    if ".cpg" not in suffixes:
        yield Finding(
            "livraison-incomplete",
            f"Il manque {quote(stem + '.cpg')}, qui dit l'encodage : les accents peuvent mal se lire. "
            "Redemandez-le, ou vérifiez les accents à l'ouverture.",
            stem,
            value=f"{stem}.cpg",
            level="avertissement",
        )


def _announced_size(path: Path) -> int | None:
    """Bytes that the header of a .shp or .shx announces; None for a file shorter than its header."""
    with path.open("rb") as file:
        header = file.read(_HEADER)
    return 2 * struct.unpack(">i", header[24:28])[0] if len(header) == _HEADER else None


def _table_findings(stem: str, parts: Mapping[str, Path]) -> Iterator[Finding]:
    """What the table of a Shapefile says: names of columns cut to ten characters, number of objects."""
    with parts[".dbf"].open("rb") as file:
        header = file.read(32)
        if len(header) < 32:
            yield Finding("fichier-abime", f"{quote(parts['.dbf'].name)} est coupé. Redemandez-le.", stem)
            return
        rows, size, width = struct.unpack("<IHH", header[4:12])
        fields = file.read(max(size - 33, 0))
    names = [fields[at : at + 11].split(b"\0")[0].decode("latin-1") for at in range(0, len(fields) - 31, 32)]
    cut = [name for name in names if len(name) >= _FIELD_WIDTH]
    if cut:
        yield Finding(
            "colonne-tronquee",
            f"{some([quote(name) for name in cut])} : le format coupe les noms à {_FIELD_WIDTH} caractères. "
            "Demandez le nom entier des colonnes, ou un GeoPackage.",
            stem,
            value=", ".join(cut),
        )
    if parts[".dbf"].stat().st_size < size + rows * width:
        yield Finding(
            "fichier-abime",
            f"{quote(parts['.dbf'].name)} annonce {count(rows, 'ligne')} et s'arrête avant. Redemandez-le.",
            stem,
        )
    shapes = (parts[".shx"].stat().st_size - _HEADER) // 8 if ".shx" in parts else rows
    if shapes != rows:
        yield Finding(
            "fichier-abime",
            f"La table a {count(rows, 'ligne')} et l'index {count(shapes, 'objet')} : géométries et "
            "attributs ne correspondent plus. Redemandez l'ensemble.",
            stem,
            value=f"{rows}, {shapes}",
        )


def _archive_findings(path: Path) -> Iterator[Finding]:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        yield Finding("fichier-abime", "L'archive est abîmée ou n'est pas une archive zip. Redemandez-la.")
        return
    unsafe = [name for name in names if climbs_out(name)]
    if unsafe:
        yield Finding(
            "archive-dangereuse",
            f"{some([quote(name) for name in unsafe])} s'écrirait hors du dossier où l'on ouvre l'archive. "
            "Ne la décompressez pas, et prévenez celui qui l'a envoyée.",
            value=", ".join(unsafe),
        )
    inside = [name for name in names if not climbs_out(name) and not name.startswith("__MACOSX")]
    datasets = [name for name in inside if PurePosixPath(name).suffix.lower() in _DATASETS]
    if len(datasets) > 1:
        yield Finding(
            "archive-multiple",
            f"L'archive contient {count(len(datasets), 'jeu', 'jeux')} de données : {some(datasets)}. "
            "Vérifiez que tous sont attendus.",
            value=", ".join(datasets),
        )
    for name in datasets:
        member = PurePosixPath(name)
        if member.suffix.lower() == ".shp":
            beside = [other for other in inside if PurePosixPath(other).parent == member.parent]
            yield from _missing_companions(member.stem, beside)
