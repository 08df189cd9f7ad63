"""The damaged delivery and its ledger: each says the whole truth about the other."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from stand_in import StandIn, make_stand_in

from geoatelier.quality import kinds as quality_kinds
from geoatelier.territory.defects import KINDS, make_delivery, shapes, words, write_delivery
from geoatelier.territory.defects import addresses as address_file
from geoatelier.territory.defects import buildings as building_file
from geoatelier.territory.defects import field_points as field_point_file
from geoatelier.territory.defects import parcels as parcel_file
from geoatelier.territory.defects.ledger import SEPARATOR
from geoatelier.territory.schemas import CROPS
from geoatelier.territory.world import ISLAND_GRID

SEED = 7
PUBLISHED = Path(__file__).parents[1] / "data"
KEYS = {
    "parcelles_agricoles": "id_parcel",
    "batiments": "ID",
    "adresses": "id",
    "releves_terrain": "id_releve",
}
EXTRA = {"doublon-exact", "doublon-de-geometrie", "quasi-doublon", "objet-en-trop", "eclat", "micro-surface"}


@dataclass(frozen=True)
class Case:
    """Clean layers, and the folder that holds their damaged delivery."""

    clean: StandIn
    folder: Path


@pytest.fixture(scope="module")
def clean():
    return make_stand_in()


@pytest.fixture(scope="module")
def delivery(clean):
    return make_delivery(clean.parcels, clean.buildings, clean.addresses, clean.field_points, SEED)


@pytest.fixture(scope="module", params=["made now", "published"])
def case(request, clean, delivery, tmp_path_factory):
    """The delivery of the stand-in landscape, then that of the island as it is published."""
    if request.param == "published":
        names = ("parcelles_agricoles", "batiments", "adresses", "releves_terrain")
        layers = (pyogrio.read_dataframe(PUBLISHED / "galejade.gpkg", layer=name) for name in names)
        return Case(StandIn(*layers), PUBLISHED / "livraison")
    folder = tmp_path_factory.mktemp("livraison")
    write_delivery(delivery, folder)
    return Case(clean, folder)


@pytest.fixture(scope="module")
def folder(case):
    return case.folder


@pytest.fixture(scope="module")
def ledger(folder):
    return pyogrio.read_dataframe(folder / "registre_defauts.gpkg", layer="defauts")


@pytest.fixture(scope="module")
def files(folder):
    """Delivered files as anyone would open them, once told the encodings."""
    return {
        "parcelles_agricoles": pyogrio.read_dataframe(folder / "parcelles_2025.gpkg", on_invalid="warn"),
        "batiments": pyogrio.read_dataframe(folder / "batiments.shp", encoding="UTF-8", on_invalid="warn"),
        "adresses": pd.read_csv(folder / "adresses.csv", sep=";", encoding="cp1252", dtype=str),
        "releves_terrain": pd.read_csv(folder / "releves_terrain.csv", sep=",", dtype=str),
    }


@pytest.fixture(scope="module")
def truths(case):
    """Clean layers as the files would write them without any defect."""
    clean = case.clean
    return {
        "parcelles_agricoles": parcel_file.transcribe(clean.parcels),
        "batiments": building_file.transcribe(clean.buildings),
        "adresses": address_file.transcribe(clean.addresses),
        "releves_terrain": field_point_file.transcribe(clean.field_points),
    }


def same(delivered, true) -> bool:
    if isinstance(delivered, shapely.Geometry) or isinstance(true, shapely.Geometry):
        if delivered is None or true is None:
            return delivered is true
        return delivered.equals_exact(true, 1e-9) or shapely.equals_identical(flat(delivered), flat(true))
    if pd.isna(delivered) or pd.isna(true):
        return bool(pd.isna(delivered) and pd.isna(true))
    return delivered == true


def flat(geometry):
    """A geometry whatever its first vertex, its direction, and its being a part of one."""
    parts = shapely.get_parts(geometry)
    return shapely.normalize(parts[0] if len(parts) == 1 else geometry)


def as_clean(value) -> str:
    """A value as the ledger writes it."""
    return "" if value is None or pd.isna(value) else str(value)


@pytest.mark.parametrize("layer", KEYS)
def test_every_difference_is_in_the_ledger_and_every_line_of_the_ledger_is_in_the_file(
    layer, files, truths, ledger
):
    delivered, true, lines = files[layer], truths[layer], ledger[ledger["couche"] == layer]
    key = KEYS[layer]
    touched = {
        rank: set(names.split(SEPARATOR))
        for rank, names in lines.dropna(subset=["rang", "attribut"])[["rang", "attribut"]].itertuples(
            index=False
        )
    }
    extra = set(lines.loc[lines["type_defaut"].isin(EXTRA), "rang"])
    true_key = {line.rang: line.valeur_vraie for line in lines.itertuples() if line.attribut == key}
    by_key = true.set_index(key, drop=False)
    seen = set()
    for rank, row in delivered.iterrows():
        if rank in extra:
            continue
        identifier = true_key.get(rank, row[key])
        seen.add(identifier)
        clean_row = by_key.loc[identifier]
        differing = {
            "geometrie" if name == "geometry" else name
            for name in delivered.columns
            if not same(row[name], clean_row[name])
        }
        assert differing == touched.get(rank, set()), f"{layer}, row {rank}"
    missing = set(lines.loc[lines["type_defaut"] == "objet-manquant", "objet"])
    assert set(true[key]) - seen == missing
    assert len(delivered) == len(true) + len(extra) - len(missing)


@pytest.mark.parametrize("layer", KEYS)
def test_the_ledger_gives_the_delivered_and_the_true_values(layer, files, truths, ledger):
    delivered, true = files[layer], truths[layer].set_index(KEYS[layer], drop=False)
    lines = ledger[
        (ledger["couche"] == layer) & ledger["attribut"].notna() & (ledger["attribut"] != "geometrie")
    ]
    assert len(lines) > 0
    for line in lines.itertuples():
        row = delivered.iloc[int(line.rang)]
        names = line.attribut.split(SEPARATOR)
        found = [as_clean(row[name]) for name in names]
        written = (
            line.valeur_livree if isinstance(line.valeur_livree, str) else SEPARATOR.join([""] * len(names))
        ).split(SEPARATOR)
        for name, value, text in zip(names, found, written, strict=True):
            assert value == text or float(value) == float(text), f"{line.id_defaut} {name}"
        identifier = line.valeur_vraie if line.attribut == KEYS[layer] else line.objet
        for name, text in zip(names, line.valeur_vraie.split(SEPARATOR), strict=True):
            value = as_clean(true.loc[identifier, name])
            assert value == text or float(value) == float(text), f"{line.id_defaut} {name}"


@pytest.mark.parametrize("layer", KEYS)
def test_the_ledger_names_the_feature_that_stands_at_its_rank(layer, files, ledger):
    lines = ledger[(ledger["couche"] == layer) & ledger["rang"].notna()]
    ranks = lines["rang"].astype(int).to_numpy()
    assert (files[layer][KEYS[layer]].to_numpy()[ranks] == lines["objet"].to_numpy()).all()


def test_no_feature_carries_two_defects(ledger):
    assert not ledger.dropna(subset=["rang"]).duplicated(["couche", "rang"]).any()


def test_a_partner_feature_carries_no_defect_of_its_own(ledger):
    damaged = set(zip(ledger["couche"], ledger["objet"], strict=True))
    pairs = ledger[ledger["objet_lie"].notna() & (ledger["objet_lie"] != ledger["objet"])]
    assert len(pairs) > 50
    assert not [pair for pair in zip(pairs["couche"], pairs["objet_lie"], strict=True) if pair in damaged]


def test_defects_are_numbered_and_described(ledger):
    assert ledger["id_defaut"].is_unique
    assert ledger["type_defaut"].isin(list(KINDS)).all()
    assert set(ledger["type_defaut"]) == set(KINDS), "each kind is planted somewhere"
    for column in ("couche", "fichier", "element_iso", "description"):
        assert ledger[column].str.len().gt(0).all()
    assert ledger["description"].str.endswith(".").all()


def test_the_ledger_names_the_elements_of_quality_as_the_controls_do():
    named_by_controls = {kind.element for kind in quality_kinds.KINDS.values()}
    # Whether a class is the right one takes a reference: no control of a lone file names that element.
    assert {kind.element for kind in KINDS.values()} - named_by_controls == {"Justesse du classement"}


def test_the_ledger_has_a_place_on_the_island_for_each_defect(ledger):
    west, south, east, north = ISLAND_GRID.bounds
    bounds = ledger.geometry.bounds
    assert ledger.crs.to_epsg() == 2154
    assert not (ledger.geometry.isna() | ledger.geometry.is_empty).any()
    assert (bounds["minx"] >= west).all() and (bounds["maxx"] <= east).all()
    assert (bounds["miny"] >= south).all() and (bounds["maxy"] <= north).all()


def test_the_same_seed_gives_the_same_delivery_and_another_seed_another_one(clean, delivery):
    layers = (clean.parcels, clean.buildings, clean.addresses, clean.field_points)
    again, other = make_delivery(*layers, SEED), make_delivery(*layers, SEED + 1)
    for name in ("parcels", "buildings", "addresses", "field_points", "ledger", "claims"):
        pd.testing.assert_frame_equal(getattr(delivery, name), getattr(again, name))
    assert list(delivery.ledger["objet"]) != list(other.ledger["objet"])


def test_making_a_delivery_leaves_the_clean_layers_alone(clean, delivery):
    pd.testing.assert_frame_equal(clean.parcels, make_stand_in().parcels)
    pd.testing.assert_frame_equal(clean.addresses, make_stand_in().addresses)


def test_a_landscape_too_small_for_the_defects_is_refused(clean):
    with pytest.raises(ValueError, match="parcelles_agricoles"):
        make_delivery(
            clean.parcels.head(120), clean.buildings, clean.addresses, clean.field_points.head(10), SEED
        )


# Rules that anyone could write, against the ledger


def kinds_of(ledger, layer, *kinds):
    return ledger[(ledger["couche"] == layer) & ledger["type_defaut"].isin(kinds)]


def ranks_of(ledger, layer, *kinds):
    return set(kinds_of(ledger, layer, *kinds)["rang"].dropna().astype(int))


def in_place(layer: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Features that have a geometry, on the island."""
    return layer[layer.geometry.intersects(shapely.box(*ISLAND_GRID.bounds))]


@pytest.mark.parametrize("layer", ["parcelles_agricoles", "batiments"])
def test_invalid_geometries_are_those_of_the_ledger(layer, files, ledger):
    present = files[layer][~shapely.is_missing(files[layer].geometry.array)]
    invalid = set(present.index[~present.is_valid])
    assert invalid == ranks_of(ledger, layer, "auto-intersection", "retour-arriere")


@pytest.mark.parametrize("layer", ["parcelles_agricoles", "batiments"])
def test_overlapping_pairs_are_those_of_the_ledger(layer, files, ledger):
    placed = in_place(files[layer])
    placed = placed[placed.is_valid]
    one, other = shapely.STRtree(placed.geometry.array).query(placed.geometry.array, predicate="intersects")
    one, other = one[one < other], other[one < other]
    shared = shapely.area(shapely.intersection(placed.geometry.array[one], placed.geometry.array[other]))
    keys = placed[KEYS[layer]].to_numpy()
    found = sorted(
        tuple(sorted((keys[a], keys[b]))) for a, b in zip(one[shared > 0.1], other[shared > 0.1], strict=True)
    )
    lines = kinds_of(ledger, layer, "chevauchement", "doublon-exact", "doublon-de-geometrie", "quasi-doublon")
    expected = sorted(tuple(sorted(pair)) for pair in zip(lines["objet"], lines["objet_lie"], strict=True))
    assert found == expected


@pytest.mark.parametrize("layer", ["parcelles_agricoles", "batiments"])
def test_features_off_the_island_are_the_lots_in_another_system(layer, files, ledger):
    outlines = files[layer].geometry.array
    present = files[layer][~shapely.is_missing(outlines) & ~shapely.is_empty(outlines)]
    away = set(present.index) - set(in_place(present).index)
    assert away == ranks_of(ledger, layer, "systeme-de-coordonnees")


@pytest.mark.parametrize(
    ("system", "tolerance"), [("EPSG:3943", 0.01), ("EPSG:27573", 10.0), ("EPSG:32631", 0.01)]
)
def test_a_lot_in_another_system_comes_home_once_told_which(system, tolerance, files, ledger, truths):
    layer = "parcelles_agricoles" if system == "EPSG:3943" else "batiments"
    lines = kinds_of(ledger, layer, "systeme-de-coordonnees")
    lines = lines[lines["description"].str.contains(system)]
    lot = files[layer].loc[lines["rang"].astype(int)]
    home = lot.set_crs(system, allow_override=True).to_crs(2154)
    true = truths[layer].set_index(KEYS[layer]).loc[lot[KEYS[layer]]]
    assert len(lot) >= 10
    assert home.geometry.centroid.distance(true.geometry.centroid, align=False).max() < tolerance


def test_repeated_vertices_are_those_of_the_ledger(files, ledger):
    parcels = files["parcelles_agricoles"]
    vertices = shapely.get_num_coordinates(parcels.geometry.array)
    fewer = shapely.get_num_coordinates(shapely.remove_repeated_points(parcels.geometry.array))
    # A geometry given up as invalid may repeat a vertex to come back on its steps: never twice in a row.
    assert set(np.flatnonzero(fewer < vertices)) == ranks_of(ledger, "parcelles_agricoles", "sommets-repetes")


def test_small_and_thin_polygons_are_those_of_the_ledger(files, ledger):
    parcels = in_place(files["parcelles_agricoles"])
    small = parcels.area < 5
    thin = 4 * np.pi * parcels.area / parcels.length**2 < 0.1
    found = set(parcels.index[(small | thin) & (parcels.area < 60)])
    assert found == ranks_of(ledger, "parcelles_agricoles", "eclat", "micro-surface")


def test_multipart_empty_and_missing_geometries_are_those_of_the_ledger(files, ledger):
    parcels = files["parcelles_agricoles"]
    layer = "parcelles_agricoles"
    assert set(parcels.index[parcels.geom_type == "MultiPolygon"]) == ranks_of(
        ledger, layer, "geometrie-multiple"
    )
    assert set(parcels.index[parcels.is_empty]) == ranks_of(ledger, layer, "geometrie-vide")
    assert set(parcels.index[parcels.geometry.isna()]) == ranks_of(ledger, layer, "geometrie-nulle")


def test_crossings_gaps_and_spikes_are_shown_where_they_are(files, ledger):
    lines = kinds_of(ledger, "parcelles_agricoles", "auto-intersection")
    parcels = files["parcelles_agricoles"].loc[lines["rang"].astype(int)]
    assert (lines.geom_type == "Point").all()
    assert parcels.boundary.distance(lines.geometry, align=False).max() < 1e-6
    gaps = kinds_of(ledger, "parcelles_agricoles", "lacune")
    parcels = files["parcelles_agricoles"].set_index("id_parcel").geometry
    for gap in gaps.itertuples():
        assert parcels[gap.objet].intersection(gap.geometry).area < 0.01
        assert parcels[gap.objet].touches(gap.geometry) or parcels[gap.objet].distance(gap.geometry) < 1e-6
        assert parcels[gap.objet_lie].distance(gap.geometry) < 1e-6


def test_repeated_keys_are_those_of_the_ledger(files, ledger):
    for layer, key in KEYS.items():
        repeated = files[layer][key].duplicated(keep=False)
        found = set(files[layer].loc[repeated, key])
        lines = kinds_of(ledger, layer, "doublon-exact", "identifiant-duplique")
        assert found == set(lines["objet"])


def test_crop_codes_out_of_the_list_are_those_of_the_ledger(files, ledger):
    parcels = files["parcelles_agricoles"]
    outside = set(parcels.index[~parcels["code_cultu"].isin(list(CROPS))])
    kinds = ("code-hors-domaine", "casse-du-code", "espaces-parasites", "valeur-manquante")
    lines = kinds_of(ledger, "parcelles_agricoles", *kinds)
    assert outside == set(lines.loc[lines["attribut"] == "code_cultu", "rang"].astype(int))


def test_field_points_that_refer_to_no_delivered_parcel_are_those_of_the_ledger(files, ledger):
    points, parcels = files["releves_terrain"], files["parcelles_agricoles"]
    orphans = set(points.index[~points["id_parcel"].isin(parcels["id_parcel"])])
    assert orphans == ranks_of(ledger, "releves_terrain", "cle-orpheline")


def test_areas_that_contradict_the_geometry_are_those_of_the_ledger(files, ledger):
    parcels = in_place(files["parcelles_agricoles"])
    lines = ledger[(ledger["couche"] == "parcelles_agricoles") & (ledger["attribut"] == "geometrie")]
    parcels = parcels.drop(index=[rank for rank in lines["rang"].astype(int) if rank in parcels.index])
    parcels = parcels[parcels["surf_parc"].notna() & (parcels.area > 100)]
    ratio = parcels["surf_parc"] / (parcels.area / 10_000)
    found = set(parcels.index[(ratio - 1).abs() > 0.2])
    assert found == ranks_of(ledger, "parcelles_agricoles", "unite-confondue", "surface-fausse")


def test_dates_that_do_not_exist_are_those_of_the_ledger(files, ledger):
    for layer, column, pattern in (
        ("batiments", "DATE_CREAT", "%Y-%m-%d %H:%M:%S"),
        ("releves_terrain", "date_releve", "%d/%m/%Y"),
    ):
        written = files[layer][column]
        unread = pd.to_datetime(written, format=pattern, errors="coerce").isna() & written.notna()
        assert set(unread.index[unread]) == ranks_of(ledger, layer, "date-inexistante")


def test_buildings_modified_before_their_creation_are_those_of_the_ledger(files, ledger):
    created, modified = files["batiments"]["DATE_CREAT"], files["batiments"]["DATE_MAJ"]
    # Dates written year first sort as texts do.
    inverted = modified.notna() & (modified < created)
    assert set(inverted.index[inverted]) == ranks_of(ledger, "batiments", "dates-inversees")


def test_addresses_carry_the_faults_of_a_spreadsheet(files, ledger):
    addresses = files["adresses"]
    dotted = addresses["lon"].str.contains(".", regex=False)
    assert set(addresses.index[dotted]) == ranks_of(ledger, "adresses", "separateur-decimal")
    worded = addresses["numero"].notna() & ~addresses["numero"].str.fullmatch("[0-9]+", na=False)
    assert set(addresses.index[worded]) == ranks_of(ledger, "adresses", "texte-dans-un-nombre")
    padded = addresses["nom_voie"].str.strip().ne(addresses["nom_voie"]) & addresses["nom_voie"].notna()
    padded |= addresses["nom_commune"].str.strip().ne(addresses["nom_commune"])
    assert set(addresses.index[padded]) == ranks_of(ledger, "adresses", "espaces-parasites")
    spoilt = addresses["nom_voie"].str.contains("Ã", na=False) | addresses["nom_commune"].str.contains(
        "Ã", na=False
    )
    assert set(addresses.index[spoilt]) == ranks_of(ledger, "adresses", "encodage-abime")


def test_swapped_coordinates_of_addresses_are_those_of_the_ledger(files, ledger):
    addresses = files["adresses"]
    lon, x = (addresses[name].str.replace(",", ".").astype(float) for name in ("lon", "x"))
    found = set(addresses.index[(lon > 40) | (x > 6_000_000)])
    assert found == ranks_of(ledger, "adresses", "coordonnees-inversees")


# Files as people receive them


def test_the_shapefile_says_neither_its_system_nor_its_encoding(folder):
    assert not (folder / "batiments.prj").exists()
    assert not (folder / "batiments.cpg").exists()
    opened = gpd.read_file(folder / "batiments.shp", on_invalid="warn")
    assert opened.crs is None
    assert opened["NATURE"].str.contains("IndiffÃ©renciÃ©e").any()


def test_the_shapefile_has_the_names_of_bd_topo(folder):
    names = list(pyogrio.read_info(folder / "batiments.shp")["fields"])
    assert names[:9] == [
        "ID",
        "NATURE",
        "USAGE1",
        "USAGE2",
        "LEGER",
        "ETAT",
        "DATE_CREAT",
        "DATE_MAJ",
        "DATE_APP",
    ]
    assert max(map(len, names)) <= 10


def test_addresses_cannot_be_read_as_utf_8(folder):
    with pytest.raises(UnicodeDecodeError):
        (folder / "adresses.csv").read_text(encoding="utf-8")
    assert (folder / "adresses.csv").read_text(encoding="cp1252").startswith("id;id_fantoir;numero")


def test_the_true_position_of_field_points_is_not_delivered(files):
    assert not {"x_vrai", "y_vrai"} & set(files["releves_terrain"].columns)


def test_the_note_shows_the_claims_and_not_their_truth(folder):
    claims = pyogrio.read_dataframe(
        folder / "registre_defauts.gpkg", layer="affirmations", read_geometry=False
    )
    note = (folder / "bordereau.md").read_text(encoding="utf-8")
    assert claims["affirmation"].map(note.__contains__).all()
    assert not claims["constat"].map(note.__contains__).any()
    assert 5 <= claims["vraie"].sum() <= len(claims) - 5


def test_claims_are_judged_on_the_files(folder, files):
    claims = pyogrio.read_dataframe(
        folder / "registre_defauts.gpkg", layer="affirmations", read_geometry=False
    )
    truth = claims.set_index("affirmation")["vraie"]
    counts = {"bâtiments": "batiments", "adresses": "adresses", "relevés": "releves_terrain"}
    for word, layer in counts.items():
        line = truth[truth.index.str.endswith(f" {word}.")]
        claimed = int("".join(filter(str.isdigit, line.index[0])))
        assert line.iloc[0] == (claimed == len(files[layer]))
    assert not truth["Chaque parcelle a un identifiant unique."]
    assert not files["parcelles_agricoles"]["id_parcel"].is_unique


def test_the_ledger_opens_as_a_sound_geopackage(folder):
    with closing(sqlite3.connect(folder / "registre_defauts.gpkg")) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)


# Ways to spoil a shape or a text

SQUARE = shapely.box(0, 0, 100, 60)


def test_a_bow_tie_crosses_itself_where_it_says_and_stays_inside():
    crossed, crossing = shapes.bow_tie(SQUARE)
    assert not crossed.is_valid
    assert "Self-intersection" in shapely.is_valid_reason(crossed)
    assert crossed.exterior.distance(crossing) < 1e-9
    assert shapely.make_valid(crossed).difference(SQUARE).area < 1e-9


def test_a_polygon_that_pushes_into_its_neighbour_overlaps_it_where_it_says():
    neighbour = shapely.box(100, 0, 200, 60)
    pushed, overlap = shapes.push_into(SQUARE, neighbour, 4.0)
    assert overlap.area == pytest.approx(240)
    assert pushed.intersection(neighbour).equals(overlap)


def test_a_polygon_that_pulls_back_leaves_a_strip_of_the_width_asked():
    neighbour = shapely.box(100, 0, 200, 60)
    pulled, strip = shapes.pull_back(SQUARE, neighbour, 3.0)
    assert pulled.distance(neighbour) == pytest.approx(3.0)
    assert strip.area == pytest.approx(180)


def test_spikes_and_slivers_lie_outside():
    rng = np.random.default_rng(0)
    for spiked, needle in shapes.spikes(SQUARE, 30, 0.4, rng):
        assert spiked.is_valid
        assert needle.intersection(SQUARE).area < 0.01
    slivers = list(shapes.slivers(SQUARE, 50, 0.3, rng))
    assert slivers
    for sliver in slivers:
        assert sliver.intersection(SQUARE).area < 0.01
        assert sliver.length > 100


def test_a_kickback_comes_back_on_its_steps():
    spoilt, way = shapes.kickback(SQUARE, 8, np.random.default_rng(0))
    assert not spoilt.is_valid
    assert way.length == pytest.approx(8)
    assert shapely.make_valid(spoilt).area == pytest.approx(SQUARE.area)


@pytest.mark.parametrize(
    ("way", "name", "spoilt"),
    [
        (words.abbreviate, "Avenue de la Mer", "Av. de la Mer"),
        (words.abbreviate, "Traverse Sainte-Estelle", "Trav. Ste Estelle"),
        (words.without_accents, "Rue de l'Église", "Rue de l'Eglise"),
        (words.shouted, "Allée des Mûriers", "ALLEE DES MURIERS"),
        (words.mojibake, "Rue de la Libération", "Rue de la LibÃ©ration"),
        (words.mojibake, "Rue du Four", None),
        (words.without_leading_zeros, "13901_0010", "13901_10"),
    ],
)
def test_texts_are_spoilt_as_people_and_exports_do(way, name, spoilt):
    assert way(name) == spoilt
