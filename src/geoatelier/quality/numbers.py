"""Numbers that cannot be: negative sizes, absurd heights, 9999 for unknown, areas the drawing denies."""

import re
from collections.abc import Mapping

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from geoatelier.quality.anomalies import anomalies, layer_anomaly, no_anomaly, together
from geoatelier.quality.layer import Layer, is_number, is_text
from geoatelier.quality.wording import number, quote

_SIZES = re.compile(
    r"(haut|height|surf|superficie|contenance|largeur|longueur|nb_|nombre|population|effectif|prec).*",
    re.IGNORECASE,
)
_HEIGHTS = re.compile(r"(haut|height).*", re.IGNORECASE)
_STOREYS = re.compile(r"(nb_|nombre_d_?)?etages?", re.IGNORECASE)
_DECIMAL = re.compile(r"[+-]?\d+([.,]\d+)?")
_TALLEST = 330.0  # m, the Eiffel Tower
_MOST_STOREYS = 60
_SENTINELS = (-99999.0, -9999.0, -999.0, -99.0, 999.0, 9999.0, 99999.0, 999999.0)
_TIMES_OTHERS = 3.0


def sentinel_numbers(layer: Layer) -> gpd.GeoDataFrame:
    """Numbers such as 9999 put for « unknown »: far beyond all other values of their column."""
    found = []
    for name in _number_columns(layer):
        values = _floats(layer, name)
        suspect = np.isin(values, _SENTINELS)
        others = np.abs(values[~suspect & np.isfinite(values)])
        if not suspect.any() or not len(others):
            continue
        rows = np.flatnonzero(suspect & (np.abs(values) > _TIMES_OTHERS * others.max()))
        messages = [
            f"{quote(number(value))} n'est pas une mesure mais une façon d'écrire « inconnu ». "
            "Remplacez-la par une valeur vide avant tout calcul."
            for value in values[rows]
        ]
        found.append(
            anomalies(layer, "valeur-sentinelle", rows, messages, attribute=name, values=values[rows])
        )
    return together(found, layer.frame.crs)


def impossible_numbers(layer: Layer) -> gpd.GeoDataFrame:
    """Negative sizes or counts, heights of 0 m or beyond any building, too many storeys."""
    found = []
    for name in _number_columns(layer):
        values = _floats(layer, name)
        values[np.isin(values, _SENTINELS)] = np.nan
        if _SIZES.fullmatch(str(name)):
            found.append(_wrong(layer, "valeur-negative", name, values, values < 0, "est négatif"))
        if _HEIGHTS.fullmatch(str(name)):
            tall = f"dépasse la tour Eiffel ({number(_TALLEST)} m)"
            found.append(_wrong(layer, "valeur-aberrante", name, values, values > _TALLEST, tall))
            found.append(
                _wrong(
                    layer, "valeur-aberrante", name, values, values == 0, "veut sans doute dire « inconnu »"
                )
            )
        if _STOREYS.fullmatch(str(name)):
            many = values > _MOST_STOREYS
            found.append(
                _wrong(layer, "valeur-aberrante", name, values, many, "est un nombre d'étages impossible")
            )
    return together(found, layer.frame.crs)


def storeys_against_height(layer: Layer, least: float = 1.5) -> gpd.GeoDataFrame:
    """Buildings with more storeys than their height can hold, at `least` metres a storey."""
    storeys = [name for name in _number_columns(layer) if _STOREYS.fullmatch(str(name))]
    heights = [name for name in _number_columns(layer) if _HEIGHTS.fullmatch(str(name))]
    if not storeys or not heights:
        return no_anomaly(layer)
    levels, height = _floats(layer, storeys[0]), _floats(layer, heights[0])
    rows = np.flatnonzero((height > 0) & (height <= _TALLEST) & (levels * least > height))
    messages = [
        f"{number(n)} étages pour {number(metres, 1)} m de hauteur. Cherchez lequel des deux est faux."
        for n, metres in zip(levels[rows], height[rows], strict=True)
    ]
    return anomalies(
        layer,
        "valeurs-contradictoires",
        rows,
        messages,
        attribute=f"{storeys[0]}, {heights[0]}",
        values=levels[rows],
    )


def unreadable_numbers(layer: Layer, usual: float = 0.8) -> gpd.GeoDataFrame:
    """Words in a text column where more than the share `usual` of the values are numbers with decimals."""
    found = []
    for name in layer.attributes:
        values = layer.frame[name]
        if not is_text(values) or name in layer.profile.codes or name == layer.key:
            continue
        told = name in layer.profile.numbers
        given = ~layer.missing(name)
        texts = values.where(given, "").astype("str").str.strip()
        readable = texts.str.fullmatch(_DECIMAL).to_numpy(dtype=bool)
        # Whole numbers alone may be codes, unless the profile says otherwise; measures have decimals.
        if readable.sum() <= usual * given.sum() or not (told or texts[readable].str.contains("[.,]").any()):
            continue
        rows = np.flatnonzero(given & ~readable)
        messages = [
            f"{quote(text)} n'est pas un nombre. Écrivez le nombre seul, l'unité dans le nom de la colonne."
            for text in texts.iloc[rows]
        ]
        found.append(
            anomalies(layer, "nombre-illisible", rows, messages, attribute=name, values=texts.iloc[rows])
        )
    return together(found, layer.frame.crs)


def mixed_decimal_signs(layer: Layer, odd: Mapping[str, np.ndarray]) -> gpd.GeoDataFrame:
    """Numbers of a CSV with a point where the column has commas, or the other way round.

    Parameters
    ----------
    odd : for a column, the rows at fault, as the reader found them
    """
    message = (
        "Ce nombre n'a pas le même signe décimal que les autres de sa colonne. "
        "Il est lu ici quand même ; un tableur, lui, le prendrait pour du texte."
    )
    found = [
        anomalies(layer, "separateur-decimal", rows, message, attribute=name) for name, rows in odd.items()
    ]
    return together(found, layer.frame.crs)


def declared_areas(
    layer: Layer,
    placed: NDArray[np.bool_] | None = None,
    relative: float = 0.1,
    absolute: float = 100.0,
) -> gpd.GeoDataFrame:
    """Objects whose declared area is not that of their polygon. Coordinates must be in metres.

    When more than half disagree the column measures something else, and is reported once.

    Parameters
    ----------
    placed : mask of shape (n,) of the objects to look at; all of them by default
    relative : allowed difference, as a share of the polygon's area
    absolute : allowed difference, m²; an object is wrong only when it passes both
    """
    if layer.profile.declared_area is None:
        return no_anomaly(layer)
    name, unit = layer.profile.declared_area
    if not is_number(layer.frame[name]):
        return no_anomaly(layer)
    told = _floats(layer, name)
    drawn = layer.areas if placed is None else np.where(placed, layer.areas, np.nan)
    gap = np.abs(told * unit - drawn)
    wrong = (gap > relative * drawn) & (gap > absolute)
    if wrong.sum() > 0.5 * np.isfinite(gap).sum():
        ratio = np.nanmedian(told * unit / drawn)
        message = (
            f"La colonne vaut, pour la moitié des objets, plus de {number(ratio, 1)} fois "
            "la surface dessinée : autre unité, ou surface d'un autre objet. "
            "Lisez la fiche de la donnée avant de l'utiliser."
        )
        return layer_anomaly(layer, "surface-etrangere", message, attribute=name, value=f"{ratio:.4g}")
    # Written in square metres in a column of hectares.
    other_unit = wrong & (unit != 1) & (np.abs(told - drawn) <= relative * drawn)
    found = []
    for code, rows, advice in (
        ("unite-confondue", np.flatnonzero(other_unit), "La valeur est en mètres carrés : convertissez-la."),
        ("surface-discordante", np.flatnonzero(wrong & ~other_unit), "Dites laquelle fait foi."),
    ):
        messages = [
            f"Surface déclarée {number(declared, 2)}, surface dessinée {number(real / unit, 2)}. {advice}"
            for declared, real in zip(told[rows], drawn[rows], strict=True)
        ]
        found.append(anomalies(layer, code, rows, messages, attribute=name, values=told[rows].round(4)))
    return together(found, layer.frame.crs)


def _wrong(
    layer: Layer, code: str, name: str, values: np.ndarray, mask: np.ndarray, what: str
) -> gpd.GeoDataFrame:
    rows = np.flatnonzero(mask)
    messages = [
        f"{quote(number(value, 2))} {what}. Retrouvez la valeur à la source, sinon laissez vide."
        for value in values[rows]
    ]
    return anomalies(layer, code, rows, messages, attribute=name, values=values[rows])


def _number_columns(layer: Layer) -> list[str]:
    return [name for name in layer.attributes if is_number(layer.frame[name])]


def _floats(layer: Layer, name: str) -> np.ndarray:
    return layer.frame[name].to_numpy(dtype=float, na_value=np.nan, copy=True)
