"""Real extracts that nobody made for this software: what the controls say of them."""

import os
from pathlib import Path

import pytest

from geoatelier import quality

FOLDER = Path(os.environ.get("GEOATELIER_REAL", Path(__file__).parents[2] / "shared" / "real"))

pytestmark = pytest.mark.skipif(
    not FOLDER.is_dir(), reason=f"pas d'extraits réels dans {FOLDER} (variable GEOATELIER_REAL)"
)


def test_a_shapefile_of_ign_shows_broken_accents_in_six_columns_and_no_wrong_geometry():
    report = quality.inspect(FOLDER / "bdtopo_olemps_batiment.zip")
    assert report.layers[0].rows == 2273
    garbled = report.of("texte-illisible")
    assert set(garbled["attribut"]) == {"NATURE", "USAGE1", "USAGE2", "ACQU_PLANI", "ACQU_ALTI", "ORIGIN_BAT"}
    assert garbled["message"].str.contains("Résidentiel").any()
    assert report.of("valeur-sentinelle")["attribut"].unique().tolist() == ["PREC_ALTI"]
    assert set(report.of("date-ancienne")["valeur"]) == {"01/01/1900", "01/01/1970"}
    assert report.of("auto-intersection", "geometrie-invalide", "chevauchement", "hors-domaine").empty


def test_a_commune_of_ign_has_nothing_wrong_but_empty_columns():
    report = quality.inspect(FOLDER / "bdtopo_olemps_commune.zip")
    assert set(report.anomalies["code"]) == {"attribut-vide"}


def test_parcels_of_all_france_have_holes_in_a_column_and_sides_of_less_than_half_a_millimetre():
    report = quality.inspect(FOLDER / "rpg_2022_100_parcelles.gpkg")
    assert report.layers[0].kind == "parcelles agricoles (RPG)"
    assert report.of("attribut-incomplet")["attribut"].tolist() == ["culture_d1", "culture_d2"]
    short = report.of("segment-court")
    assert len(short) > 20
    assert (short["valeur"].astype(float) < 0.0005).all()
    assert set(report.anomalies["code"]) == {"attribut-incomplet", "segment-court"}
