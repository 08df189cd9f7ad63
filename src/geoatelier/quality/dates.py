"""Dates that cannot be: unreadable, in the future, too old, or an end before its beginning."""

import datetime as dt
import re

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoatelier.quality.anomalies import anomalies, no_anomaly, together
from geoatelier.quality.layer import Layer, is_number, is_text
from geoatelier.quality.wording import number, quote

_NAMED_DATE = re.compile(r"(.*[_ ])?date([_ ].*)?|dt_.+|created.*|updated.*|horodatage", re.IGNORECASE)
_NAMED_YEAR = re.compile(r"mill[eé]sime|ann[eé]e|year", re.IGNORECASE)
_OF_OLD_THINGS = re.compile(r".*(appar|app$|construction|fondation|naissance).*", re.IGNORECASE)
_FORMS = ("ISO8601", "%d/%m/%Y", "%d/%m/%Y %H:%M", "%d/%m/%Y %H:%M:%S", "%d-%m-%Y", "%Y/%m/%d", "%Y%m%d")
_DEFAULTS = tuple(pd.Timestamp(day) for day in ("1900-01-01", "1970-01-01", "1899-12-30"))
_OLDEST = pd.Timestamp("1850-01-01")
_NEARLY_ALL = 0.9
_ORDER = (
    (r"date_d?_?(debut|deb)(.*)", r"date_d?e?_?(fin)(.*)"),
    (r"date_crea(t|tion)", r"date_(maj|modif(ication)?)"),
    (r"created(.*)", r"updated(.*)"),
)


def date_columns(layer: Layer) -> list[str]:
    """Columns that hold dates, by their type or by their name."""
    return [
        name
        for name in layer.attributes
        if pd.api.types.is_datetime64_any_dtype(layer.frame[name])
        or (is_text(layer.frame[name]) and _NAMED_DATE.fullmatch(str(name)))
    ]


def parse_dates(values: pd.Series) -> pd.Series:
    """Dates of a column of shape (n,), ISO or French, without time zone; NaT where unreadable."""
    if pd.api.types.is_datetime64_any_dtype(values):
        return values.dt.tz_localize(None) if values.dt.tz is not None else values
    if not is_text(values):
        values = values.astype("str")
    text = values.astype(object).map(lambda value: value if pd.isna(value) else str(value).strip())
    dates = pd.Series(pd.NaT, index=values.index, dtype="datetime64[us]")
    for form in _FORMS:
        left = dates.isna() & text.notna()
        if left.any():
            parsed = pd.to_datetime(text[left], format=form, errors="coerce", utc=True).dt.tz_localize(None)
            dates[left] = parsed.astype("datetime64[us]")
    return dates


def impossible_dates(layer: Layer, today: dt.date) -> gpd.GeoDataFrame:
    """Dates that no calendar has, that come after `today`, or too old to be true; such years too."""
    found = [_of_column(layer, name, today) for name in date_columns(layer)]
    found += [_of_year(layer, name, today) for name in layer.attributes if _holds_years(layer, name)]
    return together(found, layer.frame.crs)


def reversed_dates(layer: Layer) -> gpd.GeoDataFrame:
    """Objects that end before they begin, or were modified before they were made."""
    names = {str(name).lower(): name for name in date_columns(layer)}
    found = [
        _reversed(layer, names[start], names[end])
        for first, second in _ORDER
        for start in names
        if re.fullmatch(first, start)
        for end in names
        if re.fullmatch(second, end)
    ]
    return together(found, layer.frame.crs)


def _of_column(layer: Layer, name: str, today: dt.date) -> gpd.GeoDataFrame:
    written = layer.frame[name]
    dates = parse_dates(written)
    given = ~layer.missing(name)
    unreadable = np.flatnonzero(given & dates.isna())
    future = np.flatnonzero(dates > pd.Timestamp(today) + pd.Timedelta(days=1))
    old = dates.isin(_DEFAULTS) | ((dates < _OLDEST) & (not _OF_OLD_THINGS.match(str(name))))
    old = np.flatnonzero(old)
    shown = written.iloc[unreadable].astype("str")
    return together(
        [
            _dated(
                layer,
                "date-impossible",
                unreadable,
                name,
                shown,
                "n'existe dans aucun calendrier ou ne se lit pas",
            ),
            _dated(layer, "date-future", future, name, _days(dates, future), "n'est pas encore arrivé"),
            _dated(
                layer, "date-ancienne", old, name, _days(dates, old), "est sans doute une valeur par défaut"
            ),
        ],
        layer.frame.crs,
    )


def _days(dates: pd.Series, rows: NDArray[np.int64]) -> pd.Series:
    return dates.iloc[rows].dt.strftime("%d/%m/%Y")


def _dated(
    layer: Layer, code: str, rows: NDArray[np.int64], name: str, shown: pd.Series, what: str
) -> gpd.GeoDataFrame:
    messages = [f"{quote(text)} {what}. Retrouvez la date à la source, sinon laissez vide." for text in shown]
    return anomalies(layer, code, rows, messages, attribute=name, values=shown)


def _holds_years(layer: Layer, name: str) -> bool:
    return bool(_NAMED_YEAR.fullmatch(str(name))) and is_number(layer.frame[name])


def _of_year(layer: Layer, name: str, today: dt.date) -> gpd.GeoDataFrame:
    years = layer.frame[name].to_numpy(dtype=float, na_value=np.nan)
    found = []
    for code, wrong, what in (
        ("date-future", years > today.year + 1, "n'est pas encore arrivée"),
        ("date-ancienne", years < _OLDEST.year, "n'est pas une année plausible"),
    ):
        rows = np.flatnonzero(wrong)
        values = [f"{year:.0f}" if np.isfinite(year) else number(year) for year in years[rows]]
        messages = [f"L'année {quote(year)} {what}. Retrouvez-la à la source." for year in values]
        found.append(anomalies(layer, code, rows, messages, attribute=name, values=values))
    found.append(_lone_years(layer, name, years, (years <= today.year + 1) & (years >= _OLDEST.year)))
    return together(found, layer.frame.crs)


def _lone_years(
    layer: Layer, name: str, years: NDArray[np.float64], plausible: NDArray[np.bool_]
) -> gpd.GeoDataFrame:
    """Plausible years that differ from that of nearly all the layer."""
    values, counts = np.unique(years[np.isfinite(years)], return_counts=True)
    if not len(values) or counts.max() < _NEARLY_ALL * counts.sum():
        return no_anomaly(layer)
    usual = values[counts.argmax()]
    rows = np.flatnonzero(plausible & (years != usual))
    messages = [
        f"Millésime {years[row]:.0f}, alors que la couche est de {usual:.0f}. Vérifiez d'où vient cet objet."
        for row in rows
    ]
    lone = [f"{year:.0f}" for year in years[rows]]
    return anomalies(layer, "millesime-isole", rows, messages, attribute=name, values=lone)


def _reversed(layer: Layer, start: str, end: str) -> gpd.GeoDataFrame:
    begins, ends = parse_dates(layer.frame[start]), parse_dates(layer.frame[end])
    rows = np.flatnonzero(ends < begins)
    if not len(rows):
        return no_anomaly(layer)
    messages = [
        f"{end} ({ends[row]:%d/%m/%Y}) vient avant {start} ({begins[row]:%d/%m/%Y}). "
        "Cherchez laquelle des deux est fausse."
        for row in rows
    ]
    values = [f"{begins[row]:%Y-%m-%d} > {ends[row]:%Y-%m-%d}" for row in rows]
    return anomalies(layer, "dates-inversees", rows, messages, attribute=f"{start}, {end}", values=values)
