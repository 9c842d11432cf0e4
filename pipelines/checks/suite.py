"""Suites as data: expectations/<suite>.yml → Suite. Nothing here imports Great Expectations.

A suite belongs to one mart and has batches. A batch is one SQL select on the build database (plus `released`, the
database in service, if the batch says `requires: released`) whose rows are judged by its expectations.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

import yaml

from pipelines.checks.sieve import fault

SUITES_DIR = Path(__file__).resolve().parents[2] / "expectations"
WAIVERS_NAME = "waivers.yml"
#: corrections of a source's deliveries lie in the same folder (pipelines/landing/correction_file.py)
CORRECTIONS_SUFFIX = ".corrections.yml"
Severity = Literal["critical", "warning"]


class SuiteError(ValueError):
    """A suite file that cannot be understood; the message names file, place and remedy."""


@dataclass(frozen=True)
class Expectation:
    """One expectation on a batch; `name` is unique within its suite and is what waivers and messages refer to."""

    name: str
    type: str
    kwargs: dict[str, Any]
    severity: Severity
    reason_zh: str

    @property
    def column(self) -> str:
        """The judged columns, comma-separated; empty for an expectation on the whole batch."""
        kwargs = self.kwargs
        columns = [kwargs[key] for key in ("column", "column_A", "column_B") if key in kwargs]
        return ", ".join([*columns, *kwargs.get("column_list", [])])


@dataclass(frozen=True)
class Batch:
    """Rows to judge: the select's columns include those that name a row in words (region_code, indicator_key, …).

    by: a column whose values are judged some at a time, those alone that changed: each row, or each key within a value,
    is judged by itself then, and the select means the same where it is restricted to some values.
    """

    name: str
    sql: str
    expectations: tuple[Expectation, ...]
    requires_released: bool = False
    by: str = ""


@dataclass(frozen=True)
class Suite:
    """The checks of one mart."""

    name: str
    mart: str
    description_zh: str
    batches: tuple[Batch, ...]


def load_suites(suites_dir: Path = SUITES_DIR) -> list[Suite]:
    """All suites of the folder, by file name. Raises SuiteError for a file that is not a complete suite."""
    others = (WAIVERS_NAME, CORRECTIONS_SUFFIX)
    return [_suite(path) for path in sorted(suites_dir.glob("*.yml")) if not path.name.endswith(others)]


def check_specs(suites_dir: Path = SUITES_DIR) -> list[tuple[str, str, str]]:
    """(mart, suite, description) of every suite: what Dagster declares as blocking asset checks."""
    return [(suite.mart, suite.name, suite.description_zh) for suite in load_suites(suites_dir)]


def _suite(path: Path) -> Suite:
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
        suite = Suite(
            name=document["suite"],
            mart=document["mart"],
            description_zh=document["description_zh"],
            batches=tuple(_batch(entry) for entry in document["batches"]),
        )
    except KeyError as error:
        raise SuiteError(f"{path.name}：缺少字段 {error}。Field {error} is missing.") from error
    except (yaml.YAMLError, TypeError, ValueError) as error:
        raise SuiteError(f"{path.name}：检查套件无法读取。The suite cannot be read: {error}") from error
    names = [expectation.name for expectation in _expectations(suite)]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if suite.name != path.stem or repeated:
        raise SuiteError(
            f"{path.name}：套件名须与文件名一致，检查名不得重复 {repeated}。"
            f"The suite is named after its file and each expectation once: {suite.name} {repeated}."
        )
    return suite


def _expectations(suite: Suite) -> Iterator[Expectation]:
    for batch in suite.batches:
        yield from batch.expectations


def _batch(entry: dict[str, Any]) -> Batch:
    if entry.get("requires") not in (None, "released"):
        raise ValueError(f"requires: {entry['requires']}")
    batch = Batch(
        name=entry["name"],
        sql=entry["sql"],
        expectations=tuple(_expectation(item) for item in entry["expectations"]),
        requires_released=entry.get("requires") == "released",
        by=entry.get("by", ""),
    )
    together = [item.name for item in batch.expectations if batch.by and not _of_parts(item, batch.by)]
    if together:
        raise ValueError(f"by: {batch.by}: judged only over all rows at once: {', '.join(together)}")
    return batch


def _of_parts(item: Expectation, by: str) -> bool:
    """True if the expectation holds of all rows where it holds of the rows of each value, and tells faulty rows."""
    if "unique" in item.type:
        return by in item.column.split(", ")
    try:
        return bool(fault(item))
    except ValueError:
        return False


def _expectation(item: dict[str, Any]) -> Expectation:
    if item["severity"] not in get_args(Severity):
        raise ValueError(f"severity: {item['severity']}")
    return Expectation(
        name=item["name"],
        type=item["type"],
        kwargs=dict(item.get("kwargs", {})),
        severity=item["severity"],
        reason_zh=item["reason_zh"],
    )
