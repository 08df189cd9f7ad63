"""How far the confidence of a model is from the share of its answers that are right.

To draw the curve, to score or to correct it, scikit-learn has `calibration_curve`, `brier_score_loss` and
`CalibratedClassifierCV`.
"""

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pandas import DataFrame

from geoatelier.learning.tables import outcomes

Strategy = Literal["uniform", "quantile"]


def reliability_table(
    correct: ArrayLike, confidence: ArrayLike, *, bins: int = 10, strategy: Strategy = "uniform"
) -> DataFrame:
    """Confidence and accuracy by bin of confidence, empty bins left out.

    Parameters
    ----------
    correct : array of shape (n_samples,), whether each answer is right
    confidence : array of shape (n_samples,), probability that the model gives to its answer, in [0, 1]
    bins : how many
    strategy : "uniform", bins of equal width between 0 and 1; "quantile", bins of about equal size

    Returns
    -------
    DataFrame
        One row a bin, from the least to the most sure: `effectif`, `confiance` (mean), `exactitude` and
        `ecart` (accuracy less confidence; negative where the model is too sure).

    Raises
    ------
    ValueError
        If a value is missing or out of its domain, or `bins` is not positive.
    """
    right, sure = outcomes(correct, confidence)
    if bins < 1:
        raise ValueError(f"Il faut au moins une classe de confiance ; vous en demandez {bins}.")
    table = DataFrame({"confiance": sure, "exactitude": right.astype(float)})
    found = table.groupby(_bin_of(sure, bins, strategy))
    means = found.mean()
    means.insert(0, "effectif", found.size())
    return means.assign(ecart=means["exactitude"] - means["confiance"]).reset_index(drop=True)


def expected_calibration_error(
    correct: ArrayLike, confidence: ArrayLike, *, bins: int = 10, strategy: Strategy = "uniform"
) -> float:
    """Expected calibration error: mean gap between accuracy and confidence over bins, weighted by their size.

    It depends on the bins, and it is never quite 0 on a finite sample: compare two figures only when they
    come from the same bins and similar sizes.

    Takes and raises the same as `reliability_table`.

    References
    ----------
    Naeini, Cooper & Hauskrecht (2015), Obtaining well calibrated probabilities using Bayesian binning, AAAI.
    Guo, Pleiss, Sun & Weinberger (2017), On calibration of modern neural networks, ICML.
    """
    table = reliability_table(correct, confidence, bins=bins, strategy=strategy)
    return float(np.average(table["ecart"].abs(), weights=table["effectif"]))


def _bin_of(confidence: NDArray[np.float64], bins: int, strategy: Strategy) -> NDArray[np.intp]:
    if strategy == "uniform":
        inner = np.linspace(0, 1, bins + 1)[1:-1]
    elif strategy == "quantile":
        inner = np.quantile(confidence, np.linspace(0, 1, bins + 1)[1:-1])
    else:
        raise ValueError(f"« {strategy} » n'est pas une façon de découper : « uniform » ou « quantile ».")
    return np.searchsorted(inner, confidence, side="left")
