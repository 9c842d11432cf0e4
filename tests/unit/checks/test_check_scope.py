"""What is judged again: what can have changed since a release whose checks it passed, some of it at a time."""

from pathlib import Path

import duckdb
import pytest
import yaml

from pipelines.checks import CheckOutcome, scope
from pipelines.checks.run import run_checks
from pipelines.checks.scope import NOTHING_STANDS, Standing, parts
from pipelines.checks.suite import SUITES_DIR, SuiteError, load_suites

PERIODS = ["2025-01", "2025-02", "2025-03", None]
PAID = "marts.paid"
ROWS = """
    suite: paid
    mart: paid
    description_zh: 实发
    batches:
      - name: rows
        by: period
        sql: |
          select period, amount, code, code is null as is_unknown
          from marts.paid left join reference.rule using (code)
        expectations:
          - {name: not_negative, severity: critical, reason_zh: 不得为负,
             type: expect_column_values_to_be_between, kwargs: {column: amount, min_value: 0}}
          - {name: of_a_programme, severity: warning, reason_zh: 须有项目,
             type: expect_column_values_to_not_be_null, kwargs: {column: code}}
      - name: sums
        sql: select count(*) as rows_ from marts.paid
        expectations:
          - {name: not_too_many, severity: warning, reason_zh: 不得过多,
             type: expect_column_values_to_be_between, kwargs: {column: rows_, max_value: 8}}
      - name: files
        sql: select landed from ops.delivery
        expectations:
          - {name: landed, severity: critical, reason_zh: 须接收,
             type: expect_column_values_to_not_be_null, kwargs: {column: landed}}
"""


@pytest.fixture
def build(tmp_path: Path) -> Path:
    """Two rows a period, and a release with the same rows whose checks were passed."""
    (tmp_path / "suites").mkdir()
    (tmp_path / "suites" / "paid.yml").write_text(ROWS, encoding="utf-8")
    for name in ("build", "released"):
        with duckdb.connect(str(tmp_path / f"{name}.duckdb")) as connection:
            connection.execute("create schema marts; create schema reference; create schema ops")
            connection.execute("create table reference.rule as select 'a' as code")
            connection.execute("create table ops.delivery as select 1 as landed, 'landed' as state, '2025' as period")
            connection.execute("create table marts.paid (period varchar, code varchar, amount integer)")
            connection.executemany(
                "insert into marts.paid values (?, 'a', ?)", [(p, n) for p in PERIODS for n in range(2)]
            )
    outcome = run_checks(tmp_path / "build.duckdb", None, tmp_path / "suites", None)
    with duckdb.connect(str(tmp_path / "released.duckdb")) as connection:
        results = outcome.to_polars()
        connection.execute("create table ops.check_result as select * from results")
        assert results.height == 4
    return tmp_path


def judged(build: Path, standing: Standing, change: str = "", released: str = "released") -> CheckOutcome:
    with duckdb.connect(str(build / "build.duckdb")) as connection:
        connection.execute(change or "select 1")
    return run_checks(build / "build.duckdb", build / f"{released}.duckdb", build / "suites", None, standing)


def failed(outcome: CheckOutcome) -> dict[str, int]:
    assert len(outcome.results) == 4  # whatever was not looked at stands as it was
    return {result.check: result.unexpected_count for result in outcome.failures}


NEGATIVE = "update marts.paid set amount = -1 where period in ('2025-01', '2025-02')"
ALL_BUT_PAID = Standing(frozenset({"reference.rule"}), {PAID: ["2025-02"]})


def test_only_the_periods_made_since_are_judged(build: Path) -> None:
    """Of two faults of the same kind the one in the period that was made is found, and told with its row."""
    outcome = judged(build, ALL_BUT_PAID, NEGATIVE)
    assert failed(outcome) == {"not_negative": 2}
    assert all("2025-02" in row for row in outcome.failures[0].rows)


@pytest.mark.parametrize(
    "standing",
    [
        pytest.param(NOTHING_STANDS, id="nothing is known to stand"),
        pytest.param(Standing(frozenset(), {PAID: ["2025-02"]}), id="another table that the batch reads changed"),
        pytest.param(Standing(frozenset({"reference.rule"})), id="the table is not kept by period"),
    ],
)
def test_every_period_is_judged_otherwise(build: Path, standing: Standing) -> None:
    assert failed(judged(build, standing, NEGATIVE)) == {"not_negative": 4}


@pytest.mark.parametrize(
    "change",
    [
        "update ops.check_result set success = false where \"check\" = 'not_negative'",
        "update ops.check_result set error = 'table is missing' where \"check\" = 'not_negative'",
        "drop table ops.check_result",
    ],
)
def test_what_did_not_pass_is_judged_whole(build: Path, change: str) -> None:
    """A failure that a waiver excused among them: the waiver may have lapsed."""
    with duckdb.connect(str(build / "released.duckdb")) as connection:
        connection.execute(change)
    assert failed(judged(build, ALL_BUT_PAID, NEGATIVE)) == {"not_negative": 4}


def test_what_failed_is_judged_whole_and_what_passed_beside_it_is_not(build: Path) -> None:
    """A warning that stands for months does not have the rest of its batch judged anew every night."""
    with duckdb.connect(str(build / "released.duckdb")) as connection:
        connection.execute("update ops.check_result set success = false where \"check\" = 'of_a_programme'")
    unnamed = "update marts.paid set code = null where amount = 1 or period = '2025-02'"
    told = failed(judged(build, ALL_BUT_PAID, f"{unnamed}; {NEGATIVE}"))
    assert told == {"not_negative": 2, "of_a_programme": 5}


def test_without_a_release_everything_is_judged(build: Path) -> None:
    assert failed(judged(build, ALL_BUT_PAID, NEGATIVE, released="none")) == {"not_negative": 4}


def test_what_reads_deliveries_is_always_judged(build: Path) -> None:
    standing = Standing(frozenset({PAID, "reference.rule", "marts.other"}))
    assert failed(judged(build, standing, "update ops.delivery set landed = null; " + NEGATIVE)) == {"landed": 1}


@pytest.mark.parametrize("rows", [1, 3, 5])
def test_some_periods_at_a_time_are_all_of_them(build: Path, monkeypatch: pytest.MonkeyPatch, rows: int) -> None:
    """Each row in one frame alone, rows without a period too, and no frame of more periods than have room."""
    monkeypatch.setattr(scope, "ROWS_AT_ONCE", rows)
    assert failed(judged(build, NOTHING_STANDS, "update marts.paid set amount = -1")) == {"not_negative": 8}
    [suite] = load_suites(build / "suites")
    with duckdb.connect(str(build / "build.duckdb"), read_only=True) as connection:
        frames = [connection.execute(sql).pl() for sql in parts(connection, suite.batches[0], NOTHING_STANDS, True)]
    assert [frame.height for frame in frames] == ([2, 2, 2, 2] if rows < 4 else [4, 4])
    assert sorted(period or "" for frame in frames for period in frame["period"]) == sorted(
        (p or "") for p in PERIODS * 2
    )


@pytest.mark.parametrize(
    ("type_", "kwargs"),
    [
        ("expect_column_values_to_be_unique", {"column": "amount"}),
        ("expect_compound_columns_to_be_unique", {"column_list": ["amount", "is_unknown"]}),
        ("expect_column_sum_to_be_between", {"column": "amount", "min_value": 0}),
        ("expect_column_values_to_be_between", {"column": "amount", "min_value": 0, "mostly": 0.9}),
    ],
)
def test_what_holds_only_of_all_rows_is_refused(build: Path, type_: str, kwargs: dict[str, object]) -> None:
    document = yaml.safe_load(ROWS)
    document["batches"][0]["expectations"][0] |= {"type": type_, "kwargs": kwargs}
    (build / "suites" / "paid.yml").write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
    with pytest.raises(SuiteError, match="not_negative"):
        load_suites(build / "suites")


def test_large_marts_are_judged_by_period() -> None:
    """The marts that grow with the ledger: none is ever one frame, but for sums."""
    whole = {
        f"{suite.name}.{batch.name}"
        for suite in load_suites(SUITES_DIR)
        if suite.name in ("subsidy_entitlement", "subsidy_payment", "subsidy_audit", "subsidy_evidence")
        for batch in suite.batches
        if not batch.by
    }
    assert whole == {
        "subsidy_payment.ledgers",
        "subsidy_audit.disputed",
        "subsidy_evidence.columns",
    }
