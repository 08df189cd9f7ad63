"""The sample that a sheet asks for: drawn, taken to the field as a table, and judged once it is filled in."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoatelier.quality.layer import Layer
from geoatelier.quality.outputs.places import in_degrees
from geoatelier.quality.outputs.spreadsheet import neutralise
from geoatelier.quality.profiles import Sampling
from geoatelier.quality.sampling import Decision, Plan, decide, plan
from geoatelier.quality.source import UnreadableSource
from geoatelier.quality.wording import count, quote, some
from geoatelier.safely import new_file

_ANSWERS = {
    "oui": True,
    "o": True,
    "1": True,
    "vrai": True,
    "non": False,
    "n": False,
    "0": False,
    "faux": False,
}
_NEEDED = ("fichier", "couche", "lot", "admis", "conforme")


@dataclass(frozen=True)
class Sample:
    """Objects of a layer to look at one by one.

    Parameters
    ----------
    file, layer : where they are
    plan : how many there are in the lot, in the sample, and how many may be wrong
    rows : integers of shape (n,), their positions in the layer
    keys : of shape (n,)
    places : of shape (n, 2), longitude and latitude of their middle, nan where it is not known
    """

    file: str
    layer: str
    plan: Plan
    rows: NDArray[np.int64]
    keys: NDArray[np.object_]
    places: NDArray[np.float64]


def draw_sample(layer: Layer, asked: Sampling) -> Sample:
    """The sample that a sheet asks for, the same each time for the same seed.

    Raises
    ------
    ValueError
        If no plan holds the risks that are asked for in a layer of this size.
    """
    lot = len(layer.frame)
    chosen = (
        Plan(lot, min(asked.size, lot), asked.accepted)
        if asked.size is not None
        else plan(lot, asked.nqa / 100, asked.limit / 100)
    )
    rows = np.sort(np.random.default_rng(asked.seed).choice(lot, chosen.size, replace=False))
    places = in_degrees(layer.centres[rows], layer.frame.crs)
    return Sample(layer.file, layer.name, chosen, layer.rows[rows], layer.keys[rows], places)


def write_samples(samples: Iterable[Sample], path: str | Path, *, overwrite: bool = False) -> Path:
    """Write samples as a table to fill in: « oui » or « non » in the column `conforme`.

    Raises
    ------
    UnwritableOutput
        If there is a file and `overwrite` is False, or it cannot be written.
    """
    tables = [
        pd.DataFrame(
            {
                "fichier": neutralise(sample.file),
                "couche": neutralise(sample.layer),
                "objet": [neutralise(str(key)) for key in sample.keys],
                "rang": sample.rows,
                "longitude": sample.places[:, 0],
                "latitude": sample.places[:, 1],
                "conforme": "",
                "remarque": "",
                "lot": sample.plan.lot,
                "admis": sample.plan.acceptance_number,
            }
        )
        for sample in samples
    ]
    with new_file(path, overwrite=overwrite) as temporary:
        pd.concat(tables).to_csv(
            temporary, sep=";", decimal=",", index=False, encoding="utf-8-sig", float_format="%.6f"
        )
    return Path(path)


def is_filled_in(path: Path) -> bool:
    """Whether someone wrote in a table to fill in; a table that cannot be read is taken to be so."""
    try:
        table = _read(path)
    except UnreadableSource:
        return True
    return bool(table.reindex(columns=["conforme", "remarque"], fill_value="").ne("").to_numpy().any())


def judge_samples(path: str | Path) -> dict[str, Decision]:
    """Decisions on the lots of a table that was filled in, by file and layer.

    Raises
    ------
    UnreadableSource
        If the table is not one that `write_samples` made, or some objects were not judged.
    """
    path = Path(path)
    table = _read(path)
    answers = table["conforme"].str.strip().str.casefold().map(_ANSWERS)
    unjudged = answers.isna()
    if unjudged.any():
        lines = some([row + 2 for row in np.flatnonzero(unjudged)])
        raise UnreadableSource(
            f"{count(int(unjudged.sum()), 'objet')} de {quote(path.name)} sans « oui » ni « non » "
            f"dans la colonne « conforme » (ligne {lines}). Terminez la visite, puis relancez."
        )
    groups = table.assign(wrong=~answers.astype(bool)).groupby(["fichier", "couche"], sort=False)
    return {
        f"{file} · {layer}": decide(
            Plan(int(rows["lot"].iloc[0]), len(rows), int(rows["admis"].iloc[0])), int(rows["wrong"].sum())
        )
        for (file, layer), rows in groups
    }


def _read(path: Path) -> pd.DataFrame:
    try:
        table = pd.read_csv(path, sep=";", dtype="str", keep_default_na=False, encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError, ValueError) as error:
        raise UnreadableSource(
            f"L'échantillon {quote(path.name)} ne se lit pas. Enregistrez-le en CSV UTF-8, séparé par « ; »."
        ) from error
    lost = [name for name in _NEEDED if name not in table.columns]
    if lost or table.empty:
        raise UnreadableSource(
            f"{quote(path.name)} n'est pas un échantillon tiré par GéoAtelier : "
            f"il manque {some(lost) or 'des lignes'}. Reprenez le fichier echantillon.csv du rapport."
        )
    return table
