"""Values that are missing, or that are not among those a column may take."""

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping

import geopandas as gpd
import numpy as np
import pandas as pd

from geoatelier.quality.anomalies import anomalies, layer_anomaly, together
from geoatelier.quality.layer import Layer, is_number, is_text
from geoatelier.quality.text import repair
from geoatelier.quality.wording import count, number, quote, some

_MOSTLY_EMPTY = 0.5
_LONGEST_WHOLE = 2.0**63
_NUMBER = re.compile(r"[+-]?\d+([.,]\d+)?")


def holes(layer: Layer) -> gpd.GeoDataFrame:
    """One anomaly for each column that lacks values, indispensable columns excepted."""
    found = []
    n = len(layer.frame)
    for name, lacking in layer.missing_counts.items():
        if not lacking or (name in layer.profile.required and lacking < n):
            continue
        if lacking == n:
            message = (
                "Aucune ligne n'est remplie. Demandez si l'information existe, sinon retirez la colonne."
            )
            level = "erreur" if name in layer.profile.required else None
            found.append(
                layer_anomaly(layer, "attribut-vide", message, attribute=name, value=lacking, level=level)
            )
            continue
        share = 100 * lacking / n
        percent = number(share, 1 if share < 10 else 0)
        message = (
            f"{count(lacking, 'ligne')} sur {number(n)} sans valeur ({percent} %). "
            "« Vide » veut-il dire « aucun » ou « inconnu » ? Demandez-le avant de compter."
        )
        level = "avertissement" if lacking > _MOSTLY_EMPTY * n else None
        found.append(
            layer_anomaly(layer, "attribut-incomplet", message, attribute=name, value=lacking, level=level)
        )
    return together(found, layer.frame.crs)


def missing_values(layer: Layer) -> gpd.GeoDataFrame:
    """Objects without a value that their profile holds indispensable."""
    found = []
    for name in layer.profile.required:
        lacking = layer.missing(name)
        rows = np.flatnonzero(lacking)
        if lacking.all():
            continue
        message = (
            f"La colonne {quote(name)} n'est pas remplie. Cherchez la valeur à la source ; "
            "ne la remplacez pas par une autre catégorie."
        )
        found.append(anomalies(layer, "valeur-absente", rows, message, attribute=name))
    return together(found, layer.frame.crs)


def out_of_domain(layer: Layer, domains: Mapping[str, Collection] | None = None) -> gpd.GeoDataFrame:
    """Values that are not among those admitted by the profile, or by `domains` (column to values).

    Stray spaces and broken accents are put right before the comparison: they are other anomalies. A value
    that is admitted but for its case or its accents is reported as such.
    """
    found = []
    for name, allowed in {**layer.profile.domains, **(domains or {})}.items():
        if name not in layer.attributes:
            continue
        spelled = {str(value) for value in allowed}
        # A file of text may write the number 2.0 of the list in full; `as_text` writes it « 2 ».
        admitted = spelled | {str(value).removesuffix(".0") for value in allowed if isinstance(value, float)}
        by_letters = {_letters(value): value for value in admitted}
        values = _each(repair, as_text(layer.frame[name]))
        wrong = ~layer.missing(name) & ~values.isin(admitted).to_numpy(dtype=bool)
        known = _each(_letters, values).isin(by_letters).to_numpy(dtype=bool)
        otherwise_written, unknown = np.flatnonzero(wrong & known), np.flatnonzero(wrong & ~known)
        given = values.iloc[otherwise_written]
        found.append(
            anomalies(
                layer,
                "casse-differente",
                otherwise_written,
                [f"{quote(value)} devrait s'écrire {quote(by_letters[_letters(value)])}." for value in given],
                attribute=name,
                values=given,
            )
        )
        given = values.iloc[unknown]
        holds_text = is_text(layer.frame[name])
        same = _equal_numbers(given.unique(), (v for v in allowed if isinstance(v, str) != holds_text))
        usual = (
            f"n'est pas dans la liste admise ({some(sorted(spelled), 6)}). "
            "Rapprochez-la d'une valeur admise, ou faites compléter la liste."
        )
        messages = [
            _otherwise_stored(value, same[value]) if value in same else f"{quote(value)} {usual}"
            for value in given
        ]
        found.append(anomalies(layer, "hors-domaine", unknown, messages, attribute=name, values=given))
    return together(found, layer.frame.crs)


def _equal_numbers(texts: Iterable[str], listed: Iterable) -> dict[str, object]:
    """The value of a list that is the same number as a text, whatever their writing, where there is one."""
    numbers = {_read(str(value)): value for value in listed}
    numbers.pop(None, None)
    return {text: numbers[_read(text)] for text in texts if _read(text) in numbers}


def _read(text: str) -> float | None:
    """The number that a text is; None when it is none."""
    return float(text.replace(",", ".")) if _NUMBER.fullmatch(text) else None


def _otherwise_stored(text: str, listed: object) -> str:
    """What to say of a value that a list gives as a text when it is a number, or the reverse."""
    same = "Si c'est la même valeur, écrivez-la dans la liste"
    if isinstance(listed, str):
        found = f"{quote(text)} est un nombre, et la liste donne le texte {quote(listed)}."
        return f"{found} {same} sans guillemets : {text}."
    found = f"{quote(text)} est un texte, et la liste donne le nombre {listed}."
    return f'{found} {same} entre guillemets : "{text}".'


def malformed_codes(layer: Layer) -> gpd.GeoDataFrame:
    """Codes not written as they should be, and those that lost a leading zero in a spreadsheet."""
    found = []
    for name, code in layer.profile.codes.items():
        values = as_text(layer.frame[name])
        well_formed = re.compile(code.pattern).fullmatch
        bad = [value for value in values.unique() if not well_formed(value)]
        wrong = np.flatnonzero(~layer.missing(name) & values.isin(bad).to_numpy(dtype=bool))
        given = values.iloc[wrong]
        lost = np.array(
            [value.isdigit() and bool(well_formed(value.zfill(code.width))) for value in given], dtype=bool
        )
        lower = np.array([bool(well_formed(value.upper())) for value in given], dtype=bool)
        advices = (
            (
                "zero-perdu",
                lost,
                "a perdu son zéro de tête dans un tableur. Relisez la colonne comme du texte.",
            ),
            ("casse-differente", lower & ~lost, "s'écrit en majuscules."),
            (
                "code-mal-forme",
                ~lost & ~lower,
                f"n'a pas la forme d'un code {quote(name)}. Corrigez-le à la source.",
            ),
        )
        for kind, mask, advice in advices:
            rows = wrong[mask]
            messages = [f"{quote(value)} {advice}" for value in values.iloc[rows]]
            found.append(anomalies(layer, kind, rows, messages, attribute=name, values=values.iloc[rows]))
    return together(found, layer.frame.crs)


def contradictions(layer: Layer) -> gpd.GeoDataFrame:
    """Rows where a column is not what another one decides: a crop in a group that is not its own.

    What the first column decides is read from the layer itself: the commonest value of the second, when at
    least three rows and two thirds of them agree.
    """
    found = []
    for first, second in layer.profile.implied:
        columns = {"first": layer.frame[first], "second": layer.frame[second]}
        table = pd.DataFrame({role: _each(repair, as_text(values)) for role, values in columns.items()})
        known = ~layer.missing(first) & ~layer.missing(second)
        counts = table[known].value_counts().reset_index(name="n")
        usual = counts.drop_duplicates("first").set_index("first")
        total = counts.groupby("first")["n"].sum()
        firm = usual[(usual["n"] >= 3) & (usual["n"] >= 2 / 3 * total.reindex(usual.index))]
        expected = table["first"].map(firm["second"])
        rows = np.flatnonzero(known & expected.notna().to_numpy() & (expected != table["second"]).to_numpy())
        messages = [
            f"{first} {quote(one)} va d'ordinaire avec {second} {quote(right)}, ici {quote(two)}. "
            "Cherchez laquelle des deux colonnes dit vrai."
            for one, two, right in zip(
                table["first"].iloc[rows], table["second"].iloc[rows], expected.iloc[rows], strict=True
            )
        ]
        values = table["second"].iloc[rows]
        found.append(
            anomalies(
                layer,
                "valeurs-contradictoires",
                rows,
                messages,
                attribute=f"{first}, {second}",
                values=values,
            )
        )
    return together(found, layer.frame.crs)


def _each(change: Callable[[str], str], values: pd.Series) -> pd.Series:
    """Texts changed, each different one once."""
    return values.map({text: change(text) for text in values.unique()})


def _letters(text: str) -> str:
    """The letters of a text, whatever their case and their accents."""
    decomposed = unicodedata.normalize("NFD", text.casefold())
    return "".join(sign for sign in decomposed if not unicodedata.combining(sign))


def as_text(values: pd.Series) -> pd.Series:
    """Values as trimmed text, empty where null; a whole number read as a decimal one loses its « .0 »."""
    if is_text(values):
        return values.astype("str").str.strip().fillna("")
    if not is_number(values) or pd.api.types.is_integer_dtype(values):
        return values.astype("str").fillna("")
    floats = values.to_numpy(dtype=float, na_value=np.nan)
    whole = (np.abs(floats) < _LONGEST_WHOLE) & (floats == np.trunc(floats))
    text = pd.Series(np.where(whole, floats, 0).astype(np.int64), index=values.index).astype("str")
    return text.where(whole, values.where(~whole).astype("str").fillna(""))
