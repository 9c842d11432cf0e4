"""Parquet that promises what it does not hold, or holds what has no text."""

import io
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines.landing.parquet_file import _written_row_by_row

NAMES = ["区划代码", "性别", "年龄组", "死亡人数"]


def parquet(**changed):
    """One sound row, with columns in place of its own."""
    columns = dict(zip(NAMES, (pa.array([text]) for text in ("511702", "合计", "合计", "5")), strict=True)) | changed
    target = io.BytesIO()
    pq.write_table(pa.table(columns), target)
    return target.getvalue()


def landed(world, content):
    world.put("deaths/2024/511702.parquet", content)
    result = world.whole(world.land("deaths"))
    return result.rows, result.delivery["reason"].to_list()


def test_the_sound_row_lands(world):
    assert landed(world, parquet()) == (1, [None])


def test_bytes_that_are_no_text_are_refused(world):
    text = pa.array([b"\xff\xfe\x81"], pa.binary()).view(pa.string())
    assert landed(world, parquet(性别=text)) == (0, ["encoding"])
    assert landed(world, parquet(备注=text)) == (0, ["encoding"])


def test_a_name_that_is_no_text_is_refused(world):
    content = parquet()
    name = "区划代码".encode()
    assert landed(world, content.replace(name, b"\xff" * len(name))) == (0, ["encoding"])


def test_a_number_of_seventy_digits_is_refused(world):
    number = pa.array([Decimal("9" * 70)], pa.decimal256(76, 0))
    assert landed(world, parquet(死亡人数=number)) == (0, [None])
    assert world.refused(world.land("deaths"))[0][1:4:2] == ("bad_type", "deaths")
    assert landed(world, parquet(备注=number)) == (1, [None])


def test_days_beyond_the_calendar_are_no_dates_and_others_are(world):
    beyond = pa.array([2**31 - 1], pa.int32()).cast(pa.date32())
    assert landed(world, parquet(备注=beyond, 日期=pa.array([2**62]).cast(pa.timestamp("ms")))) == (1, [None])
    header = ["记录编号", "区划代码", "资金来源", "是否用于社会福利事业", "收支类型", "金额"]
    days = {
        "1": pa.array([1709596800], pa.int64()).cast(pa.timestamp("s", "Asia/Shanghai")),
        "2": pa.array([19787], pa.int32()).cast(pa.date32()),
        "3": beyond,
    }
    for number, day in days.items():
        row = dict(zip(header, ([number], ["511702"], ["其他"], ["不适用"], ["收入"], ["1"]), strict=True))
        target = io.BytesIO()
        pq.write_table(pa.table(row | {"日期": day}), target)
        world.put(f"fund_ledger/202{number}/511702.parquet", target.getvalue())
    result = world.whole(world.land("fund_ledger"))
    assert [str(day) for day in world.landed(result)["booked_on"]] == ["2024-03-05", "2024-03-05"]
    assert [row[1:4:2] for row in world.refused(result)] == [("bad_type", "booked_on")]


@pytest.mark.parametrize(("dictionary", "group"), [(True, 600), (False, 600), (False, 10)])
def test_one_long_text_for_many_rows_is_not_written_out(world, dictionary, group):
    """A quarter of a gigabyte in a file of some kilobytes, whether it says the text once or for each row, in one row
    group or in many: it is refused before it takes its memory."""
    rows = 600
    long = pa.DictionaryArray.from_arrays(pa.array([0] * rows, pa.int32()), pa.array(["长" * 150_000]))
    columns = {name: pa.array([text] * rows) for name, text in zip(NAMES, ("511702", "合计", "合计", "5"), strict=True)}
    columns["备注"] = long.cast(pa.string())
    target = io.BytesIO()
    pq.write_table(pa.table(columns), target, group, compression="zstd", use_dictionary=dictionary)
    assert len(target.getvalue()) < 1_000_000
    assert "备注" not in _written_row_by_row(pq.read_metadata(target), {*columns})
    assert landed(world, target.getvalue()) == (0, ["unreadable_file"])


@pytest.mark.parametrize("dictionary", [True, False])
def test_texts_are_read_however_they_are_encoded(world, dictionary):
    numbers = [str(number) for number in range(600)]
    same = {
        "区划代码": "511702",
        "资金来源": "其他",
        "是否用于社会福利事业": "不适用",
        "收支类型": "收入",
        "日期": "2024-03-05",
    }
    amounts = [*numbers[:-1], None]
    columns = {"记录编号": numbers, **{name: [text] * 600 for name, text in same.items()}, "金额": amounts}
    target = io.BytesIO()
    pq.write_table(pa.table(columns), target, use_dictionary=dictionary)
    assert _written_row_by_row(pq.read_metadata(target), {*columns}) == (set() if dictionary else {*columns})
    world.put("fund_ledger/2024/511702.parquet", target.getvalue())
    result = world.whole(world.land("fund_ledger"))
    assert world.landed(result).select("entry_id", "amount").rows() == [(text, int(text)) for text in numbers[:-1]]
    assert [row[1:4:2] for row in world.refused(result)] == [("missing_required", "amount")]
