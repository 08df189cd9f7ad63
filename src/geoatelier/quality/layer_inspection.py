"""Run the controls on one layer: those of each row batch by batch, those of the whole at the end."""

import datetime as dt
from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pyproj import CRS

from geoatelier.quality import attributes, dates, duplicates, geometry, numbers, text, vertices
from geoatelier.quality import reference_systems as systems
from geoatelier.quality.anomalies import layer_anomaly, together
from geoatelier.quality.conformity import as_weighed, rows_against_sheet, whole_against_sheet
from geoatelier.quality.custom import CustomControl
from geoatelier.quality.layer import Layer, layer_of, with_plain_values
from geoatelier.quality.links import OpenLayer, opener
from geoatelier.quality.measure import Measure
from geoatelier.quality.measured import metric_system, row_measures, whole_measures
from geoatelier.quality.profiles import Profile, profile_of
from geoatelier.quality.progress import Progress
from geoatelier.quality.references import Truth, differences, open_truth, unopened_truth
from geoatelier.quality.report import LayerFacts
from geoatelier.quality.source import Batch, Source, UnreadableSource
from geoatelier.quality.spill import Spill
from geoatelier.quality.whole import Figures, Gathering, figures_of
from geoatelier.quality.wording import quote

if TYPE_CHECKING:
    from geoatelier.quality.fieldwork import Sample

_THREADS = 2

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
    geometry.invalid_geometries,
    geometry.multipart_objects,
    geometry.repeated_vertices,
)
# Habits of the file, that its first rows show as well as all of them.
_HABIT_CONTROLS: tuple[Control, ...] = (
    vertices.ring_orientation,
    vertices.illusory_precision,
    vertices.mixed_altitudes,
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
    open_layer : gives the other layers that the rules refer to
    domains : column name to the values that it may take
    reference : data held to be right, whatever the rules say
    controls : controls that the user wrote
    progress : told of the rows done
    """

    today: dt.date
    rules: Callable[[str, pd.DataFrame], Profile] = lambda name, table: profile_of(table)
    open_layer: OpenLayer = field(default_factory=lambda: opener({}))
    domains: Mapping[str, Collection] = field(default_factory=dict)
    reference: Truth | None = None
    controls: tuple[CustomControl, ...] = ()
    progress: Progress = field(default_factory=Progress)


@dataclass(frozen=True)
class Inspected:
    """What is known of a layer once it is controlled.

    Parameters
    ----------
    facts, anomalies : what it is, what is wrong with it
    profile : the rules that it was held to
    columns : names of its attributes
    against : measures taken against a reference
    sample : objects to look at one by one, where the rules ask for it
    """

    facts: LayerFacts
    anomalies: gpd.GeoDataFrame
    profile: Profile
    columns: tuple[str, ...]
    against: tuple[Measure, ...] = ()
    sample: "Sample | None" = None


def inspect_layer(source: Source, file: str, settings: Settings) -> Inspected:
    """Control one layer, whatever its size: one too large for memory is spilled on disk.

    Raises
    ------
    UnreadableSource
        If the file turns out to be damaged, or needs more memory than there is.
    """
    with Spill() as spill:
        work = _Inspection(source, file, settings, spill)
        try:
            work.take_all(source.batches())
            return work.finish()
        except MemoryError as error:
            raise UnreadableSource(
                f"La couche {quote(source.name)} de {quote(file)} a un objet trop gros pour la mémoire "
                "de cette machine. Découpez-le, ou essayez sur une machine qui a plus de mémoire."
            ) from error


@dataclass(frozen=True)
class _Rows:
    """A batch that was controlled: its anomalies, those of size, its figures if it is one of several.

    Its geometries as WKB come with it, where they are known.
    """

    layer: Layer
    found: list[gpd.GeoDataFrame]
    measured: list[gpd.GeoDataFrame]
    figures: Figures | None
    encoded: NDArray[np.object_] | None


class _Inspection:
    """What was found so far in a layer, of which the batches come one after the other."""

    def __init__(self, source: Source, file: str, settings: Settings, spill: Spill) -> None:
        self._source, self._file, self._settings = source, file, settings
        self._gathering = Gathering(spill)
        self._layer: Layer | None = None
        self._metric: CRS | None = None
        self._single = True
        self._found: list[gpd.GeoDataFrame] = []
        self._measured: list[gpd.GeoDataFrame] = []
        self._against: tuple[Measure, ...] = ()
        self._truth = settings.reference
        self._where: systems.Box | None = None

    def take_all(self, batches: Iterator[Batch]) -> None:
        """Control the batches, `_THREADS` at a time: GEOS and Arrow let go of the interpreter."""
        under_way: deque[Future[_Rows]] = deque()
        with ThreadPoolExecutor(_THREADS) as pool:
            try:
                for batch, is_last in _with_last(batches):
                    self._single = self._single and is_last
                    self._layer, unreadable = self._next_layer(batch.frame)
                    under_way.append(pool.submit(self._control, self._layer, batch, unreadable))
                    if len(under_way) > _THREADS:
                        self._keep(under_way.popleft().result())
                while under_way:
                    self._keep(under_way.popleft().result())
            finally:
                pool.shutdown(cancel_futures=True)

    def _control(self, layer: Layer, batch: Batch, unreadable: gpd.GeoDataFrame) -> "_Rows":
        """What the rows of a batch say by themselves, and what the whole needs of them.

        Parameters
        ----------
        layer : the batch, without the geometries that no one can compute with
        unreadable : anomalies of these
        """
        found = [control(layer) for control in _ROW_CONTROLS]
        found += [
            attributes.out_of_domain(layer, self._settings.domains),
            dates.impossible_dates(layer, self._settings.today),
            numbers.mixed_decimal_signs(layer, batch.odd_decimals),
        ]
        measured = []
        if self._source.spatial:
            habits = _HABIT_CONTROLS if layer.rows.size and layer.rows[0] == 0 else ()
            absent = geometry.absent_geometries(layer)
            found += [absent[~absent["rang"].isin(unreadable["rang"])], unreadable]
            found += [control(layer) for control in (*_ROW_GEOMETRY_CONTROLS, *habits)]
            measured = self._measure(layer)
        found.append(rows_against_sheet(layer, together(found, layer.frame.crs), self._settings.open_layer))
        encoded = batch.encoded if unreadable.empty else None
        return _Rows(layer, found, measured, None if self._single else figures_of(layer), encoded)

    def _keep(self, rows: "_Rows") -> None:
        """Add what a batch gave, in the order of the file."""
        own = [control.anomalies(rows.layer) for control in self._settings.controls]
        self._found += [table for table in (*rows.found, *own) if len(table)]
        self._measured += rows.measured
        if rows.figures is not None:
            self._gathering.add(rows.layer, rows.figures, rows.encoded)
        self._settings.progress.advance(len(rows.layer.frame))

    def finish(self) -> Inspected:
        """Run the controls of the whole."""
        whole = self._gathering.layer() if len(self._gathering) else self._layer
        facts = LayerFacts.of(whole, self._file)
        self._settings.progress.stage("voisins, doublons, ensemble")
        found = self._found
        if not len(whole.frame):
            found = [geometry.empty_layer(whole)]
        elif self._source.spatial:
            found += [control(whole) for control in _WHOLE_CONTROLS] + self._whole_geometry(whole)
        else:
            found += [control(whole) for control in _WHOLE_CONTROLS]
            found.append(geometry.table_without_geometry(whole))
        found.append(whole_against_sheet(whole, together(found, whole.frame.crs)))
        sample = self._sample(whole, found)
        anomalies = as_weighed(together(found, whole.frame.crs), whole.profile)
        columns = tuple(whole.missing_counts)
        return Inspected(facts, anomalies, whole.profile, columns, self._against, sample)

    def _sample(self, layer: Layer, found: list[gpd.GeoDataFrame]) -> "Sample | None":
        asked = layer.profile.sampling
        if asked is None or not len(layer.frame):
            return None
        from geoatelier.quality.fieldwork import draw_sample

        try:
            return draw_sample(layer, asked)
        except ValueError as error:
            message = f"L'échantillon que la fiche demande n'a pas été tiré. {error}"
            found.append(layer_anomaly(layer, "controle-non-fait", message))
            return None

    def _next_layer(self, frame: gpd.GeoDataFrame) -> tuple[Layer, gpd.GeoDataFrame]:
        """A batch as a layer, with the profile of the first batch and row numbers that follow on.

        Geometries that cannot be computed with are set aside, and the anomalies that tell so are given too.
        """
        previous = self._layer
        frame, first_row = with_plain_values(frame), 0
        if previous is None:
            profile = self._settings.rules(self._source.name, frame.drop(columns=frame._geometry_column_name))
        else:
            profile, first_row = previous.profile, int(previous.rows[-1]) + 1
        layer = layer_of(
            frame,
            self._source.name,
            spatial=self._source.spatial,
            file=self._file,
            profile=profile,
            first_row=first_row,
        )
        layer, unreadable = vertices.set_aside_unreadable(layer)
        if previous is None:
            self._find_truth(layer)
        if self._source.spatial and self._metric is None:
            true = systems.in_true_system(layer, self._where)
            self._metric = None if true is None else metric_system(true)
        return layer, unreadable

    def _find_truth(self, layer: Layer) -> None:
        """Open the reference that the rules name, and know from it where the objects should be."""
        named = layer.profile.reference
        if self._truth is None and named is not None:
            self._truth = open_truth(named, self._settings.open_layer)
            if self._truth is None:
                self._found.append(unopened_truth(layer, named))
        if self._truth is not None:
            self._where = systems.extent_in_degrees(self._truth.layer)

    def _measure(self, layer: Layer) -> list[gpd.GeoDataFrame]:
        """Controls of a batch that need metres, in the system that its coordinates are really in."""
        true = systems.in_true_system(layer, self._where)
        if true is None or self._metric is None:
            return []
        found = [row_measures(true, self._metric)]
        if self._truth is not None:
            found.append(differences(true, self._truth))
        return [_labelled(table, layer) for table in found if table is not None and len(table)]

    def _whole_geometry(self, layer: Layer) -> list[gpd.GeoDataFrame]:
        found = [
            systems.missing_system(layer, self._source.supposed_crs),
            systems.implausible_system(layer, self._where),
            *(control(layer) for control in _WHOLE_GEOMETRY_CONTROLS),
        ]
        true = systems.in_true_system(layer, self._where)
        if true is None or self._metric is None:
            return found
        placed = true.present & ~systems.outliers(true)
        later = [
            systems.misplaced_objects(true),
            *whole_measures(true, self._metric, placed, self._settings.open_layer),
        ]
        if self._truth is not None:
            from geoatelier.quality.absences import absences

            missing, self._against = absences(true.loaded(placed).in_crs(self._metric), self._truth)
            later.append(missing.to_crs(true.frame.crs))
        # The size and the place of an object that is far from all others say nothing more of it.
        astray = set(layer.rows[~placed].tolist())
        measured = [table[~table["rang"].isin(astray)] for table in self._measured]
        return found + measured + [_labelled(table, layer) for table in later if len(table)]


def _labelled(table: gpd.GeoDataFrame, layer: Layer) -> gpd.GeoDataFrame:
    """Coordinates are given back as the layer writes them, with the label that it puts on them."""
    return table.set_crs(layer.frame.crs, allow_override=True)


def _with_last(batches: Iterator[Batch]) -> Iterator[tuple[Batch, bool]]:
    """Each batch, and whether it is the last one."""
    batches = iter(batches)
    current = next(batches, None)
    while current is not None:
        following = next(batches, None)
        yield current, following is None
        current = following
