"""Columns against their sheet: missing or unexpected ones, types, bounds, values that should come once.

Lists of values, patterns and values that cannot be missing are left to the controls of `attributes`, which
say what the value should have been, and the key to that of `duplicates`: the sheet gives them their rules
through the profile. pandera runs the rest.
"""

import difflib
from collections.abc import Callable
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoatelier.quality.anomalies import anomalies, layer_anomaly, no_anomaly, together
from geoatelier.quality.dates import parse_dates
from geoatelier.quality.layer import Layer, is_number, is_text, missing
from geoatelier.quality.profiles import ColumnRule, ValueType
from geoatelier.quality.wording import count, number, quote, some

if TYPE_CHECKING:
    import pandera.pandas as pa

_NUMBER = r"[+-]?\d+(?:[.,]\d+)?(?:[eE][+-]?\d+)?"
_WHOLE = r"[+-]?\d+"
_FLAGS = ("0", "1", "oui", "non", "vrai", "faux", "true", "false", "o", "n", "t", "f")
_MOST = 0.5  # beyond this share of wrong values it is the column that is wrong
_NAMES: dict[ValueType, tuple[str, str]] = {
    "texte": ("du texte", "un texte"),
    "code": ("des codes", "un code"),
    "entier": ("des nombres entiers", "un nombre entier"),
    "décimal": ("des nombres", "un nombre"),
    "date": ("des dates", "une date"),
    "booléen": ("oui ou non", "oui ou non"),
}


def columns_against_sheet(layer: Layer) -> gpd.GeoDataFrame:
    """Columns that the sheet expects and that are not there, and those that it does not know."""
    rules = layer.profile.columns
    if not rules:
        return no_anomaly(layer)
    # A layer too large for memory keeps the names of all its columns there, and few columns.
    names = list(dict.fromkeys([*layer.frame.columns.drop(layer.frame.geometry.name), *layer.missing_counts]))
    empty = pd.DataFrame(columns=names, dtype=object)
    cases = _failures(
        empty, lambda pa: {rule.name: pa.Column(required=rule.expected) for rule in rules}, strict=True
    )
    absent = cases.loc[cases["check"] == "column_in_dataframe", "failure_case"].tolist()
    unknown = cases.loc[cases["check"] == "column_in_schema", "failure_case"].tolist()
    found = []
    for name in absent:
        near = difflib.get_close_matches(str(name), map(str, unknown), n=1)
        advice = (
            f"La colonne {quote(near[0])} lui ressemble\u00a0: renommez-la si c'est elle."
            if near
            else "Redemandez le fichier avec cette colonne."
        )
        message = f"La colonne {quote(name)} manque. {advice}"
        found.append(layer_anomaly(layer, "colonne-absente", message, attribute=str(name)))
    for name in unknown:
        message = (
            f"La fiche ne connaît pas la colonne {quote(name)}. "
            "Ajoutez-la à la fiche si elle est utile, sinon retirez-la."
        )
        found.append(layer_anomaly(layer, "colonne-inattendue", message, attribute=str(name)))
    return together(found, layer.frame.crs)


def values_against_sheet(layer: Layer) -> gpd.GeoDataFrame:
    """Values that are not of the type, or within the bounds, that the sheet gives to their column."""
    rules = {
        rule.name: rule
        for rule in layer.profile.columns
        if rule.name in layer.attributes
        and (rule.type or rule.minimum is not None or rule.maximum is not None)
    }
    if not rules:
        return no_anomaly(layer)
    cases = _failures(layer.frame[list(rules)], lambda pa: {name: _column(pa, rules[name]) for name in rules})
    found = [_stored_as_text(layer, rule) for rule in rules.values()]
    for (name, check), failed in cases.groupby(["column", "check"], sort=False):
        rows = np.sort(failed["index"].to_numpy(dtype=int))
        tell = _wrong_type if check == "type" else _out_of_bounds
        found.append(tell(layer, rules[name], rows))
    return together(found, layer.frame.crs)


def repeated_values(layer: Layer) -> gpd.GeoDataFrame:
    """Values that an earlier row has, in columns without duplicates; the key is left to its own control."""
    names = [
        rule.name
        for rule in layer.profile.columns
        if rule.unique and rule.name != layer.key and rule.name in layer.attributes
    ]
    found = []
    for name in names:
        given = layer.frame[[name]][~layer.missing(name)]
        cases = _failures(
            given,
            lambda pa, name=name: {
                name: pa.Column(unique=True, nullable=True, report_duplicates="exclude_first")
            },
        )
        rows = np.sort(cases["index"].to_numpy(dtype=int))
        values = layer.frame[name].iloc[rows]
        first = given.reset_index().groupby(name)["index"].first()
        messages = [
            f"{quote(value)} est déjà la valeur de la ligne {layer.rows[first[value]]}. "
            "La fiche n'en veut qu'une\u00a0: corrigez l'une des deux."
            for value in values
        ]
        related = layer.keys[[first[value] for value in values]]
        found.append(
            anomalies(layer, "valeur-repetee", rows, messages, attribute=name, values=values, related=related)
        )
    return together(found, layer.frame.crs)


def of_type(values: pd.Series, kind: ValueType) -> NDArray[np.bool_]:
    """True where a value can be read as one of `kind`, or is missing; of shape (n,).

    A whole number is a text and a code too: formats without types, such as CSV, write them alike.
    """
    right = missing(values)
    if kind in ("texte", "code"):
        if is_text(values):
            return np.ones(len(values), dtype=bool)
        return right | (_whole(values) if is_number(values) else False)
    if kind == "date":
        if is_number(values) or pd.api.types.is_bool_dtype(values):
            return right
        return right | parse_dates(values).notna().to_numpy(dtype=bool)
    if pd.api.types.is_datetime64_any_dtype(values):
        return right
    if kind == "booléen":
        text = values.astype("str").str.strip().str.lower().str.removesuffix(".0")
        return right | text.isin(_FLAGS).to_numpy(dtype=bool)
    if pd.api.types.is_bool_dtype(values):
        return right
    if is_number(values):
        return right | (kind == "décimal") | _whole(values)
    form = _WHOLE if kind == "entier" else _NUMBER
    return right | values.astype("str").str.strip().str.fullmatch(form).fillna(False).to_numpy(dtype=bool)


def readings(values: pd.Series, as_dates: bool) -> pd.Series:
    """Values as dates or as numbers, null where they cannot be read."""
    if as_dates:
        return parse_dates(values)
    if is_number(values):
        return values.astype("float64")
    text = values.astype("str").str.strip().str.replace(",", ".", regex=False)
    return pd.to_numeric(text, errors="coerce").astype("float64")


def _failures(
    table: pd.DataFrame, columns: Callable[[object], dict[object, "pa.Column"]], *, strict: bool = False
) -> pd.DataFrame:
    """What pandera finds wrong: columns column, check, failure_case, index (the row)."""
    # It takes long to import, and most inspections have no sheet.
    import pandera.pandas as pa

    try:
        pa.DataFrameSchema(columns(pa), strict=strict).validate(table, lazy=True)
    except pa.errors.SchemaErrors as error:
        # pandera reports an exception inside a check as if it were a failed one.
        if any(one.reason_code is pa.errors.SchemaErrorReason.CHECK_ERROR for one in error.schema_errors):
            raise
        return error.failure_cases
    return pd.DataFrame(columns=["column", "check", "failure_case", "index"])


def _column(pa: object, rule: ColumnRule) -> "pa.Column":
    checks = []
    if rule.type:
        checks.append(pa.Check(lambda values: _of_its_type(values, rule), name="type", ignore_na=False))
    if rule.minimum is not None or rule.maximum is not None:
        checks.append(pa.Check(lambda values: _within(values, rule), name="bornes", ignore_na=False))
    return pa.Column(checks=checks, nullable=True)


def _of_its_type(values: pd.Series, rule: ColumnRule) -> pd.Series:
    return pd.Series(of_type(values, rule.type), index=values.index)


def _within(values: pd.Series, rule: ColumnRule) -> pd.Series:
    read = readings(values, rule.type == "date")
    low = read >= rule.minimum if rule.minimum is not None else True
    high = read <= rule.maximum if rule.maximum is not None else True
    return read.isna() | (low & high)


def _wrong_type(layer: Layer, rule: ColumnRule, rows: NDArray[np.int64]) -> gpd.GeoDataFrame:
    values = layer.frame[rule.name]
    known = ~missing(values)
    many, one = _NAMES[rule.type]
    if len(rows) > _MOST * known.sum():
        shown = some(map(quote, values.iloc[rows].unique()[:3]), 3)
        message = (
            f"La fiche attend {many}, et la colonne contient autre chose ({shown}). "
            "Une colonne a pu être prise pour une autre\u00a0: comparez avec la description du fichier."
        )
        return layer_anomaly(layer, "type-inattendu", message, attribute=rule.name, value=len(rows))
    shown = values.iloc[rows].astype("str")
    messages = [f"{quote(text)} n'est pas {one}. Corrigez la valeur à la source." for text in shown]
    return anomalies(layer, "type-inattendu", rows, messages, attribute=rule.name, values=shown)


def _stored_as_text(layer: Layer, rule: ColumnRule) -> gpd.GeoDataFrame:
    """A column of numbers that the file gives as text, though all of them can be read."""
    values = layer.frame[rule.name]
    known = ~missing(values)
    numeric = rule.type in ("entier", "décimal")
    if not numeric or not is_text(values) or not known.any() or not of_type(values, rule.type).all():
        return no_anomaly(layer)
    message = (
        f"{count(int(known.sum()), 'nombre est écrit', 'nombres sont écrits')} comme du texte. "
        "Tous se lisent\u00a0: convertissez la colonne avant de calculer ou de trier."
    )
    return layer_anomaly(layer, "type-inattendu", message, attribute=rule.name, level="avertissement")


def _out_of_bounds(layer: Layer, rule: ColumnRule, rows: NDArray[np.int64]) -> gpd.GeoDataFrame:
    least, most = _shown(rule.minimum), _shown(rule.maximum)
    limits = f"{least} ou plus" if least else f"{most} ou moins"
    if least and most:
        limits = f"de {least} à {most}"
    values = layer.frame[rule.name].iloc[rows]
    messages = [
        f"{quote(_shown(value) or value)} est hors des bornes de la fiche ({limits}). "
        "Retrouvez la valeur à la source, sinon laissez vide."
        for value in values
    ]
    return anomalies(layer, "hors-bornes", rows, messages, attribute=rule.name, values=values)


def _shown(value: object) -> str:
    if isinstance(value, pd.Timestamp):
        return f"{value:%d/%m/%Y}"
    return number(value, 6) if isinstance(value, (int, float)) else ""


def _whole(values: pd.Series) -> NDArray[np.bool_]:
    floats = values.to_numpy(dtype=float, na_value=np.nan)
    with np.errstate(invalid="ignore"):
        return floats % 1 == 0
