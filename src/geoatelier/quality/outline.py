"""The edges of polygons that no neighbour answers: all that tells where ground is shared, or left empty.

Go round every polygon with its inside on the left. An edge that two neighbours share is run once each way;
strike those out. Crossing an edge that stays changes by how much the ground is covered, and nothing else
does: the edges that stay cut the plane into faces, each covered as many times all over.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray

from geoatelier.quality.fingerprints import place_hashes
from geoatelier.quality.rings import runs_of


@dataclass(frozen=True)
class Outline:
    """Unanswered edges, m of them, in the order of the rings they come from.

    Parameters
    ----------
    start, end : float arrays of shape (m, 2)
    start_id, end_id : integers of shape (m,), equal where the places are
    owner : integers of shape (m,), position of the polygon that each belongs to
    way : floats of shape (m,): 1 where the inside is on the left from start to end, -1 on the right
    """

    start: NDArray[np.float64]
    end: NDArray[np.float64]
    start_id: NDArray[np.uint64]
    end_id: NDArray[np.uint64]
    owner: NDArray[np.int64]
    way: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.owner)

    @cached_property
    def chain(self) -> NDArray[np.int64]:
        """Number of the chain of each edge: a run of edges of one ring whose inner places no other visits."""
        _, place, visits = np.unique(
            np.concatenate([self.start_id, self.end_id]), return_inverse=True, return_counts=True
        )
        alone = visits[place[: len(self)]] == 2
        goes_on = np.append(False, self.end_id[:-1] == self.start_id[1:])[: len(self)]
        goes_on &= np.append(False, np.diff(self.owner) == 0)[: len(self)]
        return np.cumsum(~(goes_on & alone)) - 1

    @cached_property
    def lines(self) -> NDArray[np.object_]:
        """The chains, as lines that meet one another at their ends only, as far as edges do not cross."""
        if not len(self):
            return np.empty(0, dtype=object)
        chain = self.chain
        last = np.append(np.diff(chain) != 0, True)
        at = np.arange(len(self)) + chain  # each chain has one vertex more than edges
        places = np.empty((len(self) + chain[-1] + 1, 2))
        number = np.empty(len(places), dtype=np.int64)
        places[at], number[at] = self.start, chain
        places[at[last] + 1], number[at[last] + 1] = self.end[last], chain[last]
        return shapely.linestrings(places, indices=number)


@dataclass(frozen=True)
class Edges:
    """All edges of polygons, those at one place (run either way) brought together. Made by `edges_of`.

    Parameters
    ----------
    vertices : float array of shape (v, 2), ring after ring
    ids : integers of shape (v,), equal where the vertices are
    at : integers of shape (n,), the vertex that each edge starts from; it ends at the following one
    ring : integers of shape (v,)
    owner, way : of each ring, see `Outline`
    order : integers of shape (n,), the edges place by place
    group : integers of shape (g,), where each place starts in `order`
    """

    vertices: NDArray[np.float64]
    ids: NDArray[np.uint64]
    at: NDArray[np.int64]
    ring: NDArray[np.int64]
    owner: NDArray[np.int64]
    way: NDArray[np.int8]
    order: NDArray[np.int64]
    group: NDArray[np.int64]

    def outline(self) -> Outline:
        """The edges that stay when those run as often one way as the other are struck out."""
        # One way round for all the edges of a place: from the lesser identifier to the greater.
        upward = (self.ids[:-1] < self.ids[1:])[self.at]
        run = self.way[self.ring[self.at]]
        run = np.where(upward, run, -run)[self.order]
        balance = np.add.reduceat(run, self.group) if len(run) else run
        size = np.diff(self.group, append=len(run))
        single = self.order[self.group[(balance != 0) & (size == 1)]]
        odd = np.flatnonzero((balance != 0) & (size > 1))
        place = np.repeat(odd, size[odd])
        within = np.arange(len(place)) - np.repeat(np.cumsum(size[odd]) - size[odd], size[odd])
        member = self.group[place] + within
        fitting = run[member] == np.sign(balance[place])
        _, first = np.unique(place[fitting], return_index=True)
        kept = self.at[np.sort(np.concatenate([single, self.order[member[fitting][first]]]))]
        ring = self.ring[kept]
        return Outline(
            self.vertices[kept],
            self.vertices[kept + 1],
            self.ids[kept],
            self.ids[kept + 1],
            self.owner[ring],
            self.way[ring].astype(float),
        )


def edges_of(polygons: NDArray[np.object_]) -> Edges:
    """The edges of valid polygons (or several in one), without those of no length.

    Edges are compared by a 64-bit hash of their ends: among a million of them, two are wrongly held to be at
    one place with a probability of 3e-8.
    """
    rings, owner, hole = runs_of(polygons)
    vertices, ring = shapely.get_coordinates(rings, return_index=True)
    ids = place_hashes(vertices)
    at = np.flatnonzero((ids[:-1] != ids[1:]) & (ring[:-1] == ring[1:]))
    way = np.where(_counterclockwise(vertices, ring) != hole, 1, -1).astype(np.int8)
    key = (ids[:-1] + ids[1:])[at]
    order = np.argsort(key)
    key = key[order]
    group = np.flatnonzero(np.append(True, key[:-1] != key[1:])[: len(key)])
    return Edges(vertices, ids, at, ring, owner, way, order, group)


def _counterclockwise(vertices: NDArray[np.float64], ring: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which way each ring turns, from its signed area (coordinates taken from its first vertex)."""
    if not len(ring):
        return np.empty(0, dtype=bool)
    first = np.flatnonzero(np.append(True, ring[:-1] != ring[1:]))
    x, y = (vertices - np.repeat(vertices[first], np.diff(first, append=len(ring)), axis=0)).T
    cross = np.append(x[:-1] * y[1:] - x[1:] * y[:-1], 0.0)
    cross[first[1:] - 1] = 0.0  # from the end of a ring to the start of the next
    return np.add.reduceat(cross, first) > 0
