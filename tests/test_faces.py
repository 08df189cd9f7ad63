"""Static or live faces: figures always carry a text alternative, controls always show their default."""

import base64
import io
import os

import ipywidgets as widgets
import matplotlib.pyplot as plt
import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient
from nbconvert import HTMLExporter
from PIL import Image
from tiny_territory import make_tiny_territory

from geoatelier import faces


@pytest.fixture
def shown(monkeypatch):
    """What is displayed, in order: the displayed object and its metadata."""
    outputs = []
    monkeypatch.setattr(
        faces, "display", lambda thing, metadata=None, raw=False: outputs.append((thing, metadata))
    )
    return outputs


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A notebook of a figure, a control and a map, executed with its static faces only, and its HTML page."""
    data = make_tiny_territory(tmp_path_factory.mktemp("territoire") / "data")
    sources = [
        "import matplotlib.pyplot as plt\n"
        "from geoatelier import faces, footprint, maps\n"
        "def tracer(seuil=20):\n    return plt.subplots(figsize=(3, 2))[0]\n"
        "faces.show(tracer(), alt='Une figure vide.')",
        "faces.explore(tracer, alt='Seuil de {seuil}.', seuil=[10, 20])",
        "maps.base_map(alt='Une île.')",
        "with footprint.measure('Rien') as cout:\n    pass\ncout",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
    variables = os.environ | {"GEOATELIER_STATIC": "1", "GEOATELIER_DATA": str(data)}
    NotebookClient(notebook, kernel_name="python3", timeout=120).execute(env=variables)
    return notebook


@pytest.fixture
def live(monkeypatch):
    monkeypatch.delenv("GEOATELIER_STATIC")


def plot(seuil=20):
    figure, axes = plt.subplots(figsize=(3, 2))
    axes.axvline(seuil)
    return figure


def test_static_is_asked_by_the_environment(monkeypatch):
    monkeypatch.setenv("GEOATELIER_STATIC", "1")
    assert faces.static()
    monkeypatch.setenv("GEOATELIER_STATIC", "0")
    assert not faces.static()
    monkeypatch.delenv("GEOATELIER_STATIC")
    assert not faces.static()


def test_a_figure_carries_its_alternative_in_metadata_in_plain_text_and_under_it(shown):
    faces.show(plot(), alt="Une ligne verticale\n  à 20 < 30.")
    (picture, metadata), (folded, _) = shown
    text = "Une ligne verticale à 20 < 30."
    assert metadata == {"image/png": {"alt": text}}
    assert picture["text/plain"] == text
    assert "à 20 &lt; 30." in folded["text/html"]
    assert "<summary>Description de la figure</summary>" in folded["text/html"]


def test_a_figure_is_a_png_and_is_closed_once_shown(shown):
    figure = plot()
    faces.show(figure, alt="Une ligne.")
    png = base64.b64decode(shown[0][0]["image/png"])
    assert Image.open(io.BytesIO(png)).format == "PNG"
    assert not plt.fignum_exists(figure.number)


def test_a_figure_without_alternative_is_refused(shown):
    with pytest.raises(ValueError, match="texte de remplacement"):
        faces.show(plot(), alt="  ")
    assert shown == []


def test_the_same_figure_gives_the_same_bytes(shown):
    faces.show(plot(), alt="Une ligne.")
    faces.show(plot(), alt="Une ligne.")
    assert shown[0][0]["image/png"] == shown[2][0]["image/png"]


def pixels_of(png):
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(int)


def test_few_colours_keep_flat_areas_exact_and_a_small_mark_of_a_rare_colour():
    rng = np.random.default_rng(0)
    figure, (image, chart) = plt.subplots(1, 2, figsize=(8, 3))
    image.imshow(rng.uniform(0.2, 0.5, (200, 250, 3)) * [0.9, 1.0, 0.6])
    image.plot(120, 100, "s", color="#d55e00", markersize=9)
    chart.bar([1, 2], [3, 4], color=["#0072b2", "#f0e442"])
    pixels = pixels_of(faces.figure_png(figure))
    plt.close(figure)
    for flat in ((0x00, 0x72, 0xB2), (0xF0, 0xE4, 0x42), (255, 255, 255)):
        assert (pixels == flat).all(axis=2).sum() > 1000
    assert np.abs(pixels - [0xD5, 0x5E, 0x00]).max(axis=2).min() < 40


def test_few_colours_keep_shades_smooth():
    y, x = np.mgrid[0:256, 0:256]
    shades = Image.fromarray(np.dstack([x // 2 + 64, y // 2 + 64, np.full_like(x, 128)]).astype(np.uint8))

    def by_blocks(picture):
        return (
            np.asarray(picture.convert("RGB"))
            .astype(float)
            .reshape(32, 8, 32, 8, 3)
            .mean(axis=(1, 3))[2:-2, 2:-2]
        )

    assert np.abs(by_blocks(faces.in_256_colours(shades)) - by_blocks(shades)).max() < 4


def test_the_static_face_of_a_control_is_the_figure_for_its_default_value(shown):
    drawn = []
    faces.explore(
        lambda seuil=20: drawn.append(seuil) or plot(seuil),
        alt="Seuil de {seuil} %.",
        seuil=range(0, 101, 10),
    )
    assert drawn == [20]
    assert shown[0][1]["image/png"]["alt"] == "Seuil de 20 %."
    assert shown[-1][0]["text/plain"].startswith("Figure pour Seuil = 20.")
    assert "exécutez la cellule" in shown[-1][0]["text/html"]


def test_without_default_the_first_choice_is_shown_and_labels_are_french(shown):
    faces.explore(
        lambda part, lisse: plot(),
        alt="Figure.",
        labels={"part": "Part (%)"},
        part=[0.5, 1.0],
        lisse=[True, False],
    )
    assert shown[-1][0]["text/plain"].startswith("Figure pour Part (%) = 0,5, Lisse = oui.")


def test_a_default_that_is_not_a_choice_is_refused(shown):
    with pytest.raises(ValueError, match="par défaut"):
        faces.explore(plot, alt="Figure.", seuil=range(10))


@pytest.mark.parametrize(
    ("choice", "kind"),
    [
        (range(0, 101, 10), widgets.SelectionSlider),
        ([10, 20, 30], widgets.RadioButtons),
        (list(range(10, 80, 10)), widgets.Dropdown),
        ({"bas": 10, "moyen": 20}, widgets.RadioButtons),
    ],
)
def test_the_kind_of_control_follows_the_choices(shown, live, choice, kind):
    faces.explore(plot, alt="Seuil de {seuil}.", labels={"seuil": "Seuil d'alerte"}, seuil=choice)
    panel = shown[-1][0].children[0]
    (control,) = panel.children
    assert isinstance(control, kind)
    assert control.value == 20
    assert control.description == "Seuil d'alerte"


def test_moving_the_control_draws_again_with_its_own_alternative(shown, live):
    faces.explore(plot, alt=lambda seuil: f"Ligne à {seuil}.", seuil=[10, 20, 30])
    control = next(thing for thing, _ in shown if isinstance(thing, widgets.VBox)).children[0].children[0]
    shown.clear()
    control.value = 30
    assert shown[0][1]["image/png"]["alt"] == "Ligne à 30."


# A whole notebook, as built


def test_every_picture_of_a_built_notebook_has_its_alternative(built):
    pictures = [
        output for cell in built.cells for output in cell.outputs if "image/png" in output.get("data", {})
    ]
    alternatives = [output.metadata["image/png"]["alt"] for output in pictures]
    assert alternatives == ["Une figure vide.", "Seuil de 20.", "Une île."]


def test_nothing_live_is_kept_in_a_built_notebook(built):
    kept = nbformat.writes(built)
    assert "<iframe" not in kept
    assert "widget-view" not in kept
    assert "leaflet" not in kept.lower()


def test_every_output_of_a_built_notebook_but_costs_is_the_same_each_time(built):
    texts = [
        output.data.get("text/html", output.data.get("text/plain"))
        for cell in built.cells
        for output in cell.outputs
        if "data" in output
    ]
    varying = [text for text in texts if "Coût · " in text]
    assert len(varying) == 1
    assert varying[0].startswith('<div class="geoatelier-cout">')
    assert built.cells[-1].outputs[0].data["text/plain"].startswith("Coût · Rien")


def test_a_web_page_made_from_the_notebook_has_the_alternatives(built):
    classic, _ = HTMLExporter(template_name="classic").from_notebook_node(built)
    modern, _ = HTMLExporter().from_notebook_node(built)
    for alternative in ("Une figure vide.", "Seuil de 20.", "Une île."):
        assert f'alt="{alternative}"' in classic
        assert f"<p>{alternative}</p>" in modern
