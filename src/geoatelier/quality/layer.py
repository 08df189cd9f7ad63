"""A layer under control: its rows, its geometries, its key, and the rules of its profile."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geoatelier.quality.coordinates import without_unusable
from geoatelier.quality.fingerprints import shape_fingerprints, value_hashes
from geoatelier.quality.profiles import Profile, profile_of
from geoatelier.quality.rings import runs_of

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
    def bounds(self) -> NDArray[np.float64]:
        """Bounds of each geometry, of shape (n, 4), nan where there is none."""
        return shapely.bounds(self.geometries)

    @cached_property
    def dimensions(self) -> NDArray[np.int64]:
        """0 for points, 1 for lines, 2 for surfaces, -1 where there is no geometry; of shape (n,)."""
        return np.where(shapely.is_empty(self.geometries), -1, shapely.get_dimensions(self.geometries))

    @cached_property
    def valid(self) -> NDArray[np.bool_]:
        """True where the geometry is valid, of shape (n,)."""
        return shapely.is_valid(self.geometries)

    @cached_property
    def outlines(self) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
        """Rings of polygons and lines, of shape (m,), with the row that each belongs to: see `runs_of`."""
        shapes, owner, _ = runs_of(self.geometries)
        drawn = shapely.get_dimensions(shapes) > 0
        return (shapes, owner) if drawn.all() else (shapes[drawn], owner[drawn])

    @cached_property
    def vertices(self) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Vertices of the outlines, of shape (k, 2), with the outline that each belongs to."""
        return shapely.get_coordinates(self.outlines[0], return_index=True)

    @cached_property
    def areas(self) -> NDArray[np.float64]:
        """Areas of shape (n,), in square units of the CRS; nan where there is no valid surface."""
        flat = self.polygonal & self.valid
        return np.where(flat, shapely.area(self.geometries), np.nan)

    @cached_property
    def shape_hashes(self) -> NDArray[np.uint64]:
        """Fingerprint of each geometry, of shape (n,): see `fingerprints`."""
        return shape_fingerprints(self.geometries)

    @cached_property
    def value_hashes(self) -> NDArray[np.uint64]:
        """Fingerprint of the attributes of each row, the key excepted, of shape (n,)."""
        return value_hashes(self.frame[[name for name in self.attributes if name != self.key]])

    @cached_property
    def missing_counts(self) -> Mapping[str, int]:
        """Number of rows without a value, by column."""
        return {name: int(self.missing(name).sum()) for name in self.attributes}

    @property
    def present(self) -> NDArray[np.bool_]:
        """True where there is a geometry that is not empty."""
        return self.dimensions >= 0

    @property
    def polygonal(self) -> NDArray[np.bool_]:
        """True where the geometry is a polygon or several."""
        return self.dimensions == 2

    @property
    def centres(self) -> NDArray[np.float64]:
        """Middle of the bounds of each geometry, of shape (n, 2), nan where there is none."""
        return (self.bounds[:, :2] + self.bounds[:, 2:]) / 2

    @cached_property
    def keys(self) -> NDArray[np.object_]:
        """Key of each row, its position in the source where it has none; of shape (n,)."""
        return self.keys_of(np.arange(len(self.rows)))

    def keys_of(self, rows: NDArray[np.int64]) -> NDArray[np.object_]:
        """Keys of some rows, of shape (m,)."""
        positions = self.rows[rows].astype(str).astype(object)
        if self.key is None:
            return positions
        given = self.frame[self.key].iloc[rows]
        return np.where(missing(given), positions, given.astype(str).to_numpy(dtype=object))

    def missing(self, name: str) -> NDArray[np.bool_]:
        """True where a column has no value, of shape (n,): see `missing`."""
        if name not in self._missing:
            self._missing[name] = missing(self.frame[name])
        return self._missing[name]

    def distinct_texts(self, name: str) -> pd.Series:
        """The different texts of a column of words."""
        if name not in self._distinct_texts:
            values = self.frame[name]
            if not pd.api.types.is_string_dtype(values):
                values = pd.Series([value for value in values if isinstance(value, str)], dtype="str")
            self._distinct_texts[name] = pd.Series(values.dropna().unique())
        return self._distinct_texts[name]

    # What several controls ask of a column is worked out once.
    @cached_property
    def _missing(self) -> dict[str, NDArray[np.bool_]]:
        return {}

    @cached_property
    def _distinct_texts(self) -> dict[str, pd.Series]:
        return {}

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

    def loaded(self, mask: NDArray[np.bool_]) -> "Layer":
        """Its rows where `mask` is True, their geometries in memory."""
        return self.keep(mask)

    def in_crs(self, crs: object) -> "Layer":
        """The same layer, its coordinates computed in `crs`; None for an object that has no place there."""
        if self.frame.crs == crs:
            return self
        frame = self.frame.to_crs(crs)
        computed = without_unusable(frame.geometry.to_numpy())
        return replace(
            self, frame=frame.set_geometry(gpd.GeoSeries(computed, name=frame.geometry.name, crs=frame.crs))
        )

    def taken_as(self, crs: object) -> "Layer":
        """The same layer, its coordinates unchanged and taken to be in `crs`."""
        return replace(self, frame=self.frame.set_crs(crs, allow_override=True))


def layer_of(
    frame: gpd.GeoDataFrame,
    name: str = "couche",
    *,
    spatial: bool = True,
    file: str = "",
    profile: Profile | None = None,
    first_row: int = 0,
) -> Layer:
    """A layer made of the rows of `frame`.

    Parameters
    ----------
    profile : its rules; those that its columns call for when not given
    first_row : position in the source of the first row of `frame`
    """
    frame = frame.reset_index(drop=True)
    categories = frame.select_dtypes("category").columns
    frame = frame.astype({column: frame[column].cat.categories.dtype for column in categories})
    frame = with_plain_values(frame)
    profile = profile or profile_of(frame.drop(columns=frame.geometry.name))
    return Layer(name, frame, profile, first_row + np.arange(len(frame)), spatial, file)


def with_plain_values(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Lists, bytes, complex numbers and other objects written as text, which every control can compare."""
    positions = [
        at for at, kind in enumerate(frame.dtypes) if isinstance(kind, np.dtype) and kind.kind in "Oc"
    ]
    if not positions:
        return frame
    frame = frame.copy(deep=False)
    for at in positions:
        frame.isetitem(at, frame.iloc[:, at].astype(object).map(str, na_action="ignore").astype("str"))
    return frame


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
