"""Run every control on every layer of a source."""

import datetime as dt
from collections.abc import Collection, Mapping
from pathlib import Path

import geopandas as gpd

from geoatelier.quality.anomalies import together
from geoatelier.quality.layer import layer_of
from geoatelier.quality.layer_inspection import Settings, inspect_layer
from geoatelier.quality.reading import read_layers
from geoatelier.quality.references import Truth
from geoatelier.quality.report import Report
from geoatelier.quality.source import UnreadableSource
from geoatelier.quality.vertices import set_aside_unreadable


def inspect(
    source: str | Path | gpd.GeoDataFrame,
    *,
    layer: str | None = None,
    reference: str | Path | gpd.GeoDataFrame | None = None,
    domains: Mapping[str, Collection] | None = None,
    today: dt.date | None = None,
) -> Report:
    """Look for what is wrong in a vector file, before learning anything from it.

    Parameters
    ----------
    source : path of a GeoPackage, a Shapefile (zipped or not), a GeoJSON or a CSV with coordinates, or a
        GeoDataFrame
    layer : name of one layer of the file; all of them when not given
    reference : same objects, held to be right; missing, excess, moved and changed ones are found by their key
    domains : column name to the values that it may take
    today : day after which a date is in the future; the day of the run when not given

    Returns
    -------
    Report, its anomalies in the CRS of the first layer that has one

    Raises
    ------
    UnreadableSource
        If `source` or `reference` cannot be read; the message, in French, says what to do.
    """
    settings = Settings(today or dt.date.today(), domains=domains or {}, reference=_reference(reference))
    name = "GeoDataFrame" if isinstance(source, gpd.GeoDataFrame) else Path(str(source)).name
    layers = [inspect_layer(found, name, settings) for found in read_layers(source, layer)]
    facts = tuple(found.facts for found in layers)
    crs = next((one.crs for one in facts if one.crs is not None), None)
    anomalies = together((found.anomalies for found in layers), crs)
    return Report(name, facts, anomalies.copy(), day=settings.today)


def _reference(reference: str | Path | gpd.GeoDataFrame | None) -> Truth | None:
    if reference is None:
        return None
    sources = read_layers(reference)
    if len(sources) > 1:
        names = ", ".join(source.name for source in sources)
        raise UnreadableSource(
            f"La référence a plusieurs couches ({names}). Ouvrez la bonne avec "
            '`gpd.read_file(chemin, layer="nom")` et donnez le résultat.'
        )
    if sources[0].frame.crs is None:
        raise UnreadableSource("La référence n'a pas de système de coordonnées : elle ne peut pas faire foi.")
    layer, _ = set_aside_unreadable(layer_of(sources[0].frame, sources[0].name))
    return Truth(layer)
