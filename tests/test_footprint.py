"""What a block of code costs: measured seconds and memory, energy and gases as a sourced range."""

import subprocess
import sys
import time
from types import SimpleNamespace

import numpy as np
import psutil
import pynvml
import pytest

from geoatelier import footprint
from geoatelier.footprint import Assumptions, Cost, Range, graphics


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


def test_a_child_counts_in_memory_once_it_is_no_copy_of_its_parent(monkeypatch):
    class Child:
        def __init__(self, age):
            self.create_time = lambda: time.time() - age
            self.memory_info = lambda: SimpleNamespace(rss=5e9)
            self.cpu_times = lambda: SimpleNamespace(user=0, system=0, children_user=0, children_system=0)

    def held_beside(child):
        monkeypatch.setattr(psutil.Process, "children", lambda process, recursive: [child])
        with footprint.measure("Fils") as block:
            time.sleep(0.05)
        return block.peak_mb

    assert held_beside(Child(age=0)) < 5000 < held_beside(Child(age=10))


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
    assert failing.peak_mb > 1
    assert "interrompu par ZeroDivisionError" in failing.line()


def test_a_meter_after_one_that_failed_is_not_part_of_it():
    with pytest.raises(ZeroDivisionError), footprint.measure("Échec"):
        raise ZeroDivisionError
    with footprint.measure("Suite") as following:
        pass
    assert following.inside is None


def test_a_block_measured_inside_another_is_part_of_it():
    with footprint.measure("Tout") as whole:
        with footprint.measure("Partie") as part:
            time.sleep(0.05)
        time.sleep(0.05)
    assert part.inside is whole
    assert 0.05 <= part.seconds < whole.seconds


def test_a_block_inside_another_takes_its_assumptions():
    own = Assumptions(core_watts=Range(1, 2, 3))
    with footprint.measure("Tout", assumptions=own), footprint.measure("Partie") as part:
        pass
    assert part.assumptions == own


def test_the_meter_says_what_it_takes_itself():
    with footprint.measure("Attente") as waiting:
        time.sleep(0.1)
    assert waiting.meter_seconds > 0
    assert waiting.started.tzinfo is not None


def test_a_cost_without_a_name_is_refused():
    with pytest.raises(ValueError, match="Donnez un nom"), footprint.measure(" "):
        pass


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


@pytest.mark.parametrize(
    ("measured", "says"),
    [
        ({"seconds": -1}, "seconds vaut -1"),
        ({"cpu_seconds": float("nan")}, "cpu_seconds vaut nan"),
        ({"peak_mb": float("inf")}, "memory_mb vaut inf"),
        ({"peak_mb": 2.1e8}, "ressemble à des octets"),
        ({"graphics_wh": -0.1}, "graphics_wh vaut -0.1"),
    ],
)
def test_an_impossible_quantity_is_refused(measured, says):
    with pytest.raises(ValueError, match=says):
        cost(**measured)


@pytest.mark.parametrize(
    ("supposed", "says"),
    [
        ({"factor": Range(0.0217, 0.0217, 0.056)}, "autre unité"),
        ({"core_watts": Range(3500, 7500, 12_000)}, "milliwatts"),
        ({"core_watts": Range(12, 7.5, 3.5)}, "bas, central, haut"),
        ({"core_watts": (3.5, 12)}, "trois nombres"),
        ({"pue": Range(0.46, 0.46, 0.46)}, "1 au moins"),
        ({"memory_watts_high": -20}, "memory_watts_high vaut -20"),
    ],
)
def test_an_impossible_assumption_is_refused(supposed, says):
    with pytest.raises(ValueError, match=says):
        Assumptions(**supposed)


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


def test_a_part_counts_once_in_the_total():
    whole = cost(name="Tout", seconds=10)
    part = cost(name="Partie", seconds=4, inside=whole)
    other = cost(name="Ailleurs", seconds=1)
    costs = footprint.table([whole, part, other], total=True)
    assert costs.seconds == 11
    assert costs.energy_wh == pytest.approx(np.add(whole.energy_wh, other.energy_wh))
    assert costs.carbon_g == pytest.approx(np.add(whole.carbon_g, other.carbon_g))
    assert "dont\u00a0: Partie" in costs._repr_html_()
    assert "Total" in costs._repr_html_()


def test_a_cost_that_is_read_before_its_block_ends_says_that_it_is_not_over():
    with footprint.measure("Forêt") as running:
        assert "en cours" in running.line()
    assert "en cours" not in running.line()


def test_a_cost_alone_is_no_table():
    with pytest.raises(ValueError, match="une liste"):
        footprint.table(cost())


def test_an_empty_table_is_refused():
    with pytest.raises(ValueError, match="aucun coût"):
        footprint.table([])
    with pytest.raises(ValueError, match="float n'est pas un coût"):
        footprint.table([3.2])


def test_the_machine_is_described():
    with footprint.measure("Rien") as nothing:
        pass
    assert "cœurs" in nothing.hardware
    assert "Go de mémoire" in nothing.hardware


# The graphics card, played by a stand-in: the tests run without one.


@pytest.fixture
def card(monkeypatch):
    """A card whose meter goes up by 2 Wh at each reading; `card.meter = None` takes the meter away."""

    class Card:
        meter = 1_000_000

    def read(handle):
        if Card.meter is None:
            raise pynvml.NVMLError(pynvml.NVML_ERROR_NOT_SUPPORTED)
        Card.meter += 7_200_000
        return Card.meter

    monkeypatch.setattr(pynvml, "nvmlInit", lambda: None)
    monkeypatch.setattr(pynvml, "nvmlDeviceGetCount", lambda: 1)
    monkeypatch.setattr(pynvml, "nvmlDeviceGetHandleByIndex", lambda i: i)
    monkeypatch.setattr(pynvml, "nvmlDeviceGetName", lambda handle: "NVIDIA L4")
    monkeypatch.setattr(pynvml, "nvmlDeviceGetTotalEnergyConsumption", read)
    graphics._cards.cache_clear()
    yield Card
    graphics._cards.cache_clear()


def test_the_energy_of_a_graphics_card_is_read_on_its_meter(card):
    with footprint.measure("Réseau") as training:
        pass
    assert training.graphics_wh == pytest.approx(2)
    assert training.energy_wh.central == pytest.approx(2, rel=0.01)
    assert training.energy_wh.low < 2 < training.energy_wh.high
    assert "NVIDIA L4" in training.hardware
    assert "carte graphique 2 Wh" in training.line()


def test_a_card_without_a_meter_counts_for_what_is_supposed(card):
    card.meter = None
    supposed = Assumptions(graphics_watts=Range(20, 40, 70))
    with footprint.measure("Réseau", assumptions=supposed) as training:
        pass
    assert training.graphics_wh is None
    assert "NVIDIA L4 (sans compteur d'énergie)" in training.hardware
    hour = cost(seconds=3600, cpu_seconds=0, peak_mb=0, assumptions=supposed)
    assert hour.energy_wh.central == pytest.approx(40)


def test_without_a_driver_there_is_no_card(monkeypatch):
    def no_driver():
        raise pynvml.NVMLError(pynvml.NVML_ERROR_LIBRARY_NOT_FOUND)

    monkeypatch.setattr(pynvml, "nvmlInit", no_driver)
    graphics._cards.cache_clear()
    assert graphics.energy_wh() is None
    assert graphics.names() == []
    graphics._cards.cache_clear()
