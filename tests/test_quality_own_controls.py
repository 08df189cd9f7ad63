"""Controls of one's own: one that judged no layer of a delivery says so, since its silence proves nothing."""

import geopandas as gpd
import pytest
import shapely

from geoatelier import quality
from geoatelier.quality.kinds import KINDS


@pytest.fixture
def delivery(tmp_path):
    """Two layers of the same name, one of which has a width, and one of another name."""
    for file, columns in (("nord/voies", ["id", "largeur"]), ("sud/voies", ["id"]), ("sud/haies", ["id"])):
        path = tmp_path / f"{file}.geojson"
        path.parent.mkdir(exist_ok=True)
        frame = gpd.GeoDataFrame({name: [1] for name in columns}, geometry=[shapely.Point(5, 43)], crs=4326)
        frame.to_file(path)
    return tmp_path


@pytest.fixture
def own():
    """Make a control that finds nothing wrong; its kind is forgotten afterwards."""
    made = []

    def make(code, **options):
        made.append(code)
        return quality.control(code, "Essai", prevents="Essai.", **options)(lambda frame: [None] * len(frame))

    yield make
    for code in made:
        KINDS.pop(code, None)


def idle(delivery, control, sheet=None):
    report = quality.check([delivery], controls=[control], sheet=sheet)
    return report.of("controle-non-fait")


@pytest.mark.parametrize("options", [{}, {"columns": ["id"]}, {"columns": ["largeur"], "layers": "voies"}])
def test_a_control_that_judged_a_layer_says_nothing_of_those_it_left_aside(delivery, own, options):
    assert idle(delivery, own("essai", **options)).empty


def test_a_control_that_judged_no_layer_says_which_column_lacks_where(delivery, own):
    [told] = idle(delivery, own("essai", columns=["id", "pente"], layers="?oies")).itertuples()
    assert (told.niveau, told.couche, told.valeur) == ("avertissement", "?oies", "essai")
    assert ": il lui manque « pente » dans « voies ». " in told.message.replace("\u00a0", " ")


def test_a_control_for_one_layer_is_told_under_the_name_of_that_layer(delivery, own):
    [told] = idle(delivery, own("essai", columns=["largeur"], layers="h*")).itertuples()
    assert told.couche == "haies"
    assert "« largeur » dans « haies »" in told.message.replace("\u00a0", " ")


def test_a_control_for_layers_that_are_not_there_says_the_name_that_it_wants(delivery, own):
    [told] = idle(delivery, own("essai", layers="parcelles*")).itertuples()
    assert "aucune n'a un nom comme «\u00a0parcelles*\u00a0»" in told.message


def test_a_sheet_can_make_an_idle_control_block(delivery, own, tmp_path):
    path = tmp_path / "fiche.yaml"
    path.write_text("titre: F\nniveaux: {controle-non-fait: bloquant}", encoding="utf-8")
    told = idle(delivery, own("essai", columns=["pente"]), quality.load_sheet(path))
    assert told["niveau"].tolist() == ["bloquant"]
