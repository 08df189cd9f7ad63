"""Settings that make no sense, told before an hour of training, or as soon as they show."""

import math
from numbers import Integral


def refuse_counts_below(least: int, **counts: int) -> None:
    """Raise ValueError, in French, for a count that is not a whole number of at least `least`."""
    for name, count in counts.items():
        if isinstance(count, bool) or not isinstance(count, Integral) or count < least:
            raise ValueError(f"« {name} » doit être un entier d'au moins {least} ; {count} ne l'est pas.")


def refuse_dropout(share: float) -> None:
    """Raise ValueError, in French, for a share of dropped values outside [0, 1)."""
    if not 0 <= share < 1:
        raise ValueError(f"« dropout » est une part, de 0 à moins de 1 ; {share} ne l'est pas.")


def refuse_learning_rate(rate: float) -> None:
    """Raise ValueError, in French, for a learning rate that is not positive."""
    if not rate > 0:
        raise ValueError(f"« learning_rate » doit être positif ; {rate} ne l'est pas.")


def finite(loss: float, rate: float) -> float:
    """Return a loss; raise ValueError, in French, if it is no number any more: the training has diverged."""
    if not math.isfinite(loss):
        raise ValueError(
            "L'entraînement a divergé : la perte n'est plus un nombre. Réduisez « learning_rate », ici "
            f"{rate}."
        )
    return loss
