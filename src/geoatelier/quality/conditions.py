"""Rules between columns: « if … then … », and two columns that must be in order."""

import operator

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoatelier.quality.anomalies import anomalies, together
from geoatelier.quality.attributes import as_text
from geoatelier.quality.dates import date_columns
from geoatelier.quality.layer import Layer, missing
from geoatelier.quality.profiles import Clause, Comparison, Condition, Operator
from geoatelier.quality.schema import readings
from geoatelier.quality.wording import quote, some

_TESTS = {
    "<=": operator.le, ">=": operator.ge, "<": operator.lt, ">": operator.gt,
    "=": operator.eq, "!=": operator.ne,
}  # fmt: skip
_SAID: dict[Operator, str] = {
    "<=": "au plus", ">=": "au moins", "<": "moins de", ">": "plus de", "=": "égal à", "!=": "différent de",
}  # fmt: skip
_FLAGS = {"True": "true", "False": "false", "1": "true", "0": "false"}


def broken_conditions(layer: Layer) -> gpd.GeoDataFrame:
    """Rows that break a rule between columns of their sheet.

    A comparison holds where a value is missing or cannot be read: other controls say so. Dates in the wrong
    order are reported as such.
    """
    tables = [
        _out_of_order(layer, rule) if isinstance(rule, Comparison) else _unmet(layer, rule)
        for rule in layer.profile.conditions
    ]
    return together(tables, layer.frame.crs)


def _unmet(layer: Layer, rule: Condition) -> gpd.GeoDataFrame:
    rows = np.flatnonzero(_holds(layer, rule.when) & ~_holds(layer, rule.then))
    name = rule.then.column
    values = layer.frame[name].iloc[rows]
    shown = np.where(missing(values), "vide", [quote(value) for value in values])
    expected = f"Quand {_sentence(rule.when)}, il faut que {_sentence(rule.then)}"
    advice = "Cherchez laquelle des deux colonnes est fausse."
    messages = [f"{expected}, ici\u00a0: {text}. {advice}" for text in shown]
    attribute = f"{rule.when.column}, {name}"
    return anomalies(layer, "condition-non-tenue", rows, messages, attribute=attribute, values=values)


def _holds(layer: Layer, clause: Clause) -> NDArray[np.bool_]:
    values = layer.frame[clause.column]
    lacking = missing(values)
    if clause.filled is not None:
        return ~lacking if clause.filled else lacking
    wanted = clause.equals if clause.equals is not None else clause.differs
    text = as_text(values)
    if pd.api.types.is_bool_dtype(values):
        text = text.map(lambda value: _FLAGS.get(value, value))
    among = text.isin([_plain(value) for value in wanted]).to_numpy(dtype=bool)
    return ~lacking & (among if clause.equals is not None else ~among)


def _plain(value: str) -> str:
    return _FLAGS[value] if value in ("True", "False") else value


def _sentence(clause: Clause) -> str:
    name = quote(clause.column)
    if clause.filled is not None:
        return f"{name} soit {'remplie' if clause.filled else 'vide'}"
    listed = some(map(quote, map(_plain, clause.equals or clause.differs)), 6)
    return f"{name} vaille {listed}" if clause.equals is not None else f"{name} ne vaille pas {listed}"


def _out_of_order(layer: Layer, rule: Comparison) -> gpd.GeoDataFrame:
    dated = set(date_columns(layer)) | {c.name for c in layer.profile.columns if c.type == "date"}
    as_dates = bool({rule.first, rule.second} & dated)
    first, second = (readings(layer.frame[name], as_dates) for name in (rule.first, rule.second))
    if rule.operator in ("=", "!=") and not as_dates and (first.isna().all() or second.isna().all()):
        first, second = (
            as_text(layer.frame[name]).mask(layer.missing(name)) for name in (rule.first, rule.second)
        )
    known = (first.notna() & second.notna()).to_numpy(dtype=bool)
    right = _TESTS[rule.operator](first, second).fillna(False).to_numpy(dtype=bool)
    rows = np.flatnonzero(known & ~right)
    one, other = layer.frame[rule.first].iloc[rows], layer.frame[rule.second].iloc[rows]
    messages = [
        f"{rule.first} ({_shown(a)}) devrait être {_SAID[rule.operator]} {rule.second} ({_shown(b)}). "
        "Cherchez laquelle des deux est fausse."
        for a, b in zip(one, other, strict=True)
    ]
    return anomalies(
        layer,
        "dates-inversees" if as_dates and rule.operator in ("<=", "<", ">=", ">") else "condition-non-tenue",
        rows,
        messages,
        attribute=f"{rule.first}, {rule.second}",
        values=one,
    )


def _shown(value: object) -> str:
    return f"{value:%d/%m/%Y}" if isinstance(value, pd.Timestamp) else str(value)
