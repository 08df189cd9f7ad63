"""What a block of code costs: measured seconds and memory, energy and gases as a sourced range."""

import subprocess
import sys
import time

import numpy as np
import pytest

from geoatelier import footprint
from geoatelier.footprint import Assumptions, Cost, Range


def cost(name="Forêt", **measured):
    usual = {"seconds": 3.2, "cpu_seconds": 6.0, "peak_mb": 210.0, "hardware": "Une machine"}
    return Cost(name, **usual | measured)


def test_sleeping_takes_time_but_hardly_any_processor():
    with footprint.measure("Attente") as waiting:
        time.sleep(0.3)
    assert 0.3 <= waiting.seconds < 3.0
    assert waiting.cpu_seconds < 0.15


def test_computing_takes_processor_time():
    with footprint.measure("Calcul") as computing:
        end = time.process_time() + 0.3
        while time.process_time() < end:
            pass
    assert computing.cpu_seconds == pytest.approx(0.3, abs=0.15)


def test_memory_held_during_the_block_is_seen_even_if_freed_before_its_end():
    with footprint.measure("Peu") as little:
        time.sleep(0.1)
    with footprint.measure("Beaucoup") as much:
        array = np.ones(40_000_000)
        time.sleep(0.1)
        del array
    assert much.peak_mb - little.peak_mb == pytest.approx(320, rel=0.15)


def test_a_child_process_counts_in_processor_time():
    burn = "import time; end = time.process_time() + 0.4\nwhile time.process_time() < end: pass"
    with footprint.measure("Fils") as child:
        subprocess.run([sys.executable, "-c", burn], check=True)
    assert child.cpu_seconds > 0.35


def test_a_block_that_fails_is_measured_and_its_error_is_not_hidden():
    with pytest.raises(ZeroDivisionError), footprint.measure("Échec") as failing:
        time.sleep(0.05)
        raise ZeroDivisionError
    assert failing.seconds >= 0.05


def test_energy_is_the_stated_arithmetic():
    assumptions = Assumptions(
        core_watts=Range(4, 8, 10), memory_watts_per_gb=0.5, memory_watts_high=20, pue=Range(1, 1, 1.5)
    )
    energy = assumptions.energy(seconds=3600, cpu_seconds=7200, memory_mb=2000)
    assert energy == pytest.approx((2 * 4 + 1, 2 * 8 + 1, (2 * 10 + 20) * 1.5))


def test_gases_are_energy_times_the_factor_of_the_grid():
    assert Assumptions().carbon(Range(1000, 2000, 3000)) == pytest.approx((21.7, 43.4, 3 * 56.039))


def test_codecarbon_on_the_same_job_falls_inside_the_range():
    # CodeCarbon 3 without a meter: 4 W a thread and 20 W of memory, one thread busy for an hour.
    energy = Assumptions().energy(seconds=3600, cpu_seconds=3600, memory_mb=500)
    assert energy.low < 24 < energy.high


def test_bounds_are_in_order_for_any_block():
    for seconds, cpu_seconds, memory_mb in [(0.001, 0, 50), (10, 0.1, 900), (60, 480, 64_000)]:
        energy = Assumptions().energy(seconds=seconds, cpu_seconds=cpu_seconds, memory_mb=memory_mb)
        assert 0 < energy.low <= energy.central <= energy.high


def test_the_line_is_in_french_with_range_factor_and_source():
    line = cost().line()
    assert line.startswith("Coût · Forêt\u00a0: 3,2 s · 210 Mo · ")
    assert "à" in line
    assert "Wh" in line
    assert "RTE 2024" in line
    assert "21,7" in line
    assert "." not in line.split("(")[0]


def test_tiny_amounts_are_written_without_exponent():
    line = cost(seconds=0.0004, cpu_seconds=0.0003).line()
    assert "e-" not in line
    assert "mgCO2e" in line
    assert "0,0004 s" in line


def test_a_cost_shows_its_machine_and_what_nbval_must_skip():
    page = cost()._repr_html_()
    assert page.startswith('<div class="geoatelier-cout">')
    assert page.count("<div") == page.count("</div>") == 1
    assert "Une machine" in page


def test_costs_lie_side_by_side():
    costs = footprint.table([cost(), cost(name="Règle", cpu_seconds=0.1, seconds=0.1)])
    frame = costs.frame()
    assert frame["étape"].tolist() == ["Forêt", "Règle"]
    assert frame["énergie centrale (Wh)"].is_monotonic_decreasing
    page = costs._repr_html_()
    assert page.count('scope="row"') == 2
    assert page.count("<div") == page.count("</div>") == 1


def test_the_machine_is_described():
    with footprint.measure("Rien") as nothing:
        pass
    assert "cœurs" in nothing.hardware
    assert "Go de mémoire" in nothing.hardware
