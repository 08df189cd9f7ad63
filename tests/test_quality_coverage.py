"""A layer that must cover its extent: the ground that it leaves empty is found, whatever its size."""

import geopandas as gpd
import pytest
import shapely

from geoatelier import datasets, quality

SHEET = """titre: Occupation du sol
couches:
  - nom: sol
    {extent}
    topologie: {{recouvrement: true, trous: {{largeur_max: 3, surface_max: 200}}}}
"""


@pytest.fixture
def held(tmp_path):
    """The ground left uncovered by a layer, under a sheet with or without an extent."""

    def control(shapes, extent="version: '1'"):
        frame = gpd.GeoDataFrame({"code": ["1.1"] * len(shapes)}, geometry=shapes, crs=2154)
        frame.to_file(tmp_path / "sol.gpkg")
        (tmp_path / "fiche.yaml").write_text(SHEET.format(extent=extent), encoding="utf-8")
        report = quality.check([tmp_path / "sol.gpkg"], sheet=quality.load_sheet(tmp_path / "fiche.yaml"))
        return report.of("sol-non-couvert")

    return control


def squares(missing=()):
    cells = [(i, j) for i in range(5) for j in range(5) if (i, j) not in missing]
    return [
        shapely.box(893_000 + 50 * i, 6_195_000 + 50 * j, 893_050 + 50 * i, 6_195_050 + 50 * j)
        for i, j in cells
    ]


EXTENT = "emprise: {bornes: [893000, 6195000, 893250, 6195250], systeme: 2154}"


def test_a_field_missing_in_the_middle_is_found_without_any_extent(held):
    found = held(squares(missing=[(2, 2)]), extent="geometrie: surface")
    assert found["valeur"].tolist() == ["2500.0"]
    assert found.geometry.iloc[0].equals(shapely.box(893_100, 6_195_100, 893_150, 6_195_150))
    assert found["rang"].isna().all()


def test_a_corner_missing_is_found_only_against_an_extent(held):
    corner = squares(missing=[(0, 0)])
    assert held(corner, extent="geometrie: surface").empty
    assert held(corner, extent=EXTENT)["valeur"].tolist() == ["2500.0"]


def test_a_full_cover_leaves_nothing(held):
    assert held(squares(), extent=EXTENT).empty


def test_the_land_cover_of_the_island_covers_it():
    sheet = quality.load_sheet("ocs-ge")
    report = quality.check([datasets.path("galejade.gpkg")], sheet=sheet)
    assert sheet.layer_for("occupation_du_sol", ["CODE_CS", "CODE_US", "MILLESIME"]) is not None
    assert report.of("sol-non-couvert").empty
