"""What a learner sees in a browser with no network: maps that draw and obey, and JupyterLab in French."""

import json
import os
import shutil
from pathlib import Path

import folium
import nbformat
import pytest
from browser import chromium, lab
from nbclient import NotebookClient
from tiny_territory import make_parcels, make_tiny_territory

from geoatelier import maps

ROOT = Path(__file__).parents[1]
LESSON_SECONDS = 180


@pytest.fixture(scope="module", autouse=True)
def browser_here():
    """On one's own machine these tests may be left out; in continuous integration they may not."""
    if reason := chromium.missing():
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(reason)


def lessons():
    """The welcome notebook, the first lesson of each level, and every lesson that has a control to move."""
    patterns = ("accueil.ipynb", "novice/*.ipynb", "sensibilise/*.ipynb", "expert/*.ipynb")
    found = [sorted((ROOT / "notebooks").glob(pattern)) for pattern in patterns]
    return [
        path
        for level in found
        for path in level
        if path == level[0] or "faces.explore(" in path.read_text(encoding="utf-8")
    ]


@pytest.fixture(scope="module")
def started():
    with chromium.browser() as browser:
        yield browser


@pytest.fixture(scope="module")
def territory(tmp_path_factory):
    return make_tiny_territory(tmp_path_factory.mktemp("territoire") / "data")


@pytest.fixture
def open_map(started, territory, tmp_path, monkeypatch):
    """Open a map, built by a function that takes the parcels, in a page of its own."""
    monkeypatch.setenv("GEOATELIER_DATA", str(territory))
    pages = []

    def open_(build):
        m = build(make_parcels())
        m.save(tmp_path / "carte.html")
        opened = chromium.watched_page(started)
        pages.append(opened)
        page, watch = opened.__enter__()
        page.goto((tmp_path / "carte.html").as_uri())
        page.wait_for_selector(".leaflet-container path", state="attached")
        return page, watch

    yield open_
    for opened in pages:
        opened.__exit__(None, None, None)


def crops(parcels):
    m = maps.base_map(title="Parcelles agricoles")
    folium.GeoJson(
        parcels,
        name="Parcelles",
        style_function=lambda feature: maps.crop_style(feature["properties"]["code_cultu"]),
        tooltip=folium.GeoJsonTooltip(["code_cultu"], aliases=["Culture"]),
        popup=folium.GeoJsonPopup(["id_parcel"], aliases=["Parcelle"]),
    ).add_to(m)
    maps.legend("Cultures", maps.crop_styles(parcels["code_cultu"])).add_to(m)
    folium.LayerControl().add_to(m)
    return m


def parcels_on(page):
    return page.locator("path.leaflet-interactive")


def active(page, question):
    return page.evaluate(f"() => document.activeElement.{question}")


# A map alone


def test_a_map_draws_and_nothing_leaves_the_machine(open_map):
    page, watch = open_map(crops)
    chromium.photograph(page, "carte")
    assert parcels_on(page).count() == 12
    assert page.locator("img.leaflet-image-layer").evaluate("image => image.naturalWidth") > 50
    assert page.locator(".map-place").all_inner_texts() == ["Port-Galéjade", "Rocamistral"]
    assert page.locator(".map-legend li").count() == 11
    assert page.locator("pattern").count() >= 5
    assert watch.outside == []
    assert watch.complaints == []


def test_a_page_that_tried_to_leave_would_be_seen_and_stopped(open_map):
    page, watch = open_map(crops)
    page.evaluate(
        "() => { document.body.append(Object.assign(new Image(), {src: 'https://example.org/a.png'})) }"
    )
    page.wait_for_timeout(300)
    assert watch.complaints
    assert "Content Security Policy" in watch.complaints[0]


def test_the_watch_sees_a_request_that_leaves(started):
    with chromium.watched_page(started) as (page, watch):
        page.set_content("<img src='https://example.org/a.png'>")
        page.wait_for_timeout(300)
    assert watch.outside == ["https://example.org/a.png"]


def test_pointing_at_a_parcel_shows_its_tooltip_and_clicking_its_popup(open_map):
    page, watch = open_map(crops)
    parcels_on(page).nth(3).hover()
    assert page.locator(".leaflet-tooltip").inner_text().split() == ["Culture", "VRG"]
    parcels_on(page).nth(3).click()
    page.wait_for_selector(".leaflet-popup")
    assert page.locator(".leaflet-popup-content").inner_text().split() == ["Parcelle", "P03"]
    assert page.locator(".leaflet-popup-close-button").get_attribute("aria-label") == "Fermer"
    assert watch.complaints == []


def test_the_keyboard_reaches_every_parcel_with_a_single_tab_stop(open_map):
    page, _ = open_map(crops)
    assert page.locator("path[tabindex='0']").count() == 1
    page.locator("path[tabindex='0']").focus()
    reached = {active(page, "getAttribute('aria-label')")}
    for key in ("ArrowRight",) * 3 + ("ArrowUp",) + ("ArrowLeft",) * 3 + ("ArrowUp",) + ("ArrowRight",) * 3:
        page.keyboard.press(key)
        reached.add(active(page, "getAttribute('aria-label')"))
    # Eleven crops: two of the twelve parcels are vineyards.
    assert len(reached) == 11
    assert all(label.startswith("Culture ") for label in reached)


def test_enter_opens_the_popup_and_escape_gives_the_focus_back(open_map):
    page, watch = open_map(crops)
    page.keyboard.press("Tab")
    assert "Flèches" in active(page, "getAttribute('aria-label')")
    page.keyboard.press("Tab")
    assert active(page, "tagName") == "path"
    page.wait_for_selector(".leaflet-tooltip")
    label = active(page, "getAttribute('aria-label')")
    page.keyboard.press("Enter")
    page.wait_for_selector(".leaflet-popup")
    chromium.photograph(page, "carte_clavier")
    assert active(page, "innerText").split()[0] == "Parcelle"
    page.keyboard.press("Escape")
    page.wait_for_selector(".leaflet-popup", state="detached")
    assert active(page, "getAttribute('aria-label')") == label
    assert watch.complaints == []


@pytest.mark.parametrize("by", ["mouse", "keyboard"])
def test_the_layer_control_hides_and_shows_a_layer(open_map, by):
    page, watch = open_map(crops)
    box = page.get_by_role("checkbox", name="Parcelles")
    if by == "mouse":
        page.locator(".leaflet-control-layers").hover()
        change = box.click
    else:
        page.get_by_role("button", name="Couches").focus()
        page.keyboard.press("Enter")
        box.focus()

        def change():
            page.keyboard.press("Space")

    change()
    chromium.photograph(page, f"couches_{by}")
    assert parcels_on(page).count() == 0
    change()
    assert parcels_on(page).count() == 12
    assert watch.complaints == []


def test_markers_popups_and_circles_need_neither_jquery_nor_web_fonts(open_map):
    def build(parcels):
        m = crops(parcels)
        west, south, east, north = m.view()
        middle = [(south + north) / 2, (west + east) / 2]
        folium.Marker(middle, popup="<b>Repère</b>", icon=folium.Icon(color="orange", icon="home")).add_to(m)
        folium.Marker([middle[0], west], popup=folium.Popup("Ici", lazy=True), tooltip="Bulle").add_to(m)
        disc = folium.CircleMarker([north, middle[1]], radius=9, popup="Rond").add_to(m)
        m.keep_in_front(disc)
        return m

    page, watch = open_map(build)
    chromium.photograph(page, "reperes")
    assert page.locator("img.leaflet-marker-icon").evaluate("image => image.naturalWidth") == 25
    page.locator(".map-pin").click()
    assert page.locator(".leaflet-popup-content b").inner_text() == "Repère"
    page.locator("img.leaflet-marker-icon").click(force=True)
    page.wait_for_function("() => document.querySelector('.leaflet-popup-content')?.innerText === 'Ici'")
    assert watch.outside == []
    assert watch.complaints == []


@pytest.mark.parametrize(
    ("column", "legend"), [("surf_parc", ".map-legend .bar"), ("code_cultu", ".maplegend")]
)
def test_explore_draws_on_a_base_map_with_its_legend(open_map, column, legend):
    page, watch = open_map(
        lambda parcels: parcels.explore(column=column, m=maps.base_map(parcels), cmap="cividis")
    )
    chromium.photograph(page, f"explore_{column}")
    assert parcels_on(page).count() == 12
    assert page.locator(legend).is_visible()
    parcels_on(page).first.hover()
    assert "id_parcel" in page.locator(".leaflet-tooltip").inner_text()
    assert watch.outside == []
    assert watch.complaints == []


def test_the_wheel_scrolls_the_notebook_until_the_map_is_asked_for(open_map):
    page, _ = open_map(crops)
    enabled = "() => Object.values(window).find((value) => value instanceof L.Map).scrollWheelZoom.enabled()"
    assert page.evaluate(enabled) is False
    page.locator(".leaflet-container").focus()
    assert page.evaluate(enabled) is True


# JupyterLab


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """A folder of notebooks that tests may run and change."""
    return tmp_path_factory.mktemp("bureau")


@pytest.fixture(scope="module")
def server(desk, tmp_path_factory, territory):
    data = ROOT / "data" if (ROOT / "data" / "datapackage.json").exists() else territory
    with lab.server(desk, tmp_path_factory.mktemp("reglages"), data) as address:
        yield address


@pytest.fixture
def jupyter(server):
    """The address of JupyterLab, whose kernels are stopped after each test."""
    yield server
    lab.stop_kernels(server)


def write_notebook(path, *sources):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, path)


FACES = """
import matplotlib.pyplot as plt
from geoatelier import faces

def tracer(seuil=20):
    figure, axe = plt.subplots(figsize=(5, 3))
    axe.axvline(seuil)
    axe.set(xlim=(0, 100), title=f"Seuil de {seuil}")
    return figure

faces.show(tracer(), alt="Une ligne verticale à vingt.")
""", """
faces.explore(tracer, alt="Une ligne verticale à {seuil}.", seuil=range(0, 101, 20))
""", """
from geoatelier import maps
maps.base_map(title="Une carte dans le carnet")
"""  # fmt: skip


def test_figures_controls_and_maps_live_in_jupyterlab(started, jupyter, desk):
    write_notebook(desk / "faces.ipynb", *FACES)
    with chromium.watched_page(started, width=1100, height=1600) as (page, watch):
        lab.open_notebook(page, jupyter, "faces.ipynb")
        cells = lab.run_all(page, seconds=90)
        assert lab.errors(cells) == []
        carte = page.frame_locator("iframe[title='Une carte dans le carnet']")
        carte.locator(".leaflet-container path").first.wait_for(state="attached")
        assert carte.locator(".map-place").count() >= 2

        page.get_by_text("Description de la figure").first.click()
        assert page.get_by_text("Une ligne verticale à vingt.").first.is_visible()

        slider = page.get_by_role("slider").first
        slider.focus()
        page.keyboard.press("ArrowRight")
        page.get_by_text("Une ligne verticale à 40.").first.wait_for(state="attached")
        chromium.photograph(page, "lab_faces")

        page.set_viewport_size({"width": 620, "height": 1600})
        page.wait_for_timeout(500)
        edge = slider.bounding_box()
        assert edge["x"] + edge["width"] <= 620
    assert watch.outside == []


def test_a_saved_notebook_shows_its_figures_and_their_text_before_anything_runs(
    started, jupyter, desk, territory, monkeypatch
):
    monkeypatch.setenv("GEOATELIER_DATA", str(territory))
    write_notebook(desk / "lu.ipynb", *FACES)
    notebook = nbformat.read(desk / "lu.ipynb", as_version=4)
    NotebookClient(notebook, kernel_name="python3", timeout=120).execute()
    nbformat.write(notebook, desk / "lu.ipynb")
    with chromium.watched_page(started, height=2400) as (page, watch):
        lab.open_notebook(page, jupyter, "lu.ipynb")
        page.locator(".jp-OutputArea-output img").nth(2).wait_for()
        widths = page.locator(".jp-OutputArea-output img").evaluate_all(
            "images => images.map((i) => i.naturalWidth)"
        )
        chromium.photograph(page, "lab_lu")
        assert page.get_by_text("Description de la figure").count() == 3
        page.get_by_text("Description de la figure").last.click()
        assert page.get_by_text("Carte. Une carte dans le carnet.").first.is_visible()
    assert len(widths) == 3
    assert min(widths) > 300
    assert watch.outside == []


def test_jupyterlab_is_in_french(started, jupyter, desk):
    write_notebook(desk / "vide.ipynb", "1 + 1")
    with chromium.watched_page(started) as (page, watch):
        lab.open_notebook(page, jupyter, "vide.ipynb")
        menus = page.locator(".lm-MenuBar-itemLabel").all_inner_texts()
        chromium.photograph(page, "lab_francais")
    assert {"Fichier", "Édition", "Exécution", "Noyau", "Aide"} <= set(menus)
    assert watch.outside == []


def test_there_are_lessons_to_open():
    assert lessons(), "no notebook in notebooks/: build the lessons first (make build)"


@pytest.mark.parametrize("path", lessons(), ids=lambda path: path.stem)
def test_a_lesson_runs_in_jupyterlab(started, jupyter, desk, path):
    # Where a learner has it: some lessons read the files that lie beside their source.
    copy = desk / path.relative_to(ROOT)
    copy.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(path, copy)
    if not (desk / "lessons").exists():
        (desk / "lessons").symlink_to(ROOT / "lessons")
    with chromium.watched_page(started) as (page, watch):
        lab.open_notebook(page, jupyter, copy.relative_to(desk).as_posix())
        cells = lab.run_all(page, seconds=LESSON_SECONDS)
        chromium.photograph(page, f"lab_{path.stem}")
        controls, failed = lab.move_controls(page)
    # A learner goes back to a control once the lesson is over: later sections have not taken its data away.
    assert failed == []
    assert controls >= sum("faces.explore(" in cell["source"] for cell in cells)
    assert lab.errors(cells) == []
    assert [cell["source"] for cell in cells if not cell["count"]] == []
    assert len(cells) == len([cell for cell in json.loads(path.read_text())["cells"] if is_code(cell)])
    assert watch.outside == []


def is_code(cell):
    return cell["cell_type"] == "code" and "".join(cell["source"]).strip()
