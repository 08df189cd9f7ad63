"""Values rewritten as they should be: leading zeros, decimal commas, stray spaces, case."""

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoatelier.quality.attributes import as_text
from geoatelier.quality.layer import Layer, is_number, is_text, missing
from geoatelier.quality.profiles import Code
from geoatelier.quality.repair.frames import layer_to_repair, with_columns, with_values
from geoatelier.quality.repair.log import Repaired, entries, joined, layer_entry
from geoatelier.quality.wording import count, some

_DECIMAL = re.compile(r"[+-]?\d+([.,]\d+)?")
_NUMERIC_CODE = re.compile(r"0\d+")


def fix_decimal_and_zero(frame: gpd.GeoDataFrame) -> Repaired:
    """Codes with the leading zero that a spreadsheet took, and text with decimal commas turned into numbers.

    A column of codes held as numbers becomes text. A column of text becomes numbers only when all its values
    are numbers, one at least has a decimal comma, and none is a code; else its unreadable values are listed.
    A restored code whose first two characters no other code has is marked « à vérifier »; one that lacks
    several characters is left and listed.
    """
    layer = layer_to_repair(frame)
    changed, logs = {}, []
    for name in layer.attributes:
        if name in layer.profile.codes:
            column, log = _with_zeros(layer, name, layer.profile.codes[name])
        elif is_text(layer.frame[name]) and name != layer.key:
            column, log = _as_numbers(layer, name)
        else:
            continue
        logs.append(log)
        if column is not None:
            changed[name] = column.set_axis(frame.index)
    return Repaired(with_columns(frame, changed), joined(logs))


def fix_spaces_and_case(
    frame: gpd.GeoDataFrame, *, domains: Mapping[str, Collection] | None = None
) -> Repaired:
    """Text without spaces around it, then written as its domain, or the form of its code, wants it.

    A value that is admitted but for its case or its accents becomes the admitted one; when it could be
    several, it is left and listed. A value that is in no domain is left.

    Parameters
    ----------
    domains : column name to the values that it may take, besides those that the columns call for
    """
    layer = layer_to_repair(frame)
    admitted = {**layer.profile.domains, **(domains or {})}
    changed, logs = {}, []
    for name in layer.attributes:
        if not is_text(layer.frame[name]):
            continue
        padded, spaces = _trimmed(layer, name)
        values = with_values(layer.frame[name], padded, layer.frame[name].iloc[padded].str.strip())
        miswritten, new, case = _in_form(layer, values, admitted.get(name, ()), layer.profile.codes.get(name))
        values = with_values(values, miswritten, new)
        rows = np.union1d(padded, miswritten)
        if len(rows):
            changed[name] = with_values(frame[name], rows, values.iloc[rows])
        logs += [spaces, case]
    return Repaired(with_columns(frame, changed), joined(logs))


def _with_zeros(layer: Layer, name: str, code: Code) -> tuple[pd.Series | None, pd.DataFrame]:
    values = layer.frame[name]
    texts = as_text(values)
    well_formed = re.compile(code.pattern).fullmatch
    given = ~missing(values)
    lost = given & np.array(
        [
            text.isdigit() and not well_formed(text) and bool(well_formed(text.zfill(code.width)))
            for text in texts
        ],
        dtype=bool,
    )
    several = lost & (texts.str.len() < code.width - 1).to_numpy()
    rows = np.flatnonzero(lost & ~several)
    before = texts.iloc[rows].to_list()
    after = [text.zfill(code.width) for text in before]
    starts = Counter(text[:2] for text in [*texts[given & ~lost].unique(), *after])
    left = entries(
        layer,
        "fix_decimal_and_zero",
        np.flatnonzero(several),
        f"Il manque plusieurs signes à ce code de {code.width} signes : zéros perdus, ou code faux ?",
        attribute=name,
        before=texts[several],
        state="à décider",
    )
    if not len(rows):
        return None, left
    column = texts.where(given, None).astype("str") if is_number(values) else values
    log = entries(
        layer,
        "fix_decimal_and_zero",
        rows,
        f"Code de {code.width} signes dont un tableur a retiré le zéro de tête.",
        attribute=name,
        before=before,
        after=after,
        state=["modifié" if starts[text[:2]] > 1 else "à vérifier" for text in after],
    )
    if is_number(values):
        note = "Un code n'est pas un nombre : la colonne devient du texte, pour garder ses zéros."
        turned = layer_entry("fix_decimal_and_zero", note, attribute=name, before="nombre", after="texte")
        log = joined([turned, log])
    return with_values(column, rows, after), joined([log, left])


def _as_numbers(layer: Layer, name: str, usual: float = 0.8) -> tuple[pd.Series | None, pd.DataFrame]:
    values = layer.frame[name]
    given = ~missing(values)
    texts = as_text(values).where(given, "")
    number = texts.str.fullmatch(_DECIMAL).to_numpy(dtype=bool)
    comma = number & texts.str.contains(",", regex=False).to_numpy(dtype=bool)
    code = texts.str.fullmatch(_NUMERIC_CODE).to_numpy(dtype=bool)
    if not comma.any() or code.any() or number.sum() <= usual * given.sum():
        return None, joined([])
    unreadable = np.flatnonzero(given & ~number)
    if len(unreadable):
        note = "Ce n'est pas un nombre : la colonne reste du texte tant que la valeur n'est pas corrigée."
        before = texts.iloc[unreadable]
        log = entries(
            layer, "fix_decimal_and_zero", unreadable, note, attribute=name, before=before, state="à décider"
        )
        return None, log
    column = pd.to_numeric(texts.where(given, None).str.replace(",", "."), errors="raise").astype(float)
    rows = np.flatnonzero(comma)
    note = "Nombre à virgule décimale, lu comme du texte."
    turned = layer_entry(
        "fix_decimal_and_zero",
        f"{count(given.sum(), 'valeur')} en texte, dont {count(len(rows), 'à virgule', 'à virgule')} : "
        "la colonne devient numérique.",
        attribute=name,
        before="texte",
        after="nombre",
    )
    each = entries(
        layer,
        "fix_decimal_and_zero",
        rows,
        note,
        attribute=name,
        before=texts.iloc[rows],
        after=column.iloc[rows],
    )
    return column, joined([turned, each])


def _trimmed(layer: Layer, name: str) -> tuple[NDArray[np.int64], pd.DataFrame]:
    """Rows whose value has spaces around it, and the log of their going; a value of spaces alone is left."""
    values = layer.frame[name]
    padded = [value for value in _distinct(values) if value.strip() not in ("", value)]
    rows = np.flatnonzero(values.isin(padded))
    given = values.iloc[rows].to_list()
    log = entries(
        layer,
        "fix_spaces_and_case",
        rows,
        "Espaces retirés autour de la valeur.",
        attribute=name,
        before=[value.replace(" ", "␣") for value in given],
        after=[value.strip() for value in given],
    )
    return rows, log


def _in_form(
    layer: Layer, values: pd.Series, admitted: Collection, code: Code | None
) -> tuple[NDArray[np.int64], list[str], pd.DataFrame]:
    """Rows not written as those of `admitted`, or in capitals where `code` wants them; what they become."""
    allowed = {str(value) for value in admitted}
    proposals = {value: _proposals(value, allowed, code) for value in _distinct(values) - allowed}
    one = {value: found[0] for value, found in proposals.items() if len(found) == 1}
    rows = np.flatnonzero(values.isin(one))
    given = values.iloc[rows].to_list()
    new = [one[value] for value in given]
    note = "Même valeur, écrite avec une autre casse ou d'autres accents."
    done = entries(layer, "fix_spaces_and_case", rows, note, attribute=values.name, before=given, after=new)
    doubtful = {value: found for value, found in proposals.items() if len(found) > 1}
    at = np.flatnonzero(values.isin(doubtful))
    left = entries(
        layer,
        "fix_spaces_and_case",
        at,
        [
            f"Plusieurs valeurs admises s'écrivent ainsi : {some(doubtful[value])}."
            for value in values.iloc[at]
        ],
        attribute=values.name,
        before=values.iloc[at],
        state="à décider",
    )
    return rows, new, joined([done, left])


def _distinct(values: pd.Series) -> set[str]:
    return {value for value in values.dropna().unique() if isinstance(value, str)}


def _proposals(value: str, allowed: Iterable[str], code: Code | None) -> list[str]:
    """Right ways to write `value`, none where it is right already or where no way is known."""
    letters = _letters(value)
    found = sorted(other for other in allowed if _letters(other) == letters)
    if found or code is None:
        return found
    capitals = value.upper()
    wrong = re.fullmatch(code.pattern, value) is None
    return [capitals] if wrong and re.fullmatch(code.pattern, capitals) else []


def _letters(text: str) -> str:
    """The letters of a text, whatever their case and their accents."""
    decomposed = unicodedata.normalize("NFD", text.casefold())
    return "".join(sign for sign in decomposed if not unicodedata.combining(sign))
