"""Every folder here is a scenario: deliveries under raw/, and beside them what the released tables then say of them.

All scenarios are delivered together and computed in one night (together.py). An expected table is named
<schema>.<table>.csv; each of its rows must stand in that table exactly once. An empty cell is NULL; figures are
compared to six decimals.
"""

import csv
from pathlib import Path

import pytest

from tests.scenarios.together import SCENARIOS
from tests.shipped import Warehouse

EXPECTED = sorted(path for folder in SCENARIOS for path in folder.glob("*.*.csv"))


def shown(value: object) -> str:
    """A released cell as it is written in an expected table."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.6f}".rstrip("0").rstrip(".")
    return str(value)


def test_every_scenario_says_what_it_is_about() -> None:
    assert len(SCENARIOS) >= 8
    for scenario in SCENARIOS:
        assert (scenario / "about.txt").read_text(encoding="utf-8").strip()
        assert list(scenario.glob("*.*.csv"))


@pytest.mark.parametrize("path", EXPECTED, ids=[f"{path.parent.name}-{path.stem}" for path in EXPECTED])
def test_released_table(together: Warehouse, path: Path) -> None:
    with path.open(encoding="utf-8", newline="") as lines:
        columns, *expected = list(csv.reader(lines))
    names = ", ".join(f'"{column}"' for column in columns)
    released = [tuple(map(shown, row)) for row in together.rows(f"select {names} from {path.stem}")]
    for row in map(tuple, expected):
        near = [other for other in released if other[:4] == row[:4]]
        assert released.count(row) == 1, f"expected {row}\nreleased {near}"
