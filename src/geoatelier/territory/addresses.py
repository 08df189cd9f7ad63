"""Addresses in the manner of the Base Adresse Nationale: numbered along each street, odd on the left."""

import numpy as np
import pandas as pd
import shapely
from geopandas import GeoDataFrame
from numpy.typing import NDArray
from pyproj import Transformer
from shapely import Point

from geoatelier.territory.quarters import Quarter
from geoatelier.territory.world import CRS

Floats = NDArray[np.float64]
Objects = NDArray[np.object_]

# Roles of buildings that get an address, and the share that does.
_ADDRESSED = {
    "terrace": 0.97, "house": 0.98, "mas": 0.95, "flats": 1.0, "warehouse": 0.8, "workshop": 1.0,
    "cooperative": 1.0, "supermarket": 1.0, "school": 1.0, "sports": 1.0, "club": 1.0, "church": 0.4,
}  # fmt: skip
# How far a building may stand from the street of its address, in metres.
REACH = {"town": 60.0, "country": 200.0}
# Addresses within this distance of the centre of a hamlet or a farm bear its name, in metres.
_HAMLET = 190.0
CERTIFIED = {"13901": 1, "13902": 1, "13903": 0, "13904": 1, "13905": 0}
PORT_POSTCODE, POSTCODE = "13991", "13990"
_POSITIONS = {"entrée": 0.80, "bâtiment": 0.09, "segment": 0.07, "parcelle": 0.04}


def number_streets(
    buildings: GeoDataFrame,
    roads: GeoDataFrame,
    communes: GeoDataFrame,
    villages: GeoDataFrame,
    quarters: list[Quarter],
    places: dict[Point, str],
    rng: np.random.Generator,
) -> GeoDataFrame:
    """Give the buildings that people live or work in an address on the nearest named street of their commune.

    A street starts at its end nearest to the village; odd numbers stand on its left. In towns houses are
    counted; in the country a number is a distance in metres from the start, as communes now do.

    Parameters
    ----------
    buildings : with `role`
    roads : with `nom_voie`, `code_insee` and `place`
    places : hamlets and farms by their site

    Returns
    -------
    GeoDataFrame with the columns of `adresses`, EPSG:2154
    """
    streets = _streets(roads, villages)
    doors = _doors(buildings, roads, streets, communes, quarters, rng)
    doors = _numbered(doors, rng)
    doors["point"], doors["type_position"] = _positions(doors, communes, rng)
    doors["nom_ld"] = _hamlets_and_farms(doors, places, quarters)
    return _table(doors, streets, communes, rng)


def _streets(roads: GeoDataFrame, villages: GeoDataFrame) -> GeoDataFrame:
    """One line a named street, from the end nearest to the village of its commune, by commune and name."""
    named = roads[roads["nom_voie"].notna() & (roads["place"] != "jetty") & (roads["nature"] != "Sentier")]
    keys = ["code_insee", "nom_voie"]
    streets = named[[*keys, "geometry"]].groupby(keys, sort=True)["geometry"].agg(list).reset_index()
    merged = [shapely.line_merge(shapely.union_all(edges)) for edges in streets["geometry"]]
    lines = np.array([max(shapely.get_parts(line), key=lambda part: part.length) for line in merged])
    homes = villages.set_index("code_insee").geometry.loc[streets["code_insee"]].to_numpy()
    from_start = shapely.distance(shapely.get_point(lines, 0), homes)
    from_end = shapely.distance(shapely.get_point(lines, -1), homes)
    lines = np.where(from_end < from_start, shapely.reverse(lines), lines)
    rank = streets.groupby("code_insee").cumcount() + 1
    codes = streets["code_insee"] + "_" + (10 * rank).map("{:04d}".format)
    return GeoDataFrame(streets[keys].assign(fantoir=codes), geometry=lines, crs=CRS)


def _doors(
    buildings: GeoDataFrame,
    roads: GeoDataFrame,
    streets: GeoDataFrame,
    communes: GeoDataFrame,
    quarters: list[Quarter],
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Each building that opens on a street: its row in `streets`, how far along it and on which side."""
    chosen = rng.random(len(buildings)) < buildings["role"].map(_ADDRESSED).fillna(0).to_numpy()
    doors = buildings.loc[chosen, ["role"]].assign(outline=buildings.geometry.array[chosen])
    doors["heart"] = shapely.centroid(doors["outline"].to_numpy())
    hearts = GeoDataFrame(geometry=doors["heart"].to_numpy(), index=doors.index, crs=CRS)
    town = shapely.union_all([quarter.ground for quarter in quarters])
    shapely.prepare(town)
    doors["in_town"] = shapely.intersects(town, doors["heart"].to_numpy())
    doors["code_insee"] = hearts.sjoin(communes[["code_insee", "geometry"]], predicate="within")["code_insee"]
    doors["street"] = _nearest_streets(doors, roads, streets)
    doors = doors[doors["street"] >= 0]

    lines, points = streets.geometry.to_numpy()[doors["street"]], doors["heart"].to_numpy()
    along = shapely.line_locate_point(lines, points)
    here, ahead = (
        shapely.get_coordinates(
            shapely.line_interpolate_point(lines, np.clip(place, 0, shapely.length(lines)))
        )
        for place in (along - 0.5, along + 0.5)
    )
    step, off = ahead - here, shapely.get_coordinates(points) - here
    return doors.assign(
        along=along,
        left=step[:, 0] * off[:, 1] - step[:, 1] * off[:, 0] > 0,
        on_street=shapely.line_interpolate_point(lines, along),
    )


def _nearest_streets(doors: pd.DataFrame, roads: GeoDataFrame, streets: GeoDataFrame) -> NDArray[np.intp]:
    """Row in `streets` of the street of each building, in its commune; -1 where none is near enough."""
    nearest = np.full(len(doors), -1)
    keys = pd.MultiIndex.from_frame(streets[["code_insee", "nom_voie"]])
    row = keys.get_indexer(pd.MultiIndex.from_frame(roads[["code_insee", "nom_voie"]]))
    outlines, limit = doors["outline"].to_numpy(), np.where(doors["in_town"], REACH["town"], REACH["country"])
    for code in streets["code_insee"].unique():
        edges = np.flatnonzero((roads["code_insee"] == code) & (row >= 0) & (roads["place"] != "jetty"))
        here = np.flatnonzero(doors["code_insee"] == code)
        tree = shapely.STRtree(roads.geometry.to_numpy()[edges])
        (door, edge), away = tree.query_nearest(outlines[here], return_distance=True, all_matches=False)
        near = away < limit[here[door]]
        nearest[here[door[near]]] = row[edges[edge[near]]]
    return nearest


def _numbered(doors: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """A row an address: numbers on each side in walking order, `bis` and `ter` where doors share one."""
    metric = doors.groupby("street")["in_town"].transform("mean") < 0.5
    # Half the number, so that both sides of a street count at the same pace.
    pace = (doors["along"] / np.where(metric, 2, 14)).astype(int)
    doors = doors.assign(pace=pace, metric=metric).sort_values(["street", "left", "along"], kind="stable")
    rows, halves, suffixes = [], [], []
    for _, side in doors.groupby(["street", "left"], sort=True):
        half, alone = 0, False
        for row, role, pace, metric in zip(
            side.index, side["role"], side["pace"], side["metric"], strict=True
        ):
            entrances = rng.integers(2, 4) if role == "flats" else 1 + (rng.random() < 0.035)
            if alone and entrances == 1 and not metric and rng.random() < 0.02:
                rows.append(row)
                halves.append(half)
                suffixes.append("bis")
                alone = False
                continue
            half = max(half + 1, pace)
            rows += [row] * entrances
            halves += [half] * entrances
            suffixes += [None, "bis", "ter"][:entrances]
            alone = entrances == 1
    numbered = doors.loc[rows].reset_index(drop=True)
    numbered["numero"] = 2 * np.array(halves) - numbered["left"].to_numpy()
    numbered["rep"] = suffixes
    return numbered


def _positions(
    doors: pd.DataFrame, communes: GeoDataFrame, rng: np.random.Generator
) -> tuple[Objects, Objects]:
    """The point of each address, at the door mostly, and the kind of its position."""
    outlines, on_street = doors["outline"].to_numpy(), doors["on_street"].to_numpy()
    shares = list(_POSITIONS.values())
    kind = rng.choice(np.array(list(_POSITIONS), dtype=object), len(doors), p=shares)
    # A second door of the same house opens a few steps further.
    aside = np.where(doors["rep"].isna(), 0.0, rng.choice([-3.0, 3.0], len(doors)))
    entrance = shapely.get_point(shapely.shortest_line(outlines, on_street), 0)
    facade = shapely.boundary(outlines)
    entrance = shapely.line_interpolate_point(
        facade, np.clip(shapely.line_locate_point(facade, entrance) + aside, 0, shapely.length(facade))
    )
    a, b = shapely.get_coordinates(entrance), shapely.get_coordinates(on_street)
    between = shapely.points(a + (b - a) * rng.uniform(0.35, 0.65, len(doors))[:, None])
    inside = shapely.point_on_surface(outlines)
    point = np.select(
        [kind == "entrée", kind == "segment", kind == "parcelle"], [entrance, on_street, between], inside
    )
    own = communes.set_index("code_insee").geometry.loc[doors["code_insee"]].to_numpy()
    strayed = ~shapely.contains(own, point)
    return np.where(strayed, inside, point), np.where(strayed, "bâtiment", kind)


def _hamlets_and_farms(doors: pd.DataFrame, places: dict[Point, str], quarters: list[Quarter]) -> Objects:
    """Name of the hamlet or the farm of each address outside villages, if it has one."""
    villages = shapely.union_all([quarter.ground for quarter in quarters if quarter.kind != "hamlet"])
    shapely.prepare(villages)
    names = np.array(list(places.values()), dtype=object)
    hearts = doors["heart"].to_numpy()
    (door, place), away = shapely.STRtree(list(places)).query_nearest(
        hearts, return_distance=True, all_matches=False
    )
    near = (away < _HAMLET) & ~shapely.contains(villages, hearts[door])
    found = np.full(len(doors), None, dtype=object)
    found[door[near]] = names[place[near]]
    return found


def _table(
    doors: pd.DataFrame, streets: GeoDataFrame, communes: GeoDataFrame, rng: np.random.Generator
) -> GeoDataFrame:
    street = streets.iloc[doors["street"]].reset_index(drop=True)
    xy = shapely.get_coordinates(doors["point"].to_numpy()).round(2)
    lon, lat = Transformer.from_crs(CRS, "EPSG:4326", always_xy=True).transform(*xy.T)
    suffix = ("_" + doors["rep"].astype(object)).fillna("")
    # Newer streets have no FANTOIR code yet.
    without = rng.choice(streets["fantoir"], int(0.04 * len(streets)), replace=False)
    town = communes.set_index("code_insee")["nom_officiel"]
    table = GeoDataFrame(
        {
            "id": street["fantoir"] + "_" + doors["numero"].map("{:05d}".format) + suffix,
            "id_fantoir": street["fantoir"].mask(street["fantoir"].isin(without)),
            "numero": doors["numero"],
            "rep": doors["rep"],
            "nom_voie": street["nom_voie"],
            "code_postal": np.where(street["code_insee"] == "13901", PORT_POSTCODE, POSTCODE),
            "code_insee": street["code_insee"],
            "nom_commune": street["code_insee"].map(town),
            "x": xy[:, 0],
            "y": xy[:, 1],
            "lon": np.round(lon, 6),
            "lat": np.round(lat, 6),
            "type_position": doors["type_position"],
            "nom_ld": doors["nom_ld"],
            "certification_commune": street["code_insee"].map(CERTIFIED),
        },
        geometry=shapely.points(xy),
        crs=CRS,
    )
    return table.sort_values("id", ignore_index=True)
