"""A layer under control: its rows, its geometries, its key, and the rules of its profile."""

from dataclasses import dataclass, replace
from functools import cached_property

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geoatelier.quality.profiles import Profile, profile_of

_MISSING_WORDS = frozenset({"", "null", "none", "nan", "n/a", "na", "<na>", "#n/a"})


@dataclass(frozen=True)
class Layer:
    """A layer as the controls see it. Make one with `layer_of`.

    Parameters
    ----------
    name : name in the file
    frame : its n rows, with a range index
    profile : what is expected of such a layer
    rows : integers of shape (n,), position of each row in the source
    spatial : False for a table that has no geometry
    file : name of the file that holds it
    """

    name: str
    frame: gpd.GeoDataFrame
    profile: Profile
    rows: NDArray[np.int64]
    spatial: bool = True
    file: str = ""

    @cached_property
    def geometries(self) -> NDArray[np.object_]:
        """Geometries of shape (n,), None where one is missing."""
        return self.frame.geometry.to_numpy()

    @cached_property
    def present(self) -> NDArray[np.bool_]:
        """True where there is a geometry that is not empty."""
        return ~(shapely.is_missing(self.geometries) | shapely.is_empty(self.geometries))

    @cached_property
    def polygonal(self) -> NDArray[np.bool_]:
        """True where the geometry is a polygon or several."""
        return self.present & (shapely.get_dimensions(self.geometries) == 2)

    @cached_property
    def keys(self) -> NDArray[np.object_]:
        """Key of each row, its position in the source where it has none."""
        positions = self.rows.astype(str).astype(object)
        if self.key is None:
            return positions
        given = self.frame[self.key]
        return np.where(missing(given), positions, given.astype(str).to_numpy(dtype=object))

    @property
    def key(self) -> str | None:
        """Name of the column that identifies an object."""
        return self.profile.key

    @property
    def attributes(self) -> list[str]:
        """Names of the columns that are not the geometry, and not twice the same name."""
        names = self.frame.columns.drop(self.frame.geometry.name)
        return list(names[~names.duplicated(keep=False)])

    def keep(self, mask: NDArray[np.bool_]) -> "Layer":
        """Its rows where `mask` is True, each with its position in the source."""
        return replace(self, frame=self.frame[mask].reset_index(drop=True), rows=self.rows[mask])

    def in_crs(self, crs: object) -> "Layer":
        """The same layer with its coordinates computed again in `crs`."""
        return replace(self, frame=self.frame.to_crs(crs))

    def taken_as(self, crs: object) -> "Layer":
        """The same layer, its coordinates unchanged and taken to be in `crs`."""
        return replace(self, frame=self.frame.set_crs(crs, allow_override=True))


def layer_of(frame: gpd.GeoDataFrame, name: str = "couche", *, spatial: bool = True, file: str = "") -> Layer:
    """A layer made of the rows of `frame`, with the profile that its columns call for."""
    frame = frame.reset_index(drop=True)
    categories = frame.select_dtypes("category").columns
    frame = frame.astype({column: frame[column].cat.categories.dtype for column in categories})
    profile = profile_of(frame.drop(columns=frame.geometry.name))
    return Layer(name, frame, profile, np.arange(len(frame)), spatial, file)


def missing(values: pd.Series) -> NDArray[np.bool_]:
    """True where a value is null, blank, or a word that says so (NULL, N/A…)."""
    null = values.isna().to_numpy(dtype=bool)
    if not is_text(values):
        return null
    return null | values.astype("str").str.strip().str.lower().isin(_MISSING_WORDS).to_numpy(dtype=bool)


def is_text(values: pd.Series) -> bool:
    """Whether a column holds words rather than numbers, dates or booleans."""
    return pd.api.types.is_string_dtype(values) or values.dtype == object


def is_number(values: pd.Series) -> bool:
    """Whether a column holds numbers, booleans excepted."""
    return pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values)
