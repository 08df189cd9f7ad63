"""Run every control on every layer of a source."""

import datetime as dt
from collections.abc import Collection, Mapping
from pathlib import Path

import geopandas as gpd

from geoatelier.quality import attributes, dates, duplicates, geometry, numbers, text, topology
from geoatelier.quality import reference_systems as systems
from geoatelier.quality.anomalies import together
from geoatelier.quality.comparison import against_reference
from geoatelier.quality.layer import Layer, layer_of
from geoatelier.quality.reading import Source, UnreadableSource, read_layers
from geoatelier.quality.report import LayerFacts, Report

LAMBERT_93 = "EPSG:2154"
_WEB_MERCATOR = 3857

_TABLE_CONTROLS = (
    attributes.holes,
    attributes.missing_values,
    attributes.malformed_codes,
    attributes.contradictions,
    numbers.sentinel_numbers,
    numbers.impossible_numbers,
    numbers.storeys_against_height,
    numbers.unreadable_numbers,
    dates.reversed_dates,
    text.garbled_columns,
    text.garbled_values,
    text.stray_spaces,
    duplicates.duplicated_keys,
    duplicates.duplicated_descriptions,
    systems.contradictory_positions,
)
_GEOMETRY_CONTROLS = (
    geometry.absent_geometries,
    geometry.mixed_families,
    geometry.invalid_geometries,
    geometry.multipart_objects,
    geometry.repeated_vertices,
    duplicates.duplicated_geometries,
)
# These measure: they need metres, and objects that are where they should be.
_METRIC_CONTROLS = (
    geometry.spikes,
    topology.overlaps,
    topology.gaps,
    topology.micro_areas,
    numbers.declared_areas,
)


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
    truth = _reference(reference)
    today = today or dt.date.today()
    name = "GeoDataFrame" if isinstance(source, gpd.GeoDataFrame) else Path(str(source)).name
    reports = [_inspect_layer(found, name, truth, domains, today) for found in read_layers(source, layer)]
    crs = next((facts.crs for facts, _ in reports if facts.crs is not None), None)
    anomalies = together((table for _, table in reports), crs)
    return Report(name, tuple(facts for facts, _ in reports), anomalies.copy(), day=today)


def _inspect_layer(
    source: Source, file: str, truth: Layer | None, domains: Mapping[str, Collection] | None, today: dt.date
) -> tuple[LayerFacts, gpd.GeoDataFrame]:
    layer = layer_of(source.frame, source.name, spatial=source.spatial, file=file)
    facts = LayerFacts.of(layer, file)
    if not len(layer.frame):
        return facts, geometry.empty_layer(layer)
    found = [control(layer) for control in _TABLE_CONTROLS]
    found += [
        attributes.out_of_domain(layer, domains),
        dates.impossible_dates(layer, today),
        numbers.mixed_decimal_signs(layer, source.odd_decimals),
    ]
    if source.spatial:
        found += _spatial_anomalies(layer, source.supposed_crs, truth)
    else:
        found.append(geometry.table_without_geometry(layer))
    return facts, together(found, layer.frame.crs)


def _spatial_anomalies(layer: Layer, supposed_crs: bool, truth: Layer | None) -> list[gpd.GeoDataFrame]:
    where = None if truth is None else systems.extent_in_degrees(truth)
    found = [
        systems.missing_system(layer, supposed_crs),
        systems.geographic_system(layer),
        systems.implausible_system(layer, where),
        *(control(layer) for control in _GEOMETRY_CONTROLS),
    ]
    true = systems.in_true_system(layer, where)
    if true is None:
        return found
    placed = true.keep(true.present & ~systems.outliers(true))
    measured = _in_metres(placed)
    later = [systems.misplaced_objects(true)]
    later += [control(measured).to_crs(true.frame.crs) for control in _METRIC_CONTROLS]
    if truth is not None:
        later.append(against_reference(placed, truth.in_crs(placed.frame.crs)))
    # Coordinates are given back as the layer writes them, with the label that it puts on them.
    return found + [table.set_crs(layer.frame.crs, allow_override=True) for table in later if len(table)]


def _in_metres(layer: Layer) -> Layer:
    """The layer in a system where areas in square metres make sense."""
    crs = layer.frame.crs
    if not crs.is_geographic and crs.to_epsg() != _WEB_MERCATOR:
        return layer
    in_france = layer.frame.to_crs(LAMBERT_93)
    if systems.implausible_system(layer_of(in_france)).empty:
        return layer.in_crs(LAMBERT_93)
    return layer.in_crs(layer.frame.estimate_utm_crs())


def _reference(reference: str | Path | gpd.GeoDataFrame | None) -> Layer | None:
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
    return layer_of(sources[0].frame, sources[0].name)
