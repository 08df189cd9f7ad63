"""From a cost to what is told of it: the computation redone, the territory reached, the runs handed over."""

import csv
import io
import json
import operator

import numpy as np
import pytest

from geoatelier import footprint
from geoatelier.bench_meter import overhead
from geoatelier.footprint import Assumptions, Cost, Range, Run
from geoatelier.footprint.wording import duration, grams, number, watt_hours
from geoatelier.safely import UnwritableOutput

SIGNS = {"+": operator.add, "×": operator.mul, "÷": operator.truediv}


def cost(name="Forêt", **measured):
    usual = {"seconds": 3.2, "cpu_seconds": 6.0, "peak_mb": 210.0, "hardware": "Une machine"}
    return Cost(name, **usual | measured)


def redone(operation):
    """The operation of a line, computed as its reader would, and the result that it announces."""
    for unit in (" s", " W/Go", " W", " Mo", " lu au compteur"):
        operation = operation.replace(unit, "")
    left, announced = operation.replace("\u202f", "").replace(",", ".").split(" = ")
    # Left to right, as on a pocket calculator.
    result, sign = 0.0, "+"
    for word in left.split():
        if word in SIGNS:
            sign = word
        else:
            result = SIGNS[sign](result, float(word))
    return result, float(announced)


# The computation


@pytest.mark.parametrize(
    "measured",
    [
        {},
        {"seconds": 0.004, "cpu_seconds": 0.0031, "peak_mb": 90},
        {"seconds": 86_400, "cpu_seconds": 691_200, "peak_mb": 64_000},
        {"graphics_wh": 12.5},
        {"seconds": 600, "assumptions": Assumptions(graphics_watts=Range(20, 40, 70))},
    ],
)
def test_each_line_of_the_computation_can_be_redone_by_hand(measured):
    steps = cost(**measured).arithmetic().steps
    operations = [operation for step in steps for operation in step.operations if "aucune" not in operation]
    for operation in operations:
        result, announced = redone(operation)
        assert result == pytest.approx(announced, rel=2e-3, abs=1e-12), operation


def test_the_computation_ends_on_the_energy_and_the_gases_of_the_cost():
    hour = cost(seconds=3600, cpu_seconds=7200, peak_mb=2000)
    lines = hour.arithmetic().frame()
    assert tuple(lines.iloc[-2]) == pytest.approx(hour.energy_wh)
    assert tuple(lines.iloc[-1]) == pytest.approx(hour.carbon_g)


def test_a_small_computation_is_laid_out_in_thousandths():
    small = cost(seconds=1, cpu_seconds=1, peak_mb=100)
    lines = small.arithmetic().frame()
    assert all("(mWh)" in title for title in lines.index[:4])
    assert tuple(lines.iloc[-1]) == pytest.approx(np.multiply(small.carbon_g, 1000))


def test_the_computation_shows_as_a_table_and_as_text():
    arithmetic = cost(name="Forêt <40>").arithmetic()
    page = arithmetic._repr_html_()
    assert page.startswith('<div class="geoatelier-cout">')
    assert page.count('scope="row"') == 6
    assert "Forêt &lt;40&gt;" in page
    assert "6 s × 7,5 W ÷" in repr(arithmetic)


# Amounts in French


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (number(12_345.6), "12\u202f346"),
        (number(0.00031), "0,00031"),
        (watt_hours([0.001, 0.01]), "1 à 10 mWh"),
        (watt_hours([0.5, 2]), "0,5 à 2 Wh"),
        (watt_hours([500, 1500]), "0,5 à 1,5 kWh"),
        (watt_hours([2e6]), "2 MWh"),
        (grams([0.001, 0.002]), "1 à 2 mgCO2e"),
        (grams([1e6, 3e6]), "1 à 3 tCO2e"),
        (duration(90), "90 s"),
        (duration(7200), "2 h"),
        (duration(5 * 86_400), "5 j"),
    ],
)
def test_amounts_are_written_in_a_unit_that_reads_well(written, expected):
    assert written == expected


# The territory


def test_use_grows_with_the_number_of_units_and_setup_does_not():
    use, training = cost(seconds=1, cpu_seconds=1), cost(seconds=10, cpu_seconds=10)
    near = footprint.extrapolate({1000: use}, to=10_000, setup=training)
    far = footprint.extrapolate({1000: use}, to=1_000_000, setup=training)
    assert far.setup_wh == near.setup_wh == pytest.approx(training.energy_wh)
    assert far.use_wh == pytest.approx(np.multiply(near.use_wh, 100))
    assert far.energy_wh == pytest.approx(np.add(far.setup_wh, far.use_wh))


def test_with_one_measure_the_cost_of_a_unit_goes_from_half_to_twice():
    use = cost()
    found = footprint.extrapolate({100: use}, to=100)
    assert found.use_wh == pytest.approx(np.multiply(use.energy_wh, (0.5, 1, 2)))
    assert "Une seule mesure" in repr(found)


def test_with_several_measures_the_cost_of_a_unit_goes_from_the_lowest_to_the_highest():
    slow, fast = cost(seconds=2, cpu_seconds=2), cost(seconds=10, cpu_seconds=10)
    found = footprint.extrapolate({100: slow, 1000: fast}, to=10_000)
    assert found.use_wh.low == pytest.approx(fast.energy_wh.low * 10)
    assert found.use_wh.high == pytest.approx(slow.energy_wh.high * 100)
    assert "Plusieurs mesures" in repr(found)


def test_each_training_counts_trials_included():
    training = cost(seconds=10, cpu_seconds=10)
    found = footprint.extrapolate({100: cost()}, to=100, setup=training, trainings=20)
    assert found.setup_wh == pytest.approx(np.multiply(training.energy_wh, 20))
    several = footprint.table([training, training])
    assert footprint.extrapolate({100: cost()}, to=100, setup=several).setup_wh == several.energy_wh


def test_the_number_of_units_where_use_weighs_as_much_as_setup_is_told():
    found = footprint.extrapolate({100: cost()}, to=5000, setup=cost(), trainings=3)
    assert found.break_even == pytest.approx(300)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"use": {}}, "aucune mesure"),
        ({"use": {0: cost()}}, "nombre positif de parcelles"),
        ({"to": 0}, "doit être positif"),
        ({"trainings": 0}, "Sans entraînement"),
    ],
)
def test_an_impossible_extrapolation_is_refused(arguments, says):
    with pytest.raises(ValueError, match=says):
        footprint.extrapolate(**{"use": {100: cost()}, "to": 1000} | arguments)


def test_an_extrapolation_shows_setup_use_and_total():
    found = footprint.extrapolate({100: cost()}, to=9_000_000, setup=cost(), trainings=2)
    page = found._repr_html_()
    assert page.startswith('<div class="geoatelier-cout">')
    assert page.count('scope="row"') == 3
    assert "9\u202f000\u202f000 parcelles" in page
    assert "ne sont pas comptés" in page


# The runs


@pytest.fixture
def runs():
    forest = Run(cost(), 0.78, 0.21, "exactitude, par parcelle", parameters=12_000, trainings=6)
    return footprint.report([forest, Run(cost("Règle", seconds=0.1), 0.4, 0.21, trainings=0)])


def test_a_run_tells_what_it_costs_and_what_it_brings(runs):
    row = runs.runs[0].row()
    assert row["gain"] == pytest.approx(0.57)
    assert row["énergie centrale (Wh)"] == pytest.approx(cost().energy_wh.central)
    assert row["facteur haut (gCO2e/kWh)"] == 56.039
    assert "RTE 2024" in row["source du facteur"]
    line = runs.runs[0].line()
    for told in ("Forêt", "par parcelle 0,780", "+0,570", "6 entraînements", "12\u202f000 paramètres", "Wh"):
        assert told in line
    assert "sans entraînement" in runs.runs[1].line()


def test_a_run_made_of_several_costs_adds_them_up():
    training, use = cost("Entraînement"), cost("Usage")
    run = Run(footprint.table([training, use]), 0.78, 0.21, name="Forêt")
    assert run.row()["durée (s)"] == pytest.approx(6.4)
    assert run.row()["énergie haute (Wh)"] == pytest.approx(2 * training.energy_wh.high)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"score": float("nan")}, "score vaut nan"),
        ({"trainings": -1}, "trainings vaut -1"),
        ({"parameters": 1.5}, "parameters vaut 1.5"),
        ({"metric": ""}, "metric est vide"),
        ({"cost": footprint.table([cost()])}, "Donnez un nom"),
    ],
)
def test_an_impossible_run_is_refused(arguments, says):
    with pytest.raises(ValueError, match=says):
        Run(**{"cost": cost(), "score": 0.7, "baseline": 0.2} | arguments)


def test_costs_of_different_assumptions_do_not_make_a_run():
    other = cost(assumptions=Assumptions(pue=Range(1, 1, 1)))
    with pytest.raises(ValueError, match="hypothèses différentes"):
        Run(footprint.table([cost(), other]), 0.7, 0.2, name="Mélange")


def test_a_report_without_a_run_is_refused():
    with pytest.raises(ValueError, match="compte rendu est vide"):
        footprint.report([])


def test_the_csv_opens_in_a_spreadsheet_in_french(runs, tmp_path):
    path = runs.save(tmp_path / "rex.csv")
    text = path.read_bytes().decode("utf-8")
    assert text.startswith("\ufeff")
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), delimiter=";"))
    assert [row["essai"] for row in rows] == ["Forêt", "Règle"]
    assert rows[0]["score"] == "0,78"
    assert rows[0]["paramètres"] == "12000"
    assert rows[1]["paramètres"] == ""
    assert rows[0]["cadre"].startswith("AFNOR SPEC 2314")


def test_the_json_holds_the_assumptions_and_their_sources(runs, tmp_path):
    content = json.loads(runs.save(tmp_path / "rex.json").read_text(encoding="utf-8"))
    assert content["cadre"].startswith("AFNOR SPEC 2314")
    assert "estimés" in content["avertissement"]
    assert [run["essai"] for run in content["essais"]] == ["Forêt", "Règle"]
    assert content["essais"][0]["hypothèses"]["PUE"] == [1.0, 1.0, 1.46]


def test_a_file_that_is_there_is_left_as_it_is(runs, tmp_path):
    path = tmp_path / "rex.csv"
    path.write_text("le travail d'hier", encoding="utf-8")
    with pytest.raises(UnwritableOutput, match="n'a pas été touché"):
        runs.save(path)
    assert path.read_text(encoding="utf-8") == "le travail d'hier"
    assert runs.save(path, overwrite=True).stat().st_size > 100


def test_an_unknown_ending_or_folder_is_refused(runs, tmp_path):
    with pytest.raises(ValueError, match=r"\.csv ou par \.json"):
        runs.save(tmp_path / "rex.xlsx")
    with pytest.raises(UnwritableOutput, match="n'existe pas"):
        runs.save(tmp_path / "absent" / "rex.csv")


def test_a_report_shows_each_run_with_its_gain(runs):
    page = runs._repr_html_()
    assert page.startswith('<div class="geoatelier-cout">')
    assert page.count('scope="row"') == 2
    assert "+0,570" in page
    assert "AFNOR SPEC 2314" in page


# The meter's own cost is a benchmark; here, that the benchmark reads it.


def test_the_benchmark_of_the_meter_reads_its_own_time():
    found = overhead(seconds=0.05, repeats=1)
    assert 0 < found.share < 1
    assert found.line().startswith("Compteur d'empreinte")
