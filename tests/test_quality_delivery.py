"""The delivery and its ledger: what a rule can see is found, and the clean island is left alone."""

import datetime as dt
from pathlib import Path

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
# What the sheet of the market adds.
WITH_THE_SHEET = {
    "cle-orpheline": {"hors-domaine", "cle-orpheline"},
    "espaces-parasites": {"espaces-en-trop"},
    "valeur-aberrante": {"valeur-aberrante", "valeur-negative", "valeur-sentinelle", "hors-bornes"},
    "valeur-manquante": {"valeur-absente"},
}
# Found once for a whole file.
OF_THE_FILE = {"systeme-absent": "systeme-absent", "encodage-non-declare": "livraison-incomplete"}
# A rule could see them, ours do not, and why.
NOT_BY_RULE = {
    "ecriture-de-voie": "no list of the streets comes with the delivery: lesson S1 links the records",
    "quasi-doublon": "among addresses, the street of the copy is written otherwise: lesson S1 too",
    "rattachement-faux": "the parcel named exists and is not the one under the point: one's own control",
    "lacune": "some are as wide as a track: tried below by their width",
}


@pytest.fixture(scope="module")
def ledger():
    return gpd.read_file(datasets.path("livraison/registre_defauts.gpkg"), layer="defauts")


@pytest.fixture(scope="module")
def anomalies():
    delivery = {file: datasets.path(f"livraison/{file}") for file in FILES}
    return {file: quality.inspect(path, domains=DOMAINS).anomalies for file, path in delivery.items()}


@pytest.fixture(scope="module")
def report():
    sheet = quality.load_sheet(Path(__file__).parent / "fixtures" / "fiche_livraison.yaml")
    delivery = [datasets.path(f"livraison/{file}") for file in FILES]
    return quality.check(delivery, sheet=sheet, today=dt.date(2025, 12, 1))


@pytest.mark.parametrize("file", FILES)
def test_every_planted_defect_that_a_rule_can_see_is_found(ledger, report, file):
    planted = ledger[(ledger["fichier"] == file) & ledger["visible_par_regle"] & ledger["rang"].notna()]
    here = report.anomalies[report.anomalies["fichier"] == file]
    assert len(planted) > 20
    missed = {}
    for kind, rows in planted.groupby("type_defaut"):
        codes = (FOUND_AS | WITH_THE_SHEET).get(kind)
        if codes is None or (kind in NOT_BY_RULE and file in ("adresses.csv", "releves_terrain.csv")):
            assert kind in NOT_BY_RULE, kind
            continue
        found = here[here["code"].isin(codes)]
        seen = set(found["rang"].dropna()) | set(found["objet"].dropna()) | set(found["objet_lie"].dropna())
        lost = rows[~rows["rang"].isin(seen) & ~rows["objet"].isin(seen)]
        if len(lost):
            missed[kind] = lost["rang"].tolist()
    assert missed == {}


def test_what_is_wrong_with_a_whole_file_is_found_once(ledger, report):
    planted = ledger[
        ledger["visible_par_regle"] & ledger["rang"].isna() & (ledger["type_defaut"] != "lacune")
    ]
    assert len(planted) >= 2
    for defect in planted.itertuples():
        told = report.anomalies[report.anomalies["fichier"] == defect.fichier]
        assert OF_THE_FILE[defect.type_defaut] in set(told["code"]), defect.type_defaut


@pytest.mark.parametrize("file", FILES)
def test_an_error_is_told_only_of_an_object_that_was_damaged(ledger, report, file):
    planted = ledger[ledger["fichier"] == file]
    damaged = set(planted["rang"].dropna()), set(planted["objet"].dropna())
    errors = report.anomalies[
        (report.anomalies["fichier"] == file)
        & report.anomalies["niveau"].isin(["bloquant", "erreur"])
        & report.anomalies["rang"].notna()
    ]
    right = (
        errors["rang"].isin(damaged[0])
        | errors["objet"].isin(damaged[1])
        | errors["objet_lie"].isin(damaged[1])
    )
    assert len(errors) > 20
    assert errors[~right]["message"].tolist() == []


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
