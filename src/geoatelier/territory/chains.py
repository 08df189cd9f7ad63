"""Edges of a network strung together, end to end."""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

# Edge `e` has two ends: its start is numbered `2 e`, its finish `2 e + 1`.
NO_PARTNER = -1


def pair_by_degree(nodes: NDArray[np.intp], labels: Sequence) -> NDArray[np.intp]:
    """Pair the two ends that meet alone at a node, where both edges have the same label.

    Parameters
    ----------
    nodes : node at each end, of shape (2 × edges,)
    labels : one an edge

    Returns
    -------
    Array of shape (2 × edges,): the end that follows each end, or `NO_PARTNER`
    """
    partner = np.full(len(nodes), NO_PARTNER)
    for ends in ends_by_node(nodes).values():
        if len(ends) == 2 and ends[0] // 2 != ends[1] // 2 and labels[ends[0] // 2] == labels[ends[1] // 2]:
            partner[ends[0]], partner[ends[1]] = ends[1], ends[0]
    return partner


def pair_by_direction(
    nodes: NDArray[np.intp], outward: NDArray[np.float64], labels: Sequence, most: float
) -> NDArray[np.intp]:
    """Pair, at each node, the ends of the same label that go on most nearly straight.

    Parameters
    ----------
    outward : direction in which each end leaves its node, in radians
    most : largest turn from one edge to the next, in radians
    """
    partner = np.full(len(nodes), NO_PARTNER)
    for ends in ends_by_node(nodes).values():
        turns = sorted(
            (abs(np.angle(np.exp(1j * (outward[a] - outward[b] - np.pi)))), a, b)
            for i, a in enumerate(ends)
            for b in ends[i + 1 :]
            if labels[a // 2] == labels[b // 2] and a // 2 != b // 2
        )
        for turn, a, b in turns:
            if turn <= most and partner[a] == partner[b] == NO_PARTNER:
                partner[a], partner[b] = b, a
    return partner


def string_edges(partner: NDArray[np.intp]) -> list[list[tuple[int, bool]]]:
    """Chains of edges, each as (edge, walked forwards); loops are opened where they are met."""
    chains = []
    seen = np.zeros(len(partner) // 2, dtype=bool)
    starts = np.flatnonzero(partner == NO_PARTNER)
    for end in [*starts.tolist(), *range(0, len(partner), 2)]:
        chain = []
        while end != NO_PARTNER and not seen[end // 2]:
            seen[end // 2] = True
            chain.append((end // 2, end % 2 == 0))
            end = int(partner[end ^ 1])
        if chain:
            chains.append(chain)
    return chains


def ends_by_node(nodes: NDArray[np.intp]) -> dict[int, list[int]]:
    """Ends that meet at each node."""
    meeting = defaultdict(list)
    for end, node in enumerate(nodes.tolist()):
        meeting[node].append(end)
    return meeting
