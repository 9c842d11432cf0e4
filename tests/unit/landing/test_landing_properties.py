"""Laws of landing, for tables drawn with all the dirt that departments write, in every format.

Nothing is lost; what was written rightly comes back as it was meant, what was not is refused for its reason; landing
again, in another order or from another format changes nothing.
"""

import tempfile
from dataclasses import replace
from pathlib import Path

import polars as pl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from pipelines.landing.land import Landing
from tests.unit.landing.generated_tables import HEADERS, tables
from tests.unit.landing.written_tables import Manner, delivered

GENERATED = settings(
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
CSV = st.builds(
    Manner,
    st.just("csv"),
    st.sampled_from(["utf-8", "utf-8-sig", "gb18030"]),
    st.sampled_from(["\n", "\r\n", "\r"]),
    short=st.booleans(),
)
MANNER = CSV | st.builds(Manner, st.sampled_from(["xlsx", "parquet"]), numbers=st.booleans())
IN_EVERY_FORMAT = (
    Manner("csv"),
    Manner("csv", "gb18030", "\r\n"),
    Manner("xlsx", numbers=True),
    Manner("parquet", numbers=True),
)


@st.composite
def deliveries(draw):
    """Files of one source: a prefecture's, now and then one of its counties', and one that a revision replaces."""
    source = draw(st.sampled_from(list(HEADERS)))
    below, revised = draw(st.booleans()), draw(st.booleans())
    own = draw(tables(source, below=below))
    files = [replace(own, revision=2 if revised else 1)]
    if revised:
        files.append(replace(draw(tables(source)), period=own.period, replaced=True))
    if below:
        files.append(replace(draw(tables(source, "511703")), period=own.period))
    return [delivered(table, draw(MANNER)) for table in files]


def put(world, files):
    """Deliver `files`; their source."""
    for file in files:
        file.put(world.raw)
    return files[0].table.source


def values_of(world, result):
    """Values of every landed row by path and physical row, with the sheet or provenance left out."""
    told = ("delivery_path", "delivery_sheet", "delivery_row", "delivery_period", "delivery_supplier")
    return {
        (row["delivery_path"], row["delivery_row"]): {name: row[name] for name in row if name not in told}
        for row in (world.landed(result).iter_rows(named=True) if result.files else ())
    }


def reasons_of(result):
    """First reason of every refused row by path and physical row."""
    told = result.quarantine.select("path", "row_number", "reason")
    return {(path, row): reason for path, row, reason in told.iter_rows()}


@settings(GENERATED, max_examples=40)
@given(files=deliveries())
def test_good_rows_come_back_bad_rows_are_refused_and_none_is_lost(world_in, files):
    with tempfile.TemporaryDirectory() as root:
        world = world_in(Path(root))
        result = world.whole(world.land(put(world, files)))
        counted = {path: tuple(counts) for path, *counts in result.reconciliation.iter_rows()}
        assert counted == {file.path: file.account for file in files}
        landed = values_of(world, result)
        assert landed == {place: values for file in files for place, values in expected(file, landed)}
        refused = reasons_of(result)
        assert refused == {place: reason for file in files for place, reason in file.refused.items()}
        assert (result.rows, len(landed)) == (result.reconciliation["landed"].sum(), result.rows)
        assert result.quarantine.height == result.reconciliation["quarantined"].sum()


def expected(file, landed):
    """What lands of a file; columns that it does not have are empty."""
    for place, values in file.landed.items():
        yield place, dict.fromkeys(landed.get(place, ())) | values


@settings(GENERATED, max_examples=10)
@given(first=deliveries(), second=deliveries())
def test_neither_landing_again_nor_any_order_changes_a_byte(world_in, first, second):
    files = list({file.path: file for file in (*first, *second)}.values())
    sources = sorted({file.table.source for file in files})
    with tempfile.TemporaryDirectory() as root:
        world, mirrored = world_in(Path(root, "a")), world_in(Path(root, "b"))
        put(world, files)
        put(mirrored, files[::-1])
        landing = Landing(world.raw, world.var)
        once = {source: landing.land(source) for source in sources}
        written = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in below(world)}
        again = Landing(world.raw, world.var)
        back = Landing(mirrored.raw, mirrored.var, backwards=True)
        for source in reversed(sources):
            same(once[source], again.land(source))
            same(once[source], back.land(source))
        assert {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in below(world)} == written
        assert {path.relative_to(mirrored.var): path.read_bytes() for path in below(mirrored)} == {
            path.relative_to(world.var): content for path, (content, _) in written.items()
        }


def below(world):
    """Everything that landed or was refused."""
    landed = (world.var / "landing" / "landed").rglob("*.parquet")
    return sorted([*landed, *(world.var / "quarantine").rglob("*.parquet")])


def same(one, other):
    """Both results say the same of every file and row."""
    assert [path.name for path in one.files] == [path.name for path in other.files]
    assert_frame_equal(one.delivery.drop("received_at"), other.delivery.drop("received_at"))
    for name in ("reconciliation", "quarantine", "finding", "correction"):
        assert_frame_equal(getattr(one, name), getattr(other, name))


YEARS = {"deaths": "202{}", "fund_ledger": "202{}", "care_contacts": "2024-0{}"}


@settings(GENERATED, max_examples=15)
@given(table=st.sampled_from(list(HEADERS)).flatmap(tables))
def test_every_format_lands_the_same(world_in, table):
    table = replace(table, rows=[row for row in table.rows if not row.ragged])
    files = [
        delivered(replace(table, period=YEARS[table.source].format(place)), manner)
        for place, manner in enumerate(IN_EVERY_FORMAT, start=1)
    ]
    with tempfile.TemporaryDirectory() as root:
        world = world_in(Path(root))
        result = world.whole(world.land(put(world, files)))
        values, reasons = values_of(world, result), reasons_of(result)
        one, *others = [
            [(values.get((file.path, line)), reasons.get((file.path, line))) for line in file.rows] for file in files
        ]
        assert others == [one] * 3
        assert pl.Series(result.reconciliation["landed"]).n_unique() == 1
