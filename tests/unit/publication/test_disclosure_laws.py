"""Laws of disclosure control on small random countries, judged by a search of its own over whole numbers."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from pipelines.publication.disclosure.audit import Recoverable, audit
from pipelines.publication.disclosure.cells import Cells
from pipelines.publication.disclosure.former import Former, former
from pipelines.publication.disclosure.plan import NotProtectable, Plan, suppress
from pipelines.publication.disclosure.relations import KEY
from tests.counted_persons import Counts, cells_of, totals

COUNTIES = ("111", "112", "113", "121", "122")
PART_OF = (("central", "disabled"),)

persons = st.one_of(st.integers(0, 7), st.integers(0, 40))


@st.composite
def countries(draw: st.DrawFn) -> Counts:
    """Persons disabled in five counties, and those of them in central care."""
    counts: Counts = {}
    for county in COUNTIES:
        whole = draw(persons)
        counts["disabled", county] = whole
        counts["central", county] = draw(st.integers(0, whole))
    return counts


@st.composite
def corrected(draw: st.DrawFn) -> tuple[Counts, Counts]:
    """A country and the same after a correction in one county."""
    before = draw(countries())
    county = draw(st.sampled_from(COUNTIES))
    whole = draw(persons)
    return before, before | {("disabled", county): whole, ("central", county): draw(st.integers(0, whole))}


def whole_number_range(editions: list[tuple[Cells, Plan]], target: tuple) -> tuple[float, float]:
    """Least and greatest whole number that the target (family, region, period, value) can be for a reader."""
    counts, printed, rows, not_zero = {}, set(), [], set()
    for cells, plan in editions:
        before = set(printed)
        hidden = set(plan.hidden.select(KEY).iter_rows())
        value = {}
        for *cell, persons_, _ in cells.cells.iter_rows():
            value[tuple(cell)] = persons_
            counts.setdefault((*cell, persons_), len(counts))
            if tuple(cell) not in hidden:
                printed.add((*cell, persons_))
        for (_, kind), terms in cells.relations.group_by("relation", "kind", maintain_order=True):
            told = [((*cell, value[tuple(cell)]), weight) for _, _, *cell, weight in terms.iter_rows()]
            rows.append((kind, told))
            # a zero that is printed now says that those hidden beside it are none
            if kind == "sum" and any(count[3] == 0 and count in printed - before for count, _ in told):
                not_zero |= {count for count, _ in told}
    matrix = np.zeros((len(rows), len(counts)))
    least, most = np.zeros(len(rows)), np.full(len(rows), np.inf)
    for number, (kind, told) in enumerate(rows):
        for count, weight in told:
            matrix[number, counts[count]] += weight
        if kind == "sum":
            least[number] = most[number] = sum(weight * count[3] for count, weight in told)
    low = np.array([count[3] if count in printed else int(count in not_zero) for count in counts])
    high = np.array([count[3] if count in printed else 1000 for count in counts])
    ends = []
    for sign in (1, -1):
        aim = np.zeros(len(counts))
        aim[counts[target]] = sign
        found = milp(aim, constraints=LinearConstraint(matrix, least, most), bounds=Bounds(low, high), integrality=1)
        ends.append(sign * found.fun)
    return ends[0], ends[1]


def is_exposed(editions: list[tuple[Cells, Plan]], target: tuple) -> bool:
    """Whether a reader learns more than that the count is anything from 1 to 5."""
    low, high = whole_number_range(editions, target)
    return low > 1 or high < 5


def small(cells: Cells) -> list[tuple]:
    return [row[:4] for row in cells.cells.iter_rows() if row[3] in (1, 2, 3, 4)]


@given(countries())
@settings(max_examples=30, derandomize=True, deadline=None)
def test_every_small_count_stays_open_from_1_to_5(counties: Counts) -> None:
    cells = cells_of(totals(counties), PART_OF)
    plan = suppress(cells, [])
    for target in small(cells):
        assert not is_exposed([(cells, plan)], target), target


@given(corrected())
@settings(max_examples=20, derandomize=True, deadline=None)
def test_two_editions_together_tell_no_small_count(editions: tuple[Counts, Counts]) -> None:
    first, second = (cells_of(totals(counties), PART_OF) for counties in editions)
    first_plan = suppress(first, [])
    targets = sorted({*small(first), *small(second)})
    try:
        plan = suppress(second, [former(first, first_plan)])
    except NotProtectable:
        # then it is so even where the second edition prints no count at all
        nothing = Plan(second.cells.select(*KEY, primary=pl.lit(False)))
        assert any(is_exposed([(first, first_plan), (second, nothing)], target) for target in targets)
    else:
        for target in targets:
            assert not is_exposed([(first, first_plan), (second, plan)], target), target


@given(countries())
@settings(max_examples=20, derandomize=True, deadline=None)
def test_the_audit_agrees_with_the_search(counties: Counts) -> None:
    cells = cells_of(totals(counties), PART_OF)
    plan = suppress(cells, [])
    primary_only = Plan(plan.hidden.filter("primary"))
    for told in audit(cells, primary_only, []).intervals.iter_rows(named=True):
        target = (told["family"], told["region_code"], told["period"], told["value"])
        low, high = whole_number_range([(cells, primary_only)], target)
        # whole numbers are never further apart than what the linear program allows
        assert told["low"] <= low and high <= min(told["high"], 1000)
        assert told["protected"] == (low <= 1 and high >= 5)


@given(countries())
@settings(max_examples=20, derandomize=True, deadline=None)
def test_no_complementary_count_is_hidden_for_nothing(counties: Counts) -> None:
    cells = cells_of(totals(counties), PART_OF)
    plan = suppress(cells, [])
    zeros = {tuple(cell) for *cell, persons_, _ in cells.cells.iter_rows() if persons_ == 0}
    for row in range(plan.hidden.height):
        if not plan.hidden["primary"][row] and plan.hidden.select(KEY).row(row) not in zeros:
            fewer = Plan(plan.hidden.with_row_index().filter(pl.col("index") != row).drop("index"))
            with pytest.raises(Recoverable):
                audit(cells, fewer, []).raise_if_recoverable()


@given(countries())
@settings(max_examples=20, derandomize=True, deadline=None)
def test_the_plan_does_not_depend_on_the_order_of_rows(counties: Counts) -> None:
    cells = cells_of(totals(counties), PART_OF)
    shuffled = Cells(cells.cells.reverse(), cells.relations.reverse(), cells.figures, cells.derived, cells.regions)
    assert suppress(shuffled, []).hidden.equals(suppress(cells, []).hidden)


def test_a_zero_is_hidden_beside_small_counts_of_one_sum() -> None:
    """Were it printed, 2 and 3 would be known to be no zeros either: of a sum of five, neither could be five."""
    counts = {("disabled", "11"): 5, ("disabled", "111"): 2, ("disabled", "112"): 3, ("disabled", "113"): 0}
    cells = cells_of(counts)
    plan = suppress(cells, [])
    assert plan.hidden["region_code"].to_list() == ["111", "112", "113"]
    audit(cells, plan, []).raise_if_recoverable()
    without = audit(cells, Plan(plan.hidden.filter(pl.col("region_code") != "113")), [])
    assert without.intervals.select("low", "high", "protected").rows() == [(1.0, 4.0, False), (1.0, 4.0, False)]


def test_where_no_count_is_small_nothing_is_hidden() -> None:
    cells = cells_of(totals({("disabled", county): 5 for county in COUNTIES} | {("disabled", "122"): 0}))
    assert suppress(cells, []).hidden.is_empty()
    assert audit(cells, suppress(cells, []), []).intervals.is_empty()


def test_an_edition_that_changes_nothing_hides_the_same() -> None:
    cells = cells_of(totals({("disabled", c): v for c, v in zip(COUNTIES, (3, 40, 31, 60, 8), strict=True)}))
    first = suppress(cells, [])
    earlier: list[Former] = [former(cells, first)]
    assert suppress(cells, earlier).hidden.equals(first.hidden)
