"""A yes-or-no answer beside the truth: its matrix and its map tell the four cases apart, in grey too."""

import geopandas as gpd
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import shapely
from matplotlib.colors import to_rgb

from geoatelier import maps

TRUTH = [True, True, False, False, True]
ANSWER = [True, False, True, False, True]


@pytest.fixture
def ax():
    figure, axes = plt.subplots()
    yield axes
    plt.close(figure)


@pytest.fixture
def fields():
    ring = shapely.box(0, 0, 100, 100) - shapely.box(40, 40, 60, 60)
    squares = [shapely.box(200 * rank, 0, 200 * rank + 100, 100) for rank in range(1, 4)]
    split = shapely.MultiPolygon([shapely.box(800, 0, 850, 100), shapely.box(860, 0, 900, 100)])
    return gpd.GeoDataFrame(geometry=[ring, *squares, split], crs=2154)


def texts(axes):
    return [text.get_text() for text in axes.texts]


def test_each_object_falls_in_one_cell_named_after_truth_then_answer():
    assert maps.outcomes(TRUTH, ANSWER).tolist() == [
        "trouvée",
        "oubliée",
        "signalée à tort",
        "écartée",
        "trouvée",
    ]


def test_zeros_and_ones_and_series_of_another_index_are_read_by_position():
    truth = pd.Series(TRUTH, index=[9, 8, 7, 6, 5])
    assert maps.outcomes(truth, np.array(ANSWER, dtype=int)).tolist() == maps.outcomes(TRUTH, ANSWER).tolist()


def test_a_missing_answer_or_a_probability_is_refused():
    with pytest.raises(ValueError, match="5 objets, 4 réponses"):
        maps.outcomes(TRUTH, ANSWER[:4])
    with pytest.raises(ValueError, match="vrai ou du faux dans la réponse"):
        maps.outcomes(TRUTH, [0.9, 0.1, 0.2, 0.3, 0.8])


def test_the_matrix_counts_the_truth_in_rows_and_the_answers_in_columns(ax):
    maps.plot_confusion(TRUTH, ANSWER, ax=ax, classes=("céréale", "autre"))
    placed = {text.get_text(): text.get_position() for text in ax.texts}
    assert texts(ax) == ["2", "trouvées", "1", "oubliée", "1", "signalée à tort", "1", "écartée"]
    left, top = placed["trouvées"]
    assert placed["oubliée"][0] > left and placed["oubliée"][1] == top
    assert placed["signalée à tort"][0] == left and placed["signalée à tort"][1] < top


def test_the_cell_that_is_chosen_is_outlined_and_the_others_fade(ax):
    maps.plot_confusion(TRUTH, ANSWER, ax=ax, chosen="oubliée")
    *cells, outline = ax.patches
    alphas = [cell.get_alpha() for cell in cells]
    assert alphas.count(1) == 1
    assert outline.get_xy() == cells[alphas.index(1)].get_xy()


def test_an_unknown_cell_is_refused_with_the_names_of_the_four(ax, fields):
    for draw in (
        lambda: maps.plot_confusion(TRUTH, ANSWER, ax=ax, chosen="fausse"),
        lambda: maps.plot_outcomes(fields, TRUTH, ANSWER, ax=ax, chosen="fausse"),
    ):
        with pytest.raises(ValueError, match="trouvée, oubliée, signalée à tort, écartée"):
            draw()


def test_the_map_draws_each_polygon_in_its_colour_holes_and_parts_included(ax, fields):
    maps.plot_outcomes(fields, TRUTH, ANSWER, ax=ax)
    found = next(
        c
        for c in ax.collections
        if np.allclose(c.get_facecolor()[0][:3], to_rgb(maps.OUTCOMES["trouvée"].colour))
    )
    rings = [len(path.to_polygons()) for path in found.get_paths()]
    assert rings == [2, 1, 1]


def test_each_error_wears_a_sign_inside_its_polygon(ax, fields):
    maps.plot_outcomes(fields, TRUTH, ANSWER, ax=ax)
    signs = [
        tuple(c.get_offsets()[0])
        for c in ax.collections
        if len(c.get_offsets()) == 1 and c.get_offsets()[0].any()
    ]
    assert len(signs) == 2
    assert fields.geometry[1].contains(shapely.Point(signs[0]))
    assert fields.geometry[2].contains(shapely.Point(signs[1]))


def test_land_gives_its_extent_and_must_be_in_the_same_system(ax, fields):
    land = gpd.GeoDataFrame(geometry=[shapely.box(-1000, -1000, 2000, 2000)], crs=2154)
    maps.plot_outcomes(fields, TRUTH, ANSWER, ax=ax, land=land)
    assert ax.get_xlim()[0] < -1000 and ax.get_xlim()[1] > 2000
    with pytest.raises(ValueError, match="Reprojetez l'un des deux"):
        maps.plot_outcomes(fields, TRUTH, ANSWER, ax=ax, land=land.to_crs(4326))


def test_a_map_needs_one_answer_an_object(ax, fields):
    with pytest.raises(ValueError, match="5 objets, 4 réponses"):
        maps.plot_outcomes(fields, TRUTH[:4], ANSWER[:4], ax=ax)


def test_in_grey_two_neighbouring_cells_never_look_alike():
    def lightness(name):
        return np.dot(to_rgb(maps.OUTCOMES[name].colour), [0.299, 0.587, 0.114])

    assert lightness("oubliée") - lightness("trouvée") > 0.2
    assert lightness("signalée à tort") - lightness("oubliée") > 0.15
    assert lightness("écartée") - lightness("trouvée") > 0.3
    signed = {name for name, cell in maps.OUTCOMES.items() if cell.marker}
    assert signed == {"oubliée", "signalée à tort"}
    assert len({maps.OUTCOMES[name].marker for name in signed}) == 2
