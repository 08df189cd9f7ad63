"""A decision tree drawn in French: every question, every answer, and how many samples each leaf holds."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from sklearn.tree import DecisionTreeClassifier

from geoatelier import learning

# April over a half and June under it: what a winter cereal looks like.
X = np.array([[0.2, 0.2], [0.3, 0.7], [0.8, 0.7], [0.7, 0.8], [0.8, 0.2], [0.7, 0.3], [0.75, 0.25]])
Y = np.array([False, False, False, False, True, True, True])
NAMES = {"features": ["avril", "juin"], "classes": ("autre", "céréale")}


@pytest.fixture
def ax():
    figure, axes = plt.subplots()
    yield axes
    plt.close(figure)


def drawn(axes):
    return {text.get_text(): text.get_position() for text in axes.texts}


def test_a_question_has_a_decimal_comma_and_a_leaf_says_its_class_and_its_samples(ax):
    tree = DecisionTreeClassifier(max_depth=2, random_state=0).fit(X, Y)
    texts = drawn(learning.plot_tree(tree, ax=ax, **NAMES))
    questions = [text for text in texts if ">" in text]
    leaves = [text for text in texts if "/" in text]
    assert len(questions) == 2
    assert all("," in text and "." not in text for text in questions)
    assert "céréale\n3/3" in leaves and len(leaves) == 3


def test_a_mixed_leaf_tells_how_many_it_gets_right(ax):
    tree = DecisionTreeClassifier(max_depth=1, random_state=0).fit(X[:, :1], Y)
    texts = drawn(learning.plot_tree(tree, ax=ax, features=["avril"], classes=("autre", "céréale")))
    assert "autre\n2/2" in texts and "céréale\n3/5" in texts


def test_yes_goes_right_and_no_goes_left_below_the_question(ax):
    tree = DecisionTreeClassifier(max_depth=1, random_state=0).fit(X[:, :1], Y)
    texts = drawn(learning.plot_tree(tree, ax=ax, features=["avril"], classes=("autre", "céréale")))
    (question,) = (place for text, place in texts.items() if ">" in text)
    assert texts["autre\n2/2"][0] < question[0] < texts["céréale\n3/5"][0]
    assert texts["autre\n2/2"][1] < question[1]
    assert texts["non"][0] < question[0] < texts["oui"][0]


def test_leaves_of_a_deep_tree_stand_side_by_side(ax):
    rng = np.random.default_rng(0)
    points = rng.random((200, 2))
    tree = DecisionTreeClassifier(max_depth=6, random_state=0).fit(points, rng.random(200) > 0.5)
    learning.plot_tree(tree, ax=ax, **NAMES)
    places = sorted(text.get_position()[0] for text in ax.texts if "/" in text.get_text())
    assert places == list(range(tree.get_n_leaves()))


def test_a_tree_that_asks_nothing_is_one_leaf(ax):
    tree = DecisionTreeClassifier(max_depth=1, min_samples_leaf=7).fit(X, Y)
    assert list(drawn(learning.plot_tree(tree, ax=ax, **NAMES))) == ["autre\n4/7"]


def test_another_number_of_classes_or_of_names_is_refused(ax):
    three = DecisionTreeClassifier().fit(X, [0, 0, 1, 1, 2, 2, 2])
    with pytest.raises(ValueError, match="cet arbre en a 3"):
        learning.plot_tree(three, ax=ax, **NAMES)
    two = DecisionTreeClassifier().fit(X, Y)
    with pytest.raises(ValueError, match="lit 2 colonnes"):
        learning.plot_tree(two, ax=ax, features=["avril"], classes=("autre", "céréale"))
