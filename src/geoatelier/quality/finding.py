"""One thing wrong with a file, before it becomes an anomaly."""

from dataclasses import dataclass

from geoatelier.quality.kinds import Level


@dataclass(frozen=True)
class Finding:
    """One thing wrong with a file: a key of `KINDS`, a French sentence, and what it is about."""

    code: str
    message: str
    layer: str = ""
    attribute: str | None = None
    value: object = None
    level: Level | None = None
