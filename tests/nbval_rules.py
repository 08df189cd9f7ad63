"""A pytest plugin that sets what nbval compares: everything that is seeded and textual, stderr left out."""


def pytest_collectstart(collector):
    """Leave standard error out of the comparison: warnings name files and versions."""
    if hasattr(collector, "skip_compare"):
        collector.skip_compare += ("stderr",)
