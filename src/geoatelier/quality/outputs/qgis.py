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
        ET.SubElement(
            categories, "category", symbol=str(rank), value=value, label=symbol.label, render="true"
        )
        element = ET.SubElement(drawn, "symbol", name=str(rank), type=shape, alpha="1", clip_to_extent="1")
        _DRAW[shape](element, symbol)
    names = ET.SubElement(root, "aliases")
    for column, alias in aliases.items():
        ET.SubElement(names, "alias", field=column, name=alias)
    ET.indent(root, " ")
    document = ET.tostring(root, encoding="unicode")
    return f"<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n{document}"


def _draw_marker(element: ET.Element, symbol: Symbol) -> None:
    options = {
        "name": symbol.marker,
        "color": _rgba(symbol.colour),
        "outline_color": _rgba(INK),
        "outline_width": "0.3",
        "size": str(symbol.size),
        "size_unit": "MM",
    }
    _add_layer(element, "SimpleMarker", options)


def _draw_line(element: ET.Element, symbol: Symbol) -> None:
    """A dark casing under the colour, so that the light shades show on white paper."""
    _add_line(element, INK, symbol.width + 0.4, "solid")
    _add_line(element, symbol.colour, symbol.width, symbol.dash)


def _draw_fill(element: ET.Element, symbol: Symbol) -> None:
    """A see-through fill: what is wrong must stay visible under it."""
    options = {
        "color": _rgba(symbol.colour, 130),
        "style": "solid",
        "outline_color": _rgba(INK),
        "outline_style": "solid",
        "outline_width": "0.4",
        "outline_width_unit": "MM",
    }
    _add_layer(element, "SimpleFill", options)
    for rank, angle in enumerate(symbol.hatches, 1):
        hatch = {"angle": str(angle), "distance": "1.8", "distance_unit": "MM", "line_width": "0.3"}
        pattern = _add_layer(element, "LinePatternFill", hatch)
        name = f"@{element.get('name')}@{rank}"
        line = ET.SubElement(pattern, "symbol", name=name, type="line", alpha="1", clip_to_extent="1")
        _add_line(line, INK, 0.3, "solid")


_DRAW = {"marker": _draw_marker, "line": _draw_line, "fill": _draw_fill}


def _add_line(element: ET.Element, colour: str, width: float, dash: str) -> None:
    options = {
        "line_color": _rgba(colour),
        "line_style": dash,
        "line_width": f"{width:g}",
        "line_width_unit": "MM",
        "capstyle": "flat",
        "joinstyle": "round",
    }
    _add_layer(element, "SimpleLine", options)


def _add_layer(element: ET.Element, kind: str, options: Mapping[str, str]) -> ET.Element:
    layer = ET.SubElement(element, "layer", {"class": kind, "enabled": "1", "locked": "0", "pass": "0"})
    box = ET.SubElement(layer, "Option", type="Map")
    for name, value in options.items():
        ET.SubElement(box, "Option", name=name, value=value, type="QString")
    return layer


def _rgba(colour: str, alpha: int = 255) -> str:
    return ",".join(str(int(colour[i : i + 2], 16)) for i in (1, 3, 5)) + f",{alpha}"
