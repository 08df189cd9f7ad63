"""The estimate laid out line by line, to be done again with a pocket calculator."""

import html
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import pandas as pd

from geoatelier.footprint import wording
from geoatelier.footprint.estimate import GRAPHICS_ACCURACY, Assumptions, Range
from geoatelier.footprint.wording import SMALL

BOUNDS = ("bas", "central", "haut")


class Step(NamedTuple):
    """One line: what is computed with its unit, the operation of each bound as written, and its results."""

    title: str
    operations: tuple[str, ...]
    results: Range


class Arithmetic:
    """From what was measured to Wh and gCO2e, a line an operation, for each of the three bounds.

    Parameters
    ----------
    name : what was measured
    assumptions : what the estimate supposes
    seconds, cpu_seconds, memory_mb, graphics_wh : what was measured, as `Assumptions.energy` takes it

    Attributes
    ----------
    steps : the lines, in order
    """

    def __init__(
        self,
        name: str,
        assumptions: Assumptions,
        *,
        seconds: float,
        cpu_seconds: float,
        memory_mb: float,
        graphics_wh: float | None = None,
    ) -> None:
        self.name = name
        self.measured = (
            f"Mesuré : {_write(seconds)} s de durée, {_write(cpu_seconds)} s de processeur, "
            f"{_write(memory_mb)} Mo au plus haut"
        )
        parts = assumptions.parts(
            seconds=seconds, cpu_seconds=cpu_seconds, memory_mb=memory_mb, graphics_wh=graphics_wh
        )
        in_thousandths = assumptions.with_building(Range.total(parts)).high < SMALL
        scale, thousandth, hour = (1000, "m", "3,6") if in_thousandths else (1, "", "3600")
        processor, memory, graphics = (part.scaled(scale) for part in parts)
        machine = Range.total((processor, memory, graphics))
        energy = assumptions.with_building(machine)
        carbon = assumptions.carbon(energy)
        lasting = f"{_write(seconds)} s × {{}} ÷ {hour}"
        watts = _memory_terms(assumptions, memory_mb)
        read = None if graphics_wh is None else graphics_wh * scale
        cards = _graphics_line(assumptions, read, lasting)
        self.steps = [
            _step(f"a. processeur ({thousandth}Wh)", f"{_write(cpu_seconds)} s × {{}} W ÷ {hour}",
                  [assumptions.core_watts], processor),
            _step(f"b. mémoire ({thousandth}Wh)", lasting, [watts], memory),
            _step(f"c. carte graphique ({thousandth}Wh)", *cards, graphics),
            _step(f"d. machine ({thousandth}Wh) = a + b + c", "{} + {} + {}", [processor, memory, graphics],
                  machine),
            _step(f"e. bâtiment compris ({thousandth}Wh) = d × PUE", "{} × {}", [machine, assumptions.pue],
                  energy),
            _step(f"f. gaz à effet de serre ({thousandth}gCO2e) = e ÷ 1000 × facteur", "{} ÷ 1000 × {}",
                  [energy, assumptions.factor], carbon),
        ]  # fmt: skip

    def frame(self) -> pd.DataFrame:
        """Return the results, unrounded: one row a line, in the unit of its title, and one column a bound."""
        return pd.DataFrame(
            [step.results for step in self.steps],
            index=pd.Index([step.title for step in self.steps], name="ligne"),
            columns=BOUNDS,
        )

    def _repr_html_(self) -> str:
        head = "".join(f'<th scope="col">{title}</th>' for title in ("Ligne", *BOUNDS))
        rows = "".join(
            f'<tr><th scope="row">{html.escape(step.title)}</th>'
            + "".join(f"<td>{html.escape(operation)}</td>" for operation in step.operations)
            + "</tr>"
            for step in self.steps
        )
        return (
            f'<div class="geoatelier-cout"><p>Calcul · {html.escape(self.name)}. '
            f"{html.escape(self.measured)}.</p><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
        )

    def __repr__(self) -> str:
        lines = [f"Calcul · {self.name}", self.measured]
        for step in self.steps:
            lines.append(step.title)
            lines += [
                f"   {bound:8}{operation}" for bound, operation in zip(BOUNDS, step.operations, strict=True)
            ]
        return "\n".join(lines)


def _step(title: str, pattern: str, terms: Iterable[Sequence[float | str]], results: Range) -> Step:
    """A line whose operation is `pattern`, filled with the low terms, the central ones, then the high."""
    operations = (
        f"{pattern.format(*map(_write, bound))} = {_write(result)}"
        for *bound, result in zip(*terms, results, strict=True)
    )
    return Step(title, tuple(operations), results)


def _memory_terms(assumptions: Assumptions, memory_mb: float) -> list[str]:
    """Power of the memory, as an operation: what the program holds; for the high bound, all there is."""
    held = f"{_write(memory_mb)} Mo ÷ 1000 × {_write(assumptions.memory_watts_per_gb)} W/Go"
    watts = assumptions.memory_watts(memory_mb)
    return [held, held, held if watts.high == watts.low else f"{_write(watts.high)} W"]


def _graphics_line(
    assumptions: Assumptions, read: float | None, lasting: str
) -> tuple[str, list[Sequence[float | str]]]:
    """Pattern and terms of the graphics cards: read on their meter, supposed, or none."""
    if read is not None:
        accuracy = Range(1 - GRAPHICS_ACCURACY, 1.0, 1 + GRAPHICS_ACCURACY)
        return f"{_write(read)} lu au compteur × {{}}", [accuracy]
    if any(assumptions.graphics_watts):
        return lasting, [[f"{_write(watts)} W" for watts in assumptions.graphics_watts]]
    return "aucune carte comptée", [Range(0.0, 0.0, 0.0)]


def _write(value: float | str) -> str:
    return value if isinstance(value, str) else wording.number(value, digits=4)
