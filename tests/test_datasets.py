"""Finding the active territory and opening what it holds, with messages that say what to do."""

from datetime import date, datetime

import pytest
from tiny_territory import make_tiny_territory

from geoatelier import datasets, folders


@pytest.fixture
def territory(tmp_path, monkeypatch):
    folder = make_tiny_territory(tmp_path / "ailleurs")
    monkeypatch.setenv("GEOATELIER_DATA", str(folder))
    return folder


@pytest.fixture
def nowhere(tmp_path, monkeypatch):
    """A working directory that no territory surrounds, and a package that is not in its repository."""
    monkeypatch.delenv("GEOATELIER_DATA", raising=False)
    monkeypatch.setattr(folders, "__file__", str(tmp_path / "a" / "b" / "c" / "folders.py"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_environment_variable_names_the_territory(territory):
    assert datasets.folder() == territory
    assert datasets.path("galejade.gpkg") == territory / "galejade.gpkg"


def test_a_variable_that_names_a_folder_without_catalogue_is_refused_and_named(tmp_path, monkeypatch):
    monkeypatch.setenv("GEOATELIER_DATA", str(tmp_path))
    with pytest.raises(folders.TerritoryNotFoundError, match="GEOATELIER_DATA") as caught:
        datasets.folder()
    assert str(tmp_path) in str(caught.value)


def test_the_data_folder_above_the_working_directory_is_found(nowhere, monkeypatch):
    expected = make_tiny_territory(nowhere / "data")
    deep = nowhere / "notebooks" / "novice"
    deep.mkdir(parents=True)
    monkeypatch.chdir(deep)
    assert datasets.folder() == expected


def test_the_repository_of_an_editable_install_is_the_last_place(nowhere, tmp_path_factory, monkeypatch):
    repository = tmp_path_factory.mktemp("depot")
    expected = make_tiny_territory(repository / "data")
    monkeypatch.setattr(folders, "__file__", str(repository / "src" / "geoatelier" / "folders.py"))
    assert datasets.folder() == expected


def test_without_any_territory_the_message_says_what_to_do(nowhere):
    with pytest.raises(folders.TerritoryNotFoundError, match="Ouvrez le carnet depuis le dossier"):
        datasets.folder()


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("galejad.gpkg", "galejade.gpkg"),
        ("sentinel2/galejade_20250619.tif", "sentinel2/galejade_20250618.tif"),
        ("mnt_10m.tif", "relief/mnt_10m.tif"),
    ],
)
def test_a_wrong_file_name_gets_the_nearest_one(territory, wrong, right):
    with pytest.raises(FileNotFoundError) as caught:
        datasets.path(wrong)
    assert f"«\u00a0{right}\u00a0»" in str(caught.value)


def test_a_layer_opens_by_name_in_lambert_93(territory):
    parcels = datasets.layer("parcelles_agricoles")
    assert len(parcels) == 12
    assert parcels.crs.to_epsg() == 2154
    assert datasets.layers() == ["communes", "parcelles_agricoles"]


def test_a_wrong_layer_name_gets_the_nearest_one(territory):
    with pytest.raises(ValueError, match="parcelles_agricoles"):
        datasets.layer("parcelle_agricole")


def test_a_name_like_no_other_gets_the_whole_list(territory):
    with pytest.raises(ValueError, match="communes, parcelles_agricoles"):
        datasets.layer("zzz")


def test_dates_come_in_order_and_masks_are_not_dates(territory):
    assert datasets.dates() == [datetime(2025, 2, 18), datetime(2025, 6, 18)]


@pytest.mark.parametrize("day", ["20250618", "2025-06-18", date(2025, 6, 18), datetime(2025, 6, 18)])
def test_an_image_and_its_mask_are_found_by_date(territory, day):
    assert datasets.image(day) == territory / "sentinel2" / "galejade_20250618.tif"
    assert datasets.mask(day) == territory / "sentinel2" / "galejade_20250618_masque.tif"


def test_the_whole_series_is_a_path_for_each_date(territory):
    assert datasets.images() == {day: datasets.image(day) for day in datasets.dates()}
    assert datasets.masks() == {day: datasets.mask(day) for day in datasets.dates()}
    assert len(datasets.images()) == 2


def test_a_date_without_image_gets_the_nearest_one(territory):
    with pytest.raises(ValueError, match="18/06/2025"):
        datasets.image("2025-07-01")


def test_what_is_not_a_date_is_refused_with_an_example(territory):
    with pytest.raises(ValueError, match="2025-06-18"):
        datasets.image("juin")


def test_a_mask_that_is_missing_is_said_missing(territory):
    (territory / "sentinel2" / "galejade_20250618_masque.tif").unlink()
    with pytest.raises(FileNotFoundError, match="masque"):
        datasets.mask("20250618")


def test_the_catalogue_is_a_table_in_french(territory):
    table = datasets.table()
    assert list(table.columns) == ["nom", "titre", "fichier", "format", "octets"]
    assert table["nom"].tolist() == ["communes", "mnt"]
