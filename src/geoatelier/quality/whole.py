"""A layer too large for memory, once all its batches were seen: what the controls of the whole need of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer

from geoatelier.quality.coordinates import without_unusable
from geoatelier.quality.layer import Layer
from geoatelier.quality.spill import Spill

_ROWS = 50_000


@dataclass(frozen=True)
class Figures:
    """What is kept of each of n objects, and of each column.

    Parameters
    ----------
    bounds, dimensions, areas, shape_hashes, value_hashes : as `Layer` gives them
    missing_counts : number of rows without a value, by column
    """

    bounds: NDArray[np.float64]
    dimensions: NDArray[np.int64]
    areas: NDArray[np.float64]
    shape_hashes: NDArray[np.uint64]
    value_hashes: NDArray[np.uint64]
    missing_counts: Mapping[str, int]


@dataclass(frozen=True)
class StreamedLayer(Layer):
    """A layer whose geometries stay on disk. Its frame holds only the columns that controls compare by rows.

    Parameters
    ----------
    stored : the geometries, to be taken by their rows: `layer.geometries[rows]`
    figures : what is kept of each object
    """

    stored: "Spill | Reprojected" = field(kw_only=True)
    figures: Figures = field(kw_only=True)

    @property
    def geometries(self) -> "Spill | Reprojected":
        return self.stored

    @property
    def keys(self) -> "_Keys":
        return _Keys(self)

    @property
    def bounds(self) -> NDArray[np.float64]:
        return self.figures.bounds

    @property
    def dimensions(self) -> NDArray[np.int64]:
        return self.figures.dimensions

    @property
    def areas(self) -> NDArray[np.float64]:
        return self.figures.areas

    @property
    def shape_hashes(self) -> NDArray[np.uint64]:
        return self.figures.shape_hashes

    @property
    def value_hashes(self) -> NDArray[np.uint64]:
        return self.figures.value_hashes

    @property
    def missing_counts(self) -> Mapping[str, int]:
        return self.figures.missing_counts

    def loaded(self, mask: NDArray[np.bool_]) -> Layer:
        rows = np.flatnonzero(mask)
        frame = self.frame.iloc[rows].reset_index(drop=True)
        frame = frame.set_geometry(gpd.GeoSeries(self.stored[rows], crs=self.frame.crs))
        return Layer(self.name, frame, self.profile, self.rows[rows], self.spatial, self.file)

    def in_crs(self, crs: object) -> "StreamedLayer":
        if self.frame.crs == crs:
            return self
        stored = Reprojected(self.stored, self.frame.crs, CRS(crs))
        bounds, areas = np.empty((len(self.frame), 4)), np.empty(len(self.frame))
        for start in range(0, len(self.frame), _ROWS):
            rows = np.arange(start, min(start + _ROWS, len(self.frame)))
            shapes = stored[rows]
            bounds[rows] = shapely.bounds(shapes)
            areas[rows] = np.where(np.isnan(self.figures.areas[rows]), np.nan, shapely.area(shapes))
        dimensions = np.where(np.isnan(bounds[:, 0]), -1, self.figures.dimensions)
        figures = replace(self.figures, bounds=bounds, areas=areas, dimensions=dimensions)
        return replace(
            self, frame=self.frame.set_crs(crs, allow_override=True), stored=stored, figures=figures
        )


@dataclass(frozen=True)
class _Keys:
    """The keys of a layer, to be taken by their rows: those of a million objects are not all written out."""

    layer: StreamedLayer

    def __getitem__(self, rows: NDArray[np.int64]) -> NDArray[np.object_]:
        return self.layer.keys_of(rows)


class Reprojected:
    """Stored geometries, computed in another CRS as they are taken."""

    def __init__(self, stored: "Spill | Reprojected", source: CRS, target: CRS) -> None:
        self._stored = stored
        self._source, self._target = source, target

    def __getitem__(self, rows: NDArray[np.int64]) -> NDArray[np.object_]:
        # One transformer a call: they are not to be shared between threads.
        transformer = Transformer.from_crs(self._source, self._target, always_xy=True)
        return without_unusable(
            shapely.transform(self._stored[rows], transformer.transform, interleaved=False)
        )


class Gathering:
    """Takes the batches of a layer one after the other, and gives the whole at the end."""

    def __init__(self, spill: Spill) -> None:
        self._spill = spill
        self._parts: list[Figures] = []
        self._frames: list[pd.DataFrame] = []
        self._model: Layer | None = None

    def __len__(self) -> int:
        return len(self._parts)

    def add(self, layer: Layer, figures: Figures, encoded: NDArray[np.object_] | None = None) -> None:
        """Keep what the whole needs of a batch.

        Parameters
        ----------
        encoded : its geometries as WKB, where they are known
        """
        self._model = self._model or layer
        if encoded is None:
            self._spill.add(layer.geometries)
        else:
            self._spill.add_encoded(encoded)
        self._frames.append(layer.frame[_compared_columns(layer)].apply(_detached))
        self._parts.append(figures)

    def layer(self) -> StreamedLayer:
        """The whole layer."""
        model = self._model
        table = pd.concat(self._frames, ignore_index=True)
        nothing = gpd.GeoSeries([None] * len(table), crs=model.frame.crs)
        counts = pd.DataFrame([part.missing_counts for part in self._parts]).sum()
        stacked = {
            name: np.concatenate([getattr(part, name) for part in self._parts])
            for name in ("bounds", "dimensions", "areas", "shape_hashes", "value_hashes")
        }
        return StreamedLayer(
            model.name,
            gpd.GeoDataFrame(table, geometry=nothing),
            model.profile,
            np.arange(len(table)),
            model.spatial,
            model.file,
            stored=self._spill,
            figures=Figures(**stacked, missing_counts={name: int(n) for name, n in counts.items()}),
        )


def figures_of(layer: Layer) -> Figures:
    """The figures of a layer, or of a batch of its rows."""
    return Figures(
        layer.bounds,
        layer.dimensions.astype(np.int8),
        layer.areas,
        layer.shape_hashes,
        layer.value_hashes,
        layer.missing_counts,
    )


def _detached(values: pd.Series) -> pd.Series:
    """The same values in buffers of their own: text that shares those of Arrow keeps all its batch alive."""
    return pd.Series(values.array.take(np.arange(len(values))), name=values.name)


def _compared_columns(layer: Layer) -> list[str]:
    """Columns whose values are compared from row to row."""
    profile = layer.profile
    wanted = {profile.key, *profile.natural_key, *(name for pair in profile.implied for name in pair)}
    wanted |= {rule.name for rule in profile.columns if rule.unique} | profile.domains.keys()
    if profile.declared_area:
        wanted.add(profile.declared_area[0])
    return [name for name in layer.attributes if name in wanted]
