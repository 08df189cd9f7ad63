"""What is expected of a layer, known from its columns: key, indispensable values, codes, declared area.

The rules are those of the French open data standards (RPG, BD TOPO, BAN) and stay few: only what a wrong
value would break. A layer of no known kind gets rules guessed from the names of its columns.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import pandas as pd

FRENCH_CODES = (
    (r"(code_)?insee(_com)?|code_commune|insee_com", r"(\d{2}|2[AB])\d{3}", 5),
    (r"code_post(al)?|cp", r"\d{5}", 5),
    (r"insee_dep|code_dep(artement)?", r"\d{2}|2[AB]|97\d|98\d", 2),
    (r"siren.*|code_siren", r"\d{9}", 9),
    (r"siret", r"\d{14}", 14),
)
_KEY_NAMES = re.compile(
    r"(cleabs|fid|gid|objectid|ogc_fid|id|idu|id_.+|identifiant|num_.+|.+_id)", re.IGNORECASE
)
_AREAS = (
    (r"surf_parc|surface_ha|surf_ha|superficie_cadastrale", 10_000.0),
    (r"contenance|surface_m2|surf_m2", 1.0),
)

USES = (
    "Agricole", "Annexe", "Commercial et services", "Indifférencié",
    "Industriel", "Religieux", "Résidentiel", "Sportif",
)  # fmt: skip
POSITIONS = (
    "entrée", "bâtiment", "cage d'escalier", "logement", "parcelle", "segment", "service technique",
    "délivrance postale",
)  # fmt: skip
STATES = ("En construction", "En projet", "En ruine", "En service")


@dataclass(frozen=True)
class Code:
    """How a code is written: `pattern` matches it whole, `width` is its usual number of characters."""

    pattern: str
    width: int


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
    """

    title: str = "couche"
    key: str | None = None
    required: tuple[str, ...] = ()
    codes: Mapping[str, Code] = field(default_factory=dict)
    domains: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    numbers: tuple[str, ...] = ()
    declared_area: tuple[str, float] | None = None
    implied: tuple[tuple[str, str], ...] = ()
    natural_key: tuple[str, ...] = ()
    smallest_area: float = 1.0
    single_part: bool = False
    shares_edges: bool = True


@dataclass(frozen=True)
class _Known:
    """A known kind of layer: the columns that give it away (in lower case), and its rules."""

    signature: frozenset[str]
    rules: Profile


_KNOWN = (
    _Known(
        frozenset({"id_parcel", "code_cultu", "surf_parc"}),
        Profile(
            "parcelles agricoles (RPG)",
            key="id_parcel",
            required=("id_parcel", "code_cultu", "surf_parc", "code_insee", "millesime"),
            codes={"code_cultu": Code(r"[A-Z][A-Z0-9]{2}", 3)},
            declared_area=("surf_parc", 10_000.0),
            implied=(("code_cultu", "code_group"),),
            smallest_area=25.0,
            single_part=True,
        ),
    ),
    _Known(
        frozenset({"cleabs", "usage_1", "hauteur"}),
        Profile(
            "bâtiments (BD TOPO)",
            key="cleabs",
            required=("cleabs", "nature", "usage_1"),
            domains={"usage_1": USES, "usage_2": USES, "etat_de_l_objet": STATES},
            single_part=True,
            shares_edges=False,
        ),
    ),
    _Known(
        frozenset({"id", "usage1", "hauteur"}),
        Profile(
            "bâtiments (BD TOPO, Shapefile)",
            key="id",
            required=("id", "nature", "usage1"),
            domains={"usage1": USES, "usage2": USES, "etat": STATES},
            single_part=True,
            shares_edges=False,
        ),
    ),
    _Known(
        frozenset({"numero", "nom_voie", "code_insee"}),
        Profile(
            "adresses (BAN)",
            key="id",
            required=("numero", "nom_voie", "code_insee"),
            codes={"id_fantoir": Code(r"[0-9AB]{5}_[0-9A-Z]{4}", 10)},
            domains={"type_position": POSITIONS},
            numbers=("numero",),
            implied=(("code_insee", "nom_commune"),),
            natural_key=("numero", "rep", "nom_voie", "code_insee"),
        ),
    ),
)


def profile_of(table: pd.DataFrame) -> Profile:
    """The rules for `table` (attributes only), from the names of its columns, whatever their case."""
    columns = {str(name).lower(): name for name in reversed(table.columns)}
    known = next((kind.rules for kind in _KNOWN if kind.signature <= columns.keys()), Profile())
    codes = dict(known.codes)
    for pattern, form, width in FRENCH_CODES:
        codes |= {name: Code(form, width) for name in columns if re.fullmatch(pattern, name)}
    key = known.key if known.key in columns else None
    return replace(
        known,
        key=columns[key] if key else _guess_key(table),
        required=_here(known.required, columns),
        codes={columns[name]: code for name, code in codes.items() if name in columns},
        domains={columns[name]: values for name, values in known.domains.items() if name in columns},
        numbers=_here(known.numbers, columns),
        declared_area=_declared_area(columns),
        implied=tuple(pair for pair in (_here(pair, columns) for pair in known.implied) if len(pair) == 2),
        natural_key=_here(known.natural_key, columns),
    )


def _here(names: tuple[str, ...], columns: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(columns[name] for name in names if name in columns)


def _declared_area(columns: Mapping[str, str]) -> tuple[str, float] | None:
    for pattern, unit in _AREAS:
        for name in columns:
            if re.fullmatch(pattern, name):
                return columns[name], unit
    return None


def _guess_key(table: pd.DataFrame) -> str | None:
    """The first column named as a key whose values are nearly all different."""
    for name in table.columns[~table.columns.duplicated(keep=False)]:
        if _KEY_NAMES.fullmatch(str(name)) and len(table) and table[name].nunique() > 0.8 * len(table):
            return name
    return None
