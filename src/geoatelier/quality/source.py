"""One layer to control, given whole or in batches, so that a file larger than memory can be controlled."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray


class UnreadableSource(ValueError):  # noqa: N818 - it names what the reader met
    """The source cannot be read; its message says, in French, why and what to do.

    A notebook shows the message alone, without a traceback.
    """

    def _render_traceback_(self) -> list[str]:
        return [str(self)]


@dataclass(frozen=True)
class Batch:
    """Some rows of a layer, in the order of the file.

    Parameters
    ----------
    frame : the rows
    odd_decimals : for a column of numbers of a CSV, the rows that do not write decimals as the others do
    encoded : the geometries as WKB, None where one is missing, if that is how they came
    """

    frame: gpd.GeoDataFrame
    odd_decimals: Mapping[str, NDArray[np.int64]] = field(default_factory=dict)
    encoded: NDArray[np.object_] | None = None


@dataclass(frozen=True)
class Source:
    """One layer of a file.

    Parameters
    ----------
    name : of the layer
    batches : opens the layer and gives its rows: one batch for a layer that fits in memory, else several.
        It raises `UnreadableSource` where the file turns out to be damaged.
    rows : number of rows, None where the format does not say it without reading all
    spatial : False for a table without geometry
    supposed_crs : True when the CRS was not written but guessed from the values
    """

    name: str
    batches: Callable[[], Iterator[Batch]]
    rows: int | None = None
    spatial: bool = True
    supposed_crs: bool = False

    @classmethod
    def of(cls, name: str, batch: Batch, *, spatial: bool = True, supposed_crs: bool = False) -> "Source":
        """A layer that was read already."""
        return cls(name, lambda: iter([batch]), len(batch.frame), spatial, supposed_crs)

    @property
    def frame(self) -> gpd.GeoDataFrame:
        """All rows together, in memory."""
        frames = [batch.frame for batch in self.batches()]
        return frames[0] if len(frames) == 1 else pd.concat(frames, ignore_index=True)
