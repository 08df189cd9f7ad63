"""The answer key of a linkage, on a small ledger and on the delivery."""

import geopandas as gpd
import pandas as pd
import pytest

from geoatelier import datasets
from geoatelier.learning.linkage import true_objects


def ledger(*rows):
    return pd.DataFrame(rows, columns=["rang", "type_defaut", "objet_lie", "valeur_vraie"])


def test_a_copy_describes_the_object_that_it_copies():
    found = true_objects(pd.Series(["a", "b", "z"]), ledger((2, "quasi-doublon", "a", None)))
    assert found.tolist() == ["a", "b", "a"]


def test_a_row_with_the_identifier_of_another_keeps_its_own_object():
    found = true_objects(pd.Series(["a", "a"]), ledger((1, "identifiant-duplique", "a", "b")))
    assert found.tolist() == ["a", "b"]


def test_other_defects_and_missing_objects_change_nothing():
    found = true_objects(
        pd.Series(["a", "b"]),
        ledger((0, "ecriture-de-voie", None, "Rue"), (None, "objet-manquant", None, None)),
    )
    assert found.tolist() == ["a", "b"]


def test_the_column_that_it_was_given_is_left_as_it_was():
    given = pd.Series(["a", "b"])
    true_objects(given, ledger((1, "doublon-de-geometrie", "a", None)))
    assert given.tolist() == ["a", "b"]


def test_the_ledger_of_another_file_is_refused():
    with pytest.raises(ValueError, match="de ce seul fichier"):
        true_objects(pd.Series(["a"]), ledger((7, "quasi-doublon", "a", None)))


def test_every_delivered_address_describes_one_of_the_clean_layer():
    defects = gpd.read_file(datasets.path("livraison/registre_defauts.gpkg"), layer="defauts")
    defects = defects[defects["fichier"] == "adresses.csv"]
    table = pd.read_csv(datasets.path("livraison/adresses.csv"), sep=";", encoding="cp1252", dtype=str)
    found = true_objects(table["id"], defects)
    assert set(found) <= set(datasets.layer("adresses")["id"])
    assert found.duplicated().sum() == defects["type_defaut"].isin(["doublon-exact", "quasi-doublon"]).sum()
