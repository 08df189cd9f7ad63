"""Writing tables of features with the type that each column means, the same content each time."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
from pyogrio.raw import write

# The day that files carry as that of their last change, so that two runs write the same.
FROZEN_DAY = "2025-12-01"


def write_vector(
    table: pd.DataFrame,
    path: Path,
    *,
    driver: str,
    layer: str | None = None,
    geometry_type: str | None = None,
    dates: Collection[str] = (),
    append: bool = False,
    layer_options: Mapping[str, str] | None = None,
) -> None:
    """Write a table, with its geometries if it has some, as one layer of a file.

    GeoPandas has no type for a day without an hour, nor for integers with holes in every driver: columns are
    handed to GDAL as arrays, with a mask of what is null.

    Parameters
    ----------
    driver : name of the GDAL driver, such as "GPKG"
    geometry_type : type that the layer declares, such as "Polygon"; "Unknown" allows any
    dates : columns written as days, without an hour
    append : add a layer to an existing file
    """
    spatial = isinstance(table, gpd.GeoDataFrame)
    columns = [name for name in table.columns if not (spatial and name == table.geometry.name)]
    arrays = [_array(table[name], name in dates) for name in columns]
    with _frozen_clock():
        write(
            path,
            geometry=shapely.to_wkb(table.geometry.to_numpy()) if spatial else None,
            geometry_type=geometry_type if spatial else None,
            crs=table.crs.to_string() if spatial else None,
            fields=columns,
            field_data=[values for values, _ in arrays],
            field_mask=[mask for _, mask in arrays],
            layer=layer,
            driver=driver,
            encoding="UTF-8",
            append=append,
            # The version that every QGIS since 3.16 knows in full.
            dataset_options={"VERSION": "1.3"} if driver == "GPKG" and not append else None,
            layer_options=dict(layer_options or {}),
        )


def _array(column: pd.Series, is_date: bool) -> tuple[np.ndarray, np.ndarray | None]:
    """Values of a column as GDAL takes them, and where they are null."""
    if is_date:
        return pd.to_datetime(column).to_numpy().astype("datetime64[D]"), None
    if pd.api.types.is_datetime64_dtype(column):
        return column.to_numpy().astype("datetime64[ms]"), None
    null = column.isna().to_numpy()
    if pd.api.types.is_bool_dtype(column) and not null.any():
        return column.to_numpy(dtype=bool), None
    if pd.api.types.is_integer_dtype(column):
        return column.fillna(0).to_numpy(dtype=np.int64), null
    if pd.api.types.is_float_dtype(column):
        return column.to_numpy(dtype=np.float64, na_value=np.nan), None
    return column.astype(object).where(~null, None).to_numpy(dtype=object), null


@contextmanager
def _frozen_clock() -> Iterator[None]:
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": f"{FROZEN_DAY}T00:00:00.000Z"})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})
