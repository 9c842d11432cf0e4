"""Every folder here is a scenario: deliveries under raw/, and beside them what the released tables then say of them.

All scenarios are delivered together and computed in one night. An expected table is named <schema>.<table>.csv; each of
its rows must stand in that table exactly once. An empty cell is NULL; figures are compared to six decimals.
"""

import csv
import shutil
from pathlib import Path

import pytest

from pipelines.settings import PROJECT
from tests.shipped import Warehouse

HERE = Path(__file__).parent
SCENARIOS = sorted(folder.parent for folder in HERE.glob("*/raw"))
EXPECTED = sorted(path for folder in SCENARIOS for path in folder.glob("*.*.csv"))


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """The warehouse released from the deliveries of all scenarios, with the shipped register of regions."""
    folder = tmp_path_factory.mktemp("scenarios")
    raw = folder / "raw"
    shutil.copytree(PROJECT / "raw" / "regions", raw / "regions")
    for scenario in SCENARIOS:
        for path in sorted((scenario / "raw").rglob("*.csv")):
            delivered = raw / path.relative_to(scenario / "raw")
            assert not delivered.exists(), f"two scenarios deliver {delivered.relative_to(raw)}"
            delivered.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, delivered)
    warehouse = Warehouse(raw, folder / "var", folder / "key")
    warehouse.nightly()
    return warehouse


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
def test_released_table(night: Warehouse, path: Path) -> None:
    with path.open(encoding="utf-8", newline="") as lines:
        columns, *expected = list(csv.reader(lines))
    names = ", ".join(f'"{column}"' for column in columns)
    released = [tuple(map(shown, row)) for row in night.rows(f"select {names} from {path.stem}")]
    for row in map(tuple, expected):
        near = [other for other in released if other[:4] == row[:4]]
        assert released.count(row) == 1, f"expected {row}\nreleased {near}"
