"""The table of buildings, described as BD TOPO does: what each column says follows from what was built."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
import shapely
from geopandas import GeoDataFrame
from numpy.typing import NDArray

from geoatelier.territory.footprints import Footprint
from geoatelier.territory.sampling import cells_at
from geoatelier.territory.world import CRS, Terrain

Floats = NDArray[np.float64]
Objects = NDArray[np.object_]


@dataclass(frozen=True)
class Role:
    """What buildings of one role look like in the table.

    Parameters
    ----------
    uses : main use and its share
    height : mean and standard deviation, in metres
    light : share of light constructions
    floor : height of a storey, in metres
    age : least, most frequent and greatest year of construction
    nature : of most of them; None where it follows from the use
    """

    uses: dict[str, float]
    height: tuple[float, float]
    light: float
    age: tuple[int, int, int]
    nature: str = "Indifférenciée"
    floor: float = 2.9


_HOME, _OTHER, _ANNEX, _SHOP = "Résidentiel", "Indifférencié", "Annexe", "Commercial et services"
_TRADE = "Industriel, agricole ou commercial"
ROLES = {
    "terrace": Role({_HOME: 0.78, _OTHER: 0.12, _SHOP: 0.10}, (7.0, 1.7), 0.0, (1640, 1850, 1930)),
    "house": Role({_HOME: 0.87, _OTHER: 0.115, _SHOP: 0.015}, (5.4, 1.0), 0.0, (1925, 1982, 2024)),
    "flats": Role({_HOME: 1.0}, (10.2, 1.8), 0.0, (1958, 1974, 2021)),
    "mas": Role({_HOME: 0.88, _OTHER: 0.12}, (6.3, 1.2), 0.0, (1690, 1840, 1925)),
    "garage": Role({_ANNEX: 0.55, _OTHER: 0.45}, (3.6, 0.9), 0.10, (1955, 1985, 2023)),
    "shed": Role({_OTHER: 0.87, _ANNEX: 0.13}, (4.0, 1.7), 0.72, (1960, 1995, 2024)),
    "cabin": Role({_OTHER: 1.0}, (3.7, 0.9), 0.18, (1820, 1900, 1975)),
    "outbuilding": Role({_OTHER: 0.78, _ANNEX: 0.17, "Agricole": 0.05}, (4.4, 1.2), 0.22, (1850, 1950, 2020)),
    "barn": Role({_OTHER: 0.85, "Agricole": 0.13, "Industriel": 0.02}, (6.6, 1.7), 0.10, (1930, 1985, 2023)),
    "greenhouse": Role({_OTHER: 0.80, "Agricole": 0.20}, (4.2, 0.7), 0.60, (1975, 2000, 2022), "Serre"),
    "silo": Role({"Agricole": 1.0}, (9.5, 2.5), 0.0, (1962, 1980, 2010), "Silo"),
    "church": Role({"Religieux": 1.0}, (13.0, 2.5), 0.0, (1150, 1500, 1780), "Eglise"),
    "chapel": Role({"Religieux": 1.0}, (6.0, 0.8), 0.0, (1180, 1600, 1860), "Chapelle"),
    "warehouse": Role({"Industriel": 0.45, _SHOP: 0.55}, (8.0, 1.4), 0.0, (1890, 1960, 2012), _TRADE),
    "workshop": Role({"Industriel": 0.7, _SHOP: 0.3}, (7.0, 1.2), 0.0, (1970, 1990, 2021), _TRADE),
    "cooperative": Role({"Industriel": 1.0}, (10.5, 1.0), 0.0, (1924, 1930, 1938), _TRADE),
    "supermarket": Role({_SHOP: 1.0}, (6.5, 0.5), 0.0, (1984, 1992, 2004), _TRADE),
    "school": Role({_SHOP: 1.0}, (6.8, 0.8), 0.0, (1882, 1905, 1975)),
    "club": Role({_SHOP: 1.0}, (4.8, 0.5), 0.0, (1978, 1988, 2005)),
    "sports": Role({"Sportif": 1.0}, (9.2, 0.6), 0.0, (1976, 1985, 2008)),
}
# DGFiP codes. Walls: 1 stone, 2 millstone, 3 concrete, 4 brick, 5 breeze block, 6 wood, 9 other. Roofs:
# 1 tiles, 3 zinc, 4 concrete, 9 other. The second digit is the second material, 0 none.
_OLD_WALLS = {"10": 0.72, "15": 0.08, "14": 0.05, "01": 0.03, "50": 0.05, "90": 0.04, "00": 0.03}
_NEW_WALLS = {
    "50": 0.48,
    "40": 0.12,
    "30": 0.12,
    "35": 0.07,
    "15": 0.06,
    "10": 0.06,
    "60": 0.03,
    "90": 0.04,
    "00": 0.02,
}
_ROOFS = {"10": 0.80, "40": 0.06, "90": 0.05, "14": 0.03, "30": 0.02, "09": 0.02, "00": 0.02}
_RNB_LETTERS = np.array(list("123456789ABCDEFGHJKMNPQRSTVWXYZ"))
# Days on which the cadastre was loaded or compared, and how much of the base each brought.
_LOADS = {
    date(2006, 10, 17): 0.04, date(2008, 2, 19): 0.05, date(2010, 11, 4): 0.07, date(2012, 4, 13): 0.52,
    date(2014, 6, 3): 0.06, date(2016, 9, 21): 0.05, date(2018, 1, 5): 0.07, date(2020, 7, 9): 0.05,
    date(2022, 3, 30): 0.05, date(2024, 11, 14): 0.04,
}  # fmt: skip
_UPDATES = (date(2017, 6, 16), date(2019, 4, 3), date(2022, 7, 30), date(2025, 1, 22))


def describe_buildings(
    footprints: list[Footprint], terrain: Terrain, rng: np.random.Generator
) -> GeoDataFrame:
    """Describe each footprint: use, height, dates, materials, identifiers, and what nobody knows.

    Returns
    -------
    GeoDataFrame with the columns of `batiments`, and `role`, EPSG:2154
    """
    roles = np.array([footprint.role for footprint in footprints], dtype=object)
    outlines = np.array([footprint.outline for footprint in footprints])
    area = shapely.area(outlines)
    count = len(roles)
    use = _uses(roles, rng)
    light = np.array([ROLES[role].light for role in roles]) > rng.random(count)
    light &= np.isin(use, [_OTHER, _ANNEX, "Agricole"])
    year = _years(roles, rng)
    created, modified = _record_dates(year, rng)
    method, precision, origin = _acquisition(created, light, rng)
    height = _heights(roles, use, light, method, area, rng)
    # Tax files describe homes and what goes with them; nearly all the rest has no match there.
    matched = rng.random(count) < np.select(
        [np.isin(use, [_HOME, _ANNEX, _SHOP]), use == _OTHER], [0.985, 0.05], 0.3
    )
    described = matched & (rng.random(count) < np.select([use == _HOME, use == _OTHER], [0.995, 0.2], 0.55))
    columns = {
        "cleabs": identifiers("BATIMENT", count, rng),
        "nature": _natures(roles, use, rng),
        "usage_1": use,
        "usage_2": _second_use(use, rng),
        "construction_legere": light,
        "etat_de_l_objet": _states(roles, rng),
        "date_creation": pd.Series(created).astype("datetime64[us]"),
        "date_modification": pd.Series(modified).astype("datetime64[us]"),
        "date_d_apparition": [
            date(y, 1, 1) if known else None for y, known in zip(year.tolist(), described, strict=True)
        ],
        "methode_d_acquisition_planimetrique": method,
        "precision_planimetrique": precision,
        "nombre_de_logements": _integers(_dwellings(roles, use, area, rng), matched),
        "nombre_d_etages": _integers(_storeys(roles, height, rng), matched),
        "materiaux_des_murs": _materials(np.where(year < 1945, "old", "new"), described, rng),
        "materiaux_de_la_toiture": _strings(
            rng.choice(list(_ROOFS), count, p=list(_ROOFS.values())), described
        ),
        "hauteur": height,
        "altitude_minimale_sol": _ground(outlines, terrain, rng),
        "origine_du_batiment": origin,
        "identifiants_rnb": _strings(_rnb(count, rng), rng.random(count) > np.where(light, 0.62, 0.03)),
    }
    table = GeoDataFrame(columns, geometry=shapely.multipolygons(outlines[:, None]), crs=CRS)
    table["role"] = roles
    return table


def identifiers(prefix: str, count: int, rng: np.random.Generator) -> Objects:
    """Unique identifiers of 24 characters: a prefix and sixteen digits, in the manner of BD TOPO."""
    digits = 24 - len(prefix)
    numbers = 2_390_000_000 + np.cumsum(rng.integers(1, 40, count))
    return np.array([f"{prefix}{number:0{digits}d}" for number in numbers], dtype=object)


def _uses(roles: Objects, rng: np.random.Generator) -> Objects:
    use = np.empty(len(roles), dtype=object)
    for role in ROLES:
        of_role = roles == role
        shares = ROLES[role].uses
        use[of_role] = rng.choice(list(shares), of_role.sum(), p=list(shares.values()))
    return use


def _natures(roles: Objects, use: Objects, rng: np.random.Generator) -> Objects:
    nature = np.array([ROLES[role].nature for role in roles], dtype=object)
    trade = np.isin(use, ["Agricole", "Industriel"]) | ((use == _SHOP) & (rng.random(len(use)) < 0.4))
    nature[(nature == "Indifférenciée") & trade & (roles != "school")] = _TRADE
    return nature


def _second_use(use: Objects, rng: np.random.Generator) -> Objects:
    """A shop under a home, a home over a shop, a garage in a house: mostly none."""
    draw = rng.random(len(use))
    second = np.full(len(use), None, dtype=object)
    second[(use == _HOME) & (draw < 0.145)] = _ANNEX
    second[(use == _HOME) & (draw > 0.985)] = _SHOP
    second[(use == _SHOP) & (draw < 0.25)] = _HOME
    second[(use == "Industriel") & (draw < 0.3)] = _SHOP
    return second


def _states(roles: Objects, rng: np.random.Generator) -> Objects:
    draw = rng.random(len(roles))
    state = np.full(len(roles), "En service", dtype=object)
    state[np.isin(roles, ["cabin", "outbuilding", "mas"]) & (draw < 0.025)] = "En ruine"
    state[(roles == "house") & (draw < 0.005)] = "En construction"
    state[(roles == "house") & (draw > 0.998)] = "En projet"
    return state


def _years(roles: Objects, rng: np.random.Generator) -> NDArray[np.int64]:
    ages = np.array([ROLES[role].age for role in roles], dtype=float)
    return rng.triangular(ages[:, 0], ages[:, 1], ages[:, 2] + 1).astype(np.int64)


def _record_dates(year: NDArray[np.int64], rng: np.random.Generator) -> tuple[NDArray, NDArray]:
    """When each building entered the base, once it was built, and when its record last changed, if ever."""
    days = np.array(list(_LOADS), dtype="datetime64[D]")
    load = rng.choice(len(days), len(year), p=list(_LOADS.values()))
    first = np.searchsorted(days, (year + 1 - 1970).astype("datetime64[Y]").astype("datetime64[D]"))
    day = days[np.minimum(np.maximum(load, first), len(days) - 1)]
    created = day.astype("datetime64[s]") + rng.integers(9 * 3600, 14 * 3600, len(year))
    updates = np.array(_UPDATES, dtype="datetime64[D]")
    after = updates[rng.choice(len(updates), len(year), p=[0.05, 0.70, 0.15, 0.10])]
    changed = (after > day) & (rng.random(len(year)) > 0.18)
    modified = after.astype("datetime64[s]") + rng.integers(6 * 3600, 23 * 3600, len(year))
    return created, np.where(changed, modified, np.datetime64("NaT"))


def _acquisition(
    created: NDArray, light: NDArray[np.bool_], rng: np.random.Generator
) -> tuple[Objects, Floats, Objects]:
    """Method, precision in metres and origin: from the cadastre mostly, from aerial images else."""
    draw = rng.random(len(created))
    seen = (draw < 0.20) & ~light
    raw = draw > 0.94
    method = np.where(seen, "Photogrammétrie", np.where(raw, "BDParcellaire", "BDParcellaire recalée"))
    recent = created > np.datetime64("2019-01-01")
    precision = np.where(
        seen, np.where(recent, 1.0, np.where(draw < 0.12, 2.5, 1.5)), np.where(raw, 5.0, 3.0)
    )
    return method.astype(object), precision, np.where(seen, "Imagerie aérienne", "Cadastre").astype(object)


def _heights(
    roles: Objects,
    use: Objects,
    light: NDArray[np.bool_],
    method: Objects,
    area: Floats,
    rng: np.random.Generator,
) -> Floats:
    """Height in metres to a decimetre; unknown where no image was matched, zero where the match failed."""
    mean, spread = np.array([ROLES[role].height for role in roles]).T
    height = np.clip(rng.normal(mean, spread), 2.0, None)
    # A small shed under a tree or against a house gets their height: images see the top of things.
    mistaken = np.isin(roles, ["shed", "cabin", "garage"]) & (rng.random(len(roles)) < 0.30)
    height = np.where(mistaken, rng.normal(6.6, 1.8, len(roles)).clip(2.4), height).round(1)
    hard_to_see = np.where(area < 15, 0.22, np.where(use == _OTHER, 0.10, 0.0))
    unknown = (method == "BDParcellaire") | (rng.random(len(roles)) < hard_to_see)
    failed = light & ~unknown & (rng.random(len(roles)) < 0.05)
    return np.where(unknown, np.nan, np.where(failed, 0.0, height))


def _dwellings(roles: Objects, use: Objects, area: Floats, rng: np.random.Generator) -> NDArray[np.int64]:
    home = use == _HOME
    dwellings = np.where(home, 1, 0)
    shared = home & (roles == "terrace") & (rng.random(len(roles)) < 0.22)
    dwellings[shared] = 1 + rng.integers(1, 4, shared.sum())
    flats = roles == "flats"
    dwellings[flats] = np.maximum(4, area[flats] / 24 + rng.integers(-2, 4, flats.sum())).astype(int)
    return dwellings


def _storeys(roles: Objects, height: Floats, rng: np.random.Generator) -> NDArray[np.int64]:
    floors = np.array([ROLES[role].floor for role in roles])
    known = np.where(np.isnan(height), 4.0, height)
    return np.clip(np.round((known - rng.normal(0.8, 0.5, len(roles))) / floors), 1, 6).astype(int)


def _materials(period: NDArray, described: NDArray[np.bool_], rng: np.random.Generator) -> Objects:
    old = rng.choice(list(_OLD_WALLS), len(period), p=list(_OLD_WALLS.values()))
    new = rng.choice(list(_NEW_WALLS), len(period), p=list(_NEW_WALLS.values()))
    return _strings(np.where(period == "old", old, new), described)


def _ground(outlines: Objects, terrain: Terrain, rng: np.random.Generator) -> Floats:
    """Lowest elevation under the corners of each building, in metres to a decimetre; a few unknown."""
    coordinates, outline = shapely.get_coordinates(outlines, return_index=True)
    lowest = np.full(len(outlines), np.inf)
    np.minimum.at(lowest, outline, terrain.elevation[cells_at(terrain.grid, coordinates)])
    return np.where(rng.random(len(outlines)) < 0.008, np.nan, lowest.round(1))


def _rnb(count: int, rng: np.random.Generator) -> Objects:
    """Fictional identifiers of twelve characters, all different."""
    letters = rng.choice(_RNB_LETTERS, (2 * count, 12))
    return np.array(list(dict.fromkeys("".join(row) for row in letters)), dtype=object)[:count]


def _integers(values: NDArray[np.int64], known: NDArray[np.bool_]) -> pd.Series:
    return pd.Series(values, dtype="Int64").where(known)


def _strings(values: NDArray, known: NDArray[np.bool_]) -> Objects:
    return np.where(known, values.astype(object), None)
