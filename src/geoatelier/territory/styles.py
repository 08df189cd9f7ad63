"""The style in which QGIS opens each layer: readable in grey and by the colour-blind, in QML for QGIS 3.

Crops take the colours and the hatches that they have on the maps of the lessons.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from geoatelier.maps import CROP_COLOURS
from geoatelier.qgis_files import (
    add_aliases,
    add_category,
    add_line,
    add_symbol,
    add_symbol_layer,
    document,
    rgba,
)
from geoatelier.territory.schemas import COVER_CODES, Layer

INK, PAPER = "#333333", "#ffffff"


@dataclass(frozen=True)
class Symbol:
    """How one class is drawn.

    Parameters
    ----------
    colour : fill of a polygon or a point, colour of a line; None for no fill
    width : of a line or an outline, in millimetres
    outline : colour of the outline of a polygon or a point
    dash : pen style of QGIS: solid, dash, dot
    hatch : angle of the hatching in degrees, None for none
    size : of a point, in millimetres
    label : name in the legend
    """

    colour: str | None
    width: float = 0.15
    outline: str = INK
    dash: str = "solid"
    hatch: int | None = None
    size: float = 2.0
    label: str = ""


@dataclass(frozen=True)
class Style:
    """The symbols of a layer, by value of `attribute`; a single one under the key "" where there is none."""

    symbols: Mapping[str, Symbol]
    attribute: str | None = None
    name: str | None = None


_HATCHES = {"/": 45, "-": 0, "": None}

STYLES = {
    "communes": Style({"": Symbol(None, 0.5, "#4a4a4a", "dash")}, name="nom_officiel"),
    "batiments": Style(
        {
            "Résidentiel": Symbol("#d55e00", 0.1),
            "Annexe": Symbol("#f3e6c4", 0.1),
            "Indifférencié": Symbol("#c8c8c8", 0.1),
            "Agricole": Symbol("#009e73", 0.1),
            "Commercial et services": Symbol("#cc79a7", 0.1),
            "Industriel": Symbol("#0072b2", 0.1),
            "Religieux": Symbol("#43246b", 0.1),
            "Sportif": Symbol("#7cc7ef", 0.1),
        },
        "usage_1",
    ),
    "troncons_de_route": Style(
        {
            "Route à 1 chaussée": Symbol("#1a1a1a", 0.6),
            "Route empierrée": Symbol("#6b6b6b", 0.4),
            "Chemin": Symbol("#6b6b6b", 0.3, dash="dash"),
            "Sentier": Symbol("#6b6b6b", 0.25, dash="dot"),
        },
        "nature",
    ),
    "cours_d_eau": Style(
        {
            "Permanent": Symbol("#0072b2", 0.5),
            "Intermittent": Symbol("#0072b2", 0.35, dash="dash"),
        },
        "persistance",
    ),
    "parcelles_agricoles": Style(
        {
            code: Symbol(crop.colour, hatch=_HATCHES[crop.hatch], label=f"{code} · {crop.label}")
            for code, crop in CROP_COLOURS.items()
        },
        "code_cultu",
    ),
    "zones_de_vegetation": Style(
        {
            "Forêt fermée de conifères": Symbol("#1b4d4a", hatch=0),
            "Forêt fermée mixte": Symbol("#3f8a74"),
            "Forêt fermée de feuillus": Symbol("#4f8f5b", hatch=45),
            "Bois": Symbol("#7fae6d"),
            "Forêt ouverte": Symbol("#b2cc8f", hatch=45),
            "Haie": Symbol("#6a5a1f"),
            "Lande ligneuse": Symbol("#e3dfb0", hatch=0),
        },
        "nature",
    ),
    "occupation_du_sol": Style(
        {
            code: Symbol(colour, hatch=hatch, label=f"{code} · {COVER_CODES[code]}")
            for code, colour, hatch in (
                ("CS1.1.1.1", "#a0342b", None),
                ("CS1.1.1.2", "#3c3c3c", None),
                ("CS1.1.2.1", "#c9a0a0", 45),
                ("CS1.2.1", "#f2e6c9", None),
                ("CS1.2.2", "#3f8fd0", None),
                ("CS2.1.1.1", "#4f8f5b", 45),
                ("CS2.1.1.2", "#1b4d4a", 0),
                ("CS2.1.1.3", "#3f8a74", None),
                ("CS2.1.2", "#b2a53f", None),
                ("CS2.1.3", "#6a4c93", 45),
                ("CS2.2.1", "#dbe8a0", None),
            )
        },
        "code_cs",
    ),
    "adresses": Style({"": Symbol("#f0e442", 0.2, size=1.4)}),
    "zone_incendiee": Style(
        {
            "faible": Symbol("#fbe3b0"),
            "modérée": Symbol("#e08a1e", hatch=0),
            "forte": Symbol("#5a1a06", hatch=45),
        },
        "severite",
    ),
    "releves_terrain": Style({"": Symbol("#ffffff", 0.5, "#0072b2", size=2.6)}),
}

_KINDS = {"Polygon": "fill", "MultiPolygon": "fill", "LineString": "line", "Point": "marker"}


def qml(layer: Layer) -> str:
    """The style of a layer as a QML document."""
    style = STYLES[layer.name]
    root = ET.Element("qgis", version="3.22.0", styleCategories="Symbology|Labeling|Fields")
    kind = "categorizedSymbol" if style.attribute else "singleSymbol"
    renderer = ET.SubElement(root, "renderer-v2", type=kind, symbollevels="0", enableorderby="0")
    if style.attribute:
        renderer.set("attr", style.attribute)
        categories = ET.SubElement(renderer, "categories")
        for rank, (value, symbol) in enumerate(style.symbols.items()):
            add_category(categories, rank, value, symbol.label or value)
    symbols = ET.SubElement(renderer, "symbols")
    for rank, symbol in enumerate(style.symbols.values()):
        _add_symbol(symbols, str(rank), _KINDS[layer.geometry], symbol)
    if style.name:
        _add_names(root, style.name)
    add_aliases(root, {column.name: column.alias for column in layer.columns})
    return document(root)


def _add_symbol(parent: ET.Element, name: str, kind: str, symbol: Symbol) -> None:
    element = add_symbol(parent, name, kind)
    if kind == "line":
        add_line(element, symbol.colour or INK, symbol.width, symbol.dash, "round")
    elif kind == "marker":
        marker = {
            "name": "circle",
            "color": rgba(symbol.colour or PAPER),
            "outline_color": rgba(symbol.outline),
            "outline_width": str(symbol.width),
            "size": str(symbol.size),
            "size_unit": "MM",
        }
        add_symbol_layer(element, "SimpleMarker", marker)
    else:
        fill = {
            "color": rgba(symbol.colour or PAPER),
            "style": "solid" if symbol.colour else "no",
            "outline_color": rgba(symbol.outline),
            "outline_style": symbol.dash,
            "outline_width": str(symbol.width),
            "outline_width_unit": "MM",
        }
        add_symbol_layer(element, "SimpleFill", fill)
        if symbol.hatch is not None:
            _add_hatch(element, name, symbol)


def _add_hatch(element: ET.Element, name: str, symbol: Symbol) -> None:
    options = {"angle": str(symbol.hatch), "distance": "1.6", "distance_unit": "MM", "line_width": "0.15"}
    pattern = add_symbol_layer(element, "LinePatternFill", options)
    line = add_symbol(pattern, f"@{name}@1", "line")
    add_line(line, PAPER if _is_dark(symbol.colour or PAPER) else "#666666", 0.15, "solid", "round")


def _add_names(root: ET.Element, attribute: str) -> None:
    """Write the name of each feature on it, in dark letters with a white halo."""
    labeling = ET.SubElement(root, "labeling", type="simple")
    settings = ET.SubElement(labeling, "settings", calloutType="simple")
    text = {"fieldName": attribute, "fontSize": "11", "fontSizeUnit": "Point", "textColor": rgba("#1a1a1a")}
    style = ET.SubElement(settings, "text-style", text)
    halo = {"bufferDraw": "1", "bufferSize": "1", "bufferSizeUnits": "MM", "bufferColor": rgba(PAPER)}
    ET.SubElement(style, "text-buffer", halo)
    ET.SubElement(settings, "placement", placement="0")
    ET.SubElement(settings, "rendering", drawLabels="1", obstacle="1", scaleVisibility="0")


def _is_dark(colour: str) -> bool:
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return 0.299 * red + 0.587 * green + 0.114 * blue < 128
