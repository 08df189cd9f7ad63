"""Draw the objects to control: at random, by strata, or spread over the map; the same seed draws the same."""

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoatelier.quality.layer import Layer
from geoatelier.quality.sampling import Plan
from geoatelier.quality.wording import SPACE, number, quote, some


def draw(
    source: Layer | pd.DataFrame | gpd.GeoDataFrame,
    plan: Plan,
    seed: int,
    *,
    strata: str | None = None,
    spread: bool = False,
) -> pd.DataFrame | gpd.GeoDataFrame:
    """The objects that a plan says to control, in the order of the lot and with its index.

    The risks of a plan hold for a plain random draw. Strata in proportion, or a spread over the map, usually
    make the estimate more precise, and leave those risks as upper bounds rather than exact figures.

    Parameters
    ----------
    source : the lot, one row an object
    plan : how many to draw
    seed : any integer
    strata : column whose every value gets its share of the sample, within one object
    spread : draw at even steps along a Hilbert curve, so that no part of the map is left aside

    Raises
    ------
    ValueError
        If the plan is for a lot of another size, if `strata` is no column, or if nothing has a geometry to
        spread.
    """
    frame = source.frame if isinstance(source, Layer) else source
    if len(frame) != plan.lot:
        raise ValueError(
            f"Le plan est fait pour un lot de {number(plan.lot)} objets, et celui-ci en a "
            f"{number(len(frame))}. Refaites le plan pour ce lot."
        )
    random = np.random.default_rng(seed)
    order = _along_the_map(frame) if spread else random.permutation(len(frame))
    groups = _groups(frame, strata)[order]
    shares = _shares(np.bincount(groups), plan.size)
    chosen = [
        _steps(order[groups == group], share, random) if spread else order[groups == group][:share]
        for group, share in enumerate(shares)
    ]
    return frame.iloc[np.sort(np.concatenate(chosen))]


def _along_the_map(frame: pd.DataFrame) -> NDArray[np.int64]:
    """Positions along a Hilbert curve, objects without a geometry first."""
    if not isinstance(frame, gpd.GeoDataFrame) or not (placed := _placed(frame)).any():
        raise ValueError("Sans géométrie, le tirage ne peut pas se répartir sur la carte. Tirez au hasard.")
    distance = np.full(len(frame), -1, dtype=np.int64)
    distance[placed] = frame.geometry[placed].hilbert_distance().to_numpy()
    return np.argsort(distance, kind="stable")


def _placed(frame: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    return ~(frame.geometry.isna() | frame.geometry.is_empty).to_numpy()


def _groups(frame: pd.DataFrame, strata: str | None) -> NDArray[np.int64]:
    """Number of the stratum of each row; rows without a value are a stratum of their own."""
    if strata is None:
        return np.zeros(len(frame), dtype=np.int64)
    if strata not in frame.columns:
        raise ValueError(
            f"La colonne {quote(strata)} n'existe pas. Colonnes du lot{SPACE}: {some(frame.columns, 12)}."
        )
    return pd.factorize(frame[strata], sort=True, use_na_sentinel=False)[0]


def _shares(sizes: NDArray[np.int64], total: int) -> NDArray[np.int64]:
    """Shares of `total` in proportion to `sizes`, whole by the largest remainders; none exceeds its size."""
    exact = total * sizes / sizes.sum()
    shares = np.floor(exact).astype(np.int64)
    left = total - shares.sum()
    shares[np.argsort(shares - exact, kind="stable")[:left]] += 1
    return shares


def _steps(ordered: NDArray[np.int64], size: int, random: np.random.Generator) -> NDArray[np.int64]:
    """`size` of the positions, at even steps from a random start."""
    if not size:
        return ordered[:0]
    step = len(ordered) / size
    places = np.floor(random.uniform(0, step) + step * np.arange(size)).astype(np.int64)
    return ordered[np.minimum(places, len(ordered) - 1)]
