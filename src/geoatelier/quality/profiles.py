"""What is expected of a layer: key, columns and their values, geometry, links, topology.

The rules come from control sheets (`geoatelier.quality.sheets`). A layer for which no sheet was named is
recognised from its columns, and then held only to what a wrong value would break.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Literal

import pandas as pd

from geoatelier.quality.kinds import Level

Shape = Literal["point", "ligne", "surface", "aucune"]
ValueType = Literal["texte", "code", "entier", "décimal", "date", "booléen"]
Operator = Literal["<=", ">=", "!=", "<", ">", "="]

FRENCH_CODES = (
    (r"(code_)?insee(_com)?|code_commune|insee_com", r"(\d{2}|2[AB])\d{3}", 5),
    (r"code_post(al)?|cp", r"\d{5}", 5),
    (r"insee_dep|code_dep(artement)?", r"\d{2}|2[AB]|97\d|98\d", 2),
    (r"siren.*|code_siren", r"\d{9}", 9),
    (r"siret", r"\d{14}", 14),
)


@dataclass(frozen=True)
class Code:
    """How a code is written: `pattern` matches it whole, `width` is its usual number of characters, or 0."""

    pattern: str
    width: int


@dataclass(frozen=True)
class ColumnRule:
    """What a sheet says of one column.

    Parameters
    ----------
    name : the column
    type : what its values are; None when the sheet does not say
    expected : the column must exist
    unique : a value comes once only
    minimum, maximum : bounds, included; numbers, or days for dates
    """

    name: str
    type: ValueType | None = None
    expected: bool = False
    unique: bool = False
    minimum: float | pd.Timestamp | None = None
    maximum: float | pd.Timestamp | None = None


@dataclass(frozen=True)
class Clause:
    """Something said of one column: it equals one of `equals`, none of `differs`, or is `filled` or not."""

    column: str
    equals: tuple[str, ...] | None = None
    differs: tuple[str, ...] | None = None
    filled: bool | None = None


@dataclass(frozen=True)
class Condition:
    """Where `when` holds, `then` must hold."""

    when: Clause
    then: Clause


@dataclass(frozen=True)
class Comparison:
    """Two columns that must be in this order wherever both are filled."""

    first: str
    operator: Operator
    second: str


@dataclass(frozen=True)
class Reference:
    """A foreign key: each value of `column` is one of the column `target` of another layer.

    Parameters
    ----------
    column, target : the two columns
    path : file that holds the other layer; None for a layer of the same delivery
    layer : its name; None for the only layer of `path`
    """

    column: str
    target: str
    path: Path | None = None
    layer: str | None = None


@dataclass(frozen=True)
class Extent:
    """Where objects must be: in `bounds` (xmin, ymin, xmax, ymax in `epsg`), or on the layer of a file."""

    bounds: tuple[float, float, float, float] | None = None
    epsg: int | None = None
    path: Path | None = None
    layer: str | None = None


@dataclass(frozen=True)
class Topology:
    """What is looked for between polygons, and in their outlines.

    Parameters
    ----------
    overlaps : whether sharing ground is an anomaly
    overlap_area : m², below which an overlap is ignored
    gap_width, gap_area : m and m², beyond which an empty bit of ground is no gap
    sliver_width : m, below which a polygon is a sliver
    covers_extent : the layer must leave no ground empty in its extent
    fragile : outlines that rounding their coordinates would break are looked for; it takes longer than all
        the other controls of an outline together
    """

    overlaps: bool = True
    overlap_area: float = 1.0
    gap_width: float = 3.0
    gap_area: float = 200.0
    sliver_width: float = 0.5
    covers_extent: bool = False
    fragile: bool = False


@dataclass(frozen=True)
class TrueData:
    """Data held to be right: the layer of a file, the key that it shares, and a tolerance in metres."""

    path: Path
    layer: str | None = None
    key: str | None = None
    tolerance: float = 1.0


@dataclass(frozen=True)
class Sampling:
    """How a sample is drawn: `size` objects of which `accepted` may be wrong, or what two rates (%) call for.

    Parameters
    ----------
    nqa : share of wrong objects with which a lot is nearly always accepted
    limit : share of wrong objects with which a lot is nearly always refused
    """

    size: int | None = None
    accepted: int = 0
    nqa: float | None = None
    limit: float | None = None
    seed: int = 0


@dataclass(frozen=True)
class Profile:
    """Rules of a kind of layer; column names are those of the layer at hand.

    Parameters
    ----------
    title : French name of this kind of layer
    key : column that identifies an object
    required : columns that cannot do without a value
    codes : how the codes of a column are written
    domains : values that a column may take
    numbers : columns that hold numbers, even where a file gives them as text
    declared_area : column that gives the area of the object, and square metres in one of its units
    implied : pairs of columns of which the first decides the second, such as a code and its group
    natural_key : columns that together name one object in the real world
    smallest_area : below this many square metres a polygon is a micro-area
    single_part : an object is expected in one piece
    shares_edges : neighbours are expected to touch, so that a slot between two of them is a gap
    columns : the columns that a sheet lists, absent ones included; empty when no sheet was named
    geometry : what objects are drawn as
    systems : EPSG codes of the coordinate systems allowed
    extent : where objects must be
    references, conditions : links to other layers, rules between columns
    topology : what is looked for between polygons
    ignored : kinds of anomaly that are left out
    levels : kinds of anomaly that weigh more, or less, than usual
    thresholds : code of a measure to the value that it must hold
    reference : data held to be right
    sampling : how a sample of objects to look at is drawn
    """

    title: str = "couche"
    key: str | None = None
    required: tuple[str, ...] = ()
    codes: Mapping[str, Code] = field(default_factory=dict)
    domains: Mapping[str, tuple[str | float, ...]] = field(default_factory=dict)
    numbers: tuple[str, ...] = ()
    declared_area: tuple[str, float] | None = None
    implied: tuple[tuple[str, str], ...] = ()
    natural_key: tuple[str, ...] = ()
    smallest_area: float = 1.0
    single_part: bool = False
    shares_edges: bool = True
    columns: tuple[ColumnRule, ...] = ()
    geometry: Shape | None = None
    systems: tuple[int, ...] = ()
    extent: Extent | None = None
    references: tuple[Reference, ...] = ()
    conditions: tuple[Condition | Comparison, ...] = ()
    topology: Topology = Topology()
    ignored: frozenset[str] = frozenset()
    levels: Mapping[str, Level] = field(default_factory=dict)
    thresholds: Mapping[str, float] = field(default_factory=dict)
    reference: TrueData | None = None
    sampling: Sampling | None = None


def profile_of(table: pd.DataFrame) -> Profile:
    """The rules for `table` (attributes only), from the names of its columns, whatever their case.

    The built-in sheet whose columns are all there gives them. Since no one chose it, the layer is not held to
    the columns, geometry, system or links that this sheet expects, only to the values of what it has.
    """
    from geoatelier.quality.sheets.binding import bound

    columns = {str(name).lower() for name in table.columns}
    known = next((rules for signature, rules in _known() if signature <= columns), Profile())
    return bound(known, table)


@cache
def _known() -> tuple[tuple[frozenset[str], Profile], ...]:
    """The columns that give each kind of layer of the built-in sheets away, in lower case, and its rules."""
    # Sheets are made of profiles, hence the late import.
    from geoatelier.quality.sheets import builtin_sheets, load_sheet

    nothing = Profile()
    asked = ("columns", "geometry", "systems", "extent", "references", "conditions", "ignored", "levels",
             "thresholds", "reference", "sampling")  # fmt: skip
    return tuple(
        (layer.signature, replace(layer.rules, **{name: getattr(nothing, name) for name in asked}))
        for sheet in map(load_sheet, builtin_sheets())
        for layer in sheet.layers
        if layer.signature
    )
