"""Accents broken by a wrong character encoding (mojibake), in values and in names of columns."""

import re

import geopandas as gpd
import numpy as np
import pandas as pd

from geoatelier.quality.anomalies import anomalies, layer_anomaly, no_anomaly, together
from geoatelier.quality.layer import Layer, is_text
from geoatelier.quality.wording import quote

_SUSPECT = re.compile("[\u00c2\u00c3\u00c5\u00e2]|\ufffd|[^\\W\\d_]\\?[^\\W\\d_]")
# What a text must hold to be looked at closely; simple enough for the regular expressions of Arrow.
_UNUSUAL = r"[^\x00-\x7f]|\?"
_LOST = re.compile("\ufffd|[^\\W\\d_]\\?[^\\W\\d_]")


def repair(text: str) -> str:
    """`text` with its accents back, when UTF-8 was read as Windows-1252 or Latin-1: « RÃ©sidentiel ».

    Text that was right, or that cannot be put right, comes back as it is.
    """
    try:
        return b"".join(_byte(character) for character in text).decode("utf-8")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return text


def is_garbled(text: str) -> bool:
    """Whether `text` shows a wrong encoding: accents in two characters, or lost (« R?sidence »)."""
    if not _SUSPECT.search(text):
        return False
    if "://" in text or "www." in text:
        return False
    return bool(_LOST.search(text)) or repair(text) != text


def garbled_values(layer: Layer) -> gpd.GeoDataFrame:
    """Text values whose accents are broken, one anomaly each, with what it should read when known."""
    found = []
    for name in layer.attributes:
        values = layer.frame[name]
        if not is_text(values):
            continue
        distinct = [value for value in _found_in(layer.distinct_texts(name), _UNUSUAL) if is_garbled(value)]
        if not distinct:
            continue
        advice = {value: _advice(value) for value in distinct}
        rows = np.flatnonzero(values.isin(distinct))
        garbled = values.iloc[rows].to_numpy(dtype=object)
        found.append(
            anomalies(
                layer,
                "texte-illisible",
                rows,
                [advice[value] for value in garbled],
                attribute=name,
                values=garbled,
            )
        )
    return together(found, layer.frame.crs) if found else no_anomaly(layer)


def garbled_columns(layer: Layer) -> gpd.GeoDataFrame:
    """Names of columns whose accents are broken."""
    found = [
        layer_anomaly(
            layer, "colonne-illisible", f"Nom de colonne : {_advice(name)}", attribute=name, value=name
        )
        for name in map(str, layer.attributes)
        if is_garbled(name)
    ]
    return together(found, layer.frame.crs) if found else no_anomaly(layer)


def stray_spaces(layer: Layer) -> gpd.GeoDataFrame:
    """Text values with spaces before or after them."""
    found = []
    for name in layer.attributes:
        values = layer.frame[name]
        if not is_text(values):
            continue
        texts = layer.distinct_texts(name)
        spaced = [value for value in texts[texts != texts.str.strip()] if value.strip()]
        if not spaced:
            continue
        rows = np.flatnonzero(values.isin(spaced))
        texts = values.iloc[rows]
        shown = [quote(text.replace(" ", "␣")) for text in texts]
        messages = [f"{text} porte une espace en trop (␣). Retirez-la avant de compter." for text in shown]
        found.append(anomalies(layer, "espaces-en-trop", rows, messages, attribute=name, values=texts))
    return together(found, layer.frame.crs)


def _found_in(texts: pd.Series, pattern: str) -> list[str]:
    """Those of `texts` in which `pattern` is found."""
    return texts[texts.str.contains(pattern, regex=True).to_numpy(dtype=bool)].tolist() if len(texts) else []


def _advice(text: str) -> str:
    fixed = repair(text)
    if fixed != text:
        return (
            f"{quote(text)} se lit {quote(fixed)}. Rouvrez le fichier en UTF-8, "
            "ou demandez le fichier .cpg qui l'indique."
        )
    return f"{quote(text)} a perdu ses accents sans retour possible. Redemandez le fichier."


def _byte(character: str) -> bytes:
    try:
        return character.encode("cp1252")
    except UnicodeEncodeError:
        return character.encode("latin-1")
