"""The workbook's rules, read from the file: one marked-up table a sheet, no cell empty, numbers that are numbers."""

import re
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from pipelines.publication.book import Book
from pipelines.publication.forms import workbook
from tests.unit.publication.read_workbook import MAIN, ReadWorkbook
from tests.unit.publication.small_book import HOSTILE, MORE_HOSTILE, small_book

NAME = "carestat-2025-2.xlsx"
SHEETS = [
    "封面", "目录", "说明", "栏目", "要点",
    "巴南区2021 附件1", "巴南区2021 附件2", "河南省 正文所列目标", "河南省 重点任务",
    "指标值（逐年）", "地区比较（2025）", "文件", "指标定义", "度量", "地区", "目标与数字的核对", "领取补贴的人数",
    "福利彩票公益金占比", "交付清单",
]  # fmt: skip


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("edition")
    workbook.render(small_book(), folder)
    return folder / NAME


@pytest.fixture(scope="module")
def read(path: Path) -> ReadWorkbook:
    return ReadWorkbook(path)


def test_sheets_in_order_and_none_for_a_table_without_rows(read: ReadWorkbook) -> None:
    assert list(read.sheets) == SHEETS
    assert read.active == 0


@pytest.mark.parametrize("name", SHEETS)
def test_each_sheet_is_one_marked_up_table_with_a_title_and_no_empty_cell(read: ReadWorkbook, name: str) -> None:
    sheet = read.sheets[name]
    assert sheet.cells["A1"].strip() and sheet.cells["A2"].strip() and sheet.cells["A3"].strip()
    assert not list(sheet.root.iter(f"{MAIN}mergeCell"))
    assert len(sheet.tables) == 1
    table = sheet.tables[0]
    assert table.get("ref").startswith("A5:") and table.get("headerRowCount", "1") == "1"
    assert table.xpath("string(//@altTextSummary)") and table.get("displayName").isascii()
    assert not list(table.iter(f"{MAIN}autoFilter"))
    header, *rows = sheet.table
    assert header == [column.get("name") for column in table.iter(f"{MAIN}tableColumn")]
    assert len(set(header)) == len(header) and all(header)
    assert rows and all(cell not in (None, "") for row in rows for cell in row)
    # nothing beside or beneath the table
    inside = sum(len(row) for row in sheet.table)
    assert len(sheet.cells) == inside + 4
    selected = sheet.root.find(f"{MAIN}sheetViews/{MAIN}sheetView/{MAIN}selection")
    assert selected is None or selected.get("activeCell", "A1") == "A1"


def test_nothing_in_the_file_is_a_formula_an_image_or_an_outside_link(read: ReadWorkbook) -> None:
    assert not [one for sheet in read.sheets.values() for one in sheet.root.iter(f"{MAIN}f")]
    assert not [name for name in read.parts if "media" in name or "drawing" in name or "externalLink" in name]
    assert not [name for name, part in read.parts.items() if name.endswith(".rels") and b"External" in part]
    assert read.sheets["巴南区2021 附件1"].table[1][1] == HOSTILE
    assert read.sheets["巴南区2021 附件1"].table[1][-1] == MORE_HOSTILE


def test_the_printed_table_stands_as_printed_with_the_years_figures(read: ReadWorkbook) -> None:
    sheet = read.sheets["巴南区2021 附件1"]
    assert sheet.cells["A1"] == "附件1 主要指标（巴南发改发〔2021〕74号）"
    header, first, second, third = sheet.table
    assert header == [
        "序号", "指标名称", "2020年", "2025年", "指标属性", "基期实际值", "实际值所属年度", "实际值", "结论",
        "线性进度", "尚差", "尚差的单位", "条款", "指标代码", "口径", "观测状态", "说明",
    ]  # fmt: skip
    assert first[2:12] == ["32.3%", "60%", "约束性", 32.3, "2025", 68.8678, "已达到", 1.3201, 0.0, "张"]
    assert second[2:12] == ["—", "100%", "[无]", "[无数]", "2025", 99.9996, "未达到", "[无数]", 24170.0, "人"]
    suppressed = "[人数过少，不公布]"
    assert third[5:11] == [suppressed, "2025", suppressed, "不公布", suppressed, suppressed]
    assert sheet.format_of("实际值", 1) == "#,##0.00"
    # 99.9996 would read 100.00 beside a target of 100 that it misses
    assert sheet.format_of("实际值", 2) == "#,##0.0000"
    assert (sheet.format_of("线性进度", 1), sheet.format_of("尚差", 2), sheet.format_of("序号", 1)) == (
        "0.0%",
        "#,##0",
        "0",
    )


def test_years_side_by_side_keep_zero_missing_and_flags_apart(read: ReadWorkbook) -> None:
    sheet = read.sheets["指标值（逐年）"]
    rows = {(row[0], row[2], row[5]): row for row in sheet.table[1:]}
    assert sheet.table[0][6:] == ["2020年", "2021年", "2022年", "2023年", "2024年", "2025年"]
    assert rows["bed_share", "default", "巴南区"][6:] == [32.3, 0.0, 51.5, "[未报送]", "[不适用]", 68.8678]
    assert sheet.format_of("2022年", 1) == '#,##0.00" [推算数]"'
    assert rows["bed_share", "default", "河南省"][6:] == ["[无数]"] * 5 + [12.345]
    assert rows["persons_trained", "default", "巴南区"][11] == "[人数过少，不公布]"


def test_regions_compared_hold_each_figure_of_the_year(read: ReadWorkbook) -> None:
    header, *rows = read.sheets["地区比较（2025）"].table
    pick = [header.index(one) for one in ("地区代码", "口径", "数值", "分子", "应报单位数", "观测状态")]
    assert [[row[one] for one in pick] for row in rows] == [
        ["500113", "default", 68.8678, 688.678, 1.0, "正常"],
        ["410000", "default", 12.345, 1.0, 1.0, "初步"],
        ["410100", "default", "[报送不全或已扣留]", "[报送不全或已扣留]", 12.0, "报送不全或已扣留"],
        ["500113", "default", "[人数过少，不公布]", "[人数过少，不公布]", 1.0, "人数过少，不公布"],
        ["500113", "per_district", 1560.0, 1560.0, 1.0, "口径有变"],
    ]


def test_a_hidden_count_of_persons_says_so_and_money_keeps_its_cents(read: ReadWorkbook) -> None:
    header, *rows = read.sheets["领取补贴的人数"].table
    assert header[6] == "人数（人）"
    assert [row[6] for row in rows] == [38.0, "[人数过少，不公布]"]
    funds = read.sheets["福利彩票公益金占比"]
    assert funds.table[1][funds.table[0].index("符合规则")] == "是"
    assert (funds.format_of("金额（元）", 1), funds.format_of("占比（%）", 1)) == ("#,##0.0", "#,##0.00")


def test_dates_are_dates(read: ReadWorkbook) -> None:
    sheet = read.sheets["巴南区2021 附件2"]
    assert sheet.table[0][1:3] == ["区级重点任务", "责任单位"]
    # days since 1899-12-30
    assert sheet.table[1][sheet.table[0].index("完成时限")] == 46022.0
    assert sheet.format_of("完成时限", 1) == "yyyy-mm-dd"


def test_the_notes_explain_every_mark_and_status_that_is_used(read: ReadWorkbook) -> None:
    explained = {row[1] for row in read.sheets["说明"].table[1:]}
    marks = {
        cell
        for name, sheet in read.sheets.items()
        for row in sheet.table[1:]
        for cell in row
        if name != "说明" and isinstance(cell, str) and re.fullmatch(r"\[.*\]", cell)
    }
    flags = {
        flag
        for sheet in read.sheets.values()
        for form in sheet.formats.values()
        for flag in re.findall(r"\[[^\]]+\]", form)
    }
    assert {"[未报送]", "[不适用]", "[报送不全或已扣留]", "[人数过少，不公布]", "[无数]", "[无]"} <= marks
    assert flags == {"[推算数]", "[初步数]", "[口径有变]"}
    assert marks | flags <= explained
    assert {"已达到", "未达到", "须加快", "不公布"} <= explained


def test_contents_link_to_every_sheet_and_each_sheet_back(read: ReadWorkbook) -> None:
    listed = [row[0] for row in read.sheets["目录"].table[1:]]
    assert listed == SHEETS[2:]
    links = [one.get("location") for one in read.sheets["目录"].root.iter(f"{MAIN}hyperlink")]
    assert links == [f"'{name}'!A1" for name in listed]
    assert [one.get("location") for one in read.sheets["地区"].root.iter(f"{MAIN}hyperlink")] == ["'目录'!A1"]


def test_names_lead_to_the_edition_and_to_the_rows(read: ReadWorkbook) -> None:
    cover = read.sheets["封面"].cells
    places = {name: place for name, place in read.names.items() if place.startswith("'封面'!") and ":" not in place}
    assert {name: cover[place.removeprefix("'封面'!").replace("$", "")] for name, place in places.items()} == {
        "publication_year": 2025.0,
        "edition": 2.0,
        "release_id": "20260301T010203Z-0a1b2c3d",
        "released_at": "2026-03-01T01:02:03+00:00",
    }
    assert read.names["rows_banan_2021_74_annex_1"] == "'巴南区2021 附件1'!$A$6:$Q$8"


def test_properties_name_the_edition_and_carry_the_time_of_the_release(read: ReadWorkbook) -> None:
    core = read.parts["docProps/core.xml"].decode()
    assert "<dc:title>“一老一小”指标公报（2025）</dc:title>" in core
    assert "<dc:creator>carestat</dc:creator>" in core
    assert core.count("2026-03-01T01:02:03Z") == 2


def test_the_cover_prints_why_an_edition_was_made_and_forced(tmp_path: Path) -> None:
    book = small_book()
    forced = replace(book.imprint, objections=("检查未过",), forced_because="国务院要求", compared_with="2025-1")
    workbook.render(Book(forced, book.tables), tmp_path)
    rows = {row[0]: row[1] for row in ReadWorkbook(tmp_path / NAME).sheets["封面"].table[1:]}
    assert rows["改版原因"] == "更正床位数"
    assert (rows["异议 1"], rows["有异议而仍公布的理由"], rows["与之相比的版次"]) == (
        "检查未过",
        "国务院要求",
        "2025-1",
    )


def test_the_same_book_gives_the_same_bytes(path: Path, tmp_path: Path) -> None:
    workbook.render(small_book(), tmp_path)
    assert (tmp_path / NAME).read_bytes() == path.read_bytes()


def test_documents_of_one_region_and_year_get_names_of_their_own(tmp_path: Path) -> None:
    book = small_book()
    one = book["documents"].filter(pl.col("document_key") == "banan_2021_74")
    long = pl.lit("新疆维吾尔自治区：伊犁哈萨克自治州/察布查尔锡伯自治县及其所属乡镇").alias("region_name")
    both = pl.concat([one, one.with_columns(pl.lit("other").alias("document_key"))]).with_columns(long)
    copies = {}
    for name in ("document_tables", "document_rows", "document_tasks"):
        copy = book[name].filter(pl.col("document_key") == "banan_2021_74").with_columns(document_key=pl.lit("other"))
        copies[name] = pl.concat([book[name], copy])
    workbook.render(Book(book.imprint, book.tables | copies | {"documents": both}), tmp_path)
    names = [name for name in ReadWorkbook(tmp_path / NAME).sheets if name.startswith("新疆")]
    assert len(names) == len(set(names)) == 4
    assert all(len(name) <= 31 and not set(name) & set("[]:*?/\\") for name in names)


def test_a_text_longer_than_a_cell_is_refused_not_cut(tmp_path: Path) -> None:
    book = small_book()
    long = book["measures"].with_columns(note=pl.lit("长" * 32_768))
    with pytest.raises(ValueError, match="度量 6"):
        workbook.render(Book(book.imprint, book.tables | {"measures": long}), tmp_path)


@pytest.mark.filterwarnings("error")
def test_a_book_without_rows_has_cover_contents_and_notes(tmp_path: Path) -> None:
    book = small_book()
    workbook.render(Book(book.imprint, {name: frame.clear() for name, frame in book.tables.items()}), tmp_path)
    assert list(ReadWorkbook(tmp_path / NAME).sheets) == ["封面", "目录", "说明"]


def test_changes_since_the_former_edition_are_a_table_of_their_own(tmp_path: Path) -> None:
    book = small_book()
    change = ("figures", "bed_share/default/500113/2022", "护理型床位占比", "value", "51.4", "51.5", "更正床位数")
    names = ("table_name", "item", "item_name", "column", "old", "new", "cause")
    changes = pl.DataFrame([change], schema=list(names), orient="row")
    workbook.render(Book(book.imprint, book.tables | {"changes": changes}), tmp_path)
    sheet = ReadWorkbook(tmp_path / NAME).sheets["与上一版不同的数"]
    assert sheet.table[1] == list(change)
