"""Parquet that promises what it does not hold, or holds what has no text."""

import io
import subprocess
import sys
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.contracts import contract_of
from pipelines.landing import parquet_file
from pipelines.landing.land import Landing
from pipelines.landing.parquet_file import _largest_part, _written_row_by_row
from pipelines.landing.parsed import parsed_file

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


def columns_of_ledger(amounts):
    """Entries of a fund's ledger, one for each amount; their numbers are the places."""
    same = {
        "区划代码": "511702",
        "资金来源": "其他",
        "是否用于社会福利事业": "不适用",
        "收支类型": "收入",
        "日期": "2024-03-05",
    }
    told = {name: [text] * len(amounts) for name, text in same.items()}
    return {"记录编号": [str(place) for place in range(len(amounts))], **told, "金额": amounts}


def parsed_of(world, columns):
    target = io.BytesIO()
    pq.write_table(pa.table(columns), target)
    world.put("fund_ledger/2024/511702.parquet", target.getvalue())
    [file] = [file for file in Landing(world.raw, world.var).discover().files if file.source == "fund_ledger"]
    path = world.raw / file.path
    return parsed_file(world.var / f"{file.sha256}.parquet", file, path, contract_of("fund_ledger"), b"k" * 32)


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
def test_one_long_text_for_many_rows_is_not_written_out(world, monkeypatch, dictionary, group):
    """A quarter of a gigabyte in a file of some kilobytes, whether it says the text once or for each row, in one row
    group or in many: it is refused before it takes its memory."""
    rows = 600
    long = pa.DictionaryArray.from_arrays(pa.array([0] * rows, pa.int32()), pa.array(["长" * 150_000]))
    columns = {name: pa.array([text] * rows) for name, text in zip(NAMES, ("511702", "合计", "合计", "5"), strict=True)}
    columns["备注"] = long.cast(pa.string())
    target = io.BytesIO()
    pq.write_table(pa.table(columns), target, group, compression="zstd", use_dictionary=dictionary)
    assert len(target.getvalue()) < 1_000_000
    monkeypatch.setattr(parquet_file, "_written_out", None)
    assert "备注" not in _written_row_by_row(pq.read_metadata(target), {*columns}, rows)
    assert landed(world, target.getvalue()) == (0, ["unreadable_file"])


PICTURES = """
import io
import polars as pl, pyarrow as pa, pyarrow.parquet as pq
from pipelines.landing.parquet_file import parquet_grids
picture, rows = b"x" * 100_000, 5_000
pictures = [
    pa.array([picture] * 100, pa.binary()), pa.array([picture] * 100, pa.large_binary()),
    pa.array([picture] * 100, pa.binary(100_000)), pa.array([picture] * 100, pa.binary_view()),
    pa.array([[picture]] * 100), pa.array([{"picture": picture}] * 100), pa.array([picture] * 100).dictionary_encode(),
]
for column in pictures:
    target, part = io.BytesIO(), pa.table({"code": ["511702"] * 100, "picture": column, "persons": [5] * 100})
    with pq.ParquetWriter(target, part.schema, compression="zstd") as writer:
        for _ in range(rows // 100):
            writer.write_table(part)
    assert len(target.getvalue()) < 1_000_000
    _, *parts = [grid.cells for grid in parquet_grids(io.BytesIO(target.getvalue()))]
    read = pl.concat(parts)
    assert read.null_count().row(0) == (0, rows, 0) and read["c2"].unique().to_list() == ["5"], column.type
# not ru_maxrss, which begins with the memory of the process that started this one
[peak] = [line for line in open("/proc/self/status") if line.startswith("VmHWM")]
print(int(peak.split()[1]) // 1024)
"""


def test_what_is_no_cell_is_not_read():
    """Half a gigabyte of pictures in a file of kilobytes: the other columns are read, and only they take memory."""
    told = subprocess.run([sys.executable, "-c", PICTURES], capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr
    assert int(told.stdout) < 450


def test_views_of_text_are_measured_and_read(world):
    columns = {
        name: pa.array([text], pa.string_view())
        for name, text in zip(NAMES, ("511702", "合计", "合计", "5"), strict=True)
    }
    assert landed(world, parquet(**columns)) == (1, [None])
    long = pa.DictionaryArray.from_arrays(pa.array([0] * 600, pa.int32()), pa.array(["长" * 150_000]))
    many = {name: pa.array([column[0].as_py()] * 600, pa.string_view()) for name, column in columns.items()}
    target = io.BytesIO()
    pq.write_table(pa.table(many | {"备注": long.cast(pa.string()).cast(pa.string_view())}), target, compression="zstd")
    assert landed(world, target.getvalue()) == (0, ["unreadable_file"])


def test_small_files_of_many_rows_are_read_in_parts(world, monkeypatch):
    """Equal cells take hardly any room in a file; its rows do, when they are read."""
    monkeypatch.setattr("pipelines.landing.parsed.part_rows", lambda: 400)
    numbers = [str(number) for number in range(500)]
    assert parsed_of(world, columns_of_ledger(numbers)).large
    assert not parsed_of(world, columns_of_ledger(numbers[:400])).large


@given(
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 900)), max_size=12),
    st.integers(1, 40),
)
def test_no_part_is_larger_than_is_thought(groups, rows):
    """Bytes stand evenly in the rows of a group here; those of groups without rows count where they stand."""
    bytes_ = [size / count for count, size in groups for _ in range(count)]
    parts = [sum(bytes_[first : first + rows]) for first in range(len(bytes_))]
    assert _largest_part(groups, rows) >= max(parts, default=0) - 1e-6


def test_a_short_last_group_is_read_as_the_others(world):
    """Of 50,000 rows and one: what each group writes beside its rows is little."""
    assert _largest_part([(50_000, 8_000_000)] * 2 + [(1, 1_192)], 350_000) == 16_001_192
    assert _largest_part([(1_000_000, 160_000_000)] * 9, 500_000) == 160_000_000


def test_rows_at_once_follow_memory_and_width(monkeypatch):
    """A row of 512 bytes of text is always read, however much memory there is; empty cells take room, too."""
    for megabytes in (1_000, 6_000, 64_000):
        monkeypatch.setattr("pipelines.memory.run_mb", lambda megabytes=megabytes: megabytes)
        monkeypatch.setattr("pipelines.landing.memory.run_mb", lambda megabytes=megabytes: megabytes)
        assert parquet_file._rows_at_once(13) * 512 <= parquet_file.PART_BYTES
        assert parquet_file._rows_at_once(2_000) * 2_000 * 64 <= megabytes << 20


@pytest.mark.parametrize("dictionary", [True, False])
def test_texts_are_read_however_they_are_encoded(world, dictionary):
    numbers = [str(number) for number in range(600)]
    columns = columns_of_ledger([*numbers[:-1], None])
    target = io.BytesIO()
    pq.write_table(pa.table(columns), target, use_dictionary=dictionary)
    assert _written_row_by_row(pq.read_metadata(target), {*columns}, 600) == (set() if dictionary else {*columns})
    world.put("fund_ledger/2024/511702.parquet", target.getvalue())
    result = world.whole(world.land("fund_ledger"))
    assert world.landed(result).select("entry_id", "amount").rows() == [(text, int(text)) for text in numbers[:-1]]
    assert [row[1:4:2] for row in world.refused(result)] == [("missing_required", "amount")]
