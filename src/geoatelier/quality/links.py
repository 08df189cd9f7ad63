"""References between layers: values that no object of the other layer has."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from geoatelier.quality.anomalies import anomalies, layer_anomaly, together
from geoatelier.quality.attributes import as_text
from geoatelier.quality.layer import Layer, missing
from geoatelier.quality.profiles import Reference
from geoatelier.quality.reading import read_layers
from geoatelier.quality.source import UnreadableSource
from geoatelier.quality.wording import quote, some

# A file (None for the delivery itself) and a layer name (None for the only one) to its rows, or None.
OpenLayer = Callable[[Path | None, str | None], pd.DataFrame | None]

_SIGNS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_"
_NEAREST = 2


def broken_links(layer: Layer, references: Sequence[Reference], open_layer: OpenLayer) -> gpd.GeoDataFrame:
    """Values of a foreign key that the layer they refer to does not have, with the nearest ones it has.

    Keys are compared as trimmed texts: 12, 12.0 and « 12 » are one. A missing value refers to nothing.

    Parameters
    ----------
    references : the foreign keys
    open_layer : gives the layer referred to, None when there is none
    """
    return together((_broken(layer, reference, open_layer) for reference in references), layer.frame.crs)


def opener(delivered: Mapping[str, pd.DataFrame]) -> OpenLayer:
    """A way to open layers: those of a delivery by their name, others from their file, read once.

    Parameters
    ----------
    delivered : name of each layer of the delivery to its rows
    """
    by_name = {name.casefold(): frame for name, frame in delivered.items()}

    @cache
    def read(path: Path, layer: str | None) -> pd.DataFrame | None:
        try:
            return read_layers(path, layer)[0].frame
        except UnreadableSource:
            return None

    def open_layer(path: Path | None, layer: str | None) -> pd.DataFrame | None:
        return by_name.get((layer or "").casefold()) if path is None else read(path, layer)

    return open_layer


def not_opened(layer: Layer, path: Path | None, name: str | None, consequence: str) -> gpd.GeoDataFrame:
    """A control was not made, since what it needs could not be opened."""
    what = f"La couche {quote(name)} de la livraison" if path is None else f"Le fichier {quote(path.name)}"
    message = (
        f"{what}, que la fiche désigne, manque, ne se lit pas ou n'a pas la colonne voulue\u00a0: "
        f"{consequence}. Joignez cette donnée, ou corrigez la fiche."
    )
    return layer_anomaly(layer, "controle-non-fait", message, value=name or (path and path.name))


def _broken(layer: Layer, reference: Reference, open_layer: OpenLayer) -> gpd.GeoDataFrame:
    target = open_layer(reference.path, reference.layer)
    column = None if target is None else _column(target, reference.target)
    name = reference.column
    if column is None:
        reason = f"les valeurs de {quote(name)} n'ont pas été cherchées"
        return not_opened(layer, reference.path, reference.layer, reason)
    values = as_text(layer.frame[name])
    known = pd.Index(as_text(column)[~missing(column)].unique())
    rows = np.flatnonzero(~missing(layer.frame[name]) & ~values.isin(known).to_numpy(dtype=bool))
    given = values.iloc[rows]
    lookup = _Lookup(known)
    advice = {value: _advice(lookup.nearest(value)) for value in given.unique()}
    where = quote(reference.layer or (reference.path and reference.path.name))
    absent = f"n'existe pas dans {where} ({reference.target})"
    messages = [f"{quote(value)} {absent}. {advice[value]}" for value in given]
    return anomalies(layer, "cle-orpheline", rows, messages, attribute=name, values=given)


def _column(target: pd.DataFrame, name: str) -> pd.Series | None:
    """The column of this name, whatever its case."""
    names = {str(column).lower(): column for column in reversed(target.columns)}
    return target[names[name.lower()]] if name.lower() in names else None


def _advice(near: list[str]) -> str:
    if not near:
        return "Aucune valeur proche\u00a0: l'objet visé manque, ou le rattachement est faux."
    return f"Valeur proche\u00a0: {some(map(quote, near))}. Vérifiez la saisie."


class _Lookup:
    """Finds keys one keystroke away from a value, in a time that does not depend on how many there are."""

    def __init__(self, keys: pd.Index) -> None:
        self._keys = frozenset(keys)
        self._loose = {_loose(key): key for key in self._keys}

    def nearest(self, value: str) -> list[str]:
        """Keys written as `value` but for case, spaces and leading zeros; else one sign away from it."""
        alike = self._loose.get(_loose(value))
        if alike is not None:
            return [alike]
        splits = [(value[:i], value[i:]) for i in range(len(value) + 1)]
        edits = (
            [a + b[1:] for a, b in splits if b]
            + [a + b[1] + b[0] + b[2:] for a, b in splits if len(b) > 1]
            + [a + sign + b[1:] for a, b in splits if b for sign in _SIGNS]
            + [a + sign + b for a, b in splits for sign in _SIGNS]
        )
        return [key for key in dict.fromkeys(edits) if key in self._keys][:_NEAREST]


def _loose(key: str) -> str:
    return "".join(key.split()).casefold().lstrip("0")
