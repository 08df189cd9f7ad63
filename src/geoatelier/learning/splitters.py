"""Cross-validation by blocks of ground, for `cross_val_score(cv=…)`.

To leave a commune out in turn needs nothing of ours: `LeaveOneGroupOut` of scikit-learn does it, with the
commune of each sample as `groups`.
"""

from collections.abc import Iterator

import numpy as np
import shapely
from geopandas import GeoDataFrame, GeoSeries
from numpy.typing import ArrayLike, NDArray
from scipy.spatial import KDTree
from sklearn.model_selection import BaseCrossValidator, StratifiedGroupKFold

from geoatelier.learning.validation import spatial_blocks

Split = tuple[NDArray[np.intp], NDArray[np.intp]]


class SpatialBlockKFold(BaseCrossValidator):
    """Folds made of whole square blocks, with a dead zone between training and test.

    Blocks are dealt so that each fold keeps, as far as it can, the share of each class. The place of each
    sample is given as `groups`. The samples of a parcel stay together if they all have the place of their
    parcel, its centroid for instance.

    Parameters
    ----------
    side : side of a block, in the unit of the CRS (metres in Lambert-93)
    n_splits : number of folds
    buffer : samples nearer than that to a test sample are left out of training, same unit
    random_state : seed of the deal

    References
    ----------
    Roberts et al. (2017), Cross-validation strategies for data with temporal, spatial, hierarchical, or
    phylogenetic structure, Ecography 40, 913-929.

    Examples
    --------
    >>> blocks = SpatialBlockKFold(1000, buffer=200)
    >>> cross_val_score(forest, X, y, groups=pixels.geometry, cv=blocks)
    """

    # scikit-learn asks a splitter by this name whether it wants `groups`.
    __metadata_request__split = {"groups": True}  # noqa: RUF012

    def __init__(
        self, side: float, n_splits: int = 5, *, buffer: float = 0.0, random_state: int | None = 0
    ) -> None:
        self.side = side
        self.n_splits = n_splits
        self.buffer = buffer
        self.random_state = random_state

    def split(
        self, X: ArrayLike, y: ArrayLike, groups: GeoSeries | GeoDataFrame | None = None
    ) -> Iterator[Split]:
        """Give the positions of the training and of the test samples, fold by fold.

        Parameters
        ----------
        X : n_samples rows; only their number is read
        y : array of shape (n_samples,), the class of each sample
        groups : the point of each sample, in a projected CRS

        Raises
        ------
        ValueError
            If the points are missing, in degrees, or not as many as the samples; if there are fewer blocks
            than folds; or if a fold has no training sample, or tests a class that its training lacks.
        """
        points, classes = _points(groups, len(X)), np.asarray(y)
        if self.n_splits < 2:
            raise ValueError(f"Il faut au moins deux plis ; n_splits={self.n_splits}.")
        if not self.buffer >= 0:
            raise ValueError(f"La zone morte est une distance, zéro ou plus ; buffer={self.buffer}.")
        blocks = spatial_blocks(points, self.side)
        if blocks.nunique() < self.n_splits:
            raise ValueError(
                f"Pour {self.n_splits} plis, il faut au moins {self.n_splits} blocs ; des blocs de "
                f"{self.side:g} m de côté n'en font que {blocks.nunique()}. Prenez-les plus petits, ou moins "
                "de plis."
            )
        deal = StratifiedGroupKFold(self.n_splits, shuffle=True, random_state=self.random_state)
        coordinates = shapely.get_coordinates(points.geometry.to_numpy())
        splits = [
            (_far_from(coordinates, train, test, self.buffer), test)
            for train, test in deal.split(X, classes, blocks)
        ]
        for number, (train, test) in enumerate(splits, start=1):
            _refuse_fold(number, classes[train], classes[test])
        return iter(splits)

    def get_n_splits(self, X: ArrayLike = None, y: ArrayLike = None, groups: ArrayLike = None) -> int:
        """Return the number of folds."""
        return self.n_splits


def _points(groups: object, n_samples: int) -> GeoSeries:
    if not isinstance(groups, GeoSeries | GeoDataFrame):
        raise ValueError(
            "Il faut le lieu de chaque exemple pour faire des blocs : groups=pixels.geometry, par exemple."
        )
    points = groups.geometry
    if len(points) != n_samples:
        raise ValueError(f"{len(points)} lieux pour {n_samples} exemples : il en faut un par exemple.")
    return points


def _far_from(
    coordinates: NDArray[np.float64], train: NDArray[np.intp], test: NDArray[np.intp], distance: float
) -> NDArray[np.intp]:
    """Training samples that are at `distance` or more of every test sample."""
    if distance == 0:
        return train
    nearest, _ = KDTree(coordinates[test]).query(coordinates[train], distance_upper_bound=distance)
    return train[np.isinf(nearest)]


def _refuse_fold(number: int, trained: NDArray, tested: NDArray) -> None:
    if trained.size == 0:
        raise ValueError(
            f"Pli {number} : la zone morte ne laisse aucun exemple d'entraînement. Réduisez buffer, ou "
            "prenez des blocs plus petits."
        )
    unseen = sorted(map(str, set(tested) - set(trained)))
    if unseen:
        raise ValueError(
            f"Pli {number} : {', '.join(unseen)} n'est que dans le test, le modèle ne peut pas l'apprendre. "
            "Prenez des blocs plus petits, une zone morte plus étroite, ou regroupez les classes rares."
        )
