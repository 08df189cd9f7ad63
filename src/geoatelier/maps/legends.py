"""Legends that need no script of the web and that the static face can draw too."""

import html
import re
from collections.abc import Mapping, Sequence
from typing import Any

from branca.colormap import ColorMap, StepColormap
from branca.element import MacroElement
from folium.template import Template

_CONTROL = """
{% macro script(this, kwargs) %}
    var {{ this.get_name() }} = L.control({position: {{ this.position|tojson }}});
    {{ this.get_name() }}.onAdd = function () {
        const box = L.DomUtil.create("div", "map-legend");
        box.innerHTML = {{ this.content()|tojson }};
        L.DomEvent.disableClickPropagation(box).disableScrollPropagation(box);
        return box;
    };
    {{ this.get_name() }}.addTo({{ this._parent.get_name() }});
{% endmacro %}
"""


class Legend(MacroElement):
    """A legend of classes, added with `.add_to(m)` like any folium element.

    Parameters
    ----------
    title : what the classes are
    items : for each label, a colour or a folium style (as `crop_style` returns)
    position : corner, in Leaflet's words: "bottomright", "bottomleft", "topright" or "topleft"
    """

    _template = Template(_CONTROL)

    def __init__(
        self, title: str, items: Mapping[str, str | Mapping[str, Any]], *, position: str = "bottomright"
    ) -> None:
        super().__init__()
        self._name = "Legend"
        self.title = title
        self.position = position
        self.items = {
            str(label): {"fillColor": style, "color": "#333333"} if isinstance(style, str) else dict(style)
            for label, style in items.items()
        }

    def content(self) -> str:
        """Return the HTML of the legend."""
        rows = "".join(
            f"<li>{_swatch(style)}<span>{html.escape(label)}</span></li>"
            for label, style in self.items.items()
        )
        return _folding(self.title, f"<ul>{rows}</ul>")


class ColourBar(MacroElement):
    """A legend of values, made from a branca colour map, which would need d3 from the web to draw itself."""

    _template = Template(_CONTROL)
    position = "bottomright"

    def __init__(self, colormap: ColorMap) -> None:
        super().__init__()
        self._name = "ColourBar"
        self.colormap = colormap
        self.title = colormap.caption or ""

    def colours(self, steps: int = 64) -> list[str]:
        """Return the colours from the lowest to the highest value, evenly spaced, as "#rrggbb"."""
        low, high = self.colormap.vmin, self.colormap.vmax
        return [self.colormap.rgb_hex_str(low + (high - low) * (i + 0.5) / steps) for i in range(steps)]

    def ticks(self) -> list[float]:
        """Return the values to write: the bounds of the classes when they are few, else five values."""
        if isinstance(self.colormap, StepColormap) and len(self.colormap.index) <= 7:
            return [float(value) for value in self.colormap.index]
        low, high = self.colormap.vmin, self.colormap.vmax
        return [low + (high - low) * share for share in (0, 0.25, 0.5, 0.75, 1)]

    def content(self) -> str:
        """Return the HTML of the legend."""
        ramp = ", ".join(self.colours())
        low, high = self.colormap.vmin, self.colormap.vmax
        ticks = "".join(
            f"<span style='left: {100 * (value - low) / (high - low):.1f}%'>{number(value)}</span>"
            for value in self.ticks()
        )
        return _folding(
            self.title,
            f"<div class='bar' style='background: linear-gradient(to right, {ramp})'></div>"
            f"<div class='ticks'>{ticks}</div>",
        )


def number(value: float) -> str:
    """Write a number in the French way, with three significant digits."""
    text = f"{value:.3g}"
    if "e" in text:
        text = f"{value:.0f}"
    return text.replace(".", ",").replace("-", "\u2212")


def legends_of_geopandas(elements: Sequence[Any]) -> list[Legend]:
    """Read back the legends that `GeoDataFrame.explore` writes as bare HTML, for the static face."""
    found = []
    for element in elements:
        page = getattr(element, "_template_str", None) or ""
        if "class='maplegend'" not in page:
            continue
        title = re.search(r"class='legend-title'>(.*?)</div>", page, re.DOTALL)
        rows = re.findall(r"<li><span style='background:(.*?)'></span>(.*?)</li>", page, re.DOTALL)
        found.append(Legend(title[1].strip() if title else "", {label: colour for colour, label in rows}))
    return found


def _folding(title: str, content: str) -> str:
    return f"<details open><summary>{html.escape(title)}</summary>{content}</details>"


def _swatch(style: Mapping[str, Any]) -> str:
    fill = style.get("fillColor", style.get("color", "#3388ff"))
    ink = "#ffffff" if _is_dark(fill) else "#333333"
    marks = {
        "/": f'<path d="M2 16L16 2M-2 10L10 -2M8 20L22 6" stroke="{ink}"/>',
        "-": f'<path d="M0 4H22M0 10H22" stroke="{ink}"/>',
        ".": f'<g fill="{ink}"><circle cx="5" cy="4" r="1.3"/><circle cx="11" cy="9" r="1.3"/></g>',
    }.get(style.get("hatch", ""), "")
    outline = style.get("color", "#333333")
    return (
        '<svg width="22" height="14" viewBox="0 0 22 14" aria-hidden="true">'
        f'<rect width="22" height="14" fill="{html.escape(str(fill))}"/>{marks}'
        f'<rect x=".5" y=".5" width="21" height="13" fill="none" stroke="{outline}"/></svg>'
    )


def _is_dark(colour: str) -> bool:
    if not re.fullmatch(r"#[0-9a-fA-F]{6,8}", colour):
        return False
    red, green, blue = (int(colour[start : start + 2], 16) for start in (1, 3, 5))
    return 0.299 * red + 0.587 * green + 0.114 * blue < 128
