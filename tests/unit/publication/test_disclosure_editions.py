"""A planted count of three persons: what two editions together tell of it."""

import stat
from pathlib import Path

import polars as pl
import pytest

from pipelines.publication.disclosure.audit import Recoverable, audit
from pipelines.publication.disclosure.cells import Cells
from pipelines.publication.disclosure.former import former, recall, remember
from pipelines.publication.disclosure.plan import NotProtectable, Plan, suppress
from tests.counted_persons import cells_of, totals

FIRST = {"111": 3, "112": 40, "113": 31, "121": 60, "122": 25}


def edition(**changed: int) -> Cells:
    """The planted country, counties changed by number ('c112=41')."""
    counties = FIRST | {code.removeprefix("c"): value for code, value in changed.items()}
    return cells_of(totals({("disabled", county): value for county, value in counties.items()}))


def regions(plan: Plan) -> dict[str, bool]:
    """Hidden region → whether as a small count."""
    return dict(plan.hidden.select("region_code", "primary").iter_rows())


def interval(told: pl.DataFrame, region: str) -> tuple[float, float]:
    return told.filter(pl.col("region_code") == region).select("low", "high").row(0)


def test_the_cheapest_other_county_is_hidden_with_the_planted_one() -> None:
    cells = edition()
    plan = suppress(cells, [])
    assert regions(plan) == {"111": True, "113": False}
    # 3 + 31 between the two of them
    assert interval(audit(cells, plan, []).intervals, "111") == (0, 34)


def test_without_the_complementary_count_the_audit_fails_and_names_the_county() -> None:
    cells = edition()
    told = audit(cells, Plan(suppress(cells, []).hidden.filter("primary")), [])
    assert interval(told.intervals, "111") == (3, 3)
    with pytest.raises(Recoverable, match=r"disabled 111 2025：可推出的范围 \[3, 3\]"):
        told.raise_if_recoverable()


def test_a_correction_elsewhere_is_not_the_difference_that_gives_it_away() -> None:
    first, second = edition(), edition(c113=45)
    earlier = [former(first, suppress(first, []))]
    # the second edition alone would hide 112, which the first has printed
    alone = suppress(second, [])
    assert regions(alone) == {"111": True, "112": False}
    told = audit(second, alone, earlier)
    assert interval(told.intervals, "111") == (3, 3)
    with pytest.raises(Recoverable):
        told.raise_if_recoverable()
    plan = suppress(second, earlier)
    assert regions(plan) == {"111": True, "113": False}
    together = audit(second, plan, earlier)
    together.raise_if_recoverable()
    assert interval(together.intervals, "111") == (0, 34)
    assert together.lines() == ["disabled 111 2025：可推出的范围 [0, 34]，受保护 · protected"]


def test_a_count_that_grew_does_not_give_its_former_value_away() -> None:
    first, second = edition(), edition(c111=20)
    earlier = [former(first, suppress(first, []))]
    plan = suppress(second, earlier)
    # 113 is the 31 that the first edition hid beside the 3; 20 and the new total would give it away
    assert regions(plan) == {"111": False, "113": False}
    told = audit(second, plan, earlier)
    told.raise_if_recoverable()
    assert told.intervals.select("region_code", "value").rows() == [("111", 3.0)]
    # printed as it would be on its own, the second edition tells the 3 of the first
    assert suppress(second, []).hidden.is_empty()
    assert interval(audit(second, suppress(second, []), earlier).intervals, "111") == (3, 3)


def test_what_former_editions_printed_can_make_a_count_unprotectable() -> None:
    def own_figures(persons: int) -> Cells:
        # the prefecture reports 77 itself, whatever its counties say
        counties = {("disabled", code): value for code, value in (FIRST | {"111": persons}).items()}
        return cells_of({**counties, ("disabled", "11"): 77, ("disabled", "12"): 85, ("disabled", "1"): 162})

    first = own_figures(6)
    plan = suppress(first, [])
    assert plan.hidden.is_empty()
    with pytest.raises(NotProtectable, match="disabled 111 2025"):
        suppress(own_figures(3), [former(first, plan)])


def test_what_is_kept_for_later_editions_is_closed_to_others(tmp_path: Path) -> None:
    cells = edition()
    plan = suppress(cells, [])
    path = tmp_path / "confidential" / "2025-1.parquet"
    remember(cells, plan, path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert stat.S_IMODE(path.parent.stat().st_mode) & 0o007 == 0
    recalled, known = recall(path), former(cells, plan)
    assert recalled.cells.equals(known.cells)
    assert recalled.relations.equals(known.relations)
    once = path.read_bytes()
    remember(cells, plan, path)
    assert path.read_bytes() == once
