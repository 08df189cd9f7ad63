"""Exercises: `check` an answer, ask for a `hint` or a `solution`, see one's `progress`."""

from geoatelier.exercises.engine import check, progress
from geoatelier.exercises.outcome import Outcome, passed, revise
from geoatelier.exercises.sheet_reader import hint, solution

__all__ = ["Outcome", "check", "hint", "passed", "progress", "revise", "solution"]
