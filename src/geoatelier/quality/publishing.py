"""Write a report in all its forms, in one folder, all of them or none."""

import errno
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from geoatelier.quality.delivered import COMPARISON, REPORT, SAMPLE
from geoatelier.quality.deliveries import Comparison
from geoatelier.quality.fieldwork import is_filled_in, write_samples
from geoatelier.quality.outputs import (
    UnwritableOutput,
    write_csv,
    write_geopackage,
    write_iso_xml,
    write_json_lines,
)
from geoatelier.quality.outputs.html import write_html
from geoatelier.quality.report import Report
from geoatelier.quality.wording import quote, some
from geoatelier.safely import unwritable

FORMS: dict[str, Callable[[Report, Path], object]] = dict(
    zip(REPORT, (write_html, write_geopackage, write_json_lines, write_csv, write_iso_xml), strict=True)
)
_NAMES = (*REPORT, SAMPLE, COMPARISON)


def publish(
    report: Report,
    folder: str | Path,
    *,
    comparison: Comparison | None = None,
    overwrite: bool = False,
) -> list[Path]:
    """Write `report` in `folder`, made if need be. If it is interrupted, the folder is as it was.

    Parameters
    ----------
    comparison : with an earlier delivery, written beside the report
    overwrite : replace the files of an earlier report; other files of the folder are never touched

    Returns
    -------
    Paths written, the report for people first

    Raises
    ------
    UnwritableOutput
        If a file of the same name is there and `overwrite` is False, or the folder cannot be written.
    """
    folder = Path(folder)
    check_folder(folder, overwrite=overwrite)
    # Beside what it will replace, so that it only has to be renamed.
    home = folder if folder.is_dir() else folder.parent
    try:
        home.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=".geoatelier-", dir=home))
    except OSError as error:
        raise unwritable(folder, error) from error
    try:
        for name, write in FORMS.items():
            write(report, temporary / name)
        if report.samples:
            write_samples(report.samples, temporary / SAMPLE)
        if comparison is not None:
            comparison.save(temporary / COMPARISON)
        folder.mkdir(exist_ok=True)
        return _put_in_place(temporary, folder)
    except UnwritableOutput:
        raise
    except OSError as error:
        raise unwritable(folder, error) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _put_in_place(temporary: Path, folder: Path) -> list[Path]:
    """Rename the new files into `folder`, all or none; the comparison of an old report goes with it."""
    new = [name for name in _NAMES if (temporary / name).exists()]
    old = [name for name in {*new, COMPARISON} if (folder / name).exists()]
    (temporary / "avant").mkdir()
    try:
        for name in old:
            (folder / name).replace(temporary / "avant" / name)
        return [(temporary / name).replace(folder / name) for name in new]
    except BaseException:
        for name in new:
            if not (temporary / name).exists():
                (folder / name).replace(temporary / name)
        for name in old:
            if (temporary / "avant" / name).exists():
                (temporary / "avant" / name).replace(folder / name)
        raise


def check_folder(folder: Path, *, overwrite: bool = False) -> None:
    """Say before a long control, and not after it, that its report could not be written.

    Raises
    ------
    UnwritableOutput
        As `publish` would.
    """
    if folder.exists() and not folder.is_dir():
        raise UnwritableOutput(f"{quote(folder)} est un fichier. Donnez le nom d'un dossier pour le rapport.")
    there = [name for name in _NAMES if (folder / name).exists()]
    if there and not overwrite:
        raise UnwritableOutput(
            f"Le dossier {quote(folder)} contient déjà un rapport ({some(there)}) : rien n'a été touché. "
            "Donnez un autre dossier, ou ajoutez --overwrite pour le remplacer."
        )
    if SAMPLE in there and is_filled_in(folder / SAMPLE):
        raise UnwritableOutput(
            f"{quote(folder / SAMPLE)} porte des réponses du terrain : rien n'a été touché. "
            "Déplacez ce fichier, ou donnez un autre dossier."
        )
    home = next(place for place in (folder, *folder.absolute().parents) if place.is_dir())
    if not os.access(home, os.W_OK | os.X_OK):
        raise unwritable(folder, PermissionError(errno.EACCES, ""))
