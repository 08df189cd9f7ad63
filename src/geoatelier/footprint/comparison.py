"""Several costs side by side, and their sum."""

import html
from collections.abc import Iterable, Iterator

import pandas as pd

from geoatelier.footprint.cost import Cost
from geoatelier.footprint.estimate import Range
from geoatelier.footprint.wording import NO_BREAK, grams, number, watt_hours

_HEAD = ("Étape", "Durée", "Mémoire", "Énergie", "Gaz à effet de serre")


class CostTable:
    """Several costs side by side.

    Parameters
    ----------
    costs : the costs, in the order of the rows
    total : whether a last row adds them up

    Raises
    ------
    ValueError
        If there is no cost, or something that is not a cost.
    """

    def __init__(self, costs: Iterable[Cost], *, total: bool = False) -> None:
        if isinstance(costs, Cost):
            raise ValueError("Donnez une liste de coûts, même pour un seul : [cout].")
        self.costs = list(costs)
        self.total = total
        if not self.costs:
            raise ValueError("Il n'y a aucun coût à comparer. Mesurez au moins un bloc avec measure.")
        for cost in self.costs:
            if not isinstance(cost, Cost):
                raise ValueError(
                    f"Un objet {type(cost).__name__} n'est pas un coût. "
                    "Donnez ce que rend « with measure(…) as cout »."
                )

    @property
    def alone(self) -> list[Cost]:
        """The costs that are not part of another of them: each second counts once in a sum."""
        return [cost for cost in self.costs if not self._is_part(cost)]

    @property
    def seconds(self) -> float:
        """Sum of the durations."""
        return sum(cost.seconds for cost in self.alone)

    @property
    def energy_wh(self) -> Range:
        """Sum of the energies in Wh, bound by bound."""
        return Range.total(cost.energy_wh for cost in self.alone)

    @property
    def carbon_g(self) -> Range:
        """Sum of the greenhouse gases in gCO2e, bound by bound."""
        return Range.total(cost.carbon_g for cost in self.alone)

    def frame(self) -> pd.DataFrame:
        """Return one row a cost, numbers as measured and estimated, columns in French with their units."""
        return pd.DataFrame(
            {
                "étape": cost.name,
                "durée (s)": cost.seconds,
                "temps processeur (s)": cost.cpu_seconds,
                "mémoire (Mo)": cost.peak_mb,
                "énergie basse (Wh)": cost.energy_wh.low,
                "énergie centrale (Wh)": cost.energy_wh.central,
                "énergie haute (Wh)": cost.energy_wh.high,
                "gCO2e bas": cost.carbon_g.low,
                "gCO2e haut": cost.carbon_g.high,
            }
            for cost in self.costs
        )

    def _is_part(self, cost: Cost) -> bool:
        return any(outer in self.costs for outer in _enclosing(cost))

    def _rows(self) -> Iterator[tuple[str, ...]]:
        for cost in self.costs:
            name = f"dont : {cost.name}" if self._is_part(cost) else cost.name
            stopped = f" (interrompu par {cost.error})" if cost.error else ""
            yield (
                name + stopped,
                f"{number(cost.seconds)}{NO_BREAK}s",
                f"{number(cost.peak_mb)}{NO_BREAK}Mo",
                watt_hours(cost.energy_wh),
                grams(cost.carbon_g),
            )
        if self.total:
            most = max(cost.peak_mb for cost in self.costs)
            yield (
                "Total",
                f"{number(self.seconds)}{NO_BREAK}s",
                f"{number(most)}{NO_BREAK}Mo au plus",
                watt_hours(self.energy_wh),
                grams(self.carbon_g),
            )

    def _repr_html_(self) -> str:
        head = "".join(f'<th scope="col">{title}</th>' for title in _HEAD)
        rows = "".join(
            f'<tr><th scope="row">{html.escape(name)}</th>'
            + "".join(f"<td>{html.escape(cell)}</td>" for cell in cells)
            + "</tr>"
            for name, *cells in self._rows()
        )
        sources = "".join(
            f"<p>Estimation ; {html.escape(source)}.</p>"
            for source in dict.fromkeys(f"{cost.assumptions.source}. {cost.hardware}" for cost in self.costs)
        )
        return (
            f'<div class="geoatelier-cout"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'
            f"{sources}</div>"
        )

    def __repr__(self) -> str:
        lines = [cost.line() for cost in self.costs]
        if self.total:
            lines.append(f"Coût · Total : {watt_hours(self.energy_wh)} · {grams(self.carbon_g)}")
        return "\n".join(lines)


def table(costs: Iterable[Cost], *, total: bool = False) -> CostTable:
    """Lay several costs side by side; `.frame()` gives the numbers, `.energy_wh` and `.carbon_g` their sums.

    Parameters
    ----------
    costs : as `measure` gives them; a block measured inside another counts once in the sums
    total : whether a last row shows the sums

    Raises
    ------
    ValueError
        If there is no cost.
    """
    return CostTable(costs, total=total)


def _enclosing(cost: Cost) -> Iterator[Cost]:
    while cost.inside is not None:
        cost = cost.inside
        yield cost
