"""Measures count what they say, over what they say, and hold their thresholds."""

import re

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geoatelier import datasets, quality
from geoatelier.quality.anomalies import anomalies, layer_anomaly, together
from geoatelier.quality.kinds import KINDS
from geoatelier.quality.layer import layer_of
from geoatelier.quality.measures import MEASURES, measure, measures_of, measures_table
from geoatelier.quality.report import LayerFacts

AGAINST_REFERENCE = {"objet-manquant", "objet-en-trop", "valeur-differente"}
NOTHING_TO_COUNT = {"couche-vide", "couche-absente"}


@pytest.fixture
def layer():
    squares = shapely.box(np.arange(10) * 10.0, 0, np.arange(10) * 10.0 + 10, 10)
    table = {"id": [f"P{i}" for i in range(10)], "code": ["A"] * 10}
    return layer_of(gpd.GeoDataFrame(table, geometry=squares, crs=2154), "parcelles", file="parcelles.gpkg")


def facts_of(layer):
    return LayerFacts.of(layer, layer.file)


def values(layer, found, thresholds=None, **options):
    taken = measures_of(facts_of(layer), together(found, layer.frame.crs), thresholds, **options)
    return {one.code: one for one in taken}


@pytest.mark.parametrize(
    ("code", "iso", "quadogeo"),
    [
        ("nombre-doublon", 4, None),
        ("nombre-excedent", 2, None),
        ("taux-excedent", 3, "txEx"),
        ("nombre-omission", 6, None),
        ("taux-omission", 7, "txEx"),
        ("nombre-regle-enfreinte", 10, "NonConfConceptuelle"),
        ("nombre-chevauchement", 11, None),
        ("taux-regle-enfreinte", 12, None),
        ("taux-regle-suivie", 13, None),
        ("nombre-hors-domaine", 16, None),
        ("taux-conforme-domaine", 17, "txConfDomVal"),
        ("taux-hors-domaine", 18, None),
        ("conflit-structure", 119, "confStructPhysiq"),
        ("nombre-erreur-format", 19, None),
        ("taux-erreur-format", 20, "tauxErrFormat"),
        ("nombre-connexion-fausse", 21, None),
        ("taux-connexion-fausse", 22, "tauxConnexErr"),
        ("nombre-trace-court", 23, None),
        ("nombre-trace-long", 24, None),
        ("nombre-micro-surface", 25, "nbMicroSurfErr"),
        ("nombre-auto-intersection", 26, "nbBoucle"),
        ("nombre-repli", 27, "nbChevauchErr"),
        ("ecart-moyen", 28, "valMoyIncertitude"),
        ("biais-position", 128, None),
        ("erreur-circulaire-95", 45, "errCirculaireP95"),
        ("classe-precision", None, "ClassePrecisionArrete2003"),
        ("erreur-relative-90", 53, "ErrHorizontaleRelative"),
        ("kappa", 64, "kappa"),
        ("nombre-valeur-fausse", 65, None),
        ("taux-valeur-juste", 66, "tauxValAttOk"),
        ("taux-valeur-fausse", 67, None),
        ("incertitude-valeur-95", 71, "incertitudeValAttS95"),
        ("exactitude-temps-95", 57, "exactMesTempoS95"),
        ("taux-chronologie-juste", 159, "tauxConfChrono"),
    ],
)
def test_a_measure_bears_its_own_number_and_code(code, iso, quadogeo):
    assert (MEASURES[code].iso, MEASURES[code].quadogeo) == (iso, quadogeo)


def test_codes_are_french_slugs_and_titles_are_all_different():
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", code) for code in MEASURES)
    titles = [definition.title for definition in MEASURES.values()]
    assert len(set(titles)) == len(titles)


def test_every_kind_that_has_an_iso_measure_is_counted_by_one():
    counted = set().union(*(definition.kinds for definition in MEASURES.values()))
    numbered = {kind.code for kind in KINDS.values() if kind.measure is not None and not kind.own}
    assert numbered - counted <= AGAINST_REFERENCE | NOTHING_TO_COUNT


def test_every_counted_measure_counts_a_kind_that_exists():
    for definition in MEASURES.values():
        assert bool(definition.kinds) == (definition.form != "référence"), definition.code
        assert {count for count in definition.counts if isinstance(count, str)} <= {
            *KINDS,
            *(kind.quadogeo for kind in KINDS.values()),
        }


def test_a_number_counts_errors_and_a_rate_counts_objects(layer):
    found = values(layer, [anomalies(layer, "auto-intersection", [2, 2, 2, 5], "Recoupé.")])
    assert found["nombre-auto-intersection"].value == 4
    assert found["taux-auto-intersection"].value == pytest.approx(20)
    assert found["taux-auto-intersection"].population == 10


def test_an_overlap_concerns_both_objects_and_each_once(layer):
    overlaps = anomalies(layer, "chevauchement", [1, 1], "Partagé.", related=["P2", "P3"])
    assert values(layer, [overlaps])["nombre-chevauchement"].value == 2
    assert values(layer, [overlaps])["taux-chevauchement"].value == pytest.approx(30)
    chain = anomalies(layer, "chevauchement", [1, 2], "Partagé.", related=["P2", "P3"])
    assert values(layer, [chain])["taux-chevauchement"].value == pytest.approx(30)


def test_a_duplicate_concerns_the_copy_and_not_the_first(layer):
    copies = anomalies(layer, "doublon-geometrie", [4, 7], "Copie.", related=["P1", "P1"])
    found = values(layer, [copies])
    assert (found["nombre-doublon"].value, found["taux-doublon"].value) == (2, pytest.approx(20))


def test_conform_rates_are_what_is_left(layer):
    found = values(layer, [anomalies(layer, "hors-domaine", [0, 3], "Inconnue.", attribute="code")])
    assert found["taux-hors-domaine"].value == pytest.approx(20)
    assert found["taux-conforme-domaine"].value == pytest.approx(80)


def test_dates_do_not_count_as_values_out_of_domain_twice(layer):
    found = values(layer, [anomalies(layer, "date-future", [0], "Plus tard.", attribute="code")])
    assert found["nombre-date-invalide"].value == 1
    assert found["nombre-hors-domaine"].value == 0


def test_what_is_told_for_information_is_no_error_unless_a_measure_names_it(layer):
    told = [
        anomalies(layer, "sommet-repete", [0], "Répété."),
        layer_anomaly(layer, "attribut-incomplet", "À trous.", attribute="code"),
    ]
    found = values(layer, told)
    assert KINDS["sommet-repete"].level == "info"
    assert found["nombre-repli"].value == 0
    assert found["nombre-colonne-incomplete"].value == 1


def test_a_conflict_of_structure_is_an_indicator(layer):
    conflicts = [
        layer_anomaly(layer, "systeme-absent", "Absent."),
        layer_anomaly(layer, "colonne-illisible", "?"),
    ]
    found = values(layer, conflicts)
    assert found["conflit-structure"].value == 1
    assert found["nombre-erreur-format"].value == 2
    assert found["taux-erreur-format"].value == 0
    assert values(layer, [])["conflit-structure"].value == 0


def test_anomalies_of_another_layer_or_file_are_left_aside(layer):
    found = anomalies(layer, "doublon-geometrie", [1, 2], "Copie.")
    found.loc[0, "couche"] = "autre"
    found.loc[1, "fichier"] = "autre.gpkg"
    assert values(layer, [found])["nombre-doublon"].value == 0


def test_a_layer_without_any_object_conforms_to_nothing(layer):
    empty = layer.keep(np.zeros(10, dtype=bool))
    found = values(
        empty, [layer_anomaly(empty, "couche-vide", "Vide.")], {"taux-doublon": 100, "nombre-doublon": 5}
    )
    counted = [one for one in found.values() if MEASURES[one.code].form != "référence"]
    assert counted and all(np.isnan(one.value) for one in counted)
    assert found["taux-doublon"].conform is False
    assert found["nombre-doublon"].conform is False
    assert found["taux-erreur-format"].conform is None


def test_thresholds_hold_in_the_direction_of_the_measure(layer):
    wrong = anomalies(layer, "hors-domaine", [0], "Inconnue.", attribute="code")
    held = values(layer, [wrong], {"taux-hors-domaine": 10, "taux-conforme-domaine": 90})
    assert held["taux-hors-domaine"].conform and held["taux-conforme-domaine"].conform
    missed = values(layer, [wrong], {"taux-hors-domaine": 9.9, "taux-conforme-domaine": 90.1})
    assert missed["taux-hors-domaine"].conform is False
    assert missed["taux-conforme-domaine"].conform is False


def test_what_does_not_concern_a_layer_is_not_measured(layer):
    found = values(layer, [])
    assert "taux-connexion-fausse" not in found  # surfaces have no connection
    assert "taux-fuite" not in found  # nobody looked for a leak
    assert "ecart-moyen" not in found  # there is no reference


def test_what_a_threshold_asks_for_and_nobody_took_does_not_conform(layer):
    found = values(layer, [], {"ecart-moyen": 1.0, "taux-connexion-fausse": 0})
    for code in ("ecart-moyen", "taux-connexion-fausse"):
        assert np.isnan(found[code].value) and found[code].conform is False
    assert values(layer, [], {"taux-fuite": 0})["taux-fuite"].conform is True


def test_measures_taken_against_a_reference_get_their_threshold_and_their_place(layer):
    taken = [
        measure("taux-valeur-juste", 93.0, 10, about="code"),
        measure("taux-valeur-juste", 99.0, 10, about="autre"),
        measure("ecart-moyen", 0.4, 9),
    ]
    found = measures_of(
        facts_of(layer),
        together([], layer.frame.crs),
        {"taux-valeur-juste": 95, "ecart-moyen": 0.5},
        against=taken,
    )
    given = [(one.code, one.conform) for one in found if MEASURES[one.code].form == "référence"]
    assert given == [("ecart-moyen", True), ("taux-valeur-juste", False), ("taux-valeur-juste", True)]
    assert [list(MEASURES).index(one.code) for one in found] == sorted(
        list(MEASURES).index(m.code) for m in found
    )


def test_an_unknown_threshold_gets_a_suggestion(layer):
    with pytest.raises(ValueError, match="Vouliez-vous dire «\u00a0taux-chevauchement\u00a0»"):
        values(layer, [], {"taux-chevauchements": 1})
    with pytest.raises(ValueError, match=r"Codes possibles.*kappa"):
        values(layer, [], {"zzz": 1})


@pytest.mark.parametrize("threshold", ["5 %", None, float("nan"), True])
def test_a_threshold_that_is_no_number_is_refused(layer, threshold):
    with pytest.raises(ValueError, match="doit être un nombre"):
        values(layer, [], {"taux-doublon": threshold})


def test_the_table_is_written_in_french(layer):
    found = values(
        layer,
        [anomalies(layer, "auto-intersection", [1], "Recoupé.")],
        {"taux-auto-intersection": 2.5, "ecart-moyen": 0.05},
    )
    table = measures_table(found.values()).set_index("mesure")
    row = table.loc[MEASURES["taux-auto-intersection"].title]
    assert (row["valeur"], row["seuil"], row["conforme"]) == ("10\u00a0%", "≤\u00a02,5\u00a0%", "non")
    assert row["sur"] == "10\u00a0objets de la couche"
    assert table.loc[MEASURES["nombre-auto-intersection"].title, "QuaDoGéo"] == "nbBoucle"
    row = table.loc["Écart moyen en position"]
    assert (row["valeur"], row["seuil"], row["conforme"]) == ("non mesuré", "≤\u00a00,05\u00a0m", "non")
    assert (table.loc[table["seuil"] == "", "conforme"] == "").all()


def test_the_delivery_has_as_many_errors_as_its_ledger():
    ledger = gpd.read_file(datasets.path("livraison/registre_defauts.gpkg"), layer="defauts")
    planted = ledger[ledger["fichier"] == "parcelles_2025.gpkg"]["type_defaut"].value_counts()
    report = quality.inspect(datasets.path("livraison/parcelles_2025.gpkg"))
    found = {one.code: one.value for one in measures_of(report.layers[0], report.anomalies)}
    assert found["nombre-chevauchement"] == planted["chevauchement"]
    copies = planted[["doublon-exact", "doublon-de-geometrie", "quasi-doublon"]].sum()
    assert found["nombre-doublon"] == copies
    assert found["nombre-geometrie-absente"] == planted["geometrie-nulle"] + planted["geometrie-vide"]
    assert found["taux-doublon"] == pytest.approx(100 * copies / report.layers[0].rows)
    assert found["nombre-micro-surface"] == planted["micro-surface"] + planted["eclat"]
    assert found["nombre-date-invalide"] == planted["millesime-faux"]
    assert isinstance(measures_table(measures_of(report.layers[0], report.anomalies)), pd.DataFrame)
