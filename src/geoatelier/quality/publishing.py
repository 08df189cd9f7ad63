"""Write a report in all its forms, in one folder, all of them or none."""

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from geoatelier.quality.deliveries import Comparison
from geoatelier.quality.fieldwork import write_samples
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

FORMS: dict[str, Callable[[Report, Path], object]] = {
    "rapport.html": write_html,
    "anomalies.gpkg": write_geopackage,
    "anomalies.jsonl": write_json_lines,
    "anomalies.csv": write_csv,
    "qualite_iso19157.xml": write_iso_xml,
}

# The table of objects to visit, where a sheet asks for a sample.
SAMPLE = "echantillon.csv"
# What was mended, what stayed, what appeared, where two deliveries are compared.
COMPARISON = "comparaison.gpkg"
_NAMES = (*FORMS, SAMPLE, COMPARISON)


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
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=".geoatelier-", dir=folder.parent))
    except OSError as error:
        raise UnwritableOutput(
            f"Le dossier {quote(folder)} ne peut pas être créé : {error.strerror}. Choisissez-en un autre."
        ) from error
    try:
        for name, write in FORMS.items():
            write(report, temporary / name)
        if report.samples:
            write_samples(report.samples, temporary / SAMPLE)
        if comparison is not None:
            comparison.save(temporary / COMPARISON)
        folder.mkdir(exist_ok=True)
        written = [name for name in _NAMES if (temporary / name).exists()]
        return [(temporary / name).replace(folder / name) for name in written]
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


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
