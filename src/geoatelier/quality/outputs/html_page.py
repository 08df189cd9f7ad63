"""The parts that make the page: its styles and scripts, Leaflet among them, and the policy that guards it."""

import base64
import datetime as dt
import hashlib
import re
from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from xstatic.pkg import leaflet

from geoatelier.quality.outputs.html_wording import long_date, threshold, typeset
from geoatelier.quality.wording import count, number, quote

_SCRIPTS = ("report.js", "report_table.js", "report_drawing.js", "report_popup.js", "report_map.js")


@cache
def environment() -> Environment:
    """The templates; every value that they write is escaped."""
    made = Environment(
        loader=PackageLoader("geoatelier.quality.outputs"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    made.filters |= {
        "number": number, "count": count, "quote": quote, "typeset": typeset,
        "long_date": long_date, "threshold": threshold,
    }  # fmt: skip
    return made


def styles(source: str, day: dt.date) -> str:
    """The style sheet of the page, with what the head of each printed sheet says."""
    own = _template("report.css")
    for mark, words in (('"SOURCE"', source), ('"DAY"', long_date(day))):
        own = own.replace(mark, css_string(words))
    return f"{_leaflet('leaflet.css')}\n{own}"


def scripts() -> str:
    """Leaflet and the scripts of the report."""
    return "\n".join([_leaflet("leaflet.js"), *(_template(name) for name in _SCRIPTS)])


def policy(style: str, script: str) -> str:
    """A Content-Security-Policy: this style, this script, nothing else, and no request outside."""
    return (
        f"default-src 'none'; script-src {_digest(script)}; style-src {_digest(style)}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def css_string(text: str) -> str:
    """`text` as a CSS string: all but ASCII letters and digits is escaped by its number."""
    return '"' + re.sub(r"[^A-Za-z0-9]", lambda found: f"\\{ord(found[0]):06x}", text) + '"'


def _template(name: str) -> str:
    folder = files("geoatelier.quality.outputs") / "templates"
    return (folder / name).read_text(encoding="utf-8").replace("\r\n", "\n")


@cache
def _leaflet(name: str) -> str:
    """A file of Leaflet, without what it would load: the map needs none of its images."""
    text = (files(leaflet) / "data" / name).read_text(encoding="utf-8").replace("\r\n", "\n")
    text = re.sub(r"//# sourceMappingURL=.*", "", text)
    return re.sub(r"url\([^)]*\)", "none", text) if name.endswith(".css") else text


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode('ascii')}'"
