"""GéoAtelier: a workshop kit, in French, to prepare, control and learn from geodata."""

__version__ = "0.1.0"
