"""The same table in CSV, quoted CSV, XLSX and Parquet; and the wide census workbook."""

from datetime import date

import polars as pl
import pytest

from pipelines.landing.grid import read_grids

COUNTS = "区划代码,性别,年龄组,死亡人数"


TEXT = "a,b\n1,2\n\n3,,x\n"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_quoted_and_unquoted_csv_give_the_same_grid(tmp_path, end, mark):
    plain, quoted = tmp_path / "plain.csv", tmp_path / "quoted.csv"
    plain.write_bytes((mark + TEXT).replace("\n", end).encode())
    quoted.write_bytes((mark + TEXT.replace("1", '"1"')).replace("\n", end).encode())
    one, two = next(read_grids(plain, "csv")), next(read_grids(quoted, "csv"))
    assert one.cells.fill_null("").rows() == two.cells.fill_null("").rows()
    assert one.lines.to_list() == two.lines.to_list() == [1, 2, 3, 4]
    assert one.widths.to_list() == two.widths.to_list() == [2, 2, 1, 3]


def test_line_numbers_after_a_line_break_within_quotes(world):
    world.put(
        "deaths/2024/511702.csv",
        f"{COUNTS.replace('性别', chr(34) + '性' + chr(10) + '别' + chr(34))}\n511702,x,合计,1\n",
    )
    assert world.refused(world.land("deaths"))[0][0] == 3


def test_gb18030_is_read(world):
    world.put("deaths/2024/511702.csv", (COUNTS + "\n511702,合计,合计,1\n").encode("gb18030"))
    assert world.land("deaths").rows == 1


def test_workbook_and_parquet_land_the_same_values(world):
    rows = [["511702", "合计", "合计", 5]]
    world.sheet("deaths/2022/511702.xlsx", [["达州市死亡人数"], [], COUNTS.split(","), *rows])
    for year, names in (("2023", COUNTS.split(",")), ("2024", ["region_code", "sex", "age_band", "deaths"])):
        path = world.put(f"deaths/{year}/511702.parquet", b"")
        pl.DataFrame(rows, names, orient="row").write_parquet(path)
    world.table("deaths/2021/511702.csv", COUNTS, "511702,合计,合计,5")
    result = world.whole(world.land("deaths"))
    values = world.landed(result).select("region_code", "sex", "age_band", "age_from", "age_to", "deaths")
    assert values.unique().rows() == [("511702", "total", "total", 0, None, 5)]
    assert world.landed(result)["delivery_row"].to_list() == [2, 4, 2, 2]
    assert world.landed(result)["delivery_sheet"].to_list() == [None, "表", None, None]


def test_two_headers_for_one_column_with_equal_cells(world):
    world.table("deaths/2024/511702.csv", COUNTS + ",死亡数", "511702,合计,合计,5,5")
    assert world.land("deaths").rows == 1


def test_columns_not_in_the_contract_are_reported(world):
    world.table("deaths/2024/511702.csv", COUNTS + ",备用", "511702,合计,合计,5,5")
    assert world.land("deaths").finding.select("finding", "column").rows() == [("unmatched_column", "备用")]


def test_registers_keep_dates_and_blank_defaults(world):
    regions = world.landed(world.land("regions"))
    assert regions.height == 9
    row = regions.row(0, named=True)
    assert (row["county_kind"], row["gbt2260"], row["valid_from"]) == ("na", True, date(1949, 10, 1))


def test_wide_census_workbook(world):
    header = ["区划代码", "省", "市", "区县", "人口数_合计"]
    header += [f"{sex}_{band}" for band in ("0岁", "1到4岁", "5岁以上") for sex in "男女"]
    places = [("510000", "四川省"), ("511700", "达州市"), ("511702", "通川区"), ("500100", "市辖区"), (None, "某地")]
    rows = [[code, "四川省", "达州市", name, 21, 1, 2, 3, 4, 5, 6] for code, name in places]
    rows.append(["511703", "四川省", "达州市", "达川区", "NA", *["NA"] * 6])
    world.sheet("population/2020/000000.xlsx", [header, *rows])
    result = world.whole(world.land("population"))
    assert result.reconciliation.row(0)[1:] == (6, 3, 3, 0, 0)
    assert [row[:2] for row in world.refused(result)] == [
        (5, "unknown_region"), (6, "unknown_region"), (7, "missing_required"),
    ]  # fmt: skip
    frame = world.landed(result)
    assert frame.group_by("region_code").agg(pl.sum("population")).sort("region_code").rows() == [
        ("510000", 21), ("511700", 21), ("511702", 21),
    ]  # fmt: skip
    first = frame.row(0, named=True)
    assert (first["basis"], first["ref_point"], first["sex"], first["age_band"], first["population"]) == (
        "resident", "census", "male", "0", 1,
    )  # fmt: skip
    assert "人口数_合计" in result.finding["column"].to_list()


def test_a_county_is_not_counted_twice_in_the_census(world):
    header = ["区划代码", "男_0岁", "女_0岁", "男_1岁以上", "女_1岁以上"]
    world.sheet("population/2020/000000.xlsx", [header, ["511700", 1, 1, 1, 1], ["511702", 1, 1, 1, 1]])
    long = "区划代码,口径,时点,性别,年龄组,人口数"
    rows = [f"511702,常住,普查,{sex},{band},9" for sex in "男女" for band in ("0", "1+")]
    world.table("population/2020/511702.csv", long, *rows)
    frame = world.landed(world.whole(world.land("population")))
    assert frame.filter(pl.col("region_code") == "511702")["population"].to_list() == [9, 9, 9, 9]


@pytest.mark.parametrize("number", ["9" * 400, "1e999999999", "9" * 30 + "万亿", "1e99"])
def test_absurd_numbers_are_refused_not_raised(world, number):
    world.table("deaths/2024/511702.csv", COUNTS, f"511702,合计,合计,{number}")
    assert [row[1] for row in world.refused(world.land("deaths"))] == ["bad_type"]


def test_an_empty_sheet_before_the_table_and_nested_columns_are_passed_over(world):
    import xlsxwriter

    workbook = xlsxwriter.Workbook(world.put("deaths/2023/511702.xlsx", b""))
    workbook.add_worksheet("封面")
    sheet = workbook.add_worksheet("数据")
    sheet.write_row(2, 1, COUNTS.split(","))
    sheet.write_row(3, 1, [511702, "合计", "合计", 3.0])
    workbook.close()
    columns = dict(zip(COUNTS.split(","), (["511702"], ["合计"], ["合计"], [3.0]), strict=True))
    pl.DataFrame(columns | {"x": [[1, 2]]}).write_parquet(world.put("deaths/2024/511702.parquet", b""))
    frame = world.landed(world.land("deaths"))
    assert frame.select("deaths", "delivery_sheet", "delivery_row").rows() == [(3, "数据", 4), (3, None, 2)]


def test_a_file_that_takes_too_long_is_refused(world, monkeypatch):
    world.land("regions")
    monkeypatch.setattr("pipelines.landing.limits.FILE_SECONDS", -1)
    world.table("deaths/2023/511702.csv", COUNTS, "511702,合计,合计,5")
    assert world.land("deaths").delivery.select("state", "reason").rows() == [("rejected", "unreadable_file")]
