"""The delivery and its ledger: what a rule can see is found, and the clean island is left alone."""

import datetime as dt

import geopandas as gpd
import pytest
import shapely

from geoatelier import datasets, quality

CROPS = ["VRC", "OLI", "LAV", "VRG", "BDH", "ORH", "TRN", "LUZ", "PPH", "SPH", "J6S"]
COMMUNES = [f"1390{number}" for number in range(1, 6)]
DOMAINS = {"code_cultu": CROPS, "code_cultu_observe": CROPS, "code_insee": COMMUNES}
FILES = ("parcelles_2025.gpkg", "batiments.shp", "adresses.csv", "releves_terrain.csv")

# For each kind of the ledger, the anomalies that give it away.
FOUND_AS = {
    "auto-intersection": {"auto-intersection"},
    "casse-du-code": {"casse-differente"},
    "chevauchement": {"chevauchement"},
    "cle-orpheline": {"hors-domaine"},
    "code-hors-domaine": {"hors-domaine", "casse-differente"},
    "coordonnees-inversees": {"axes-echanges", "positions-discordantes"},
    "coordonnees-nulles": {"hors-emprise"},
    "date-future": {"date-future"},
    "date-inexistante": {"date-impossible"},
    "date-par-defaut": {"date-ancienne"},
    "dates-inversees": {"dates-inversees"},
    "doublon-de-geometrie": {"doublon-geometrie"},
    "doublon-exact": {"doublon-geometrie"},
    "eclat": {"micro-surface"},
    "encodage-abime": {"texte-illisible"},
    "geometrie-multiple": {"multi-parties"},
    "geometrie-nulle": {"geometrie-absente"},
    "geometrie-vide": {"geometrie-absente"},
    "identifiant-duplique": {"cle-dupliquee"},
    "micro-surface": {"micro-surface"},
    "millesime-faux": {"millesime-isole", "date-future"},
    "pointe": {"pointe"},
    "quasi-doublon": {"doublon-approche"},
    "retour-arriere": {"pointe"},
    "separateur-decimal": {"separateur-decimal"},
    "sommets-repetes": {"sommet-repete"},
    "surface-fausse": {"surface-discordante"},
    "systeme-de-coordonnees": {"systeme-melange"},
    "texte-dans-un-nombre": {"nombre-illisible"},
    "unite-confondue": {"unite-confondue"},
    "valeurs-incoherentes": {"valeurs-contradictoires"},
    "zeros-perdus": {"code-mal-forme"},
}
# Seen by a rule in theory, but by none of ours in that file.
NOT_YET = {
    ("adresses.csv", "quasi-doublon"),  # needs record linkage: the street is written otherwise
    ("releves_terrain.csv", "cle-orpheline"),  # needs the layer of parcels
    ("releves_terrain.csv", "date-future"),  # depends on the day: tried below with the day of the delivery
}


@pytest.fixture(scope="module")
def ledger():
    return gpd.read_file(datasets.path("livraison/registre_defauts.gpkg"), layer="defauts")


@pytest.fixture(scope="module")
def anomalies():
    delivery = {file: datasets.path(f"livraison/{file}") for file in FILES}
    return {file: quality.inspect(path, domains=DOMAINS).anomalies for file, path in delivery.items()}


@pytest.mark.parametrize("file", FILES)
def test_every_planted_defect_that_a_rule_can_see_is_found(ledger, anomalies, file):
    planted = ledger[(ledger["fichier"] == file) & ledger["visible_par_regle"] & ledger["rang"].notna()]
    assert len(planted) > 20
    missed = {}
    for kind, rows in planted.groupby("type_defaut"):
        if kind not in FOUND_AS or (file, kind) in NOT_YET:
            continue
        found = anomalies[file][anomalies[file]["code"].isin(FOUND_AS[kind])]
        seen = set(found["rang"].dropna()) | set(found["objet"].dropna()) | set(found["objet_lie"].dropna())
        lost = rows[~rows["rang"].isin(seen) & ~rows["objet"].isin(seen)]
        if len(lost):
            missed[kind] = lost["rang"].tolist()
    assert missed == {}


def test_gaps_are_found_where_they_were_planted_unless_as_wide_as_a_track(ledger, anomalies):
    planted = ledger[ledger["type_defaut"] == "lacune"]
    found = anomalies["parcelles_2025.gpkg"].query("code == 'trou'")
    covered = planted.geometry.apply(lambda gap: found.intersection(gap).area.sum() / gap.area)
    width = 2 * shapely.length(shapely.maximum_inscribed_circle(planted.geometry.to_numpy()))
    assert (covered[width < 2.9] > 0.9).all()
    assert (width < 2.9).sum() >= 5


def test_overlaps_and_near_duplicates_are_exactly_those_planted(ledger, anomalies):
    for file in ("parcelles_2025.gpkg", "batiments.shp"):
        planted = ledger[ledger["fichier"] == file]["type_defaut"].value_counts()
        found = anomalies[file]["code"].value_counts()
        assert found["chevauchement"] == planted["chevauchement"]
        assert found["doublon-approche"] == planted["quasi-doublon"]
        assert found["doublon-geometrie"] == planted["doublon-exact"] + planted["doublon-de-geometrie"]


def test_dates_after_the_delivery_are_future_on_the_day_of_the_delivery(ledger):
    path = datasets.path("livraison/releves_terrain.csv")
    report = quality.inspect(path, today=dt.date(2025, 12, 1))
    planted = ledger[(ledger["fichier"] == path.name) & (ledger["type_defaut"] == "date-future")]
    assert set(planted["rang"]) <= set(report.of("date-future")["rang"])


def test_a_reference_finds_what_no_rule_can(ledger):
    path = datasets.path("livraison/parcelles_2025.gpkg")
    reference = gpd.read_file(datasets.path("galejade.gpkg"), layer="parcelles_agricoles")
    report = quality.inspect(path, reference=reference)
    planted = ledger[ledger["fichier"] == path.name].groupby("type_defaut")["rang"].apply(set)
    assert planted["etiquette-fausse"] <= set(report.of("valeur-differente")["rang"])
    assert planted["decalage-de-lot"] <= set(report.of("position-decalee")["rang"])
    absent = ledger[(ledger["fichier"] == path.name) & (ledger["type_defaut"] == "objet-manquant")]
    assert set(absent["objet"]) <= set(report.of("objet-manquant")["objet"])


def test_the_clean_island_has_no_serious_anomaly():
    report = quality.inspect(datasets.path("galejade.gpkg"))
    serious = report.anomalies[report.anomalies["niveau"].isin(["bloquant", "erreur"])]
    assert serious[["couche", "code", "objet", "message"]].to_numpy().tolist() == []
