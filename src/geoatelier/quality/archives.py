"""What is in a zip archive, without taking it out: nothing is written, nothing climbs out of the archive."""

import zipfile
from pathlib import Path, PurePosixPath

from geoatelier.quality.formats import TABLES, VECTORS, check_shapefile
from geoatelier.quality.source import UnreadableSource
from geoatelier.quality.wording import number, quote, some

_NOT_INSIDE = {".zip", ".parquet"}
_MOST_INFLATED = 4 * 2**30  # bytes
_MOST_RATIO = 500


def members(path: Path) -> list[zipfile.ZipInfo]:
    """Members of the archive that can be controlled, in the order of their names.

    Raises
    ------
    UnreadableSource
        If the archive is damaged, encrypted, or holds nothing that can be read.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            found = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, OSError, ValueError) as error:
        raise UnreadableSource(
            f"L'archive {quote(path.name)} est abîmée ou n'est pas une archive zip. "
            "Recommencez le téléchargement, ou redemandez le fichier."
        ) from error
    names = [member.filename for member in found]
    readable = sorted(filter(_is_readable, found), key=lambda member: member.filename)
    if not readable:
        raise UnreadableSource(
            f"L'archive {quote(path.name)} ne contient aucune couche lisible ici. "
            f"Elle contient : {some(names) or 'rien'}."
        )
    for member in readable:
        _check(path, member)
        if member.filename.lower().endswith(".shp"):
            folder = PurePosixPath(member.filename).parent
            beside = (name for name in names if PurePosixPath(name).parent == folder)
            check_shapefile(member.filename, beside, f" dans l'archive {quote(path.name)}")
    return readable


def climbs_out(name: str) -> bool:
    """Whether a member's name would be written outside the folder where the archive is opened."""
    inside = PurePosixPath(name.replace("\\", "/"))
    return inside.is_absolute() or ".." in inside.parts or (len(name) > 1 and name[1] == ":")


def read_member(path: Path, member: zipfile.ZipInfo) -> bytes:
    """The bytes of a member, in memory.

    Raises
    ------
    UnreadableSource
        If it does not come out whole.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.read(member)
    except (zipfile.BadZipFile, EOFError, OSError, ValueError, RuntimeError, NotImplementedError) as error:
        raise UnreadableSource(
            f"{quote(member.filename)} ne sort pas entier de l'archive {quote(path.name)}. "
            "Recommencez le téléchargement, ou redemandez le fichier."
        ) from error


def _is_readable(member: zipfile.ZipInfo) -> bool:
    name = member.filename
    suffix = PurePosixPath(name).suffix.lower()
    return (
        not name.endswith("/")
        and not name.startswith("__MACOSX")
        and not climbs_out(name)
        and suffix in VECTORS.keys() - _NOT_INSIDE
    )


def _check(path: Path, member: zipfile.ZipInfo) -> None:
    if member.flag_bits & 1:
        raise UnreadableSource(
            f"L'archive {quote(path.name)} est protégée par un mot de passe. "
            "Ouvrez-la vous-même, puis donnez le dossier obtenu."
        )
    inflated = member.file_size
    is_table = PurePosixPath(member.filename).suffix.lower() in TABLES
    if inflated > _MOST_INFLATED or (
        inflated > 2**28 and (is_table or inflated > _MOST_RATIO * max(member.compress_size, 1))
    ):
        raise UnreadableSource(
            f"Une fois ouvert, {quote(member.filename)} ferait {number(inflated / 1e9, 1)} Go. "
            f"Ouvrez vous-même l'archive {quote(path.name)}, puis donnez le fichier obtenu."
        )
