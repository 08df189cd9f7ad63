"""The map as a drawing that needs no script: what is printed, and what is seen with JavaScript off."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geoatelier.quality.kinds import LEVELS, Level
from geoatelier.quality.outputs.html_places import Box, Places
from geoatelier.quality.wording import SPACE, number

WIDTH = 1000.0
_HEIGHTS = (420.0, 720.0)
_MARGIN = 48.0
# A sign and its count cover this much of the drawing.
_SIGN_WIDTH, _SIGN_HEIGHT = 64.0, 34.0
# What the drawing spans round a lone point, and the least share that a side has of the other.
_LONE_POINT = 1.0
_FLATTEST = 1e-3
_METRES_A_DEGREE = 111_195.0
_LONGEST_BAR = 180.0


@dataclass(frozen=True)
class Sign:
    """Anomalies that stand too close to be drawn apart: where, their gravest level, and how many."""

    x: float
    y: float
    level: Level
    count: int


@dataclass(frozen=True)
class StaticMap:
    """A drawing `WIDTH` wide.

    Parameters
    ----------
    height : in the units of the drawing
    signs : what to draw, the gravest last so that nothing covers it
    extents : outlines of layers as SVG points, « x,y x,y »
    bar, bar_label : length of the scale bar, and what it stands for
    """

    height: float
    signs: tuple[Sign, ...]
    extents: tuple[str, ...]
    bar: float
    bar_label: str


def static_map(places: Places, levels: NDArray[np.object_]) -> StaticMap | None:
    """The opening view of `places`, or None when there is nothing to draw.

    Parameters
    ----------
    places : where the n anomalies are
    levels : their levels, of shape (n,)
    """
    if places.view is None:
        return None
    shrink = np.cos(np.radians((places.view[1] + places.view[3]) / 2)) if places.geographic else 1.0
    scale, height, offset = _frame(places.view, shrink)

    def draw(points: NDArray[np.float64]) -> NDArray[np.float64]:
        x = points[:, 0] * shrink * scale + offset[0]
        return np.column_stack([x, height - (points[:, 1] * scale + offset[1])])

    rank = np.array([LEVELS.index(level) for level in levels], dtype=int)
    placed = places.placed
    signs = _thinned(draw(places.points[placed]), rank[placed], height)
    extents = tuple(" ".join(f"{x:.1f},{y:.1f}" for x, y in draw(extent.ring)) for extent in places.extents)
    bar, label = _scale_bar(scale, places.geographic)
    return StaticMap(height, signs, extents, bar, label)


def _frame(view: Box, shrink: float) -> tuple[float, float, tuple[float, float]]:
    """Scale, height of the drawing, and offset that centre the view in it."""
    xmin, ymin, xmax, ymax = view
    span_x, span_y = (xmax - xmin) * shrink, ymax - ymin
    # A view without width or height, a lone point, gets some.
    least = _FLATTEST * (max(span_x, span_y) or _LONE_POINT)
    wide, high = WIDTH - 2 * _MARGIN, _HEIGHTS[1] - 2 * _MARGIN
    scale = min(wide / max(span_x, least), high / max(span_y, least))
    height = float(np.clip(span_y * scale + 2 * _MARGIN, *_HEIGHTS))
    middle_x, middle_y = (xmin + xmax) / 2 * shrink, (ymin + ymax) / 2
    return scale, height, (WIDTH / 2 - middle_x * scale, height / 2 - middle_y * scale)


def _thinned(points: NDArray[np.float64], rank: NDArray[np.int64], height: float) -> tuple[Sign, ...]:
    """One sign a cell of a grid, then one for the cells whose signs would touch."""
    inside = ((points >= 0) & (points <= (WIDTH, height))).all(axis=1)
    points, rank = points[inside], rank[inside]
    if not len(points):
        return ()
    order = np.argsort(rank, kind="stable")
    points, rank = points[order], rank[order]
    cells = np.floor(points / (_SIGN_WIDTH, _SIGN_HEIGHT)).astype(int)
    _, first, counts = np.unique(cells, axis=0, return_index=True, return_counts=True)
    kept: list[list] = []
    for index, n in sorted(zip(first.tolist(), counts.tolist(), strict=True)):
        x, y = points[index].tolist()
        near = next((s for s in kept if abs(s[0] - x) < _SIGN_WIDTH and abs(s[1] - y) < _SIGN_HEIGHT), None)
        if near:
            near[3] += n
        else:
            kept.append([x, y, LEVELS[rank[index]], n])
    return tuple(Sign(*sign) for sign in reversed(kept))


def _scale_bar(scale: float, geographic: bool) -> tuple[float, str]:
    """The longest round length that fits: 1, 2 or 5 followed by zeros."""
    a_unit = _METRES_A_DEGREE if geographic else 1.0
    longest = _LONGEST_BAR / scale * a_unit
    power = 10 ** np.floor(np.log10(longest))
    length = power * max(step for step in (1, 2, 5) if step * power <= longest)
    if not geographic:
        return length * scale, f"{number(length, 9)}{SPACE}(unité du fichier)"
    label = f"{number(length / 1000, 3)}{SPACE}km" if length >= 1000 else f"{number(length, 3)}{SPACE}m"
    return length / a_unit * scale, label
