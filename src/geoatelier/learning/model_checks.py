"""Refuse a model that cannot predict from the features it would be given."""

from collections.abc import Sequence

from sklearn.base import BaseEstimator
from sklearn.exceptions import NotFittedError
from sklearn.utils.validation import check_is_fitted

_SHOWN = 4


def refuse_model(model: BaseEstimator, names: Sequence[str]) -> None:
    """Raise ValueError, with what to do in French, unless the model gives probabilities from these features.

    Parameters
    ----------
    model : a scikit-learn classifier
    names : of the features that it would be given, in order
    """
    called = type(model).__name__
    if not hasattr(model, "fit"):
        raise TypeError(f"Donnez un modèle de scikit-learn ; reçu : un objet {called}.")
    try:
        check_is_fitted(model)
    except NotFittedError as error:
        raise ValueError(f"{called} n'est pas entraîné : appelez d'abord model.fit(X, y).") from error
    if not hasattr(model, "predict_proba"):
        raise ValueError(
            f"{called} ne donne pas de probabilités (predict_proba). Entraînez plutôt "
            f"CalibratedClassifierCV({called}()), qui en donne, ou prenez un autre modèle."
        )
    learnt = getattr(model, "feature_names_in_", None)
    if learnt is None:
        raise ValueError(
            f"{called} a été entraîné sur un tableau sans noms : rien ne dit que l'ordre des colonnes est "
            "celui des images. Entraînez-le sur la table que rend Features, sans .to_numpy()."
        )
    if list(learnt) != list(names):
        raise ValueError(
            f"Le modèle n'a pas appris sur ces variables : {_differences(learnt, names)}. Passez l'objet "
            "Features qui a fait sa table d'entraînement."
        )


def _differences(learnt: Sequence[str], given: Sequence[str]) -> str:
    lacking = [name for name in learnt if name not in set(given)]
    added = [name for name in given if name not in set(learnt)]
    said = [f"il attend aussi {_first(lacking)}"] if lacking else []
    if added:
        said.append(f"il ne connaît pas {_first(added)}")
    return " et ".join(said) or "l'ordre n'est pas le même"


def _first(names: Sequence[str]) -> str:
    left = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" et {left} de plus" if left > 0 else "")
