"""Plans of buildings, drawn in a local frame, and the frames that set them on the ground."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from shapely import Polygon

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Frame:
    """A local frame: `u` runs along a street or a yard, `v` away from it."""

    origin: Floats
    along: Floats
    inward: Floats

    def coordinates(self, corners: Floats) -> Floats:
        """Coordinates in metres, EPSG:2154, of corners given as (u, v) along the last axis."""
        return self.origin + corners[..., :1] * self.along + corners[..., 1:] * self.inward

    def place(self, corners: Floats) -> Polygon:
        """Polygon whose corners are given as (u, v), in metres, of shape (n, 2)."""
        return Polygon(self.coordinates(corners))


def frame(origin: Floats, angle: float) -> Frame:
    """Frame turned by an angle, in radians anticlockwise from east."""
    along = np.array([np.cos(angle), np.sin(angle)])
    return Frame(np.asarray(origin, dtype=float), along, np.array([-along[1], along[0]]))


def rectangle(width: float, depth: float, u: float = 0.0, v: float = 0.0) -> Floats:
    """Corners of a rectangle centred on `u`, whose near side is at `v`."""
    left, right = u - width / 2, u + width / 2
    return np.array([[left, v], [right, v], [right, v + depth], [left, v + depth]])


def house_plan(area: float, rng: np.random.Generator) -> Floats:
    """Corners of the plan of a house of a given area: a rectangle, an L, a T or a stepped front.

    Its near side is on v = 0 and it is centred on u = 0.
    """
    aspect = rng.uniform(1.1, 1.75)
    shape = rng.choice(["rectangle", "L", "T", "step", "double L"], p=[0.13, 0.39, 0.14, 0.16, 0.18])
    bite = rng.uniform(0.14, 0.26)
    depth = np.sqrt(area / aspect / (1 if shape == "rectangle" else 1 - bite))
    width = aspect * depth
    if shape == "rectangle":
        corners = rectangle(width, depth)
    elif shape == "L":
        across = rng.uniform(0.4, 0.6)
        down = bite / across
        a, b = width * (0.5 - across), depth * (1 - down)
        corners = np.array(
            [[-width / 2, 0], [width / 2, 0], [width / 2, b], [a, b], [a, depth], [-width / 2, depth]]
        )
    elif shape == "T":
        side, b = width * rng.uniform(0.22, 0.32), depth * 0.62
        corners = np.array(
            [
                [-width / 2, 0], [width / 2, 0], [width / 2, b], [width / 2 - side, b],
                [width / 2 - side, depth], [side - width / 2, depth], [side - width / 2, b], [-width / 2, b],
            ]
        )  # fmt: skip
    elif shape == "step":
        step, at = depth * rng.uniform(0.12, 0.3), width * rng.uniform(-0.15, 0.15)
        corners = np.array(
            [
                [-width / 2, 0], [at, 0], [at, step], [width / 2, step],
                [width / 2, depth], [at, depth], [at, depth - step / 2], [-width / 2, depth - step / 2],
            ]
        )  # fmt: skip
    else:
        a, b, c = (
            width * rng.uniform(0.1, 0.2),
            depth * rng.uniform(0.55, 0.75),
            depth * rng.uniform(0.15, 0.3),
        )
        corners = np.array(
            [
                [-width / 2, c], [-a, c], [-a, 0], [width / 2, 0], [width / 2, b],
                [a, b], [a, depth], [-width / 2, depth],
            ]
        )  # fmt: skip
    return corners * (rng.choice([-1, 1]), 1)


def with_lean_to(plan: Floats, rng: np.random.Generator) -> Floats:
    """A rectangle with a lower shed built against part of its far side."""
    (left, _), (right, far) = plan[0], plan[2]
    deep = far + rng.uniform(3, 6)
    start = left + (right - left) * rng.uniform(0.35, 0.65)
    return np.vstack([plan[:3], [[start, far], [start, deep], [left, deep]]])


def church_plan(length: float, width: float) -> Floats:
    """Corners of a nave with its apse and a bell tower on one side."""
    half = width / 2
    apse = np.array(
        [[half * 0.75 * np.cos(a), length + half * 0.75 * np.sin(a)] for a in np.linspace(0, np.pi, 6)]
    )
    tower = [
        [half, length * 0.12],
        [half + 4.5, length * 0.12],
        [half + 4.5, length * 0.12 + 4.5],
        [half, length * 0.12 + 4.5],
    ]
    return np.vstack([[[-half, 0], [half, 0]], tower, [[half, length]], apse, [[-half, length]]])


def school_plan(width: float, depth: float) -> Floats:
    """Corners of three wings round a playground."""
    wing = 9.0
    return np.array(
        [
            [0, 0], [width, 0], [width, depth], [width - wing, depth], [width - wing, wing],
            [wing, wing], [wing, depth * 0.8], [0, depth * 0.8],
        ]
    )  # fmt: skip
