"""A sieved batch is judged as the whole batch is: no fault is lost before Great Expectations sees it."""

from typing import Any

import duckdb
import polars as pl
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from pipelines.checks.expect import Finding, judge
from pipelines.checks.sieve import fault, suspects
from pipelines.checks.suite import SUITES_DIR, Expectation, load_suites

NUMBERS = st.one_of(st.none(), st.integers(-3, 3).map(float), st.just(float("nan")), st.sampled_from([0.1, 100.5]))
TEXTS = st.sampled_from([None, "", "nan", "2025-01", "2025-13", "2025-01\n", "x2025-01", "２０２５-01", "O'Neil"])
ROWS = st.lists(st.fixed_dictionaries({"a": NUMBERS, "b": NUMBERS, "c": TEXTS, "d": TEXTS}), min_size=1, max_size=12)
KINDS: list[tuple[str, dict[str, Any]]] = [
    ("expect_column_values_to_be_between", {"column": "a", "min_value": 0}),
    ("expect_column_values_to_be_between", {"column": "a", "max_value": 0}),
    ("expect_column_values_to_be_between", {"column": "a", "min_value": -1, "max_value": 100.5}),
    ("expect_column_values_to_not_be_null", {"column": "a"}),
    ("expect_column_values_to_not_be_null", {"column": "c"}),
    ("expect_column_values_to_be_null", {"column": "a"}),
    ("expect_column_values_to_be_null", {"column": "c"}),
    ("expect_column_value_lengths_to_be_between", {"column": "c", "min_value": 1}),
    ("expect_column_value_lengths_to_be_between", {"column": "d", "min_value": 4, "max_value": 7}),
    ("expect_column_values_to_be_in_set", {"column": "c", "value_set": ["2025-01", "O'Neil"]}),
    ("expect_column_values_to_be_in_set", {"column": "a", "value_set": [0, 1]}),
    ("expect_column_values_to_match_regex", {"column": "c", "regex": r"^\d{4}(-(0[1-9]|1[0-2]))$"}),
    ("expect_column_values_to_be_unique", {"column": "c"}),
    ("expect_compound_columns_to_be_unique", {"column_list": ["c", "d"]}),
    ("expect_column_pair_values_to_be_equal", {"column_A": "a", "column_B": "b"}),
    ("expect_column_pair_values_to_be_equal",
     {"column_A": "a", "column_B": "b", "ignore_row_if": "either_value_is_missing"}),
    ("expect_column_pair_values_a_to_be_greater_than_b", {"column_A": "a", "column_B": "b"}),
    ("expect_column_pair_values_a_to_be_greater_than_b",
     {"column_A": "a", "column_B": "b", "or_equal": True, "ignore_row_if": "either_value_is_missing"}),
]  # fmt: skip
ITEMS = [Expectation(f"kind_{number}", kind, kwargs, "critical", "") for number, (kind, kwargs) in enumerate(KINDS)]


def found(finding: Finding, frame: Any) -> tuple[bool, str, list[int]]:
    return finding.success, finding.error, sorted(frame["row"].iloc[position] for position in finding.positions)


@settings(max_examples=25, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(rows=ROWS)
def test_the_same_rows_are_found(rows: list[dict[str, Any]]) -> None:
    schema = {"a": pl.Float64, "b": pl.Float64, "c": pl.String, "d": pl.String}
    with duckdb.connect() as connection:
        connection.register("given", pl.DataFrame(rows, schema).with_row_index("row").to_arrow())
        whole = connection.execute("from given").df()
        sieved = connection.execute(suspects("select * from given", "true", ITEMS)).df()
        expected = {name: found(told, whole) for name, told in judge(whole, ITEMS).items()}
        assert {name: found(told, sieved) for name, told in judge(sieved, ITEMS).items()} == expected
        for item in ITEMS:  # each by itself, so that none rests on what another lets through
            let_through = connection.execute(suspects("select * from given", "true", [item])).df()
            assert set(expected[item.name][2]) <= set(let_through["row"]), item
            assert expected[item.name][0] == (not expected[item.name][2]), item


def test_a_good_batch_leaves_nothing_to_judge() -> None:
    rows = "select range as a, range as b, range::varchar as c, 'x' as d from range(100000)"
    good = [
        Expectation("low", "expect_column_values_to_be_between", {"column": "a", "min_value": 0}, "critical", ""),
        Expectation("one", "expect_compound_columns_to_be_unique", {"column_list": ["c", "d"]}, "critical", ""),
        Expectation(
            "same", "expect_column_pair_values_to_be_equal", {"column_A": "a", "column_B": "b"}, "critical", ""
        ),
    ]
    with duckdb.connect() as connection:
        assert connection.execute(suspects(rows, "a >= 0", good)).fetchall() == []


@pytest.mark.parametrize(
    ("kind", "kwargs"),
    [
        ("expect_column_values_to_be_between", {"column": "a", "min_value": 0, "strict_min": True}),
        ("expect_column_values_to_be_dated", {"column": "a"}),
    ],
)
def test_what_the_sieve_cannot_say_is_refused(kind: str, kwargs: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=f"odd: {kind}"):
        fault(Expectation("odd", kind, kwargs, "critical", ""))


def test_every_kind_that_large_suites_use_is_compared() -> None:
    used = {item.type for suite in load_suites(SUITES_DIR) for batch in suite.batches if batch.by
            for item in batch.expectations}  # fmt: skip
    assert used <= {kind for kind, _ in KINDS}
