"""The HTML page of a map: Leaflet inside, and a policy that lets no request leave."""

import base64
import gzip
import re
from functools import cache
from html import escape
from importlib.resources import files
from typing import Any

from branca.element import Element, Figure
from folium.template import Template
from xstatic.pkg import leaflet as leaflet_files

_OUTSIDE = re.compile(r"""<(?:script|link)\b[^>]*\b(?:src|href)\s*=\s*["'](https?://[^"']+)["'][^>]*>""")
# Chromium 80, Firefox 113, Safari 16.4 and later unpack a stream. No single quote: it goes in an attribute.
_UNPACKING = """<!DOCTYPE html><meta charset="utf-8"><script>
(async () => {
    const bytes = Uint8Array.from(atob("PACKED"), (character) => character.charCodeAt(0));
    const unpacked = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    const page = await new Response(unpacked).text();
    document.open();
    document.write(page);
    document.close();
})();
</script>"""
# geopandas draws its legends with a script that only lets one drag them.
_DRAGGING = re.compile(r'<script src="https://code\.jquery\.com/ui/[^"]*"></script>')


class NeedsNetworkError(RuntimeError):
    """A layer of the map loads a script or a style from the web; the message names it in French."""


class Page(Figure):
    """The document that holds one map.

    Parameters
    ----------
    title : what the map shows, in French; the name of the frame for a screen reader
    height : CSS height of the frame in a notebook
    online : let the page load what its layers ask for on the web
    """

    _template = Template(
        """<!DOCTYPE html>
<html lang="fr">
<head>
<title>{{ this.title|e }}</title>
{%- if not this.online %}
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'unsafe-inline';
 style-src 'unsafe-inline'; img-src data: blob:; font-src data:">
{%- endif %}
{{ this.header.render(**kwargs) }}
</head>
<body>
{{ this.html.render(**kwargs) }}
<script>
{{ this.script.render(**kwargs) }}
</script>
</body>
</html>
"""
    )

    def __init__(self, *, title: str, height: str, online: bool) -> None:
        super().__init__(title=title, height=height)
        self.online = online
        self.header.add_child(Element(_embedded_leaflet()), name="leaflet")

    def render(self, **kwargs: Any) -> str:  # noqa: ANN401
        """Return the HTML of the page.

        Raises
        ------
        NeedsNetworkError
            If a layer needs a file of the web and the page is not online.
        """
        parts = (self.header, self.html, self.script)
        given = [part._children.copy() for part in parts]
        page = _DRAGGING.sub("", super().render(**kwargs))
        # folium adds what it renders to the page: without this, a map shown twice would do everything twice.
        for part, children in zip(parts, given, strict=True):
            part._children = children
        outside = _OUTSIDE.findall(page)
        if outside and not self.online:
            raise NeedsNetworkError(
                f"Une couche de cette carte a besoin du réseau : elle charge {outside[0]}. "
                "Choisissez une autre couche, ou créez la carte avec online=True."
            )
        return page

    def _repr_html_(self, **kwargs: Any) -> str:  # noqa: ANN401
        """Return the frame that a notebook shows: the page, compressed to a third.

        Not for the disk alone: Jupyter's server drops outputs when more than 3 MB come within three seconds,
        and a lesson shows several maps when all its cells run.
        """
        packed = base64.b64encode(gzip.compress(self.render(**kwargs).encode(), mtime=0)).decode("ascii")
        document = _UNPACKING.replace("PACKED", packed)
        return (
            f"<iframe title='{escape(self.title)}' srcdoc='{document}' width='100%' height='{self.height}' "
            "style='border: 0' allowfullscreen></iframe>"
        )


@cache
def _embedded_leaflet() -> str:
    style = (files(leaflet_files) / "data" / "leaflet.css").read_text(encoding="utf-8")
    style = re.sub(r"url\((images/[\w-]+\.png)\)", lambda found: f"url({_image(found[1])})", style)
    script = (files(leaflet_files) / "data" / "leaflet.js").read_text(encoding="utf-8")
    script = re.sub(r"//# sourceMappingURL=.*", "", script)
    ours = files("geoatelier.maps")
    icons = {
        "iconUrl": _image("images/marker-icon.png"),
        "iconRetinaUrl": _image("images/marker-icon-2x.png"),
        "shadowUrl": _image("images/marker-shadow.png"),
    }
    return (
        f"<style>{style}</style>\n<style>{(ours / 'leaflet.css').read_text(encoding='utf-8')}</style>\n"
        f"<script>{script}</script>\n<script>{(ours / 'leaflet.js').read_text(encoding='utf-8')}\n"
        f"L.Icon.Default.imagePath = '';\nL.Icon.Default.mergeOptions({icons});</script>"
    )


def _image(name: str) -> str:
    content = (files(leaflet_files) / "data" / name).read_bytes()
    return f"data:image/png;base64,{base64.b64encode(content).decode('ascii')}"
