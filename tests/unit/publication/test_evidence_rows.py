"""Rows judged one by one over a hand-made register: counted, or failing the first question that they fail."""

from collections.abc import Iterator
from dataclasses import astuple, fields
from decimal import Decimal

import duckdb
import pytest

from pipelines.publication.evidence.files import ranges
from pipelines.publication.evidence.keep import fill
from pipelines.publication.evidence.opened import Evidence
from pipelines.publication.evidence.rows import (
    EXCUSED,
    INCLUDED,
    UNSPOKEN,
    figure_of,
    judged,
    reason_words,
    total_of,
)
from pipelines.publication.evidence.rules import Condition, Rule

BEDS = Rule(
    "beds", "homes", "stg_homes", "true", "status = 'open' and size >= 10 and not void", "beds", "sum", "beneath", False
)
ASKED = [
    Condition("beds", 1, "status = 'open'", "status", "状态 = {}", "状态空白"),
    Condition("beds", 2, "size >= 10", "", "不符合 规模 ≥ 10", "规模空白"),
    Condition("beds", 3, "(beds) is not null", "", "床位数空白", "床位数空白"),
]
#: row number, region, status, size, beds, void, person
ROWS = """
    (2, 'A', 'open', 12, 20, false, 'p'),
    (3, 'A', 'open', 9, 20, false, 'p'),
    (4, 'A', 'shut', 9, 20, false, 'q'),
    (5, 'A', 'open', null, 20, false, 'q'),
    (6, 'B', 'open', 30, null, false, 'p'),
    (7, 'B', null, 30, 5, false, 'p'),
    (8, 'B', 'open', 30, 5, true, 'p'),
    (9, 'B', 'open', 10, 7, false, 'p')
"""


@pytest.fixture
def evidence() -> Iterator[Evidence]:
    connection = duckdb.connect()
    connection.execute("attach ':memory:' as kept")
    connection.execute("create schema kept.evidence")
    fill(connection, "rule", tuple(f.name for f in fields(Rule)), [astuple(BEDS)])
    fill(connection, "condition", tuple(f.name for f in fields(Condition)), map(astuple, ASKED))
    fill(connection, "word", ("relation", "shown", "code", "word"), [("stg_homes", "status", "shut", "关闭")])
    connection.execute(
        "create table homes as select *, '2025' as period, 'homes/2025/1.csv' as delivery_path"
        f" from (values {ROWS}) as t(delivery_row, region_code, status, size, beds, void, person)"
    )
    yield Evidence(connection, "r1")
    connection.close()


def test_each_row_counts_or_fails_its_first_question(evidence):
    rows = evidence.rows(f"select row_number, reason, is_blank, shown from ({judged(BEDS, ASKED, 'homes')}) order by 1")
    assert rows == [
        (2, INCLUDED, False, None),
        (3, 2, False, None),
        (4, 1, False, "shut"),
        (5, 2, True, None),
        (6, 3, False, None),
        (7, 1, True, None),
        (8, UNSPOKEN, False, None),
        (9, INCLUDED, False, None),
    ]


def test_only_rows_that_count_add_up(evidence):
    assert evidence.rows(f"select {total_of(BEDS)} from ({judged(BEDS, ASKED, 'homes')})") == [(Decimal(27),)]


@pytest.mark.parametrize(
    ("is_personal", "things"),
    [(True, 2), (False, 3)],
    ids=["persons over all of it", "things within the finest region"],
)
def test_things_are_told_apart(evidence, is_personal, things):
    rule = Rule("persons", "homes", "stg_homes", "true", "true", "person", "distinct", "beneath", is_personal)
    asked = [Condition("persons", 1, "(person) is not null", "", "空白", "空白")]
    assert evidence.rows(f"select {total_of(rule)} from ({judged(rule, asked, 'homes')})") == [(things,)]


@pytest.mark.parametrize(
    ("reason", "is_blank", "shown", "words"),
    [
        (1, False, "shut", "状态 = 关闭"),
        (1, True, None, "状态空白"),
        (2, False, None, "不符合 规模 ≥ 10"),
        (2, True, None, "规模空白"),
        (3, False, None, "床位数空白"),
        (UNSPOKEN, False, None, "不合本度量的口径"),
        (EXCUSED, False, None, "所在地区对分子或分母填了“不适用”，两边都不计"),
    ],
)
def test_reasons_in_words(evidence, reason, is_blank, shown, words):
    assert reason_words(evidence, BEDS, reason, is_blank, shown) == words


@pytest.mark.parametrize(
    ("total", "reasons", "figure"),
    [(Decimal(5), {0}, Decimal(5)), (None, set(), 0), (None, {1, 2}, 0), (None, {1, 3}, None)],
    ids=["a sum", "no row", "no row that counts", "blanks only"],
)
def test_no_row_is_zero_and_blanks_only_are_missing(total, reasons, figure):
    assert figure_of(BEDS, ASKED, total, reasons) == figure


@pytest.mark.parametrize(
    ("numbers", "shown"), [([], ""), ([2], "2"), ([3, 4, 5, 28], "3–5、28"), ([2, 4, 6, 7], "2、4、6–7")]
)
def test_row_numbers_as_ranges(numbers, shown):
    assert ranges(numbers) == shown
