"""`geoatelier build`: what it writes, what it refuses to write, what it says is out of step."""

import json
import re
import shutil
import time

import nbformat
import pytest
from conftest import make_atelier
from nbformat.v4 import new_code_cell, new_notebook, new_output

from geoatelier.authoring import build as build_module
from geoatelier.authoring.build import build, differences
from geoatelier.authoring.execute import execute, has_bare_image, normalised
from geoatelier.authoring.problems import MalformedSourceError
from geoatelier.authoring.write import MAX_BYTES
from geoatelier.exercises.french import plain_spaces

LESSON = "lessons/sensibilise/S90_des_adresses_a_leur_place/lesson.md"
SHEET = "lessons/sensibilise/S90_des_adresses_a_leur_place/exercises.md"
NOTEBOOK = "notebooks/sensibilise/S90_des_adresses_a_leur_place.ipynb"
BLANK = NOTEBOOK.replace("notebooks", "exercises")
SOLUTIONS = NOTEBOOK.replace("notebooks", "solutions")


@pytest.fixture(scope="session")
def built_once(tmp_path_factory):
    """The trial workshop, built once for all the tests of this file."""
    root = tmp_path_factory.mktemp("bati") / "atelier"
    with pytest.MonkeyPatch.context() as patch:
        make_atelier(root, patch)
        build(root, say=lambda line: None)
    return root


@pytest.fixture
def built(built_once, atelier):
    """A copy of the built workshop, to be damaged at will."""
    for name in ("notebooks", "exercises", "solutions", "README.md"):
        source, target = built_once / name, atelier / name
        shutil.copytree(source, target) if source.is_dir() else shutil.copy(source, target)
    return atelier


def silent(line):
    pass


def cells(root, file, kind="code"):
    return [cell for cell in nbformat.read(root / file, 4).cells if cell.cell_type == kind]


def check_answers(notebook_cells):
    checks = [cell for cell in notebook_cells if "check" in cell.metadata.get("tags", [])]
    return [cell.outputs[0].data["text/plain"] for cell in checks]


def edit(root, file, old, new):
    path = root / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def edit_cell(root, file, change, where=lambda cell: True):
    path = root / file
    notebook = json.loads(path.read_text(encoding="utf-8"))
    change(next(cell for cell in notebook["cells"] if where(cell)))
    path.write_text(json.dumps(notebook, ensure_ascii=False), encoding="utf-8")


def is_code(cell):
    return cell["cell_type"] == "code"


class TestWhatIsWritten:
    def test_the_three_notebooks_of_a_lesson_have_the_same_name(self, built):
        names = {path.relative_to(built).as_posix() for path in built.rglob("S90*.ipynb")}
        assert names == {NOTEBOOK, BLANK, SOLUTIONS}

    def test_lessons_and_solutions_are_executed_from_the_first_cell_to_the_last(self, built):
        for file in (NOTEBOOK, SOLUTIONS, "notebooks/accueil.ipynb"):
            counts = [cell.execution_count for cell in cells(built, file)]
            assert counts == list(range(1, len(counts) + 1))

    def test_the_blank_sheet_keeps_no_trace_of_a_run(self, built):
        assert all(cell.execution_count is None and not cell.outputs for cell in cells(built, BLANK))

    def test_on_the_blank_sheet_each_checked_name_is_to_be_filled_in(self, built):
        sources = [cell.source for cell in cells(built, BLANK)]
        assert "adresses_l93 = ...\necart_median = ..." in sources
        assert 'seuil_m = 5\nsans_adresse = ...\nprint(f"Seuil : {seuil_m} m")' in sources

    def test_neither_solutions_nor_wrong_answers_are_on_the_blank_sheet(self, built):
        text = (built / BLANK).read_text(encoding="utf-8")
        for secret in ("sjoin_nearest", "SOLUTION", "set_crs(2154", "expects"):
            assert secret not in text

    def test_solutions_have_their_code_without_markers_nor_wrong_answers(self, built):
        text = (built / SOLUTIONS).read_text(encoding="utf-8")
        assert "sjoin_nearest(adresses_l93, batiments" in text
        for secret in ("SOLUTION", "allow_override", "expects"):
            assert secret not in text

    def test_every_check_of_the_solutions_says_reussi(self, built):
        answers = check_answers(cells(built, SOLUTIONS))
        assert len(answers) == 2
        assert all(answer.startswith("✅ Réussi") for answer in answers)

    def test_the_blank_sheet_runs_and_says_a_faire_everywhere(self, built):
        notebook = execute(nbformat.read(built / BLANK, 4), (built / BLANK).parent)
        answers = check_answers(notebook.cells)
        assert len(answers) == 2
        assert all(answer.startswith("⬜ À faire") for answer in answers)

    def test_the_first_cell_tells_level_minutes_objectives_prerequisites_data_and_licence(self, built):
        header = plain_spaces(cells(built, NOTEBOOK, "markdown")[0].source)
        for expected in (
            "# S90 · Des adresses à leur place",
            "**Ce que vous saurez faire** - dire dans quel système est une couche",
            "sensibilisé ; 20 min, puis 14 min d'exercices",
            "[N90 · Lire une couche](../novice/N90_lire_une_couche.ipynb)",
            "[adresses](../../data/fiches/adresses.md)",
            "Relu le** : 1er mars 2025 ; texte sous CC BY 4.0, code sous MIT",
            "[feuille d'exercices](../../exercises/sensibilise/S90_des_adresses_a_leur_place.ipynb)",
        ):
            assert expected in header

    def test_a_data_card_is_linked_by_its_title(self, built):
        cards = built / "data" / "fiches"
        cards.mkdir(parents=True)
        for name in ("communes", "adresses", "batiments"):
            (cards / f"{name}.md").write_text(f"# Les {name}\n", encoding="utf-8")
        assert any("S90" in line for line in differences(built))
        build(built, ["S90"], silent)
        assert "[Les adresses](../../data/fiches/adresses.md)" in cells(built, NOTEBOOK, "markdown")[0].source

    def test_a_link_to_a_source_leads_the_reader_to_its_notebook(self, built):
        text = "\n".join(cell.source for cell in cells(built, NOTEBOOK, "markdown"))
        assert "[leçon précédente](../novice/N90_lire_une_couche.ipynb)" in text

    def test_every_link_between_notebooks_leads_to_a_file(self, built):
        for path in built.rglob("*.ipynb"):
            text = "\n".join(cell.source for cell in cells(built, path, "markdown"))
            for target in re.findall(r"\]\(([^)#]+\.ipynb)\)", text):
                assert (path.parent / target).is_file(), f"{path.name}: {target}"

    def test_a_restart_point_says_so_to_the_late_comer(self, built):
        restarts = [c for c in cells(built, NOTEBOOK) if "checkpoint" in c.metadata.get("tags", [])]
        assert len(restarts) == 2
        assert all(c.source.startswith("# Point de reprise") for c in restarts)

    def test_french_punctuation_has_its_no_break_spaces_and_code_its_plain_ones(self, built):
        texts = "\n".join(cell.source for cell in cells(built, BLANK, "markdown"))
        assert "système.\u00a0" not in texts
        assert "(EPSG:2154)\u00a0; nommez" in texts
        assert "coordonnées\u00a0; `set_crs`" in texts

    def test_hidden_code_is_folded_in_lab(self, built):
        code = cells(built, "notebooks/novice/N90_lire_une_couche.ipynb")
        assert [c.metadata.get("jupyter") for c in code] == [None, {"source_hidden": True}]

    def test_the_table_of_lessons_is_in_the_readme_and_on_the_welcome_page(self, built):
        readme = (built / "README.md").read_text(encoding="utf-8")
        assert "| [S90 · Des adresses à leur place](notebooks/sensibilise/S90_des" in readme
        assert readme.endswith("Après le tableau.\n")
        welcome = cells(built, "notebooks/accueil.ipynb", "markdown")[1].source
        assert "[S90 · Des adresses à leur place](sensibilise/S90_des" in welcome
        assert "{{lecons}}" not in welcome

    def test_metadata_say_nothing_of_the_machine(self, built):
        for path in built.rglob("*.ipynb"):
            notebook = nbformat.read(path, 4)
            assert set(notebook.metadata) == {"kernelspec", "language_info", "title"}
            assert "version" not in notebook.metadata.language_info
            for cell in notebook.cells:
                assert set(cell.metadata) <= {"tags", "jupyter", "geoatelier"}

    def test_building_again_changes_no_byte(self, built):
        before = {path: path.read_bytes() for path in built.rglob("*.ipynb")}
        said = []
        build(built, ["S90", "accueil"], said.append)
        assert {path: path.read_bytes() for path in built.rglob("*.ipynb")} == before
        assert all(line.endswith("inchangé") for line in said)

    def test_cell_ids_are_unique_and_move_with_their_text(self, built):
        ids = [cell.id for cell in nbformat.read(built / NOTEBOOK, 4).cells]
        assert len(set(ids)) == len(ids)
        edit(built, LESSON, "Une adresse mal placée", "Une adresse très mal placée")
        build(built, ["S90"], silent)
        after = [cell.id for cell in nbformat.read(built / NOTEBOOK, 4).cells]
        assert sum(a != b for a, b in zip(ids, after, strict=True)) == 1

    def test_a_lesson_that_changes_its_name_leaves_no_former_notebook(self, built):
        (built / LESSON).parent.rename(built / "lessons/sensibilise/S90_autrement")
        build(built, ["S90"], silent)
        assert {path.stem for path in built.rglob("S90*.ipynb")} == {"S90_autrement"}


class TestWhatIsRefused:
    @pytest.fixture
    def refused(self, built):
        """Build S90 after an edit; give the error, and check that what was built before is intact."""
        before = {path: path.read_bytes() for path in built.rglob("*.ipynb")}

        def attempt(file, old, new):
            edit(built, file, old, new)
            with pytest.raises(MalformedSourceError) as error:
                build(built, ["S90"], silent)
            assert {path: path.read_bytes() for path in built.rglob("*.ipynb")} == before
            lines = (built / file).read_text(encoding="utf-8").splitlines()
            return error.value.problems[0], lines

        return attempt

    def test_an_error_in_a_lesson_names_its_line(self, refused):
        problem, lines = refused(LESSON, 'print(f"{ecart:.0f} m")', "x = 1\necart / 0")
        assert problem.message == "l'exécution s'arrête : ZeroDivisionError: float division by zero"
        assert lines[problem.line - 1] == "ecart / 0"

    def test_an_error_in_a_checkpoint_names_its_line_though_a_comment_was_added(self, refused):
        problem, lines = refused(LESSON, "adresses = gpd.GeoDataFrame(", "adresses = gpd.GeoDataFram(")
        assert "AttributeError" in problem.message
        assert "gpd.GeoDataFram(" in lines[problem.line - 1]

    def test_an_error_in_a_solution_names_its_line_though_markers_were_removed(self, refused):
        problem, lines = refused(SHEET, 'proches["distance"].median()', 'proches["ecart"].median()')
        assert problem.path.name == "exercises.md"
        assert "KeyError" in problem.message
        assert 'proches["ecart"]' in lines[problem.line - 1]

    def test_a_solution_that_its_check_refuses_is_refused(self, refused):
        problem, _ = refused(SHEET, "> seuil\n    return", "< seuil\n    return")
        assert "la solution n'est pas acceptée" in problem.message
        assert "rend les bâtiments qui ont une adresse" in problem.advice

    def test_a_figure_without_alternative_text_is_refused(self, refused):
        figure = "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()"
        problem, _ = refused(LESSON, 'print(f"{ecart:.0f} m")', figure)
        assert "figure sans texte de remplacement" in problem.message
        assert "faces.show" in problem.advice

    def test_a_notebook_of_a_megabyte_is_refused(self, refused):
        problem, _ = refused(
            LESSON, 'print(f"{ecart:.0f} m")', f"print(('x' * 99 + chr(10)) * {MAX_BYTES // 100})"
        )
        assert "le plafond est de 1 Mo" in plain_spaces(problem.message)

    def test_a_cell_that_kills_the_kernel_is_named(self, refused):
        problem, lines = refused(LESSON, 'print(f"{ecart:.0f} m")', "import os\nos._exit(1)")
        assert "l'exécution s'arrête" in problem.message
        assert lines[problem.line - 1] == "adresses_l93 = adresses.to_crs(2154)"

    def test_a_cell_that_never_ends_is_named(self, refused, monkeypatch):
        monkeypatch.setattr("geoatelier.authoring.execute.CELL_TIMEOUT_S", 2)
        problem, lines = refused(LESSON, "print(adresses.crs.name)", "import time\ntime.sleep(60)")
        assert "l'exécution s'arrête" in problem.message
        assert lines[problem.line - 1] == "import time"

    def test_an_unknown_code_is_told_with_those_that_exist(self, atelier):
        with pytest.raises(MalformedSourceError, match="il n'y a pas de leçon `S99`") as error:
            build(atelier, ["S99"], silent)
        assert "N90, S90, accueil" in str(error.value)

    def test_a_readme_without_a_place_for_the_table_is_told(self, built):
        edit(built, "README.md", "<!-- lecons:fin -->", "")
        with pytest.raises(MalformedSourceError, match="le tableau des leçons n'a pas de place"):
            differences(built)

    def test_one_malformed_source_stops_the_build_before_any_run(self, built, monkeypatch):
        monkeypatch.setattr(build_module, "execute", lambda *_: pytest.fail("a notebook was run"))
        edit(built, SHEET, "## S90.2", "## S90.1")
        with pytest.raises(MalformedSourceError):
            build(built, say=silent)


class TestCheck:
    def test_after_a_build_nothing_differs(self, built):
        assert differences(built) == []

    def test_it_is_fast_and_runs_nothing(self, built, monkeypatch):
        monkeypatch.setattr(build_module, "execute", lambda *_: pytest.fail("a notebook was run"))
        start = time.process_time()
        differences(built)
        assert time.process_time() - start < 10

    def test_a_source_edited_since_the_build_is_named_with_its_line(self, built):
        edit(built, LESSON, "Les degrés ne sont pas", "Les degrés ne seront pas")
        (line,) = differences(built)
        assert line.startswith(NOTEBOOK)
        rows = (built / LESSON).read_text(encoding="utf-8").splitlines()
        (number,) = (n for n, row in enumerate(rows, start=1) if "ne seront pas" in row)
        assert f"lesson.md:{number}" in line

    def test_an_edited_exercise_is_out_of_step_on_both_sheets(self, built):
        edit(built, SHEET, "Un bâtiment sans adresse", "Tout bâtiment sans adresse")
        assert {line.split(",")[0] for line in differences(built)} == {BLANK, SOLUTIONS}

    def test_an_edited_wrong_answer_changes_no_notebook(self, built):
        edit(built, SHEET, ":expects: Cette distance est en degrés", ":expects: est en degrés")
        assert differences(built) == []

    def test_a_notebook_edited_by_hand_is_named(self, built):
        edit_cell(built, NOTEBOOK, lambda cell: cell.update(source=["x = 1"]), is_code)
        (line,) = differences(built)
        assert line.startswith(NOTEBOOK)
        assert "diffère de la source" in line

    def test_a_tag_edited_by_hand_is_named(self, built):
        edit_cell(built, NOTEBOOK, lambda cell: cell["metadata"].update(tags=[]), is_code)
        assert any("étiquettes" in line for line in differences(built))

    def test_a_cell_that_was_not_run_is_named(self, built):
        edit_cell(built, SOLUTIONS, lambda cell: cell.update(execution_count=None), is_code)
        assert any(line.startswith(SOLUTIONS) and "non exécutée" in line for line in differences(built))

    def test_a_kept_error_is_named(self, built):
        error = {"output_type": "error", "ename": "E", "evalue": "", "traceback": []}
        edit_cell(built, NOTEBOOK, lambda cell: cell.update(outputs=[error]), is_code)
        assert any("garde une erreur" in line for line in differences(built))

    def test_a_blank_sheet_that_was_run_is_named(self, built):
        edit_cell(built, BLANK, lambda cell: cell.update(execution_count=1), is_code)
        assert any(line.startswith(BLANK) and "exécution" in line for line in differences(built))

    def test_a_missing_notebook_a_damaged_one_and_one_without_source_are_named(self, built):
        (built / BLANK).unlink()
        (built / NOTEBOOK).write_text("{", encoding="utf-8")
        (built / "notebooks/novice/N12_perdu.ipynb").write_text("{}", encoding="utf-8")
        found = differences(built)
        assert f"{BLANK} : absent" in found
        assert f"{NOTEBOOK} : ce n'est pas un carnet lisible" in found
        assert "notebooks/novice/N12_perdu.ipynb : aucune source ne le produit" in found

    def test_a_readme_out_of_step_is_named(self, built):
        edit(built, "README.md", "Reprojeter des adresses", "Poser des adresses")
        assert differences(built) == ["README.md : le tableau des leçons n'est pas à jour"]


class TestOutputs:
    def stream(self, text):
        return normalised(new_output("stream", text=text)).text

    def test_memory_addresses_are_taken_out(self):
        assert self.stream("<Axes at 0x7f3a5c0d1e50>") == "<Axes at 0x…>"

    def test_temporary_files_and_machine_paths_are_taken_out_of_warnings(self):
        text = "/tmp/ipykernel_42/1234.py:3: UserWarning: a\n/home/u/lib/site-packages/geopandas/b.py:9: c"
        assert self.stream(text) == "cellule:3: UserWarning: a\ngeopandas/b.py:9: c"

    def test_small_hexadecimal_numbers_are_kept(self):
        assert self.stream("0x1F") == "0x1F"

    def test_the_state_of_widgets_is_not_kept(self, tmp_path):
        source = "import ipywidgets as w\ndisplay(w.IntSlider())\nprint('vu')"
        notebook = execute(new_notebook(cells=[new_code_cell(source)]), tmp_path)
        assert "widgets" not in notebook.metadata
        assert "vnd.jupyter.widget" not in nbformat.writes(notebook)
        assert notebook.cells[0].outputs[-1].text == "vu\n"

    def test_prints_that_arrive_in_pieces_are_one_output(self, tmp_path):
        source = "import sys\nfor i in range(3):\n    print(i)\n    sys.stdout.flush()"
        notebook = execute(new_notebook(cells=[new_code_cell(source)]), tmp_path)
        assert [output.text for output in notebook.cells[0].outputs] == ["0\n1\n2\n"]

    def test_notebooks_run_in_their_folder_with_static_faces(self, tmp_path):
        source = "import os\nprint(os.getcwd(), os.environ['GEOATELIER_STATIC'])"
        notebook = execute(new_notebook(cells=[new_code_cell(source)]), tmp_path)
        assert notebook.cells[0].outputs[0].text.split() == [str(tmp_path), "1"]

    def test_an_image_is_bare_unless_its_alternative_text_says_something(self):
        def shows(data, metadata=None):
            output = new_output("display_data", data=data, metadata=metadata or {})
            return has_bare_image(new_code_cell("", outputs=[output]))

        assert shows({"image/png": "aGk="})
        assert shows({"image/png": "aGk="}, {"image/png": {"alt": " "}})
        assert shows({"text/html": '<p><img src="a.png"></p>'})
        assert not shows({"image/png": "aGk="}, {"image/png": {"alt": "Une carte."}})
        assert not shows({"text/html": '<img src="a.png" alt="Une carte">'})
