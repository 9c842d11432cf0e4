"""Rules for the whole suite: markers, shared fixtures, and no skip unseen.

Under CARESTAT_CI a skipped test counts as failed; elsewhere pytest's `-ra` lists every skip by name and reason.
"""

import os

import pytest

pytest_plugins = ["tests.shipped", "tests.scenarios.together"]

MARKERS = {
    "integration": "runs the whole pipeline on a raw folder",
    "browser": "opens the web interface in a browser",
}


def pytest_configure(config: pytest.Config) -> None:
    for name, meaning in MARKERS.items():
        config.addinivalue_line("markers", f"{name}: {meaning}")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The files with the most nights begin first, so that no worker is left alone with one at the end."""
    items.sort(key=lambda item: item.path.name not in ("test_kill.py", "test_nights.py"))


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
