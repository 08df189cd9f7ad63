"""Run the controls on one layer: those of each row batch by batch, those of the whole at the end."""

import datetime as dt
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field

import geopandas as gpd
import pandas as pd

from geoatelier.quality import attributes, dates, duplicates, geometry, numbers, text
from geoatelier.quality import reference_systems as systems
from geoatelier.quality.anomalies import together
from geoatelier.quality.comparison import against_reference
from geoatelier.quality.layer import Layer, layer_of
from geoatelier.quality.measured import metric_anomalies
from geoatelier.quality.profiles import Profile, profile_of
from geoatelier.quality.report import LayerFacts
from geoatelier.quality.source import Source
from geoatelier.quality.spill import Spill
from geoatelier.quality.whole import Gathering

Control = Callable[[Layer], gpd.GeoDataFrame]

# What each row says by itself.
_ROW_CONTROLS: tuple[Control, ...] = (
    attributes.missing_values,
    attributes.malformed_codes,
    numbers.sentinel_numbers,
    numbers.impossible_numbers,
    numbers.storeys_against_height,
    numbers.unreadable_numbers,
    dates.reversed_dates,
    text.garbled_values,
    text.stray_spaces,
    systems.contradictory_positions,
)
_ROW_GEOMETRY_CONTROLS: tuple[Control, ...] = (
    geometry.absent_geometries,
    geometry.invalid_geometries,
    geometry.multipart_objects,
    geometry.repeated_vertices,
)
# What the columns, or the rows together, say.
_WHOLE_CONTROLS: tuple[Control, ...] = (
    attributes.holes,
    attributes.contradictions,
    text.garbled_columns,
    duplicates.duplicated_keys,
    duplicates.duplicated_descriptions,
)
_WHOLE_GEOMETRY_CONTROLS: tuple[Control, ...] = (
    systems.geographic_system,
    geometry.mixed_families,
    duplicates.duplicated_geometries,
)


@dataclass(frozen=True)
class Settings:
    """How a layer is to be controlled.

    Parameters
    ----------
    today : day after which a date is in the future
    rules : gives the profile of a layer from its name and its attributes
    domains : column name to the values that it may take
    reference : same objects, held to be right
    progress : told the number of rows done, batch after batch
    """

    today: dt.date
    rules: Callable[[str, pd.DataFrame], Profile] = lambda name, table: profile_of(table)
    domains: Mapping[str, Collection] = field(default_factory=dict)
    reference: Layer | None = None
    progress: Callable[[int], None] = lambda rows: None


def inspect_layer(source: Source, file: str, settings: Settings) -> tuple[LayerFacts, gpd.GeoDataFrame]:
    """Facts and anomalies of one layer, whatever its size: one too large for memory is spilled on disk.

    Raises
    ------
    UnreadableSource
        If the file turns out to be damaged.
    """
    found: list[gpd.GeoDataFrame] = []
    with Spill() as spill:
        layer = None
        gathering = Gathering(spill)
        for batch, following in _with_next(source.batches()):
            layer = _next_layer(source, file, batch.frame, layer, settings)
            found += _row_anomalies(layer, batch.odd_decimals, source.spatial, settings)
            if following or len(gathering):
                gathering.add(layer)
            settings.progress(len(layer.frame))
        whole = gathering.layer() if len(gathering) else layer
        facts = LayerFacts.of(whole, file)
        if not len(whole.frame):
            return facts, geometry.empty_layer(whole)
        found += [control(whole) for control in _WHOLE_CONTROLS]
        if source.spatial:
            found += _spatial_anomalies(whole, source.supposed_crs, settings.reference)
        else:
            found.append(geometry.table_without_geometry(whole))
        return facts, together(found, whole.frame.crs)


def _with_next(batches: Iterator) -> Iterator[tuple[object, bool]]:
    """Each batch, and whether another one follows."""
    batches = iter(batches)
    current = next(batches, None)
    while current is not None:
        following = next(batches, None)
        yield current, following is not None
        current = following


def _next_layer(
    source: Source, file: str, frame: gpd.GeoDataFrame, previous: Layer | None, settings: Settings
) -> Layer:
    """A batch as a layer, with the profile of the first batch and row numbers that follow on."""
    profile = (
        previous.profile
        if previous
        else settings.rules(source.name, frame.drop(columns=frame._geometry_column_name))
    )
    first_row = int(previous.rows[-1]) + 1 if previous and len(previous.rows) else 0
    return layer_of(
        frame, source.name, spatial=source.spatial, file=file, profile=profile, first_row=first_row
    )


def _row_anomalies(
    layer: Layer, odd_decimals: Mapping, spatial: bool, settings: Settings
) -> list[gpd.GeoDataFrame]:
    found = [control(layer) for control in _ROW_CONTROLS]
    found += [
        attributes.out_of_domain(layer, settings.domains),
        dates.impossible_dates(layer, settings.today),
        numbers.mixed_decimal_signs(layer, odd_decimals),
    ]
    if spatial:
        found += [control(layer) for control in _ROW_GEOMETRY_CONTROLS]
    return found


def _spatial_anomalies(layer: Layer, supposed_crs: bool, truth: Layer | None) -> list[gpd.GeoDataFrame]:
    where = None if truth is None else systems.extent_in_degrees(truth)
    found = [
        systems.missing_system(layer, supposed_crs),
        systems.implausible_system(layer, where),
        *(control(layer) for control in _WHOLE_GEOMETRY_CONTROLS),
    ]
    true = systems.in_true_system(layer, where)
    if true is None:
        return found
    placed = true.present & ~systems.outliers(true)
    later = [systems.misplaced_objects(true), *metric_anomalies(true, placed)]
    if truth is not None:
        later.append(against_reference(true.loaded(placed), truth.in_crs(true.frame.crs)))
    # Coordinates are given back as the layer writes them, with the label that it puts on them.
    return found + [table.set_crs(layer.frame.crs, allow_override=True) for table in later if len(table)]
