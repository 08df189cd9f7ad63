"""One quality measure: a figure, what it counts, and the threshold that it must hold."""

from dataclasses import dataclass

from geoatelier.quality.wording import in_unit


@dataclass(frozen=True)
class Measure:
    """A measure of one element of ISO 19157 on one layer, or image.

    Parameters
    ----------
    file, layer : where it was measured; `layer` is empty for what concerns a whole file
    code : identifier of the measure, a key of `measures.MEASURES`
    title : its French name
    element : quality element of ISO 19157, in French
    iso : number of the measure in ISO 19157:2013, if any
    quadogeo : code in the QuaDoGéo register, if any
    value : the result, in `unit`; nan where nothing could be measured
    unit : « % », « m », « objets », « » for a number without unit
    population : number of items on which it was measured
    threshold : value that must be held, None when no one asked for one
    at_most : True when the value must stay under the threshold, False when it must reach it
    """

    file: str
    layer: str
    code: str
    title: str
    element: str
    iso: int | None
    quadogeo: str | None
    value: float
    unit: str
    population: int
    threshold: float | None = None
    at_most: bool = True

    @property
    def text(self) -> str:
        """The value in its unit, as French writes it."""
        return in_unit(self.value, self.unit)

    @property
    def conform(self) -> bool | None:
        """Whether the threshold is held; None when there is none. What was not measured does not conform."""
        if self.threshold is None:
            return None
        return self.value <= self.threshold if self.at_most else self.value >= self.threshold
