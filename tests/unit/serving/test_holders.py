"""The plan holds against every single account: whoever knows his own region's counts cannot subtract them."""

import polars as pl
import pytest

from pipelines.publication.disclosure.audit import Recoverable, audit
from pipelines.publication.disclosure.cells import Cells
from pipelines.publication.disclosure.holders import Holder
from pipelines.publication.disclosure.plan import Plan, suppress
from pipelines.publication.disclosure.relations import KEY, TERM
from pipelines.publication.disclosure.rule import least_open


def counted(values: dict[str, float], weights: dict[str, float] | None = None) -> Cells:
    """A parent P and its children, all of one family and year."""
    cells = pl.DataFrame(
        [("f", region, "2025", value, (weights or {}).get(region, 10.0)) for region, value in values.items()],
        schema=[*KEY, "value", "weight"],
        orient="row",
    )
    terms = [("sum", "sum", "f", region, "2025", 1.0 if region == "P" else -1.0) for region in values]
    nothing = pl.DataFrame(schema={"indicator_key": pl.String, "variant": pl.String, "family": pl.String})
    regions = pl.DataFrame(
        [("2025", region, None if region == "P" else "P") for region in values],
        schema=["period", "region_code", "parent_code"],
        orient="row",
    )
    return Cells(cells, pl.DataFrame(terms, schema=TERM, orient="row"), nothing, nothing, regions)


def account(region: str) -> Holder:
    return Holder(region, frozenset({region}), frozenset({region}), frozenset({("P", "2025")}))


def hidden(plan: Plan) -> set[str]:
    return set(plan.hidden["region_code"])


def test_two_are_not_enough() -> None:
    """3 beside 9: with both hidden, the holder of the 9 subtracts it from what is left of the sum."""
    cells = counted({"P": 52, "A": 3, "B": 9, "C": 40}, {"P": 1000, "C": 100})
    for_readers = suppress(cells, [])
    assert hidden(for_readers) == {"A", "B"}
    audit(cells, for_readers, []).raise_if_recoverable()
    accounts = [account(region) for region in "ABC"]
    exposed = audit(cells, for_readers, [], accounts).intervals.filter(~pl.col("protected"))
    assert exposed.select("region_code", "low", "high", "holder").rows() == [("A", 3.0, 3.0, "B")]
    with pytest.raises(Recoverable, match="by B"):
        audit(cells, for_readers, [], accounts).raise_if_recoverable()

    for_accounts = suppress(cells, [], accounts)
    assert hidden(for_accounts) == {"A", "B", "C"}
    audit(cells, for_accounts, [], accounts).raise_if_recoverable()


def test_two_small_ones_beside_his_own() -> None:
    """1 and 2 hidden beside the holder's own 20 leave him a sum of 3, of which neither can be 5."""
    cells = counted({"P": 123, "A": 1, "B": 2, "C": 20, "D": 100}, {"P": 1000, "D": 200})
    accounts = [account(region) for region in "ABCD"]
    plan = suppress(cells, [], accounts)
    assert {"A", "B", "C", "D"} <= hidden(plan)
    audit(cells, plan, [], accounts).raise_if_recoverable()


def test_what_is_his_own_is_not_protected_from_him() -> None:
    """2 of the parent's 3 are his: that it has at least 2 he cannot but know. The rest is left open."""
    cells = counted({"P": 3, "A": 2, "B": 1, "C": 0})
    plan = suppress(cells, [], [account("A")])
    assert hidden(plan) == {"P", "A", "B", "C"}
    audit(cells, plan, [], [account("A")]).raise_if_recoverable()
    assert (least_open(3, 2), least_open(4, 2), least_open(3), least_open(2, 2)) == (3, 3, 1, 2)


def test_a_holder_sees_the_months_of_a_year() -> None:
    view = Holder("A", frozenset({"A", "old"}), frozenset({"A", "old", "A1"}), frozenset({("P", "2025")})).view(
        [
            ("f", "A", "2025", 5.0),
            ("f", "old", "2025", 2.0),
            ("f", "A1", "2025-03", 1.0),
            ("f", "P", "2025", 9.0),
            ("f", "P", "2024", 9.0),
            ("g", "P", "2025", 9.0),
        ]
    )
    assert view.seen == {0, 1, 2}
    assert view.parts == {3: 7.0}, "his own under both codes; nothing of a year or family in which he has no count"
