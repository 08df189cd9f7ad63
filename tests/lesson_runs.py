"""Run the cells of a lesson source in this process, each time in a namespace of its own."""

import contextlib
import copy
import io

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from IPython.display import display

from geoatelier.authoring.exercise_sheet import ENGINE_NAMES
from geoatelier.exercises import engine
from geoatelier.exercises.engine import find_check, judge
from geoatelier.exercises.sheet_reader import hint, solution


def fresh_namespace():
    """What a kernel offers before the first cell."""
    return {"__name__": "__main__", "display": display}


def run(code, namespace, label="cell"):
    """Run code, keep its names, throw away what it prints and draws."""
    with contextlib.redirect_stdout(io.StringIO()):
        try:
            exec(compile(code, f"<{label}>", "exec"), namespace)
        finally:
            plt.close("all")
    return namespace


def fork(namespace):
    """A copy of a namespace that a run may change: data is copied, the rest is shared."""
    data = (pd.DataFrame, pd.Series, pd.Index, np.ndarray, list, dict, set)
    return {name: copy.deepcopy(v) if isinstance(v, data) else v for name, v in namespace.items()}


def given_to_all(lesson):
    """The namespace after the generated first cell and the setup of a sheet."""
    engine_names = {"check": engine.check, "progress": engine.progress, "hint": hint, "solution": solution}
    assert set(engine_names) == set(ENGINE_NAMES)
    namespace = fresh_namespace() | engine_names
    for cell in lesson.sheet.setup:
        run(cell.source, namespace, f"{lesson.front.code} setup")
    return namespace


def given_to(exercise, shared):
    """The namespace from which one exercise starts: the sheet's data and its own."""
    namespace = fork(shared)
    for cell in exercise.setup:
        run(cell.source, namespace, f"{exercise.number} setup")
    return namespace


def answers(exercise, code, given):
    """The learner's variables after running some code in place of the solution."""
    namespace = run(code, fork(given), exercise.number)
    return {name: namespace[name] for name in exercise.names}


def outcome(exercise, code, given):
    """What the check answers to some code put in place of the solution."""
    return judge(find_check(exercise.number), answers(exercise, code, given)).of(exercise.number)
