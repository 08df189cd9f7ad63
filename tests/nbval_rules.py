"""A pytest plugin that sets how nbval replays a notebook: what it compares, what a section starts from."""

import pytest


def pytest_collectstart(collector):
    """Compare everything that is seeded and textual; leave out stderr: warnings name files and versions."""
    if hasattr(collector, "skip_compare"):
        collector.skip_compare += ("stderr",)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_call(item):
    """Have the kernel forget every name where a section starts, as for whoever starts there."""
    if "checkpoint" in item.cell.metadata.get("tags", []):
        kernel = item.parent.kernel
        kernel.await_reply(kernel.execute_cell_input("%reset -f", allow_stdin=False))
