"""Two reports compared: what a new delivery mended, what remains, what appeared."""

from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from geoatelier.quality.anomalies import COLUMNS, together
from geoatelier.quality.kinds import KINDS, LEVELS
from geoatelier.quality.outputs import rows
from geoatelier.quality.outputs.geopackage import write_places
from geoatelier.quality.outputs.qgis import Symbol
from geoatelier.quality.pairing import LayerName, pair_anomalies, pair_layers
from geoatelier.quality.report import Report
from geoatelier.quality.wording import count, quote

MENDED, REMAINING, NEW, UNSEEN = "corrigée", "restante", "nouvelle", "non revue"
_METRES_IN_A_DEGREE = 111_320.0

EVOLUTION_SYMBOLS = {
    NEW: Symbol("Nouvelle", "#4b0055", "star", 4.6, 1.4, "solid", (45, 135)),
    REMAINING: Symbol("Restante", "#d55e00", "triangle", 3.8, 1.1, "solid", (45,)),
    UNSEEN: Symbol("Non revue", "#b0b0b0", "square", 3.0, 0.9, "dash", (0,)),
    MENDED: Symbol("Corrigée", "#9fdcc3", "circle", 2.6, 0.8, "dot", ()),
}
_ALIASES = {
    "evolution": "Évolution",
    "numero_avant": "N° dans le rapport d'avant",
    "numero_apres": "N° dans le rapport d'après",
} | rows.ALIASES


@dataclass(frozen=True)
class Comparison:
    """What became of the anomalies from one delivery to the next.

    Parameters
    ----------
    before, after : the reports compared
    anomalies : GeoDataFrame with one row an anomaly of either report: `evolution` (corrigée, restante,
        nouvelle, or non revue when its layer is not in the second delivery), `numero_avant` and
        `numero_apres` (its number in each report), then the columns of a report. What remains is described as
        in `after`. `couche` bears the name that the layer has in `after`. An anomaly whose object was taken
        out counts as mended: the reports alone cannot tell.
    layers : one row a layer, with its file, name and number of objects before and after, null where it is not
    """

    before: Report
    after: Report
    anomalies: gpd.GeoDataFrame
    layers: pd.DataFrame

    def of(self, evolution: str) -> gpd.GeoDataFrame:
        """Anomalies of one evolution.

        Raises
        ------
        ValueError
            If `evolution` is not one of corrigée, restante, nouvelle, non revue.
        """
        if evolution not in EVOLUTION_SYMBOLS:
            raise ValueError(
                f"Évolution inconnue : {quote(evolution)}. Choisissez parmi {', '.join(EVOLUTION_SYMBOLS)}."
            )
        return self.anomalies[self.anomalies["evolution"] == evolution].reset_index(drop=True)

    def summary(self) -> pd.DataFrame:
        """One row a kind of anomaly of a layer, the gravest first, in French for people.

        Returns
        -------
        DataFrame of columns niveau, couche, anomalie, avant, corrigées, restantes, nouvelles, non revues,
        après
        """
        by = ["niveau", "couche", "code"]
        counts = self.anomalies.pivot_table(index=by, columns="evolution", aggfunc="size", fill_value=0)
        counts = counts.reindex(columns=[MENDED, REMAINING, NEW, UNSEEN], fill_value=0).reset_index()
        counts["rank"] = counts["niveau"].map(LEVELS.index)
        counts = counts.sort_values(["rank", NEW, REMAINING, "code"], ascending=[True, False, False, True])
        table = pd.DataFrame(
            {
                "niveau": counts["niveau"],
                "couche": counts["couche"],
                "anomalie": [KINDS[code].title for code in counts["code"]],
                "avant": counts[MENDED] + counts[REMAINING] + counts[UNSEEN],
                "corrigées": counts[MENDED],
                "restantes": counts[REMAINING],
                "nouvelles": counts[NEW],
                "non revues": counts[UNSEEN],
                "après": counts[REMAINING] + counts[NEW],
            }
        )
        return table.reset_index(drop=True)

    def line(self) -> str:
        """The outcome in a few sentences."""
        sizes = self.anomalies["evolution"].value_counts()
        mended, remaining, new, unseen = (
            int(sizes.get(name, 0)) for name in (MENDED, REMAINING, NEW, UNSEEN)
        )
        sentences = [
            f"De {quote(self.before.source)} à {quote(self.after.source)} : "
            f"{count(mended, 'anomalie corrigée', 'anomalies corrigées')}, "
            f"{count(remaining, 'restante')}, {count(new, 'nouvelle')}.",
        ]
        if unseen:
            sentences.append(
                f"{count(unseen, 'anomalie')} d'avant sans suite connue : "
                "la couche n'est pas dans la seconde livraison."
            )
        lost = self.layers["objets_avant"].sub(self.layers["objets_apres"]).clip(lower=0).sum()
        if mended and lost > 0:
            sentences.append(
                f"{count(int(lost), 'objet')} de moins qu'avant : "
                "une anomalie disparaît aussi avec son objet."
            )
        verdicts = [_VERDICTS[report.conform] for report in (self.before, self.after)]
        sentences.append(f"Verdict : {verdicts[0]} avant, {verdicts[1]} après.")
        return " ".join(sentences)

    def save(self, path: str | Path, *, overwrite: bool = False) -> Path:
        """Write a GeoPackage that opens in QGIS: layers of anomalies drawn by evolution, summary, layers.

        Raises
        ------
        ValueError
            If `path` does not end in .gpkg.
        UnwritableOutput
            See `outputs.new_file`.
        """
        tables = {"bilan": self.summary(), "couches": self.layers}
        return write_places(
            path,
            self.anomalies,
            tables,
            "evolution",
            EVOLUTION_SYMBOLS,
            prefix="evolution",
            aliases=_ALIASES,
            overwrite=overwrite,
        )

    def __repr__(self) -> str:
        return f"{self.line()}\n{self.summary().to_string(index=False)}"


_VERDICTS = {True: "conforme", False: "non conforme"}


def compare(before: Report, after: Report, *, tolerance: float = 1.0) -> Comparison:
    """What became of each anomaly of `before` in `after`, whatever the order of rows.

    Layers are matched even when a file or a layer was renamed (`pairing.pair_layers`), anomalies by the key
    of their object, else by their place (`pairing.pair_anomalies`).

    Parameters
    ----------
    before, after : reports made by the same rules
    tolerance : metres by which the extent of an anomaly may move and still be the same place

    Returns
    -------
    Comparison, in the CRS of `before`, else of `after`

    Raises
    ------
    ValueError
        If `tolerance` is negative or not a number.
    """
    if not tolerance >= 0:
        raise ValueError("La tolérance est une distance en mètres : donnez un nombre positif ou nul.")
    names = pair_layers(before.layers, after.layers)
    crs = before.anomalies.crs if before.anomalies.crs is not None else after.anomalies.crs
    old = _named(before, names, "numero_avant", crs)
    new = _named(after, {}, "numero_apres", crs)
    reach = tolerance / _METRES_IN_A_DEGREE if crs is not None and crs.is_geographic else tolerance
    old_rows, new_rows = pair_anomalies(old, new, reach)
    seen = {*names.values(), *new["layer"]}
    old["evolution"] = [MENDED if layer in seen else UNSEEN for layer in old["layer"]]
    new["evolution"] = NEW
    new.loc[new_rows, "evolution"] = REMAINING
    new.loc[new_rows, "numero_avant"] = old.loc[old_rows, "numero_avant"].to_numpy()
    table = together([old.drop(index=old_rows), new], crs)
    head = ["evolution", "numero_avant", "numero_apres"]
    return Comparison(before, after, table.reindex(columns=[*head, *COLUMNS]), _layers(before, after, names))


def _named(report: Report, names: dict[LayerName, LayerName], number: str, crs: object) -> gpd.GeoDataFrame:
    """The anomalies of a report, numbered, with the name that their layer has in the second delivery."""
    table = together([report.anomalies], crs).reset_index(drop=True)
    places = zip(table["fichier"].fillna(""), table["couche"].fillna(""), strict=True)
    layers = [names.get(place, place) for place in places]
    numbers = {
        name: pd.array([None] * len(table), dtype="Int64") for name in ("numero_avant", "numero_apres")
    }
    table = table.assign(layer=layers, **numbers)
    table[number] = pd.array(np.arange(1, len(table) + 1), dtype="Int64")
    return table.assign(couche=pd.array([layer for _, layer in layers], dtype="str"))


def _layers(before: Report, after: Report, names: dict[LayerName, LayerName]) -> pd.DataFrame:
    old = {(facts.file, facts.name): facts.rows for facts in before.layers}
    new = {(facts.file, facts.name): facts.rows for facts in after.layers}
    pairs = [(place, names.get(place)) for place in old]
    pairs += [(None, place) for place in new if place not in names.values()]
    table = [
        (*(then or (None, None)), old.get(then), *(now or (None, None)), new.get(now)) for then, now in pairs
    ]
    columns = [f"{name}_{when}" for when in ("avant", "apres") for name in ("fichier", "couche", "objets")]
    return pd.DataFrame(table, columns=columns).astype({"objets_avant": "Int64", "objets_apres": "Int64"})
