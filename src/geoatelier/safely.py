"""Write a file whole or not at all, and never over one that is there unless asked to."""

import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# What SQLite may leave beside the file that it was writing.
_COMPANIONS = ("", "-journal", "-wal", "-shm")
_DRIVERS = ("pyogrio", "rasterio", "sqlite3")
# What SQLite says of it. When it fails to commit, it has already given the room back.
_FULL = ("disk is full", "Failed to commit")
_REASONS = {
    errno.ENOSPC: "le disque est plein. Libérez de la place, ou choisissez un autre disque.",
    errno.EDQUOT: "votre quota d'espace disque est atteint. Libérez de la place, ou changez de disque.",
    errno.EACCES: "vous n'avez pas le droit d'écrire dans ce dossier. Choisissez-en un autre.",
    errno.EPERM: "vous n'avez pas le droit d'écrire dans ce dossier. Choisissez-en un autre.",
    errno.EROFS: "ce dossier est en lecture seule. Choisissez-en un autre.",
    errno.EFBIG: "ce disque n'accepte pas de fichier aussi gros. Choisissez un autre disque.",
    errno.EIO: "le disque a rendu une erreur. Choisissez un autre disque, et faites vérifier celui-ci.",
    errno.ENAMETOOLONG: "son nom est trop long. Donnez-en un plus court.",
}


class UnwritableOutput(OSError):  # noqa: N818 - named after what is wrong, as UnreadableSource
    """A file cannot be written, or must not be; the message says in French why and what to do."""


@contextmanager
def new_file(path: str | Path, *, overwrite: bool = False) -> Iterator[Path]:
    """Give a temporary path to write to, which becomes `path` once the block ends without an error.

    The temporary file lies in the same folder and keeps the extension. If the block is interrupted, by an
    error or by Ctrl-C, it is removed and what was at `path` is as it was.

    Parameters
    ----------
    path : file to make; its folder must exist
    overwrite : whether a file that is there may be replaced. Nothing inside a file is trusted to say that
        GéoAtelier made it: only the caller knows, hence the refusal by default.

    Raises
    ------
    UnwritableOutput
        If there is a file and `overwrite` is False, if `path` is a folder, if its folder does not exist or
        cannot be written, or if the disk is full.
    """
    path = Path(path)
    _check(path, overwrite)
    try:
        handle, name = tempfile.mkstemp(prefix=".geoatelier-", suffix=path.suffix, dir=path.parent)
    except OSError as error:
        raise unwritable(path, error) from error
    os.close(handle)
    temporary = Path(name)
    # Drivers want to make their file themselves.
    temporary.unlink()
    try:
        with full_disk_told(temporary):
            yield temporary
        _check(path, overwrite)
        temporary.replace(path)
    except UnwritableOutput:
        raise
    except OSError as error:
        raise unwritable(path, error) from error
    finally:
        for ending in _COMPANIONS:
            Path(name + ending).unlink(missing_ok=True)


@contextmanager
def full_disk_told(written: Path) -> Iterator[None]:
    """Raise the error of the system when a driver fills the disk: its own rarely says so.

    Parameters
    ----------
    written : what the block writes; a driver that fails with less room left than this failed for want of
        room, even if it has removed some of what it wrote since

    Raises
    ------
    OSError
        With `errno.ENOSPC`.
    """
    try:
        yield
    except Exception as error:
        size = written.stat().st_size if written.exists() else 0
        of_a_driver = type(error).__module__.startswith(_DRIVERS)
        damaged = isinstance(error, OSError) and error.errno == errno.EIO
        room = shutil.disk_usage(written.parent).free
        full = room < size or any(words in str(error) for words in _FULL)
        if (of_a_driver or damaged) and full:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)) from error
        raise


def _check(path: Path, overwrite: bool) -> None:
    if not path.parent.is_dir():
        raise UnwritableOutput(
            f"Le dossier {_quote(path.parent)} n'existe pas. Créez-le, ou donnez un autre chemin."
        )
    if path.is_dir():
        raise UnwritableOutput(f"{_quote(path)} est un dossier. Ajoutez-lui un nom de fichier.")
    if path.exists() and not overwrite:
        raise UnwritableOutput(
            f"Le fichier {_quote(path)} existe déjà : il n'a pas été touché. Donnez un autre nom, "
            "déplacez-le, ou demandez son remplacement."
        )


def unwritable(path: Path, error: OSError) -> OSError:
    """`error` on the writing of `path`, in French when its cause is known, else as it is."""
    if error.errno not in _REASONS:
        return error
    return UnwritableOutput(f"Impossible d'écrire {_quote(path.name)} : {_REASONS[error.errno]}")


def _quote(path: str | Path) -> str:
    return f"« {path} »"
