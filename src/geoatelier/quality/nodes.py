"""Lines as a network: the nodes where their ends are, which ends are free, which lines touch nothing."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray

from geoatelier.quality.layer import Layer
from geoatelier.quality.lines import usable_lines

# Below this many metres two ends are at one place.
SNAP = 0.001
# A layer of which a smaller share of the ends meets another line is no network: contour lines, tracks.
_NETWORK_SHARE = 0.2


@dataclass(frozen=True)
class Network:
    """Lines and the nodes where their ends are. Make one with `network_of`.

    Parameters
    ----------
    lines : m simple pieces of lines, in two dimensions
    row : integers of shape (m,), the row of the layer that each belongs to
    tree : their spatial index
    """

    lines: NDArray[np.object_]
    row: NDArray[np.int64]
    tree: shapely.STRtree

    @cached_property
    def ends(self) -> NDArray[np.object_]:
        """Points of shape (2m,): the start of each line, then the end of each."""
        return np.concatenate([shapely.get_point(self.lines, 0), shapely.get_point(self.lines, -1)])

    @property
    def line_of_end(self) -> NDArray[np.int64]:
        """The line that each end belongs to, of shape (2m,)."""
        return np.tile(np.arange(len(self.lines)), 2)

    @cached_property
    def node(self) -> NDArray[np.int64]:
        """Number of the node where each end is, of shape (2m,)."""
        places = np.round(shapely.get_coordinates(self.ends) / SNAP)
        _, node = np.unique(places[:, 0] + 1j * places[:, 1], return_inverse=True)
        return node

    @cached_property
    def free(self) -> NDArray[np.bool_]:
        """True for the ends that touch no line, not even their own elsewhere; of shape (2m,)."""
        alone = np.flatnonzero(np.bincount(self.node)[self.node] == 1)
        point, line = self.tree.query(self.ends[alone], predicate="dwithin", distance=SNAP)
        touching = line != self.line_of_end[alone[point]]
        alone = np.delete(alone, point[touching])
        looped = ~shapely.is_simple(self.lines[self.line_of_end[alone]])
        alone = np.delete(alone, [i for i in np.flatnonzero(looped) if self._meets_its_line(alone[i])])
        free = np.zeros(len(self.ends), dtype=bool)
        free[alone] = True
        return free

    def _meets_its_line(self, end: int) -> bool:
        """Whether the line of `end` comes back to it."""
        coordinates = shapely.get_coordinates(self.lines[self.line_of_end[end]])
        rest = coordinates[1:] if end < len(self.lines) else coordinates[:-1]
        return len(rest) > 1 and shapely.dwithin(shapely.LineString(rest), self.ends[end], SNAP)

    @cached_property
    def isolated(self) -> NDArray[np.bool_]:
        """True for the lines that no line of another row touches, of shape (m,)."""
        lines = np.arange(len(self.lines))
        one, other = self.tree.query(self.lines, predicate="intersects")
        return ~np.isin(lines, one[self.row[one] != self.row[other]])

    @property
    def is_network(self) -> bool:
        """Whether the lines are meant to meet: enough of their ends do."""
        open_ends = ~np.tile(shapely.is_closed(self.lines), 2)
        return bool(open_ends.any()) and (~self.free[open_ends]).mean() >= _NETWORK_SHARE


def network_of(layer: Layer) -> Network:
    """The network that the lines of `layer` make; other geometries are ignored."""
    rows = usable_lines(layer)
    lines, index = shapely.get_parts(shapely.force_2d(layer.geometries[rows]), return_index=True)
    long_enough = shapely.length(lines) > 0
    lines = lines[long_enough]
    return Network(lines, rows[index[long_enough]], shapely.STRtree(lines))
