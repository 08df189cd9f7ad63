"""Colours that stay apart for the colour-blind and in grey, the same in every lesson."""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import Any

# Okabe and Ito (2008), Color Universal Design, without the black; dark and light by turns.
OKABE_ITO = ("#0072b2", "#e69f00", "#56b4e9", "#d55e00", "#009e73", "#f0e442", "#cc79a7")


@dataclass(frozen=True)
class CropColour:
    """How one crop is drawn.

    Eleven greys cannot be told apart, so two signs share the work: the hatch tells the family (`/` woody
    crops, none for arable ones, `-` grassland and fallow), the lightness tells the crop in its family.
    """

    label: str
    colour: str
    hatch: str


CROP_COLOURS = {
    "VRC": CropColour("Vigne : raisins de cuve", "#43246b", "/"),
    "OLI": CropColour("Oliveraie", "#6f5a0c", "/"),
    "LAV": CropColour("Lavande ou lavandin", "#868bd2", "/"),
    "VRG": CropColour("Verger", "#fb9f97", "/"),
    "LUZ": CropColour("Luzerne", "#1f484c", ""),
    "TRN": CropColour("Tournesol", "#ee6a23", ""),
    "BDH": CropColour("Blé dur d'hiver", "#e4c62f", ""),
    "ORH": CropColour("Orge d'hiver", "#f8f8b0", ""),
    "PPH": CropColour("Prairie permanente", "#2a8276", "-"),
    "J6S": CropColour("Jachère", "#a79ba1", "-"),
    "SPH": CropColour("Surface pastorale, herbe prédominante", "#bdf0de", "-"),
}


def palette(values: Iterable[Hashable]) -> dict[Hashable, str]:
    """Give each value a colour: the fixed ones of the crops, or Okabe and Ito's in sorted order.

    Parameters
    ----------
    values : the values to tell apart, repeated or not; missing values are left out

    Raises
    ------
    ValueError
        If there are more values than colours that an eye tells apart.
    """
    distinct = sorted({value for value in values if value is not None and value == value}, key=str)
    if distinct and all(value in CROP_COLOURS for value in distinct):
        return {code: crop.colour for code, crop in CROP_COLOURS.items() if code in distinct}
    if len(distinct) > len(OKABE_ITO):
        raise ValueError(
            f"{len(distinct)} valeurs, {len(OKABE_ITO)} couleurs distinctes : au-delà, l'œil les confond. "
            "Regroupez des valeurs, ou faites une carte par groupe."
        )
    return dict(zip(distinct, OKABE_ITO, strict=False))


def crop_style(code: str, **changes: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return the folium style of a crop, to give back from a `style_function`.

    Parameters
    ----------
    code : RPG crop code, such as "VRC"; an unknown code is drawn in white with a dashed outline
    changes : Leaflet path options that replace the usual ones, such as `weight=3`

    Examples
    --------
    >>> folium.GeoJson(parcels, style_function=lambda f: crop_style(f["properties"]["code_cultu"]))
    """
    outline = {"color": "#333333", "weight": 0.6, "fillOpacity": 0.85}
    if crop := CROP_COLOURS.get(code):
        return {"fillColor": crop.colour, "hatch": crop.hatch, **outline, **changes}
    return {"fillColor": "#ffffff", "dashArray": "4 3", **outline, **changes}


def crop_styles(codes: Iterable[str] = tuple(CROP_COLOURS)) -> dict[str, dict[str, Any]]:
    """Return the style of each crop by its French name, in the order of the palette, to give to `legend`."""
    wanted = set(codes)
    return {crop.label: crop_style(code) for code, crop in CROP_COLOURS.items() if code in wanted}
