"""How QGIS opens the layers of anomalies: one symbol a class, told apart by shape as well as by colour.

Shades go from dark to light with the weight of the class, so that a print in grey keeps their order; hues are
those of Okabe and Ito, which the colour-blind tell apart. Points differ by their shape, lines by their width
and dashes, surfaces by their hatches.

References
----------
QML of QGIS 3. Okabe and Ito (2008), Color Universal Design, https://jfly.uni-koeln.de/color/
"""

from collections.abc import Mapping
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from geoatelier.qgis_files import (
    add_aliases,
    add_category,
    add_line,
    add_symbol,
    add_symbol_layer,
    document,
    rgba,
)

INK = "#1a1a1a"


@dataclass(frozen=True)
class Symbol:
    """How one class is drawn, as a point, a line or a surface.

    Parameters
    ----------
    label : name in the legend
    colour : « #rrggbb »
    marker : shape of a point, in the words of QGIS
    size : of a point, in millimetres
    width : of a line, in millimetres
    dash : pen style of a line: solid, dash, dot
    hatches : angles of the hatching of a surface, in degrees
    """

    label: str
    colour: str
    marker: str
    size: float
    width: float
    dash: str
    hatches: tuple[int, ...]


LEVEL_SYMBOLS = {
    "bloquant": Symbol("Bloquant", "#4b0055", "star", 4.6, 1.4, "solid", (45, 135)),
    "erreur": Symbol("Erreur", "#d55e00", "triangle", 3.8, 1.1, "solid", (45,)),
    "avertissement": Symbol("Avertissement", "#f0b400", "square", 3.0, 0.9, "dash", (0,)),
    "info": Symbol("Information", "#a8d8f5", "circle", 2.6, 0.8, "dot", ()),
}


def qml(shape: str, attribute: str, symbols: Mapping[str, Symbol], aliases: Mapping[str, str]) -> str:
    """A QML document that draws each value of `attribute` with its symbol.

    Parameters
    ----------
    shape : marker, line or fill
    attribute : column of the classes
    symbols : value of `attribute` to symbol, the heaviest first
    aliases : column to the name that people read
    """
    root = ET.Element("qgis", version="3.22.0", styleCategories="Symbology|Fields")
    renderer = ET.SubElement(
        root, "renderer-v2", type="categorizedSymbol", attr=attribute, symbollevels="0", enableorderby="0"
    )
    categories = ET.SubElement(renderer, "categories")
    drawn = ET.SubElement(renderer, "symbols")
    for rank, (value, symbol) in enumerate(symbols.items()):
        add_category(categories, rank, value, symbol.label)
        _DRAW[shape](add_symbol(drawn, str(rank), shape), symbol)
    add_aliases(root, aliases)
    return document(root)


def _draw_marker(element: ET.Element, symbol: Symbol) -> None:
    options = {
        "name": symbol.marker,
        "color": rgba(symbol.colour),
        "outline_color": rgba(INK),
        "outline_width": "0.3",
        "size": str(symbol.size),
        "size_unit": "MM",
    }
    add_symbol_layer(element, "SimpleMarker", options)


def _draw_line(element: ET.Element, symbol: Symbol) -> None:
    """A dark casing under the colour, so that the light shades show on white paper."""
    add_line(element, INK, symbol.width + 0.4, "solid", "flat")
    add_line(element, symbol.colour, symbol.width, symbol.dash, "flat")


def _draw_fill(element: ET.Element, symbol: Symbol) -> None:
    """A see-through fill: what is wrong must stay visible under it."""
    options = {
        "color": rgba(symbol.colour, 130),
        "style": "solid",
        "outline_color": rgba(INK),
        "outline_style": "solid",
        "outline_width": "0.4",
        "outline_width_unit": "MM",
    }
    add_symbol_layer(element, "SimpleFill", options)
    for rank, angle in enumerate(symbol.hatches, 1):
        hatch = {"angle": str(angle), "distance": "1.8", "distance_unit": "MM", "line_width": "0.3"}
        pattern = add_symbol_layer(element, "LinePatternFill", hatch)
        line = add_symbol(pattern, f"@{element.get('name')}@{rank}", "line")
        add_line(line, INK, 0.3, "solid", "flat")


_DRAW = {"marker": _draw_marker, "line": _draw_line, "fill": _draw_fill}
