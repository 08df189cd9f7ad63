"""Judge a map by the objects that it finds, misses and invents: what a user counts, unlike pixels."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas import DataFrame
from scipy import ndimage


@dataclass(frozen=True)
class ObjectMatch:
    """Objects of the ground set against the patches of a map.

    Parameters
    ----------
    objects : one row an object of the ground, indexed by its number: `surface_m2`, `part_trouvee` (share of
        its pixels that the map gives to its class), `trouve`
    patches : one row a patch of the map, indexed by its number: `surface_m2`, `touche` (whether it stands on
        an object, if only by a pixel)
    """

    objects: DataFrame
    patches: DataFrame

    @property
    def found(self) -> int:
        """Number of objects found."""
        return int(self.objects["trouve"].sum())

    @property
    def missed(self) -> int:
        """Number of objects missed."""
        return len(self.objects) - self.found

    @property
    def invented(self) -> int:
        """Number of patches that stand on no object."""
        return int((~self.patches["touche"]).sum())


def match_objects(
    objects: NDArray[np.integer],
    found: NDArray[np.bool_],
    *,
    pixel_area: float,
    overlap: float = 0.5,
    smallest: float = 0.0,
) -> ObjectMatch:
    """Match the objects of the ground with the patches of a map of one class.

    A patch is a set of pixels that touch by a side. Objects that touch one another make one patch: a map of
    classes does not count them apart.

    Parameters
    ----------
    objects : array of shape (rows, columns), the number of the object at each pixel, 0 where there is none
    found : array of shape (rows, columns), whether the map gives the pixel to the class
    pixel_area : of a pixel, in m²
    overlap : an object is found if more than this share of its pixels are
    smallest : patches of less than this, in m², are dropped, and so are the pixels they found

    Raises
    ------
    ValueError
        If the two arrays do not stand on one another, if the map is not of one class only, if the numbers of
        objects are not whole, if there is no object to find, or if a parameter is out of its range.
    """
    _refuse_kinds(objects, found)
    _refuse_numbers(pixel_area, overlap, smallest)
    if objects.shape != found.shape:
        raise ValueError(
            f"Les objets ({_size(objects)} pixels) et la carte ({_size(found)} pixels) ne se superposent pas."
        )
    inside = objects > 0
    numbers, owners, pixels = np.unique(objects[inside], return_inverse=True, return_counts=True)
    if numbers.size == 0:
        raise ValueError("Aucun objet à trouver sur ce terrain : il n'y a rien à compter.")
    labelled, count = ndimage.label(found)
    patch_of_owned = labelled[inside]
    areas = np.bincount(labelled.ravel(), minlength=count + 1) * pixel_area
    kept = areas >= smallest
    kept[0] = False
    touching = np.zeros(count + 1, dtype=bool)
    touching[patch_of_owned] = True
    shares = np.bincount(owners, weights=kept[patch_of_owned]) / pixels
    patches = np.flatnonzero(kept)
    return ObjectMatch(
        DataFrame(
            {"surface_m2": pixels * pixel_area, "part_trouvee": shares, "trouve": shares > overlap},
            index=pd.Index(numbers, name="objet"),
        ),
        DataFrame(
            {"surface_m2": areas[patches], "touche": touching[patches]}, index=pd.Index(patches, name="tache")
        ),
    )


def _refuse_kinds(objects: NDArray, found: NDArray) -> None:
    if found.dtype != bool:
        raise ValueError(
            f"La carte est en {found.dtype} ; il faut vrai ou faux à chaque pixel, pour une seule classe. "
            "Écrivez carte == 2 pour la classe 2, ou probabilite > 0.5."
        )
    if objects.dtype.kind not in "iu":
        raise ValueError(
            f"Les numéros des objets sont en {objects.dtype} ; il faut des entiers, comme en rend "
            "draw_objects."
        )


def _refuse_numbers(pixel_area: float, overlap: float, smallest: float) -> None:
    if not pixel_area > 0:
        raise ValueError(f"pixel_area est la surface d'un pixel, en m² ; reçu : {pixel_area}.")
    if not 0 <= overlap < 1:
        raise ValueError(f"overlap est une part, de 0 à moins de 1 ; reçu : {overlap}.")
    if not smallest >= 0:
        raise ValueError(f"smallest est une surface en m², zéro ou plus ; reçu : {smallest}.")


def _size(array: NDArray) -> str:
    return " × ".join(map(str, array.shape))
