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


#: begun first, in this order, so that no worker is left alone with one of them at the end; and of the first two only
#: one makes an installation for all, or the other worker would wait for it
FIRST = ("test_kill.py", "test_spark.py", "test_nights.py", "test_kept.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: FIRST.index(item.path.name) if item.path.name in FIRST else len(FIRST))


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
