"""The words a contract is written in: column factories and row rules over a dataframely schema.

A contract is the one declaration of a source. Headers, types, units, bounds, personal-data handling, row rules with
their reasons and every column description derive from it; nothing else in the project repeats them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from typing import Any, ClassVar

import dataframely as dy
import polars as pl
from polars import col

#: spec §1 Cells: unit words that may follow any number, whatever the column.
GENERAL_UNITS = ("个", "人", "张", "家", "所", "元", "户", "次")

#: levels of the register that a column may ask for, in words
LEVELS = {"county": "县级"}


@dataclass(frozen=True)
class ColumnFacts:
    """What a contract says about one delivered column, beyond its type."""

    kind: str
    aliases: tuple[str, ...]
    required: bool = False
    key: bool = False
    unit: str = ""
    pii: str = "none"
    note: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    minimum: int | Decimal | None = None
    maximum: int | Decimal | None = None
    #: what an empty cell stands for where the column note says so: a value, or a function returning an expression
    blank: Any = None
    #: a required column accepts 不适用 in the rows where this expression is true
    not_applicable_if: Callable[[], pl.Expr] | None = None
    #: False: read for the checks, never landed (names of persons)
    kept: bool = True
    #: 'first' or 'last' day of a month or year written without its day
    incomplete_date: str = "first"
    #: date stored as the first day of its month (birth dates)
    month_only: bool = False
    #: level of the register (county) that a region code must be of
    level: str | None = None
    #: the sources one of whose keys this column refers to
    references: tuple[str, ...] = ()
    #: several categories written together: the first counts
    first_of_several: bool = False
    #: percent signs are accepted in the rows where this expression is true
    percent_if: Callable[[], pl.Expr] | None = None
    #: unit words beyond the column's own that may follow a number
    more_units: tuple[str, ...] = ()
    #: column that holds the unit of this number, row by row
    unit_column: str | None = None
    #: header that names the code in words, and the words → code list it is read by
    named_by: str | None = None
    names: Callable[[], Mapping[str, str]] | None = None
    #: delivered column whose raw text this one is taken from
    derived_from: str | None = None
    #: an 18- or 15-character citizen number, with check digit
    citizen_number: bool = False

    @property
    def title(self) -> str:
        """The Chinese name of the column: its first header."""
        return self.aliases[0]

    @property
    def units(self) -> tuple[str, ...]:
        """Unit words that may follow a number in this column, longest first."""
        own = (self.unit,) if self.unit and self.unit != "%" else ()
        return tuple(sorted({*own, *self.more_units, *GENERAL_UNITS}, key=lambda word: (-len(word), word)))

    @property
    def description(self) -> str:
        """Title, unit and note in one sentence: the column comment everywhere below the contract."""
        unit = f"（{self.unit}）" if self.unit else ""
        notes = "；".join(filter(None, [f"须为{LEVELS[self.level]}代码" if self.level else "", self.note]))
        return f"{self.title}{unit}" + (f"：{notes}" if notes else "")


@dataclass(frozen=True)
class RuleFacts:
    """A row rule: its Chinese title, what follows when it is false, and the column it stands under."""

    name: str
    title: str
    action: str
    reason: str
    column: str
    expression: Callable[[Any], pl.Expr]
    #: what the row should say instead (zh), from its delivered texts; empty where they do not tell
    expects: Callable[[Mapping[str, str | None]], str] | None = None


@dataclass(frozen=True)
class WideLayout:
    """A workbook with one row a key and one column a cell of the long form; `headers` are the ways it names
    the parts of a column, written half width and without spaces.
    """

    headers: tuple[str, ...]
    key: str
    value: str
    #: what every long row says in columns the workbook does not have, as a supplier would write it
    constants: Mapping[str, str]


class Delivery(dy.Schema):
    """Base of every contract: one delivered row of a source."""

    source: ClassVar[str]
    title_zh: ClassVar[str]
    grain: ClassVar[str]
    period_form: ClassVar[str]  # 'year' | 'month' | 'snapshot'
    supplier_department: ClassVar[str]
    #: a person may be delivered by two suppliers: the key is unique within one (spec §2)
    key_per_supplier: ClassVar[bool] = False
    #: the register of regions itself is not checked against the register (spec §8)
    checks_regions: ClassVar[bool] = True
    #: rules over the groups of rows that remain after the row checks
    group_rules: ClassVar[tuple[str, ...]] = ()
    #: layout of a yearbook workbook that is turned into this contract's long form
    wide_layout: ClassVar[WideLayout | None] = None


def _column(dtype: Callable[..., dy.Column], facts: ColumnFacts, **bounds: Any) -> Any:
    return dtype(
        nullable=not facts.required,
        metadata={"facts": facts},
        description=facts.description,
        **{name: bound for name, bound in bounds.items() if bound is not None},
    )


def _facts(kind: str, aliases: tuple[str, ...], options: dict[str, Any]) -> ColumnFacts:
    required = options.pop("required", False) or options.get("key", False)
    return ColumnFacts(kind=kind, aliases=aliases, required=required, **options)


def text(*aliases: str, **options: Any) -> Any:
    """Free text: a name, a title."""
    return _column(dy.String, _facts("text", aliases, options))


def code(*aliases: str, **options: Any) -> Any:
    """A code: digits or letters, never a number."""
    return _column(dy.String, _facts("code", aliases, options))


def region(*aliases: str, **options: Any) -> Any:
    """A code of the region register (6, 9 or 12 digits); brought up to the period end when landed."""
    return _column(dy.String, _facts("region", aliases, options))


def identifier(*aliases: str, **options: Any) -> Any:
    """A person's or household's identifier: keyed hash at landing, or dropped (kept=False)."""
    return _column(dy.String, _facts("identifier", aliases, {"pii": "identifier", **options}))


def count(*aliases: str, least: int = 0, most: int | None = None, **options: Any) -> Any:
    """A whole number of things."""
    facts = _facts("integer", aliases, {"minimum": least, "maximum": most, **options})
    return _column(dy.Int64, facts, min=least, max=most)


def _decimal(**arguments: Any) -> dy.Column:
    return dy.Decimal(38, 6, **arguments)


def quantity(*aliases: str, least: int | None = None, most: int | None = None, **options: Any) -> Any:
    """A measured quantity, exact to six decimals."""
    facts = _facts("decimal", aliases, {"minimum": least, "maximum": most, **options})
    bounds = {"min": least, "max": most}
    return _column(_decimal, facts, **{name: None if b is None else Decimal(b) for name, b in bounds.items()})


def flag(*aliases: str, **options: Any) -> Any:
    """是 or 否; an empty cell is unknown unless `blank` says otherwise."""
    return _column(dy.Bool, _facts("boolean", aliases, options))


def choice(*aliases: str, values: Mapping[str, str], **options: Any) -> Any:
    """One of a closed list: what may be written (Chinese) → what it is called below the contract."""
    facts = _facts("enum", aliases, {"values": values, **options})
    names = list(dict.fromkeys(values.values()))

    def enum(**arguments: Any) -> dy.Column:
        return dy.Enum(names, **arguments)

    return _column(enum, facts)


def day(*aliases: str, **options: Any) -> Any:
    """A date; a month or year alone means its first day, or its last one (incomplete_date='last')."""
    return _column(dy.Date, _facts("date", aliases, options))


def band(*aliases: str, **options: Any) -> Any:
    """An age band in years: n, n-m, n+ or total (= 0+)."""
    return _column(dy.String, _facts("band", aliases, options))


def as_written(title: str, of: str, *, part: str = "text", **options: Any) -> Any:
    """A fact taken from the raw text of column `of`: the text itself, or the lower/upper age of a band."""
    dtype = dy.String if part == "text" else dy.Int64
    return _column(dtype, ColumnFacts(kind=part, aliases=(title,), derived_from=of, **options))


def parent_of(column: str) -> pl.Expr:
    """regions.parent_code of the code in `column`, at the period end."""
    return col(f"{column}.parent")


def period_start() -> pl.Expr:
    """First day of the row's period."""
    return col("period_start")


def period_end() -> pl.Expr:
    """Last day of the row's period."""
    return col("period_end")


def rule(
    title: str,
    *,
    action: str = "quarantine",
    reason: str | None = None,
    expects: Callable[[Mapping[str, str | None]], str] | None = None,
) -> Callable[[Any], Any]:
    """Row rule, written under the column it speaks of. False → `action`; unknown (null) is no failure (reason_codes).

    action 'quarantine' refuses the row with `rule:<name>` (or `reason`); 'flag' lands it with finding `flag:<name>`.
    `expects` tells the supplier of a refused row what it should say, where the title does not.
    """

    def decorate(expression: Callable[[Any], pl.Expr]) -> Any:
        factory = dy.rule()(expression)
        factory.declared = (title, action, reason, expression, expects)
        return factory

    return decorate


@cache
def facts_of(contract: type[Delivery]) -> dict[str, ColumnFacts]:
    """Column name → facts, in the order of the contract."""
    return {name: column.metadata["facts"] for name, column in contract.columns().items()}


@cache
def rules_of(contract: type[Delivery]) -> list[RuleFacts]:
    """The row rules in column order: each belongs to the column declared last above it."""
    found, column = [], ""
    for name, member in vars(contract).items():
        if isinstance(member, dy.Column):
            column = name
        elif declared := getattr(member, "declared", None):
            title, action, reason, expression, expects = declared
            found.append(RuleFacts(name, title, action, reason or f"rule:{name}", column, expression, expects))
    return found


def columns_of(contract: type[Delivery]) -> list[dict[str, Any]]:
    """One plain dict per column (name, title, headers, kind, unit, bounds, values, pii, rules, description)."""
    rules = rules_of(contract)
    return [
        {
            "name": name,
            "title": facts.title,
            "headers": list(facts.aliases) if facts.derived_from is None else [],
            "kind": facts.kind,
            "unit": facts.unit,
            "required": facts.required,
            "key": facts.key,
            "pii": facts.pii,
            "landed": facts.kept,
            "minimum": facts.minimum,
            "maximum": facts.maximum,
            "values": dict(facts.values),
            "note": facts.note,
            "rules": {r.name: r.title for r in rules if r.column == name},
            "description": facts.description,
        }
        for name, facts in facts_of(contract).items()
    ]
