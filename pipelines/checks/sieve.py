"""Which rows of a batch an expectation can find fault with, as SQL: the others need not become a pandas frame.

The sieve lets through at least what Great Expectations would find, which then judges what came through: a row too many
costs time, a row too few would be a fault not seen (tests/unit/checks/test_sieve.py compares the two).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pipelines.checks.suite import Expectation


def suspects(statement: str, among: str, expectations: Sequence[Expectation]) -> str:
    """Of the statement's rows `among` some, those that one of the expectations may find fault with."""
    faults = " or ".join(f"({fault(item)})" for item in expectations)
    beside = "qualify" if " over (" in faults else "and"
    return f"select * from (\n{statement}\n) as batch where ({among}) {beside} ({faults or 'false'})"


def fault(item: Expectation) -> str:
    """The condition of a row, given the others of the batch, without which the expectation holds.

    Raises ValueError for an expectation that no such condition is known for.
    """
    asked = dict(item.kwargs)
    kind = FAULTS.get(item.type)
    columns = [_name(asked.pop(key)) for key in ("column", "column_A", "column_B") if key in asked]
    columns += map(_name, asked.pop("column_list", []))
    try:
        if kind:
            return kind(*columns, **asked)
    except TypeError:
        pass
    raise ValueError(f"{item.name}: {item.type} {', '.join(asked)}")


def _between(column: str, min_value: float | None = None, max_value: float | None = None) -> str:
    limits = [f"{column} {sign} {limit!r}" for sign, limit in (("<", min_value), (">", max_value)) if limit is not None]
    return " or ".join(limits) or "false"


def _missing(column: str) -> str:
    return f"{column} is null or cast({column} as varchar) = 'nan'"  # which is missing to pandas


def _present(column: str) -> str:
    return f"{column} is not null"


def _length_outside(column: str, min_value: int | None = None, max_value: int | None = None) -> str:
    return _between(f"length({column})", min_value, max_value)


def _not_above(column: str, other: str, or_equal: bool = False, ignore_row_if: str = "") -> str:
    return f"not coalesce({column} {'>=' if or_equal else '>'} {other}, false) or {_missing(column)}"


def _unequal(column: str, other: str, ignore_row_if: str = "") -> str:
    return f"{column} is distinct from {other}"


def _not_among(column: str, value_set: Sequence[Any]) -> str:
    return f"{column} not in ({', '.join(map(_literal, value_set))})"


def _unlike(column: str, regex: str) -> str:
    return f"not regexp_matches({column}, {_literal(regex)})"


def _repeated(*columns: str) -> str:
    return f"count(*) over (partition by {', '.join(columns)}) > 1"


def _name(column: str) -> str:
    return '"' + column.replace('"', '""') + '"'


def _literal(value: str | float) -> str:
    return "'" + value.replace("'", "''") + "'" if isinstance(value, str) else repr(value)


#: type → what is wrong with a row, from its columns and what else the expectation is given
FAULTS: dict[str, Callable[..., str]] = {
    "expect_column_values_to_be_between": _between,
    "expect_column_values_to_not_be_null": _missing,
    "expect_column_values_to_be_null": _present,
    "expect_column_value_lengths_to_be_between": _length_outside,
    "expect_column_values_to_be_in_set": _not_among,
    "expect_column_values_to_match_regex": _unlike,
    "expect_column_values_to_be_unique": _repeated,
    "expect_compound_columns_to_be_unique": _repeated,
    "expect_column_pair_values_to_be_equal": _unequal,
    "expect_column_pair_values_a_to_be_greater_than_b": _not_above,
}
