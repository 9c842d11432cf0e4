"""Rules for the whole suite: markers, grouping of slow tests on one worker, and no skip unseen.

Under CARESTAT_CI a skipped test counts as failed; elsewhere pytest's `-ra` lists every skip by name and reason.
"""

import os
from pathlib import Path

import pytest

pytest_plugins = ["tests.shipped"]

TESTS = Path(__file__).parent
MARKERS = {
    "integration": "runs the whole pipeline on a raw folder",
    "browser": "opens the web interface in a browser",
}


def pytest_configure(config: pytest.Config) -> None:
    for name, meaning in MARKERS.items():
        config.addinivalue_line("markers", f"{name}: {meaning}")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Outside tests/unit a file's tests share costly fixtures, so they stay together on one xdist worker."""
    for item in items:
        if item.path.relative_to(TESTS).parts[0] != "unit" and item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(item.path.stem))


def _forbid_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    if os.environ.get("CARESTAT_CI") and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"{report.nodeid} was skipped, which CARESTAT_CI forbids: {reason}"


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item):
    outcome = yield
    _forbid_skip(outcome.get_result())


@pytest.hookimpl(hookwrapper=True)
def pytest_make_collect_report(collector: pytest.Collector):
    outcome = yield
    _forbid_skip(outcome.get_result())
