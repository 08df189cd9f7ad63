"""A layer too large for memory, once all its batches were seen: what the controls of the whole need of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoatelier.quality.layer import Layer
from geoatelier.quality.spill import Spill


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

    stored: Spill = field(kw_only=True)
    figures: Figures = field(kw_only=True)

    @property
    def geometries(self) -> Spill:
        return self.stored

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
        frame = self.frame.iloc[rows].set_geometry(
            gpd.GeoSeries(self.stored[rows], index=self.frame.index[rows], crs=self.frame.crs)
        )
        return Layer(
            self.name, frame.reset_index(drop=True), self.profile, self.rows[rows], self.spatial, self.file
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

    def add(self, layer: Layer) -> None:
        """Keep what the whole needs of a batch."""
        self._model = self._model or layer
        self._spill.add(layer.geometries)
        self._frames.append(layer.frame[_compared_columns(layer)])
        self._parts.append(
            Figures(
                layer.bounds,
                layer.dimensions.astype(np.int8),
                layer.areas,
                layer.shape_hashes,
                layer.value_hashes,
                layer.missing_counts,
            )
        )

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


def _compared_columns(layer: Layer) -> list[str]:
    """Columns whose values are compared from row to row."""
    profile = layer.profile
    wanted = {profile.key, *profile.natural_key, *(name for pair in profile.implied for name in pair)}
    if profile.declared_area:
        wanted.add(profile.declared_area[0])
    return [name for name in layer.attributes if name in wanted]
