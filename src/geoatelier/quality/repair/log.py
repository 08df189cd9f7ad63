"""What a repair did: the new frame, and a log with one row a change or a case left to people."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from geoatelier.quality.layer import Layer
from geoatelier.quality.readable import readable
from geoatelier.quality.wording import area, count

State = Literal["modifié", "retiré", "à vérifier", "à décider"]

COLUMNS = (
    "operation", "rang", "objet", "attribut", "avant", "apres", "surface_avant", "surface_apres", "etat",
    "note",
)  # fmt: skip
TITLES = {
    "fix_encoding": "Accents rétablis",
    "fix_decimal_and_zero": "Zéros de tête et virgules décimales rétablis",
    "fix_spaces_and_case": "Espaces et casse corrigés",
    "set_right_crs": "Système de coordonnées rétabli",
    "remove_repeated_vertices": "Sommets répétés retirés",
    "remove_spikes": "Pointes retirées",
    "make_valid": "Géométries rendues valides",
    "orient": "Sens des contours rétabli",
    "drop_duplicates": "Doublons retirés",
    "merge_slivers": "Micro-surfaces fondues dans leur voisin",
    "cut_overlaps": "Chevauchements découpés",
    "fill_gaps": "Trous comblés",
}


@dataclass(frozen=True)
class Repaired:
    """A repaired layer, and everything that was done to it.

    Parameters
    ----------
    frame : the new layer; its index is the position of each row in the source
    log : DataFrame of columns operation, rang (row in the source, null for the whole layer), objet (key),
        attribut, avant, apres, surface_avant and surface_apres (m², nan when not in metres), etat and note.
        `etat` is « modifié », « retiré », « à vérifier » (changed, to be looked at) or « à décider »
        (left as it was).
    """

    frame: gpd.GeoDataFrame
    log: pd.DataFrame

    @property
    def changes(self) -> pd.DataFrame:
        """Rows of the log that changed something."""
        return self.log[self.log["etat"] != "à décider"].reset_index(drop=True)

    @property
    def pending(self) -> pd.DataFrame:
        """Rows of the log that wait for somebody: changes to look at, cases to settle."""
        return self.log[self.log["etat"].isin(["à vérifier", "à décider"])].reset_index(drop=True)

    def summary(self) -> pd.DataFrame:
        """One row an operation: what, how many, area changed; in French for people.

        Returns
        -------
        DataFrame of columns opération, changements, objets, dont retirés, dont à vérifier, à décider,
        surface ajoutée (m²), surface retirée (m²)
        """
        changed = self.log["etat"] != "à décider"
        gained = (self.log["surface_apres"] - self.log["surface_avant"]).where(changed, 0).fillna(0)
        by = self.log["operation"]
        table = pd.DataFrame(
            {
                "changements": changed.groupby(by, sort=False).sum(),
                "objets": self.log["rang"].where(changed).groupby(by, sort=False).nunique(),
                "dont retirés": (self.log["etat"] == "retiré").groupby(by, sort=False).sum(),
                "dont à vérifier": (self.log["etat"] == "à vérifier").groupby(by, sort=False).sum(),
                "à décider": (~changed).groupby(by, sort=False).sum(),
                "surface ajoutée (m²)": gained.where(gained > 0, 0.0).groupby(by, sort=False).sum().round(2),
                "surface retirée (m²)": (-gained)
                .where(gained < 0, 0.0)
                .groupby(by, sort=False)
                .sum()
                .round(2),
            }
        )
        return table.rename_axis("opération").reset_index()

    def line(self) -> str:
        """The whole in one sentence."""
        if self.log.empty:
            return f"{count(len(self.frame), 'objet')} : rien à réparer."
        gained = self.changes["surface_apres"] - self.changes["surface_avant"]
        return (
            f"{count(len(self.frame), 'objet')} : {count(len(self.changes), 'changement')} "
            f"(surface ajoutée {area(gained.clip(lower=0).sum())}, "
            f"retirée {area((-gained).clip(lower=0).sum())}), "
            f"{count((self.log['etat'] == 'à vérifier').sum(), 'changement')} à vérifier, "
            f"{count((self.log['etat'] == 'à décider').sum(), 'cas', 'cas')} à décider."
        )

    def __repr__(self) -> str:
        return f"{self.line()}\n{self.summary().to_string(index=False)}"

    def _repr_html_(self) -> str:
        return readable(self.summary(), self.line())._repr_html_()


def entries(
    layer: Layer,
    operation: str,
    rows: ArrayLike,
    notes: str | Sequence[str],
    *,
    attribute: str | None = None,
    before: Sequence | None = None,
    after: Sequence | None = None,
    area_before: Sequence[float] | None = None,
    area_after: Sequence[float] | None = None,
    state: State | Sequence[State] = "modifié",
) -> pd.DataFrame:
    """One row of log for each of `rows`.

    Parameters
    ----------
    layer : the layer before the operation
    operation : a key of `TITLES`
    rows : array of shape (n,), positions in `layer`
    notes : one French sentence for all, or n of them
    attribute : the column concerned
    before, after : n values
    area_before, area_after : n areas, m²
    state : one for all, or n of them
    """
    rows = np.asarray(rows, dtype=int)
    if not len(rows):
        return joined([])
    return _table(
        operation,
        layer.rows[rows],
        layer.keys[rows],
        attribute,
        [None] * len(rows) if before is None else before,
        [None] * len(rows) if after is None else after,
        [np.nan] * len(rows) if area_before is None else area_before,
        [np.nan] * len(rows) if area_after is None else area_after,
        state,
        notes,
    )


def layer_entry(
    operation: str,
    note: str,
    *,
    attribute: str | None = None,
    before: object = None,
    after: object = None,
    state: State = "modifié",
) -> pd.DataFrame:
    """One row of log for something that concerns the whole layer."""
    return _table(operation, [None], [None], attribute, [before], [after], [np.nan], [np.nan], state, note)


def joined(logs: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """All rows of `logs`, one after the other."""
    logs = [log for log in logs if len(log)]
    return pd.concat(logs, ignore_index=True) if logs else _empty().copy()


@lru_cache
def _empty() -> pd.DataFrame:
    """Built once: most operations find nothing."""
    return _table(None, [], [], None, [], [], [], [], [], [])


def _table(
    operation: str | None,
    ranks: Sequence,
    keys: Sequence,
    attribute: str | None,
    before: Sequence,
    after: Sequence,
    area_before: Sequence[float],
    area_after: Sequence[float],
    state: State | Sequence[State],
    notes: str | Sequence[str],
) -> pd.DataFrame:
    n = len(ranks)
    texts = {
        "operation": [TITLES.get(operation)] * n,
        "objet": keys,
        "attribut": [attribute] * n,
        "avant": before,
        "apres": after,
        "etat": [state] * n if isinstance(state, str) else state,
        "note": [notes] * n if isinstance(notes, str) else notes,
    }
    columns = {
        name: pd.array([_text(value) for value in values], dtype="str") for name, values in texts.items()
    }
    columns |= {
        "rang": pd.array(list(ranks), dtype="Int64"),
        "surface_avant": np.asarray(area_before, dtype=float).round(6),
        "surface_apres": np.asarray(area_after, dtype=float).round(6),
    }
    return pd.DataFrame(columns, columns=list(COLUMNS))


def _text(value: object) -> str | None:
    return None if value is None or (np.isscalar(value) and pd.isna(value)) else str(value)
