"""What is hidden of a release that is typed by hand, and what happens when nothing could be proved any more."""

from pathlib import Path

import polars as pl
import pytest

from pipelines.publication.disclosure.former import former
from pipelines.publication.disclosure.plan import Plan
from pipelines.publication.disclosure.relations import KEY
from pipelines.serving.hidden import hide, holders
from pipelines.warehouse import read
from tests.integration import serve_release


@pytest.fixture
def release(tmp_path: Path):
    with read.connect(serve_release.release(tmp_path, "r1").released) as connection:
        yield connection


def test_reach_of_accounts(release) -> None:
    found = {holder.region_code: holder for holder in holders(release)}
    assert "000000" not in found
    assert found["500200"].sees == {"500200", "500201", "500202", "500203"}
    assert found["500203"].above == {("500200", "2025"), ("500000", "2025"), ("000000", "2025")}


def test_more_is_hidden_than_readers_would_need(release) -> None:
    """4 beside 9 and 11 of 24: two hidden would do for readers, but not for the holder of one of the two."""
    hidden = hide(release, []).plan.hidden.filter(pl.col("family") == "poor_served")["region_code"].to_list()
    of_second = [region for region in hidden if region.startswith("5002")]
    assert "500201" in of_second and len(of_second) >= 3


def test_where_nothing_helps_every_count_is_hidden(release) -> None:
    """A former load showed all but the 4: it can be subtracted, whatever is hidden now."""
    cells = hide(release, []).cells
    told_all_but_one = Plan(pl.DataFrame([("poor_served", "500201", "2025")], schema=KEY, orient="row"))
    hidden = hide(release, [former(cells, told_all_but_one)])
    assert "poor_served" in hidden.all_because
    assert hidden.plan.hidden.height == cells.cells.height
    [shown] = release.execute(
        "select count(*) from marts.indicator_value as figures anti join hidden_figure as hidden"
        " using (indicator_key, variant, region_code, period) where indicator_key = 'served'"
    ).fetchone()
    assert shown == 0
