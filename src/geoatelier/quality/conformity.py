"""A layer, or a delivery, against its control sheet: all that other controls have not said already."""

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd

from geoatelier.quality.anomalies import layer_anomaly, no_anomaly, together
from geoatelier.quality.conditions import broken_conditions
from geoatelier.quality.layer import Layer, layer_of
from geoatelier.quality.links import OpenLayer, broken_links
from geoatelier.quality.profiles import Profile
from geoatelier.quality.schema import columns_against_sheet, repeated_values, values_against_sheet
from geoatelier.quality.spatial_rules import (
    extent_against_sheet,
    geometry_against_sheet,
    system_against_sheet,
)
from geoatelier.quality.wording import quote

if TYPE_CHECKING:
    from geoatelier.quality.sheets import Sheet, SheetImage


def rows_against_sheet(layer: Layer, already: gpd.GeoDataFrame, open_layer: OpenLayer) -> gpd.GeoDataFrame:
    """What each row of a layer, or of a batch of its rows, breaks of its sheet.

    Parameters
    ----------
    layer : its profile made by `Sheet.rules_for`
    already : anomalies of the other controls; the same value of the same row is not reported twice
    open_layer : gives the layers that the sheet refers to
    """
    if not len(layer.frame):
        return no_anomaly(layer)
    found = [
        values_against_sheet(layer),
        broken_conditions(layer),
        extent_against_sheet(layer, open_layer),
        broken_links(layer, layer.profile.references, open_layer),
    ]
    return _new(together(found, layer.frame.crs), already)


def whole_against_sheet(layer: Layer, already: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """What a layer as a whole breaks of its sheet: columns, system, geometries, repeated values."""
    found = [
        columns_against_sheet(layer),
        system_against_sheet(layer),
        geometry_against_sheet(layer),
        repeated_values(layer),
    ]
    return _new(together(found, layer.frame.crs), already)


def absent_from_sheet(
    sheet: "Sheet",
    layers: Iterable[tuple[str, Collection[str]]],
    images: Collection[str] = (),
    file: str = "",
) -> gpd.GeoDataFrame:
    """One anomaly for each layer and image that the sheet expects and that the delivery lacks.

    Parameters
    ----------
    layers : name of each layer delivered, with the names of its columns
    images : file names of the images delivered
    file : what was delivered
    """
    nothing = gpd.GeoDataFrame(geometry=[])
    absent = [("une couche", name) for name in sheet.missing_layers(layers)]
    absent += [("une image", name) for name in sheet.missing_images(images)]
    return together(
        layer_anomaly(
            layer_of(nothing, name, file=file, profile=Profile()),
            "couche-absente",
            f"La fiche attend {what} {quote(name)}, et la livraison n'en a pas. Redemandez-la.",
        )
        for what, name in absent
    )


def as_weighed(anomalies: gpd.GeoDataFrame, rules: "Profile | SheetImage | Sheet") -> gpd.GeoDataFrame:
    """`anomalies` without the kinds that the sheet ignores, and with the levels that it gives."""
    kept = anomalies[~anomalies["code"].isin(rules.ignored)].reset_index(drop=True)
    if rules.levels:
        told = kept["code"].map(dict(rules.levels)).astype("str")
        kept["niveau"] = told.fillna(kept["niveau"])
    return kept


def _new(found: gpd.GeoDataFrame, already: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Anomalies of `found` on a value, or a geometry, of which `already` says nothing."""
    if found.empty or already.empty:
        return found
    repeated = pd.MultiIndex.from_frame(_subject(found)).isin(pd.MultiIndex.from_frame(_subject(already)))
    return found[~repeated | found["rang"].isna()].reset_index(drop=True)


def _subject(anomalies: gpd.GeoDataFrame) -> pd.DataFrame:
    """The row at fault, and its column; the kind of anomaly where it is the geometry."""
    return pd.DataFrame({"rang": anomalies["rang"], "quoi": anomalies["attribut"].fillna(anomalies["code"])})
