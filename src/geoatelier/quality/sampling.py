"""Acceptance of a lot by attributes, from a sample: plan, draw, decision.

In the spirit of ISO 2859 and of the annex of ISO 19157 on sampling, with probabilities computed for the very
lot at hand: the number of defective objects in a sample drawn without replacement is hypergeometric.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import hypergeom

from geoatelier.quality.wording import SPACE, count, number, quote

CONFIDENCE = 0.95
# A count of objects that rounding keeps from being whole, such as 0.07 × 100, is meant whole.
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Plan:
    """How many objects to control, and how many defective ones still make a good lot.

    Parameters
    ----------
    lot : number of objects in the lot
    size : number of objects to draw without replacement
    acceptance_number : the lot is accepted up to this number of defective objects in the sample

    Raises
    ------
    ValueError
        If the sample is empty or larger than the lot, or if the acceptance number is not in [0, size[.
    """

    lot: int
    size: int
    acceptance_number: int

    def __post_init__(self) -> None:
        if not 0 < self.size <= self.lot:
            raise ValueError(
                f"On ne peut pas contrôler {count(self.size, 'objet')} dans un lot de {number(self.lot)}. "
                "L'échantillon compte au moins un objet, et au plus tout le lot."
            )
        if not 0 <= self.acceptance_number < self.size:
            raise ValueError(
                f"Le nombre de défauts admis est entre 0 et {number(self.size - 1)}, "
                f"et non {quote(self.acceptance_number)}."
            )

    def acceptance_probability(self, rate: ArrayLike) -> NDArray[np.float64] | float:
        """Operating characteristic: the chance that a lot is accepted.

        Parameters
        ----------
        rate : share of defective objects in the lot, in [0, 1], of any shape; rounded to whole objects

        Returns
        -------
        Probability of the shape of `rate`

        Raises
        ------
        ValueError
            If a rate is not in [0, 1].
        """
        rates = np.asarray(rate, dtype=float)
        if not ((rates >= 0) & (rates <= 1)).all():
            raise ValueError("Un taux de défauts est entre 0 et 1.")
        found = hypergeom.cdf(self.acceptance_number, self.lot, np.rint(rates * self.lot), self.size)
        return float(found) if np.isscalar(rate) else found

    def sentence(self) -> str:
        """The plan in French."""
        return (
            f"Contrôlez {count(self.size, 'objet')} tirés au hasard parmi {number(self.lot)}. "
            f"Le lot est accepté jusqu'à {count(self.acceptance_number, 'défaut')}."
        )


@dataclass(frozen=True)
class Decision:
    """What a sample says of its lot.

    Parameters
    ----------
    plan : the plan that was followed
    defects : number of defective objects in the sample
    lower, upper : bounds of the share of defective objects in the lot, in [0, 1], both possible, each with a
        confidence of 95 %
    """

    plan: Plan
    defects: int
    lower: float
    upper: float

    @property
    def accepted(self) -> bool:
        """Whether the lot is accepted."""
        return self.defects <= self.plan.acceptance_number

    def sentence(self) -> str:
        """The verdict in French, with the bound that matters."""
        verdict = (
            f"Lot {'accepté' if self.accepted else 'refusé'}{SPACE}: {count(self.defects, 'défaut')} sur "
            f"{count(self.plan.size, 'objet contrôlé', 'objets contrôlés')}, "
            f"{number(self.plan.acceptance_number)} admis. "
        )
        if self.plan.size == self.plan.lot:
            rate = 100 * self.defects / self.plan.lot
            return f"{verdict}Tout le lot a été contrôlé{SPACE}: le taux réel est {number(rate, 2)}{SPACE}%."
        sure = f"avec {number(100 * CONFIDENCE)}{SPACE}% de confiance."
        if self.accepted:
            too_high = math.ceil(1000 * (self.upper + 1 / self.plan.lot) - _ROUNDING) / 1000
            return f"{verdict}Le taux réel est sous {_percent(too_high)} {sure}"
        too_low = math.floor(1000 * (self.lower - 1 / self.plan.lot) + _ROUNDING) / 1000
        return f"{verdict}Le taux réel dépasse {_percent(too_low)} {sure}"


def plan(
    lot: int,
    aql: float,
    limit_quality: float,
    producer_risk: float = 0.05,
    consumer_risk: float = 0.10,
) -> Plan:
    """The smallest sample that holds both risks.

    Parameters
    ----------
    lot : number of objects
    aql : acceptable quality level, in ]0, 1[: a lot with this share of defective objects or less is good
    limit_quality : in ]aql, 1[: a lot with this share or more is bad
    producer_risk : largest chance to refuse a good lot, in ]0, 1[
    consumer_risk : largest chance to accept a bad lot, in ]0, 1[

    Notes
    -----
    For each acceptance number c, the smallest sample that holds the consumer's risk is the one that best
    serves the producer. It grows with c: the first c for which it also holds the producer's risk is the
    answer.

    Raises
    ------
    ValueError
        If a rate is not in ]0, 1[, if the limit is not above the AQL, or if no whole number of objects
        separates a good lot from a bad one.
    """
    rates = {
        "niveau de qualité acceptable": aql, "taux limite": limit_quality,
        "risque du producteur": producer_risk, "risque du client": consumer_risk,
    }  # fmt: skip
    for name, rate in rates.items():
        if not 0 < rate < 1:
            raise ValueError(
                f"Le {name} est un taux entre 0 et 1 exclus (0,05 pour 5{SPACE}%), et non {rate}."
            )
    if limit_quality <= aql:
        raise ValueError(
            f"Le taux limite ({_percent(limit_quality)}) doit dépasser le niveau de qualité acceptable "
            f"({_percent(aql)})."
        )
    if lot < 1:
        raise ValueError(f"Un lot compte au moins un objet, et non {quote(lot)}.")
    good = math.floor(aql * lot + _ROUNDING)
    bad = math.ceil(limit_quality * lot - _ROUNDING)
    if good >= bad:
        raise ValueError(
            f"Aucun plan possible{SPACE}: sur {count(lot, 'objet')}, les deux taux donnent le même nombre de "
            "défauts. Écartez-les."
        )
    for acceptance in range(bad):
        size = _smallest(
            lambda n, c=acceptance: hypergeom.cdf(c, lot, bad, n) <= consumer_risk, acceptance + 1, lot
        )
        if hypergeom.cdf(acceptance, lot, good, size) >= 1 - producer_risk:
            break
    return Plan(lot, size, acceptance)


def decide(plan: Plan, defects: int) -> Decision:
    """Accept or refuse a lot, and bound its true rate of defective objects.

    The bounds are those of Clopper and Pearson for a lot of finite size, one-sided, at 95 %.

    Parameters
    ----------
    defects : number of defective objects in the sample

    Raises
    ------
    ValueError
        If there are more defective objects than objects in the sample.

    References
    ----------
    Clopper and Pearson (1934), Biometrika 26, 404-413.
    """
    if not 0 <= defects <= plan.size:
        raise ValueError(
            f"{count(plan.size, 'objet contrôlé', 'objets contrôlés')} ne peuvent pas donner "
            f"{count(defects, 'objet défectueux', 'objets défectueux')}."
        )
    risk = 1 - CONFIDENCE
    most = plan.lot - plan.size + defects
    lower = _smallest(lambda bad: hypergeom.sf(defects - 1, plan.lot, bad, plan.size) > risk, defects, most)
    too_many = _smallest(
        lambda bad: bad > most or hypergeom.cdf(defects, plan.lot, bad, plan.size) <= risk, defects, most + 1
    )
    return Decision(plan, int(defects), lower / plan.lot, (too_many - 1) / plan.lot)


def _smallest(holds: Callable[[int], bool], low: int, high: int) -> int:
    """The smallest integer in [low, high] that holds, for a condition that holds from some integer on."""
    while low < high:
        middle = (low + high) // 2
        if holds(middle):
            high = middle
        else:
            low = middle + 1
    return low


def _percent(rate: float) -> str:
    return f"{number(100 * rate, 1)}{SPACE}%"
