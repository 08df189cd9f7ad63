"""`geoatelier check`: what a GIS officer, or a continuous integration, gets from the command line."""

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import textwrap
import time
import zipfile
from pathlib import Path
from unittest.mock import Mock

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
from rasterio.transform import from_origin

from geoatelier import check_command, datasets, quality
from geoatelier.cli import main
from geoatelier.quality import checking
from geoatelier.quality.publishing import FORMS

OWN_CONTROL = """
from geoatelier import quality

@quality.control("parcelle-minuscule", "Parcelle minuscule", prevents="Le total compte du bruit.",
                 level="bloquant", columns=["id_parcel"])
def parcelle_minuscule(parcelles):
    return parcelles.area < 200
"""


@pytest.fixture
def parcels():
    places = [shapely.box(893_000 + 100 * i, 6_195_000, 893_100 + 100 * i, 6_195_100) for i in range(6)]
    columns = {
        "id_parcel": [f"{i:07d}" for i in range(6)],
        "code_cultu": ["VRC"] * 6,
        "code_group": ["21"] * 6,
    }
    return gpd.GeoDataFrame(columns | {"surf_parc": 1.0}, geometry=places, crs=2154)


@pytest.fixture
def clean(parcels, tmp_path):
    parcels.to_file(tmp_path / "parcelles.gpkg")
    return tmp_path / "parcelles.gpkg"


@pytest.fixture
def without_system(parcels, tmp_path):
    parcels.to_crs(4326).set_crs(None, allow_override=True).to_file(tmp_path / "perdues.shp")
    return tmp_path / "perdues.shp"


def test_a_conform_file_ends_with_0(clean, capsys):
    assert main(["check", str(clean)]) == 0
    assert "CONFORME · parcelles.gpkg" in capsys.readouterr().out


def test_a_blocking_anomaly_ends_with_1(without_system, capsys):
    assert main(["check", str(without_system)]) == 1
    assert "NON CONFORME" in capsys.readouterr().out


def test_a_file_that_cannot_be_read_ends_with_2_and_the_others_are_controlled(clean, tmp_path, capsys):
    (tmp_path / "abime.gpkg").write_bytes(b"SQLite format 3\0" + b"x" * 200)
    assert main(["check", str(clean), str(tmp_path / "abime.gpkg")]) == 2
    told = capsys.readouterr()
    assert "6\u00a0objets" in told.out
    assert "abime.gpkg" in told.err
    assert "Traceback" not in told.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "au moins un fichier"),
        (["rien.gpkg"], "n'existe pas"),
        (["{empty}"], "Aucun fichier à contrôler"),
        (["{clean}", "--sheet", "inconnue"], "inconnue"),
        (["{clean}", "--controls", "rien.py"], "n'existe pas"),
        (["{clean}", "--output", "{clean}"], "est un fichier"),
    ],
)
def test_a_wrong_use_ends_with_2_and_says_what_to_do(clean, tmp_path, capsys, arguments, said):
    (tmp_path / "vide").mkdir()
    assert main(["check", *(word.format(clean=clean, empty=tmp_path / "vide") for word in arguments)]) == 2
    assert said in capsys.readouterr().err


def test_the_report_is_written_in_all_its_forms(clean, tmp_path):
    assert main(["check", str(clean), "--output", str(tmp_path / "controle"), "--quiet"]) == 0
    assert sorted(item.name for item in (tmp_path / "controle").iterdir()) == sorted(FORMS)


def test_a_report_that_is_there_is_replaced_only_when_asked(clean, tmp_path, capsys):
    out = tmp_path / "controle"
    out.mkdir()
    (out / "rapport.html").write_text("le mien")
    (out / "notes.txt").write_text("à garder")
    assert main(["check", str(clean), "--output", str(out)]) == 2
    assert "--overwrite" in capsys.readouterr().err
    assert (out / "rapport.html").read_text() == "le mien"
    assert main(["check", str(clean), "--output", str(out), "--overwrite"]) == 0
    assert (out / "rapport.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert (out / "notes.txt").read_text() == "à garder"


def test_a_report_that_cannot_replace_the_old_one_leaves_it_whole(clean, tmp_path, capsys, monkeypatch):
    out = tmp_path / "controle"
    assert main(["check", str(clean), "--output", str(out), "--quiet"]) == 0
    (out / "notes.txt").write_text("à garder")
    before = {item.name: item.read_bytes() for item in out.iterdir()}
    rename = Path.replace

    def held(path, target):
        if path.name == "anomalies.csv" and target.parent == out and "avant" not in path.parts:
            raise PermissionError(errno.EACCES, "held by a spreadsheet")
        return rename(path, target)

    monkeypatch.setattr(Path, "replace", held)
    assert main(["check", str(clean), "--output", str(out), "--overwrite", "--quiet"]) == 2
    assert "Impossible d'écrire" in capsys.readouterr().err
    assert {item.name: item.read_bytes() for item in out.iterdir()} == before


def test_a_folder_that_cannot_be_written_is_told_before_the_control(clean, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: path != tmp_path)
    monkeypatch.setattr(checking, "check", Mock(side_effect=AssertionError))
    assert main(["check", str(clean), "--output", str(tmp_path / "nouveau" / "controle")]) == 2
    assert "pas le droit d'écrire" in capsys.readouterr().err


def test_a_report_kept_with_the_delivery_is_no_part_of_it(clean, tmp_path):
    out = tmp_path / "controle"
    main(["check", str(tmp_path), "--compare", str(clean), "--output", str(out), "--quiet"])
    (out / "annexe.csv").write_text("id;nom\n1;a\n", encoding="utf-8")
    assert {facts.file for facts in quality.check([tmp_path]).layers} == {
        "parcelles.gpkg",
        "controle/annexe.csv",
    }


def test_a_folder_that_cannot_be_entered_is_told(clean, tmp_path, monkeypatch):
    (tmp_path / "clos").mkdir()

    def closed(read):
        def opened(path="."):
            if Path(path) == tmp_path / "clos":
                raise PermissionError(errno.EACCES, "closed", str(path))
            return read(path)

        return opened

    for name in ("scandir", "listdir"):
        monkeypatch.setattr(os, name, closed(getattr(os, name)))
    report = quality.check([tmp_path])
    assert [facts.file for facts in report.layers] == ["parcelles.gpkg"]
    assert "ne s'ouvre pas" in report.unread[0].message
    assert report.line().endswith("1 fichier non lu.")


def test_what_is_controlled_is_not_changed(clean):
    before = clean.read_bytes(), sorted(item.name for item in clean.parent.iterdir())
    main(["check", str(clean)])
    assert (clean.read_bytes(), sorted(item.name for item in clean.parent.iterdir())) == before


def test_a_folder_stands_for_all_that_it_holds(parcels, tmp_path, capsys):
    (tmp_path / "lot" / "images").mkdir(parents=True)
    parcels.to_file(tmp_path / "lot" / "a.gpkg")
    parcels.to_parquet(tmp_path / "lot" / "b.parquet")
    (tmp_path / "lot" / "lisez-moi.pdf").write_bytes(b"%PDF")
    with rasterio.open(
        tmp_path / "lot" / "images" / "c.tif", "w", driver="GTiff", width=64, height=64, count=1,
        dtype="uint8", crs="EPSG:2154", transform=from_origin(893_000, 6_195_000, 10, 10), nodata=0,
    ) as image:  # fmt: skip
        image.write(np.arange(64 * 64, dtype="uint8").reshape(1, 64, 64) | 1)
    report = quality.check([tmp_path / "lot"])
    assert [facts.file for facts in report.layers] == ["a.gpkg", "b.parquet", "images/c.tif"]
    assert not report.unread


def test_the_verdict_is_machine_readable(without_system, capsys):
    assert main(["check", str(without_system), "--json"]) == 1
    verdict = json.loads(capsys.readouterr().out)
    assert verdict["conforme"] is False
    assert verdict["anomalies"]["bloquant"] >= 1


def test_a_threshold_of_the_sheet_makes_the_verdict(parcels, tmp_path, capsys):
    doubled = pd.concat([parcels, parcels.iloc[[2]].assign(id_parcel="0000009")], ignore_index=True)
    doubled.to_file(tmp_path / "parcelles.gpkg")
    sheet = tmp_path / "fiche.yaml"
    text = "titre: Parcelles\ncouches:\n  - nom: parcelles*\n    cle: id_parcel\n    seuils: {}\n"
    sheet.write_text(text.format("{nombre-doublon: 0}"), encoding="utf-8")
    assert main(["check", str(tmp_path / "parcelles.gpkg"), "--sheet", str(sheet)]) == 1
    assert "non" in capsys.readouterr().out
    sheet.write_text(text.format("{nombre-doublon: 1}"), encoding="utf-8")
    assert main(["check", str(tmp_path / "parcelles.gpkg"), "--sheet", str(sheet)]) == 0


def test_the_builtin_sheets_are_listed(capsys):
    assert main(["check", "--sheets"]) == 0
    listed = capsys.readouterr().out
    assert all(name in listed for name in ("bdtopo-batiment", "rpg", "ban", "ocs-ge", "plu", "generique"))


def test_a_first_sheet_is_drafted_from_a_file_which_then_conforms(clean, tmp_path, capsys):
    assert main(["check", "--draft", str(clean)]) == 0
    (tmp_path / "fiche.yaml").write_text(capsys.readouterr().out, encoding="utf-8")
    assert main(["check", str(clean), "--sheet", str(tmp_path / "fiche.yaml")]) == 0


def test_two_deliveries_are_compared(parcels, tmp_path, capsys):
    for name, frame in (("avant", parcels.assign(surf_parc=[1, 1, 1, 1, 1, 900.0])), ("apres", parcels)):
        (tmp_path / name).mkdir()
        frame.to_file(tmp_path / name / "parcelles.gpkg")
    assert main(["check", str(tmp_path / "apres"), "--compare", str(tmp_path / "avant")]) == 0
    assert "corrigée" in capsys.readouterr().out


def test_a_delivery_to_compare_with_that_cannot_be_read_is_told(clean, capsys):
    assert main(["check", str(clean), "--compare", str(clean.with_name("absente.gpkg"))]) == 2
    said = capsys.readouterr()
    assert "absente.gpkg" in said.err
    assert "Empty DataFrame" not in said.out


def test_a_control_of_ones_own_is_run_and_can_block(parcels, tmp_path, capsys):
    parcels.loc[4, "geometry"] = shapely.box(893_400, 6_195_000, 893_410, 6_195_010)
    parcels.loc[4, "surf_parc"] = 0.01
    parcels.to_file(tmp_path / "parcelles.gpkg")
    (tmp_path / "controles.py").write_text(OWN_CONTROL, encoding="utf-8")
    arguments = ["check", str(tmp_path / "parcelles.gpkg"), "--controls", str(tmp_path / "controles.py")]
    assert main(arguments) == 1
    assert "Parcelle minuscule" in capsys.readouterr().out


def test_a_control_of_ones_own_that_fails_blocks_and_says_so(clean, tmp_path, capsys):
    broken = OWN_CONTROL.replace("parcelles.area < 200", "parcelles['absente'] > 1")
    (tmp_path / "controles.py").write_text(broken, encoding="utf-8")
    assert main(["check", str(clean), "--controls", str(tmp_path / "controles.py")]) == 1
    assert "Contrôle en panne" in capsys.readouterr().out


def test_an_archive_that_climbs_out_is_told_and_nothing_is_written(clean, tmp_path, capsys):
    with zipfile.ZipFile(tmp_path / "piege.zip", "w") as archive:
        archive.write(clean, "parcelles.gpkg")
        archive.writestr("../evade.gpkg", b"x")
    assert main(["check", str(tmp_path / "piege.zip")]) == 1
    assert not (tmp_path.parent / "evade.gpkg").exists()
    report = quality.check([tmp_path / "piege.zip"])
    assert any("../evade.gpkg" in str(message) for message in report.anomalies["message"])


@pytest.mark.skipif(os.name == "nt", reason="signals of Unix")
def test_ctrl_c_leaves_no_half_written_report(clean, tmp_path):
    slow = textwrap.dedent("""
        import time
        from geoatelier import quality

        @quality.control("lent", "Lent", prevents="Rien.")
        def lent(couche):
            print("en cours", flush=True)
            time.sleep(60)
    """)
    (tmp_path / "lent.py").write_text(slow, encoding="utf-8")
    out = tmp_path / "controle"
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "geoatelier.cli", "check", str(clean)),
            *("--output", str(out), "--controls", str(tmp_path / "lent.py")),
        ],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout.readline().strip() == "en cours"
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "Interrompu" in told
    assert "Traceback" not in told
    assert not out.exists()
    assert not list(tmp_path.glob(".geoatelier-*"))


def test_ctrl_c_while_libraries_are_loaded_ends_with_130_too(clean, capsys, monkeypatch):
    monkeypatch.setattr(check_command, "run", Mock(side_effect=KeyboardInterrupt))
    assert main(["check", str(clean)]) == 130
    assert capsys.readouterr().err.splitlines()[-1] == "Interrompu."


def test_the_damaged_delivery_is_refused_and_each_file_is_read(tmp_path, capsys):
    folder = tmp_path / "livraison"
    shutil.copytree(datasets.path("livraison/adresses.csv").parent, folder)
    (folder / "registre_defauts.gpkg").unlink()
    assert main(["check", str(folder), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["illisibles"] == []


SAMPLED = "titre: Parcelles\ncouches:\n  - nom: parcelles*\n    cle: id_parcel\n    echantillon: {}\n"


def fill_in(path, answers):
    table = pd.read_csv(path, sep=";", dtype="str", encoding="utf-8-sig")
    table.assign(conforme=answers).to_csv(path, sep=";", index=False, encoding="utf-8-sig")


def test_the_sample_of_a_sheet_goes_to_the_field_and_comes_back_as_a_decision(clean, tmp_path, capsys):
    (tmp_path / "fiche.yaml").write_text(SAMPLED.format("{taille: 4, admis: 1, graine: 3}"), encoding="utf-8")
    out = tmp_path / "controle"
    main(["check", str(clean), "--sheet", str(tmp_path / "fiche.yaml"), "--output", str(out)])
    assert "4\u00a0objets tirés au hasard parmi 6" in capsys.readouterr().out
    sample = out / "echantillon.csv"
    assert main(["check", "--decide", str(sample)]) == 2
    assert "Terminez la visite" in capsys.readouterr().err
    fill_in(sample, ["oui", "non", "oui", "Oui "])
    assert main(["check", "--decide", str(sample)]) == 0
    assert "Lot accepté" in capsys.readouterr().out
    fill_in(sample, ["non", "non", "oui", "oui"])
    assert main(["check", "--decide", str(sample)]) == 1
    assert "Lot refusé" in capsys.readouterr().out
    answers = sample.read_bytes()
    again = [
        "check",
        str(clean),
        "--sheet",
        str(tmp_path / "fiche.yaml"),
        "--output",
        str(out),
        "--overwrite",
    ]
    assert main(again) == 2
    assert "réponses du terrain" in capsys.readouterr().err
    assert sample.read_bytes() == answers


def test_a_sample_that_no_plan_can_hold_is_told(clean, tmp_path):
    (tmp_path / "fiche.yaml").write_text(SAMPLED.format("{nqa: 5, taux_limite: 2}"), encoding="utf-8")
    report = quality.check([clean], sheet=quality.load_sheet(tmp_path / "fiche.yaml"))
    assert "n'a pas été tiré" in report.of("controle-non-fait")["message"].iloc[0]
    assert report.samples == ()
