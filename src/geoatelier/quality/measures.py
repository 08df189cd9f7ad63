"""The values of quality measures on a layer, from what its controls found, with the thresholds to hold."""

import difflib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd

from geoatelier.quality.catalogue import MEASURES, Definition
from geoatelier.quality.measure import Measure
from geoatelier.quality.report import LayerFacts
from geoatelier.quality.wording import SPACE, in_unit, number, quote

__all__ = ["MEASURES", "measure", "measures_of", "measures_table"]

_ORDER = {code: place for place, code in enumerate(MEASURES)}


def measure(
    code: str, value: float, population: int, *, file: str = "", layer: str = "", about: str = ""
) -> Measure:
    """A value of the measure `code` of the catalogue.

    Parameters
    ----------
    value : in the unit of its definition; nan where nothing could be measured
    population : number of items on which it was measured
    about : column that it is about, added to the title
    """
    known = MEASURES[code]
    title = f"{known.title} ({about})" if about else known.title
    return Measure(
        file=file,
        layer=layer,
        code=code,
        title=title,
        element=known.element,
        iso=known.iso,
        quadogeo=known.quadogeo,
        value=float(value),
        unit=known.unit,
        population=population,
        at_most=known.at_most,
    )


def measures_of(
    facts: LayerFacts,
    anomalies: gpd.GeoDataFrame,
    thresholds: Mapping[str, float] | None = None,
    *,
    against: Sequence[Measure] = (),
) -> tuple[Measure, ...]:
    """Every measure that concerns a layer, with the thresholds that it must hold.

    A number counts errors, a rate counts objects: one that has three errors counts once. What is told for
    information is no error. A layer without any object gives nan, which holds no threshold. So does a measure
    that a threshold asks for and nobody took.

    Parameters
    ----------
    facts : the layer
    anomalies : what the controls found; rows of other layers and files are left aside
    thresholds : code of a measure to the value that it must hold, in the unit of that measure
    against : measures of this layer already taken against a reference

    Returns
    -------
    Measures in the order of the catalogue

    Raises
    ------
    ValueError
        If a threshold is for no measure of `MEASURES`, or is not a number.
    """
    thresholds = dict(thresholds or {})
    _check(thresholds)
    here = (anomalies["couche"] == facts.name) & (anomalies["fichier"].fillna("") == facts.file)
    taken = [*against, *_counted(facts, anomalies[here], thresholds)]
    untaken = thresholds.keys() - {one.code for one in taken}
    taken += [measure(code, np.nan, 0, file=facts.file, layer=facts.name) for code in untaken]
    taken.sort(key=lambda one: _ORDER[one.code])
    return tuple(replace(one, threshold=thresholds.get(one.code)) for one in taken)


def measures_table(measures: Collection[Measure]) -> pd.DataFrame:
    """The measures for people, in French: decimal comma, per cent, « oui » or « non ».

    Returns
    -------
    DataFrame of columns couche, mesure, valeur, seuil, conforme, sur (number of items, and of what), élément,
    ISO 19157, QuaDoGéo
    """
    answer = {True: "oui", False: "non", None: ""}
    return pd.DataFrame(
        {
            "couche": [one.layer or one.file for one in measures],
            "mesure": [one.title for one in measures],
            "valeur": [one.text for one in measures],
            "seuil": [_limit(one) for one in measures],
            "conforme": [answer[one.conform] for one in measures],
            "sur": [f"{number(one.population)}{SPACE}{MEASURES[one.code].population}" for one in measures],
            "élément": [one.element for one in measures],
            "ISO 19157": ["" if one.iso is None else str(one.iso) for one in measures],
            "QuaDoGéo": [one.quadogeo or "" for one in measures],
        }
    )


def _check(thresholds: Mapping[str, float]) -> None:
    for code, threshold in thresholds.items():
        if code not in MEASURES:
            near = difflib.get_close_matches(str(code), MEASURES, n=1, cutoff=0.5)
            raise ValueError(
                f"Aucune mesure ne s'appelle {quote(code)}. "
                + (
                    f"Vouliez-vous dire {quote(near[0])}{SPACE}?"
                    if near
                    else f"Codes possibles{SPACE}: {', '.join(sorted(MEASURES))}."
                )
            )
        if isinstance(threshold, bool) or not isinstance(threshold, int | float) or np.isnan(threshold):
            raise ValueError(f"Le seuil de {quote(code)} doit être un nombre, et non {quote(threshold)}.")


def _counted(facts: LayerFacts, anomalies: gpd.GeoDataFrame, asked: Collection[str]) -> list[Measure]:
    """The measures that are counted from anomalies, for those that concern such a layer or were asked for."""
    columns = ["code", "niveau", "rang", "objet", "objet_lie"]
    by_code = {str(code): rows for code, rows in pd.DataFrame(anomalies[columns]).groupby("code")}
    taken = []
    for code, known in MEASURES.items():
        if known.form == "référence":
            continue
        rows = _errors(known, by_code)
        concerned = any(shape in facts.shape for shape in known.shapes) or (
            not known.shapes and code in asked
        )
        if concerned or len(rows):
            value = _value(known, rows, facts.rows)
            taken.append(measure(code, value, facts.rows, file=facts.file, layer=facts.name))
    return taken


def _errors(known: Definition, by_code: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """The anomalies that a measure counts; those told for information only where it names their kind."""
    found = [
        rows if code in known.counts else rows[rows["niveau"] != "info"]
        for code, rows in by_code.items()
        if code in known.kinds
    ]
    return pd.concat(found) if found else pd.DataFrame({"rang": [], "objet": [], "objet_lie": []})


def _value(known: Definition, rows: pd.DataFrame, population: int) -> float:
    if not population:
        return np.nan
    if known.form == "nombre":
        return len(rows)
    if known.form == "indicateur":
        return float(len(rows) > 0)
    share = 100 * _objects(rows, known.pairs) / population
    return share if known.form == "taux" else 100 - share


def _objects(rows: pd.DataFrame, pairs: bool) -> int:
    """How many objects have one of these anomalies or more."""
    concerned = rows["rang"].nunique()
    if pairs:
        concerned += (~rows["objet_lie"].dropna().drop_duplicates().isin(rows["objet"])).sum()
    return int(concerned)


def _limit(one: Measure) -> str:
    if one.threshold is None:
        return ""
    return f"{'≤' if one.at_most else '≥'}{SPACE}{in_unit(one.threshold, one.unit)}"
