"""The files of a delivery: those that were named, and those of the folders that were named."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from geoatelier.quality.formats import is_known

# What a report is made of, in a folder of its own.
REPORT = ("rapport.html", "anomalies.gpkg", "anomalies.jsonl", "anomalies.csv", "qualite_iso19157.xml")
# The table of objects to visit, where a sheet asks for a sample.
SAMPLE = "echantillon.csv"
# What was mended, what stayed, what appeared, where two deliveries are compared.
COMPARISON = "comparaison.gpkg"

_DATASET_FOLDERS = (".gdb",)


@dataclass(frozen=True)
class Delivered:
    """A file to control, and the short name that the report gives it: its path from what was named."""

    path: Path
    label: str


def delivered_files(named: Iterable[str | Path]) -> list[Delivered]:
    """Every file to control, in order, none twice.

    Parameters
    ----------
    named : files and folders; a folder stands for all the files of known formats in it and below it, those of
        a report of GéoAtelier excepted. A path that does not exist, or cannot be entered, is kept: whoever
        reads it says so.
    """
    found: dict[Path, str] = {}
    for place in named:
        path = Path(str(place).strip()).expanduser()
        for file in _files(path):
            label = file.name if file == path else file.relative_to(path).as_posix()
            found.setdefault(file, label)
    return [Delivered(file, label) for file, label in _distinct(found).items()]


def _files(path: Path) -> Iterator[Path]:
    if not _is_folder(path) or path.suffix.lower() in _DATASET_FOLDERS:
        yield path
        return
    closed: list[OSError] = []
    for folder, folders, names in os.walk(path, onerror=closed.append):
        here = Path(folder)
        yield from (here / name for name in sorted(folders) if _is_dataset(name))
        folders[:] = sorted(name for name in folders if not name.startswith(".") and not _is_dataset(name))
        reported = {*REPORT, SAMPLE, COMPARISON} if set(REPORT) <= set(names) else set()
        yield from (
            here / name
            for name in sorted(set(names) - reported)
            if not name.startswith(".") and is_known(here / name)
        )
    yield from (Path(error.filename) for error in closed)


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # a name that is too long, a disk that does not answer: whoever reads it says so
        return False


def _is_dataset(name: str) -> bool:
    return name.lower().endswith(_DATASET_FOLDERS)


def _distinct(found: dict[Path, str]) -> dict[Path, str]:
    """Whole paths for the files that would have the same label."""
    labels = list(found.values())
    return {file: label if labels.count(label) == 1 else str(file) for file, label in found.items()}
