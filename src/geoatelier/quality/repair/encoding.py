"""Broken accents put right, in values and in names of columns."""

from collections import Counter

import geopandas as gpd
import numpy as np
import pandas as pd

from geoatelier.quality import text
from geoatelier.quality.layer import is_text
from geoatelier.quality.repair.frames import layer_to_repair, with_columns, with_values
from geoatelier.quality.repair.log import Repaired, entries, joined, layer_entry
from geoatelier.quality.wording import quote

_NAME = "fix_encoding"


def fix_encoding(frame: gpd.GeoDataFrame) -> Repaired:
    """Accents back where UTF-8 was read as Windows-1252 or Latin-1, once or several times.

    Accents that are lost (« R?sidence ») are listed, and so is a name of column that would come twice.
    """
    layer = layer_to_repair(frame)
    logs = []
    changed = {}
    for name in layer.attributes:
        values = layer.frame[name]
        if not is_text(values):
            continue
        distinct = {value for value in values.dropna() if isinstance(value, str) and text.is_garbled(value)}
        restored = {value: _restored(value) for value in distinct}
        mended = {value for value, new in restored.items() if new != value}
        rows = np.flatnonzero(values.isin(mended))
        given = values.iloc[rows].to_list()
        new = [restored[value] for value in given]
        if len(rows):
            changed[name] = with_values(frame[name], rows, new)
        note = "Texte en UTF-8 lu dans un autre encodage."
        logs.append(entries(layer, _NAME, rows, note, attribute=name, before=given, after=new))
        lost = np.flatnonzero(values.isin(distinct - mended))
        note = "Accents perdus sans retour possible : redemandez le fichier."
        before = values.iloc[lost]
        logs.append(entries(layer, _NAME, lost, note, attribute=name, before=before, state="à décider"))
    names, renamed = _column_names(frame)
    logs.append(renamed)
    return Repaired(with_columns(frame, changed).rename(columns=names), joined(logs))


def _column_names(frame: gpd.GeoDataFrame) -> tuple[dict[str, str], pd.DataFrame]:
    names = {
        name: _restored(name)
        for name in frame.columns.drop(frame.geometry.name)
        if isinstance(name, str) and text.is_garbled(name)
    }
    taken = Counter(names.get(name, name) for name in frame.columns)
    logs = []
    kept = {}
    for name, new in names.items():
        if new == name:
            note, state = "Accents perdus sans retour possible : redemandez le fichier.", "à décider"
        elif taken[new] > 1:
            note, state = (
                f"Une autre colonne s'appelle déjà {quote(new)} : dites laquelle garder.",
                "à décider",
            )
        else:
            kept[name] = new
            note, state = "Nom de colonne en UTF-8 lu dans un autre encodage.", "modifié"
        after = None if state == "à décider" else new
        logs.append(layer_entry(_NAME, note, attribute=name, before=name, after=after, state=state))
    return kept, joined(logs)


def _restored(garbled: str) -> str:
    """Undo the wrong reading as many times as it was made."""
    while text.is_garbled(garbled) and (new := text.repair(garbled)) != garbled:
        garbled = new
    return garbled
