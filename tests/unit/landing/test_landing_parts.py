"""In how many parts a file is read, judged and landed decides nothing."""

import tempfile
from contextlib import contextmanager
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from pipelines.landing import csv_text, parquet_file, parse, parsed, settle, workbook
from pipelines.landing.grid import read_grids
from tests.unit.landing.spelled_cells import citizen_number
from tests.unit.landing.test_landing_properties import GENERATED, deliveries, put

LEDGER = "记录编号,区划代码,资金来源,是否用于社会福利事业,收支类型,金额"
SIZES = [(1, 1), (40, 2), (150, 5)]


@contextmanager
def parts_of(text_bytes, rows):
    """Files are read in parts of so many bytes, judged and landed in parts of so many rows; the header is among the
    first three rows, so that small tables have parts below it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parse, "SEARCHED_ROWS", 3)
        patch.setattr(csv_text, "FIRST_PART", text_bytes)
        patch.setattr(csv_text, "QUOTED_ROWS", rows)
        for module in (csv_text, parsed):
            patch.setattr(module, "part_bytes", lambda: text_bytes)
        for module in (settle, workbook, parquet_file):
            patch.setattr(module, "part_rows", lambda: rows)
        yield


def what_is_told(result):
    """Everything that a landing says, in order, but the names of its files and the time of delivery.

    Printed totals are compared only in files that are read as one part.
    """
    frames = {name: getattr(result, name) for name in ("reconciliation", "quarantine", "correction")}
    frames["delivery"] = result.delivery.drop("received_at")
    frames["finding"] = result.finding.filter(pl.col("finding") != "subtotal_mismatch")
    for name, paths in (("landed", result.files), ("faults", result.faults)):
        if paths:
            frames[name] = pl.concat([pl.read_parquet(path) for path in paths])
    return frames


def assert_parts_decide_nothing(world_in, deliver, size):
    """What `deliver` puts into a world and names lands the same in parts of `size`; gives what is told, and in how many
    files it landed."""
    with tempfile.TemporaryDirectory() as root:
        world, parted = world_in(Path(root, "whole")), world_in(Path(root, "parts"))
        whole = world.whole(world.land(deliver(world)))
        with parts_of(*size):
            parts = parted.whole(parted.land(deliver(parted)))
        one, other = what_is_told(whole), what_is_told(parts)
        assert one.keys() == other.keys()
        for name in one:
            assert_frame_equal(one[name], other[name])
        return other, len(parts.files)


@settings(GENERATED, max_examples=20)
@given(files=deliveries(), size=st.sampled_from(SIZES))
def test_parts_of_generated_tables(world_in, files, size):
    assert_parts_decide_nothing(world_in, lambda world: put(world, files), size)


def entry(serial, amount="5", region="511702"):
    """A line of a ledger."""
    return f"PZ{serial:03},{region},一般公共预算,否,收入,{amount}"


def lines(*rows, end="\n"):
    return (end.join([LEDGER, *rows]) + end).encode()


def ledger(content):
    """Delivers a ledger of one county."""

    def deliver(world):
        world.put("fund_ledger/2023/511702.csv", content)
        return "fund_ledger"

    return deliver


MANY = [entry(serial) for serial in range(12)]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_many_parts_are_made_and_a_key_is_known_in_all_of_them(world_in, size, kind):
    rows = [*MANY, entry(0), entry(20, "约3"), entry(20), entry(20), entry(11)]

    def deliver(world):
        if kind == "csv":
            return ledger(lines(*rows))(world)
        target = world.put("fund_ledger/2023/511702.parquet", b"")
        pl.DataFrame([row.split(",") for row in rows], LEDGER.split(","), orient="row").write_parquet(target)
        return "fund_ledger"

    told, files = assert_parts_decide_nothing(world_in, deliver, size)
    assert files >= 3
    assert told["landed"].height == 13
    assert told["quarantine"].select("row_number", "reason").rows() == [
        (14, "duplicate_key"), (15, "bad_type"), (17, "duplicate_key"), (18, "duplicate_key"),
    ]  # fmt: skip


@pytest.mark.parametrize("size", SIZES)
def test_a_person_may_stand_with_two_suppliers_but_not_twice_with_one(world_in, size):
    header = "身份证号,县区代码,乡镇街道代码,人员类别"

    def deliver(world):
        for supplier in ("511702", "511703"):
            rows = [f"{citizen_number(serial)},{supplier},{supplier}001,独居" for serial in (*range(6), 0)]
            world.table(f"care_contacts/2024-03/{supplier}.csv", header, *rows)
        return "care_contacts"

    told, _ = assert_parts_decide_nothing(world_in, deliver, size)
    assert told["reconciliation"]["landed"].sum() == 12
    assert told["quarantine"]["row_number"].to_list() == [8, 8]


NOTHING = ",,,,,"


@pytest.mark.parametrize("size", [(1, 1), (60, 2), (90, 3)])
@pytest.mark.parametrize(
    ("rows", "delivered", "ignored"),
    [
        ([*MANY, NOTHING, NOTHING, NOTHING], 12, 0),
        ([*MANY, NOTHING, NOTHING, entry(12)], 15, 2),
        ([NOTHING, NOTHING, *MANY, "", "", ""], 14, 2),
        ([*MANY, "注：期末数", "", "填报人：某某"], 15, 3),
        ([*MANY[:3], "合计,,,,,15", LEDGER, *MANY[3:], "注：期末数,,,,,"], 15, 3),
        ([NOTHING] * 5, 0, 0),
    ],
)
def test_what_is_no_data_at_the_borders_of_parts(world_in, rows, delivered, ignored, size):
    told, _ = assert_parts_decide_nothing(world_in, ledger(lines(*rows)), size)
    assert told["reconciliation"].select("delivered", "ignored").row(0) == (delivered, ignored)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("last", "reason"), [("5", None), (" 5", None), ("6", "unparsable_header")])
def test_two_headers_for_one_column_that_differ_late(world_in, last, reason, size):
    rows = [f"{row},5" for row in MANY] + [f"{entry(20)},{last}"]
    content = lines(*rows).replace(LEDGER.encode(), f"{LEDGER},金额(元)".encode())
    told, _ = assert_parts_decide_nothing(world_in, ledger(content), size)
    assert told["delivery"]["reason"].to_list() == [reason]
    assert told["reconciliation"]["landed"].sum() == (0 if reason else 13)


@pytest.mark.parametrize("size", SIZES)
def test_gb18030_that_begins_like_utf8(world_in, size):
    assert "聘".encode("gb18030").decode() == "Ƹ"
    told, _ = assert_parts_decide_nothing(
        world_in, ledger("聘\n".encode("gb18030") + lines(*MANY).decode().encode("gb18030")), size
    )
    assert told["reconciliation"]["landed"].sum() == 12


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    ("encoding", "tail", "reason"),
    [
        ("utf-8", b"\xff\xff\n", "encoding"),
        ("gb18030", b"\xff\xff\n", "encoding"),
        ("gb18030", b"\x81\n", "encoding"),
        ("gb18030", "\ufffd\n".encode("gb18030"), "encoding"),
        ("utf-8", "\ufffd\n".encode(), "encoding"),
        ("utf-8", b"PZ090,511702\0\n", "unreadable_file"),
        ("utf-8", b'PZ090,"511702\n', "unreadable_file"),
        ("gb18030", 'PZ090,"511702,一般\n'.encode("gb18030"), "unreadable_file"),
    ],
)
def test_a_fault_in_a_late_part_refuses_the_whole_file(world_in, encoding, tail, reason, size):
    content = lines(*MANY).decode().encode(encoding) + tail
    told, _ = assert_parts_decide_nothing(world_in, ledger(content), size)
    assert told["delivery"]["reason"].to_list() == [reason]
    assert (told["quarantine"].height, told["reconciliation"]["delivered"].sum()) == (0, 0)


def test_a_file_that_fails_late_leaves_the_others_as_they_are(world_in):
    def deliver(world):
        world.put("fund_ledger/2023/511703.csv", lines(*(entry(n, region="511703") for n in range(9))))
        world.put("fund_ledger/2023/511702_r2.csv", lines(*MANY) + b"\xff\xff\n")
        return ledger(lines(*MANY))(world)

    told, _ = assert_parts_decide_nothing(world_in, deliver, (40, 2))
    assert dict(told["reconciliation"].select("path", "superseded").iter_rows()) == {
        "fund_ledger/2023/511702.csv": 12, "fund_ledger/2023/511702_r2.csv": 0, "fund_ledger/2023/511703.csv": 0,
    }  # fmt: skip
    assert told["reconciliation"]["landed"].sum() == 9


TEXT = "名称,数\n鑫源,１\n䶮㐂𠮷,2\n€é,3\n东侧,4\n"


@pytest.mark.parametrize("quoted", [False, True])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_no_border_of_a_part_cuts_a_character(tmp_path, encoding, end, quoted):
    path = tmp_path / "511702.csv"
    text = TEXT.replace("鑫源", '"鑫源"') if quoted else TEXT
    path.write_bytes(text.replace("\n", end).encode(encoding))
    for size in (*range(1, 40), 50, 60):
        with parts_of(size, 1 + size % 3):
            grids = list(read_grids(path, "csv"))
        rows = [row for grid in grids for row in grid.cells.rows()]
        assert rows == [("名称", "数"), ("鑫源", "１"), ("䶮㐂𠮷", "2"), ("€é", "3"), ("东侧", "4")]
        assert [line for grid in grids for line in grid.lines] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("size", [3, 7, 20])
def test_a_long_text_with_one_line_feed_is_cut_at_its_other_line_ends(tmp_path, monkeypatch, size):
    monkeypatch.setattr(csv_text, "LONGEST_LINE", 16)
    path = tmp_path / "511702.csv"
    path.write_bytes("\r".join(["名称,数", *["东侧街道,1"] * 9]).encode() + b"\n")
    with parts_of(size, 2):
        grids = list(read_grids(path, "csv"))
    assert {grid.encoding for grid in grids} == {"utf-8-sig"}
    assert [row for grid in grids for row in grid.cells.rows()] == [("名称", "数"), *[("东侧街道", "1")] * 9]
    assert [line for grid in grids for line in grid.lines] == list(range(1, 11))
