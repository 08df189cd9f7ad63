"""A yes-or-no answer beside the truth: its confusion matrix, which is also the legend of its map."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType

import geopandas as gpd
import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.patches import Rectangle
from matplotlib.path import Path
from numpy.typing import ArrayLike, NDArray

from geoatelier.maps.plots import north_arrow, scale_bar

_SEA = "#dfe8ee"
_FADED = 0.25
_ERROR_SIZE = 38


@dataclass(frozen=True)
class Outcome:
    """How one cell of the matrix is drawn: its place, its colour, and the sign that tells it in grey.

    Parameters
    ----------
    row : 0 where the truth is yes, 1 where it is no
    column : 0 where the answer is yes, 1 where it is no
    colour, ink : of its objects, and of what is written over them
    marker : matplotlib's sign of an error; empty for a right answer
    """

    row: int
    column: int
    colour: str
    ink: str
    marker: str = ""


# In grey: dark, middling with a triangle, pale with a cross, light.
OUTCOMES: Mapping[str, Outcome] = MappingProxyType(
    {
        "trouvée": Outcome(0, 0, "#0072b2", "white"),
        "oubliée": Outcome(0, 1, "#e69f00", "black", "^"),
        "signalée à tort": Outcome(1, 0, "#f0e442", "black", "X"),
        "écartée": Outcome(1, 1, "#d2d2d2", "black"),
    }
)


def outcomes(expected: ArrayLike, answered: ArrayLike) -> NDArray[np.str_]:
    """Name the cell of the confusion matrix that each object falls in, a key of `OUTCOMES`.

    Parameters
    ----------
    expected : bool array of shape (n,), the truth
    answered : bool array of shape (n,), what a rule or a model says

    Raises
    ------
    ValueError
        If the two have not the same length, or hold anything else than yes and no.
    """
    expected, answered = _yes_or_no(expected, "la vérité"), _yes_or_no(answered, "la réponse")
    if expected.shape != answered.shape:
        raise ValueError(f"Il faut une réponse par objet : {expected.size} objets, {answered.size} réponses.")
    return np.array(list(OUTCOMES))[2 * ~expected + ~answered]


def plot_confusion(
    expected: ArrayLike,
    answered: ArrayLike,
    *,
    ax: Axes,
    classes: tuple[str, str] = ("oui", "non"),
    chosen: str | None = None,
) -> Axes:
    """Draw a confusion matrix of two classes: the truth in rows, the answers in columns.

    Parameters
    ----------
    expected, answered : bool arrays of shape (n,)
    ax : where to draw
    classes : names of yes and no
    chosen : a key of `OUTCOMES`; the other cells fade

    Raises
    ------
    ValueError
        As `outcomes`, or if no cell is called `chosen`.
    """
    counts = _counts(outcomes(expected, answered))
    _refuse_unknown(chosen)
    for name, cell in OUTCOMES.items():
        faded = chosen not in (None, name)
        x, y = cell.column, 1 - cell.row
        ax.add_patch(
            Rectangle((x, y), 1, 1, facecolor=cell.colour, edgecolor="white", alpha=_FADED if faded else 1)
        )
        ink = "black" if faded else cell.ink
        ax.text(x + 0.5, y + 0.56, f"{counts[name]}", ha="center", va="center", fontsize=20, color=ink)
        ax.text(
            x + 0.5, y + 0.22, _named(name, counts[name]), ha="center", va="center", fontsize=9, color=ink
        )
        if cell.marker:
            ax.scatter(x + 0.5, y + 0.86, s=_ERROR_SIZE, marker=cell.marker, color=ink, linewidths=0)
    if chosen:
        cell = OUTCOMES[chosen]
        ax.add_patch(Rectangle((cell.column, 1 - cell.row), 1, 1, fill=False, linewidth=3))
    ax.set(xlim=(-0.02, 2.02), ylim=(-0.02, 2.02), aspect="equal")
    ax.set_xticks([0.5, 1.5], classes)
    ax.set_yticks([1.5, 0.5], classes, rotation=90, va="center")
    ax.set_xlabel("Réponse")
    ax.set_ylabel("Sur le terrain")
    ax.xaxis.set_label_position("top")
    ax.tick_params(length=0, labeltop=True, labelbottom=False)
    ax.spines[:].set_visible(False)
    return ax


def plot_outcomes(
    layer: gpd.GeoDataFrame,
    expected: ArrayLike,
    answered: ArrayLike,
    *,
    ax: Axes,
    land: gpd.GeoDataFrame | None = None,
    chosen: str | None = None,
) -> Axes:
    """Draw polygons in the colour of their cell of the confusion matrix, with a sign on each error.

    Parameters
    ----------
    layer : polygons in a projected system in metres
    expected, answered : bool arrays, one value an object of `layer`
    ax : where to draw
    land : polygons drawn under, in the same system, which give the map its extent; by default `layer`'s
    chosen : a key of `OUTCOMES`; the objects of the other cells fade

    Raises
    ------
    ValueError
        As `outcomes`, if no cell is called `chosen`, or if the layers are not in one system.
    """
    named = outcomes(expected, answered)
    _refuse_unknown(chosen)
    if len(named) != len(layer):
        raise ValueError(f"Il faut une réponse par objet : {len(layer)} objets, {len(named)} réponses.")
    if land is not None and land.crs != layer.crs:
        raise ValueError(
            f"Le fond est en {_system(land)}, la couche en {_system(layer)}. "
            "Reprojetez l'un des deux avec to_crs."
        )
    if land is not None:
        ax.set_facecolor(_SEA)
        _add_polygons(land, ax, facecolors="white", edgecolors="#8a8a8a", linewidths=0.7)
    for name, cell in OUTCOMES.items():
        here = layer.geometry.to_numpy()[named == name]
        strength = _FADED if chosen not in (None, name) else 1
        edge = "#444444" if strength == 1 else "none"
        _add_polygons(here, ax, facecolors=cell.colour, edgecolors=edge, linewidths=0.3, alpha=strength)
        if cell.marker and strength == 1:
            inside = shapely.point_on_surface(here)
            ax.scatter(
                shapely.get_x(inside), shapely.get_y(inside),
                s=_ERROR_SIZE, marker=cell.marker, color=cell.colour, edgecolors="black", linewidths=0.8,
                zorder=20,
            )  # fmt: skip
    left, bottom, right, top = (layer if land is None else land).total_bounds
    margin = 0.02 * max(right - left, top - bottom)
    ax.set(
        xlim=(left - margin, right + margin), ylim=(bottom - margin, top + margin),
        xticks=[], yticks=[], aspect="equal",
    )  # fmt: skip
    scale_bar(ax)
    north_arrow(ax)
    return ax


def _yes_or_no(values: ArrayLike, what: str) -> NDArray[np.bool_]:
    values = np.asarray(values)
    if values.dtype != bool and not np.isin(values, (0, 1)).all():
        raise ValueError(f"Il faut du vrai ou du faux dans {what}, et rien d'autre.")
    return values.astype(bool)


def _refuse_unknown(chosen: str | None) -> None:
    if chosen is not None and chosen not in OUTCOMES:
        raise ValueError(f"« {chosen} » n'est pas une case de la matrice. Cases : {', '.join(OUTCOMES)}.")


def _counts(named: NDArray[np.str_]) -> dict[str, int]:
    return {name: int((named == name).sum()) for name in OUTCOMES}


def _named(name: str, count: int) -> str:
    first, *rest = name.split(" ", 1)
    return name if count < 2 else " ".join([f"{first}s", *rest])


def _system(layer: gpd.GeoDataFrame) -> str:
    return layer.crs.to_string() if layer.crs else "système inconnu"


def _add_polygons(polygons: gpd.GeoDataFrame | NDArray[np.object_], ax: Axes, **style: object) -> None:
    """Add polygons, holes included, as one collection: ten times as quick as one patch each."""
    geometries = polygons.geometry.to_numpy() if isinstance(polygons, gpd.GeoDataFrame) else polygons
    parts = shapely.get_parts(geometries)
    parts = parts[(shapely.get_dimensions(parts) == 2) & ~shapely.is_empty(parts)]
    if not parts.size:
        return
    _, vertices, (rings, owners) = shapely.to_ragged_array(shapely.force_2d(parts))
    codes = np.full(len(vertices), Path.LINETO, dtype=Path.code_type)
    codes[rings[:-1]], codes[rings[1:] - 1] = Path.MOVETO, Path.CLOSEPOLY
    outlines = [Path(vertices[a:b], codes[a:b]) for a, b in pairwise(rings[owners])]
    ax.add_collection(PathCollection(outlines, **style), autolim=False)
