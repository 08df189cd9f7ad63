"""A decision tree as a drawing that is read from top to bottom, in French."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils.validation import check_is_fitted

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_NO_CHILD = -1
_FILLS = ("#d2d2d2", "#0072b2")
_INKS = ("black", "white")


def plot_tree(
    tree: DecisionTreeClassifier, *, features: Sequence[str], classes: tuple[str, str], ax: "Axes"
) -> "Axes":
    """Draw a tree of two classes: a question a node, « non » to the left, « oui » to the right.

    A leaf says what it answers and how many training samples it holds: those that it gets right, over all.

    Parameters
    ----------
    tree : fitted, on two classes
    features : name of each feature
    classes : names of the first and of the second class
    ax : where to draw

    Raises
    ------
    ValueError
        If the tree has another number of classes than two, or if a feature has no name.
    """
    check_is_fitted(tree)
    if len(tree.classes_) != 2:
        raise ValueError(f"Ce dessin est fait pour deux classes ; cet arbre en a {len(tree.classes_)}.")
    if len(features) != tree.n_features_in_:
        raise ValueError(f"L'arbre lit {tree.n_features_in_} colonnes ; vous en nommez {len(features)}.")
    nodes = tree.tree_
    x, depth = _places(nodes.children_left, nodes.children_right)
    leaves = np.flatnonzero(nodes.children_left == _NO_CHILD)
    size = 9 if len(leaves) <= 8 else 7

    def write(at: tuple[float, float], text: str, fill: str, **changes: object) -> None:
        box = {"boxstyle": "round,pad=0.25", "facecolor": fill, "edgecolor": "#444444", "linewidth": 0.8}
        shared = {"ha": "center", "va": "center", "fontsize": size, "bbox": box}
        ax.text(*at, text, **(shared | changes))

    for node in np.flatnonzero(nodes.children_left != _NO_CHILD):
        for child, word in ((nodes.children_left[node], "non"), (nodes.children_right[node], "oui")):
            ax.plot(x[[node, child]], -depth[[node, child]], color="#666666", linewidth=1, zorder=1)
            middle = x[[node, child]].mean(), -depth[[node, child]].mean()
            write(
                middle,
                word,
                "white",
                fontsize=size - 1,
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 1},
            )
        threshold = f"{nodes.threshold[node]:.2f}".replace(".", ",")
        write((x[node], -depth[node]), f"{features[nodes.feature[node]]} > {threshold} ?", "white")
    shares = nodes.value[leaves, 0] / nodes.value[leaves, 0].sum(axis=1, keepdims=True)
    for leaf, share in zip(leaves, shares, strict=True):
        answer, samples = int(share.argmax()), int(nodes.n_node_samples[leaf])
        text = f"{classes[answer]}\n{round(share[answer] * samples)}/{samples}"
        write((x[leaf], -depth[leaf]), text, _FILLS[answer], color=_INKS[answer])
    ax.set(xlim=(-0.6, len(leaves) - 0.4), ylim=(-depth.max() - 0.5, 0.5))
    ax.axis("off")
    return ax


def _places(left: NDArray[np.intp], right: NDArray[np.intp]) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Place of each node: leaves side by side, a question in the middle of its two answers; and its depth.

    A node comes before its children in scikit-learn's arrays, and its left branch before its right one.
    """
    inner = left != _NO_CHILD
    depth = np.zeros(len(left), dtype=np.intp)
    for node in np.flatnonzero(inner):
        depth[[left[node], right[node]]] = depth[node] + 1
    x = np.cumsum(~inner) - 1.0
    for node in np.flatnonzero(inner)[::-1]:
        x[node] = (x[left[node]] + x[right[node]]) / 2
    return x, depth
