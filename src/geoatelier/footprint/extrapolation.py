"""From a block that was measured to a territory that was not: set-up apart from use, as an honest range."""

import html
from collections.abc import Mapping
from statistics import median

from geoatelier.footprint.comparison import CostTable
from geoatelier.footprint.cost import Cost
from geoatelier.footprint.estimate import Range
from geoatelier.footprint.wording import duration, grams, number, watt_hours

# With one measure nothing tells how the cost grows: half or twice is supposed.
ONE_MEASURE_MARGIN = 2.0


class Extrapolation:
    """What it would cost to treat more units than were measured.

    Use is proportional: the cost of a unit times the number of units. The cost of a unit goes from the lowest
    to the highest of the measures; with one measure, from half to twice. Both widen the range of the estimate
    itself. Set-up (training, tuning) is paid once, whatever the number of units.

    Parameters
    ----------
    use : for each number of units that was treated, the cost of treating them
    to : number of units to treat
    unit : what a unit is, in French and in the plural
    setup : cost of one set-up, or table of the costs that make it; None if there is none
    trainings : how many times the set-up is done (trials included)

    Raises
    ------
    ValueError
        If nothing was measured, or if a number of units or of trainings is not positive.
    """

    def __init__(
        self,
        use: Mapping[int, Cost],
        to: int,
        *,
        unit: str = "parcelles",
        setup: Cost | CostTable | None = None,
        trainings: int = 1,
    ) -> None:
        if not use:
            raise ValueError("Il n'y a aucune mesure à extrapoler. Donnez {nombre traité: coût mesuré}.")
        if not all(n > 0 for n in use):
            raise ValueError(
                f"Chaque mesure porte sur un nombre positif de {unit} ; reçu : {', '.join(map(str, use))}."
            )
        if not to > 0:
            raise ValueError(f"Le nombre de {unit} à traiter doit être positif ; reçu : {to}.")
        if not trainings > 0:
            raise ValueError(
                f"Le nombre d'entraînements doit être positif ; reçu : {trainings}. "
                "Sans entraînement, laissez setup vide."
            )
        self.to, self.unit, self.trainings = to, unit, trainings
        self.largest = max(use)
        self.margin = ONE_MEASURE_MARGIN if len(use) == 1 else 1.0
        self.setup_wh, self.setup_g = _times(setup, trainings)
        self.use_wh = _per_unit({n: cost.energy_wh for n, cost in use.items()}, self.margin).scaled(to)
        self.use_g = _per_unit({n: cost.carbon_g for n, cost in use.items()}, self.margin).scaled(to)
        seconds = {n: Range(cost.seconds, cost.seconds, cost.seconds) for n, cost in use.items()}
        self.use_seconds = _per_unit(seconds, self.margin).scaled(to)

    @property
    def energy_wh(self) -> Range:
        """Energy of set-up and use in Wh."""
        return Range.total([self.setup_wh, self.use_wh])

    @property
    def carbon_g(self) -> Range:
        """Greenhouse gases of set-up and use in gCO2e."""
        return Range.total([self.setup_g, self.use_g])

    @property
    def break_even(self) -> float:
        """Number of units beyond which use weighs more than set-up, from the central values."""
        return self.to * self.setup_wh.central / self.use_wh.central if self.use_wh.central else float("inf")

    def _rows(self) -> list[tuple[str, str, str]]:
        setup = (
            "un entraînement"
            if self.trainings == 1
            else f"{number(self.trainings)} fois l'entraînement mesuré"
        )
        return [
            (f"Mise au point, {setup}", watt_hours(self.setup_wh), grams(self.setup_g)),
            (f"Usage, {number(self.to)} {self.unit}", watt_hours(self.use_wh), grams(self.use_g)),
            ("Total", watt_hours(self.energy_wh), grams(self.carbon_g)),
        ]

    def _suppositions(self) -> str:
        if self.margin > 1:
            basis = (
                f"Une seule mesure, sur {number(self.largest)} {self.unit} : "
                "chacune est supposée coûter entre la moitié et le double de la mesure."
            )
        else:
            basis = (
                f"Plusieurs mesures, jusqu'à {number(self.largest)} {self.unit} : "
                "de la moins chère à la plus chère par unité."
            )
        shortest, longest = duration(self.use_seconds.low), duration(self.use_seconds.high)
        return (
            f"{basis} L'usage prendrait de {shortest} à {longest} sur cette machine. "
            "Le transport des données et la fabrication du matériel ne sont pas comptés."
        )

    def _repr_html_(self) -> str:
        head = "".join(f'<th scope="col">{t}</th>' for t in ("Poste", "Énergie", "Gaz à effet de serre"))
        rows = "".join(
            f'<tr><th scope="row">{html.escape(title)}</th><td>{energy}</td><td>{carbon}</td></tr>'
            for title, energy, carbon in self._rows()
        )
        return (
            f'<div class="geoatelier-cout"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'
            f"<p>{html.escape(self._suppositions())}</p></div>"
        )

    def __repr__(self) -> str:
        lines = [f"{title} : {energy} · {carbon}" for title, energy, carbon in self._rows()]
        return "\n".join([*lines, self._suppositions()])


def extrapolate(
    use: Mapping[int, Cost],
    to: int,
    *,
    unit: str = "parcelles",
    setup: Cost | CostTable | None = None,
    trainings: int = 1,
) -> Extrapolation:
    """Say what it would cost to treat more units than were measured; see `Extrapolation`.

    Examples
    --------
    >>> extrapolate({900: small, 3600: large}, to=9_000_000, setup=training, trainings=20)
    """
    return Extrapolation(use, to, unit=unit, setup=setup, trainings=trainings)


def _times(setup: Cost | CostTable | None, trainings: int) -> tuple[Range, Range]:
    if setup is None:
        return Range(0.0, 0.0, 0.0), Range(0.0, 0.0, 0.0)
    return setup.energy_wh.scaled(trainings), setup.carbon_g.scaled(trainings)


def _per_unit(measures: Mapping[int, Range], margin: float) -> Range:
    each = [amount.scaled(1 / n) for n, amount in measures.items()]
    return Range(
        min(amount.low for amount in each) / margin,
        median(amount.central for amount in each),
        max(amount.high for amount in each) * margin,
    )
