"""Whether the records of a night name what happened: the tables of ops.duckdb, and the run report."""

from __future__ import annotations

import json
from typing import Any

from pipelines.warehouse import read
from tests.integration.installation import Installation

Expected = dict[str, Any]


def report_of(installation: Installation) -> Expected:
    """The newest run report."""
    return json.loads((installation.var / "reports" / "latest.json").read_text(encoding="utf-8"))


def wrong_in_report(expected: Expected, report: Expected) -> list[str]:
    """What the report does not name as the script expects it, a line each."""
    came = {one["path"].removeprefix("raw/"): one["change"] for one in report["came"]["listed"]}
    refused: dict[str, set[str]] = {}
    for one in report["refused"]["listed"]:
        refused.setdefault(one["path"].removeprefix("raw/"), set()).add(one["reason"])
    late = {f"{one['source']}/{one['period']}/{one['supplier']}": one["state"] for one in report["calendar"]["listed"]}
    checks = {one["suite"]: one["check"] for one in report["checks"]["failed"] if one["severity"] == "critical"}
    counts = {change: report["came"][change] for change in ("new", "revised", "withdrawn")}
    found = {one["finding"]: one["finding"] for one in report["findings"]}
    wrong = _differ("state", {"": expected["state"]}, {"": report["outcome"]["state"]})
    wrong += _differ("came", expected.get("came", {}), came | counts)
    wrong += _differ("late", expected.get("late", {}), late)
    wrong += _differ("checks", expected.get("checks", {}), checks)
    wrong += _differ("causes", expected.get("causes", {}), report["changed"]["causes"])
    wrong += _differ("corrected", expected.get("corrected", {}), report["corrections"])
    wrong += _differ("findings", {name: name for name in expected.get("findings", [])}, found)
    for path, reasons in expected.get("refused", {}).items():
        wrong += _differ(f"refused {path}", {"": sorted(reasons)}, {"": sorted(refused.get(path, ()))})
    return [f"report: {line}" for line in wrong]


def wrong_in_ops(expected: Expected, installation: Installation) -> list[str]:
    """The same of ops.duckdb, as far as its tables tell it: deliveries, refusals, findings, causes, corrections."""

    def asked(sql: str) -> list[tuple[Any, ...]]:
        return read.query(installation.settings.ops, sql)[1]

    delivered = dict(asked("select path, state from delivery"))
    reasons = dict(asked("select path, reason from delivery where reason <> ''"))
    refused: dict[str, set[str]] = {path: {reason} for path, reason in reasons.items()}
    for path, reason in asked("select distinct path, reason from quarantine"):
        refused.setdefault(path, set()).add(reason)
    findings = {name: name for (name,) in asked("select distinct finding from finding")}
    causes = dict(asked("select delivery, count(*) from revision where delivery is not null group by all"))
    applied = asked("select count(*) from correction")[0][0]
    checks = dict(asked("select suite, \"check\" from check_result where not success and severity = 'critical'"))
    wrong = []
    for path, change in expected.get("came", {}).items():
        if "/" in path and (path in delivered) == (change == "withdrawn"):
            wrong.append(f"{path} should be {change}, is {delivered.get(path)}")
    for path, those in expected.get("refused", {}).items():
        wrong += _differ(f"refused {path}", {"": sorted(those)}, {"": sorted(refused.get(path, ()))})
    wrong += _differ("findings", {name: name for name in expected.get("findings", [])}, findings)
    wrong += _differ("causes", expected.get("causes", {}), causes)
    wrong += _differ("checks", expected.get("checks", {}), checks)
    if applied != expected.get("corrected", {}).get("applied", applied):
        wrong.append(f"{applied} corrected cells")
    return [f"ops: {line}" for line in wrong]


def _differ(what: str, expected: dict[str, Any], found: dict[str, Any]) -> list[str]:
    """One line for each expected entry that is not found."""
    return [
        f"{what} {key}: expected {value}, told {found.get(key)}"
        for key, value in expected.items()
        if found.get(key) != value
    ]
