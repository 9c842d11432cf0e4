"""The print: tables word for word as the documents have them, PDF/UA, no glyph missing, the same bytes each time."""

from __future__ import annotations

import csv
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pikepdf
import polars as pl
import pytest

from pipelines.publication.book import Book
from pipelines.publication.forms import pdf
from pipelines.publication.forms.charts import Chart, charts
from pipelines.publication.forms.fonts import MissingGlyph
from pipelines.publication.forms.pdf.quality import quality
from pipelines.settings import PROJECT
from tests.golden.banan_2021_74.test_annex_1 import PRINTED
from tests.publication_book import small_book
from tests.unit.publication.read_pdf import Element, TaggedPdf

BANAN = ("banan_2021_74", "annex_1")
TREND = "trend-nursing_bed_share-default-500113"
UA = "{http://www.aiim.org/pdfua/ns/id/}part"
#: row → what the year says of it; the others were not delivered
YEAR: dict[int, dict[str, Any]] = {
    5: {
        "baseline_value": 32.3,
        "actual_value": 68.8678,
        "progress_linear": 1.3201,
        "still_needed": 0.0,
        "status": "ACHIEVED",
        "obs_status": "A",
    },
    12: {
        "actual_value": 4.3902,
        "still_needed": 129.0,
        "still_needed_unit": "个",
        "status": "MISSED",
        "obs_status": "E",
    },
    18: {"actual_value": 99.9996, "target_value": 100.0, "status": "NOT_MET", "obs_status": "A"},
    19: {"status": "NOT_PUBLISHED", "obs_status": "Q"},
    21: {"actual_value": 0.0, "status": "MISSED", "obs_status": "A"},
    22: {"actual_value": 1080.0, "decimals": 0, "status": "ACHIEVED", "obs_status": "P"},
}


def annex_1() -> list[dict[str, Any]]:
    """The rows of the registry, with a year typed here."""
    with (PROJECT / "dbt_project/seeds/document_rows.csv").open(encoding="utf-8", newline="") as lines:
        seeds = [row for row in csv.DictReader(lines) if (row["document_key"], row["table_key"]) == BANAN]
    return [
        {
            "document_key": seed["document_key"],
            "table_key": seed["table_key"],
            "row_no": int(seed["row_no"]),
            "row_kind": "indicator",
            "label": seed["label_zh"],
            "unit": seed["unit_printed"] or None,
            "indicator_key": seed["indicator_key"],
            "region_code": "500113",
            "variant": "default",
            "compare_to": "value",
            "actual_period": "2025",
            "decimals": 2,
            "status": "NOT_ASSESSABLE",
            "obs_status": "L",
        }
        | {name: seed[name] or None for name in ("baseline_printed", "target_printed", "attribute", "responsible")}
        | YEAR.get(int(seed["row_no"]), {})
        for seed in seeds
    ]


def book() -> Book:
    """The small book with the whole of Banan's annex 1, in an edition that was forced."""
    made = small_book()
    rows = made["document_rows"]
    others = rows.filter(~((pl.col("document_key") == BANAN[0]) & (pl.col("table_key") == BANAN[1])))
    annex = pl.DataFrame(annex_1(), schema_overrides=rows.schema, infer_schema_length=None)
    return replace(
        made,
        imprint=replace(made.imprint, objections=("缺一个县的交付",), forced_because="年报期限已到"),
        tables=made.tables | {"document_rows": pl.concat([annex, others], how="diagonal").select(rows.columns)},
    )


@dataclass(frozen=True)
class Print:
    first: Path
    second: Path
    charts: dict[str, Chart]
    read: TaggedPdf


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> Print:
    drawn = charts(small_book())
    folders = [tmp_path_factory.mktemp("print") for _ in range(2)]
    for folder in folders:
        pdf.render(book(), folder, drawn)
    first, second = (folder / "carestat-2025-2.pdf" for folder in folders)
    return Print(first, second, drawn, TaggedPdf(first))


def test_the_same_book_gives_the_same_bytes(printed) -> None:
    assert printed.first.read_bytes() == printed.second.read_bytes()


def test_annex_1_reads_as_the_printed_table(printed) -> None:
    table = next(one for one in printed.read.tables() if one[0][1:3] == ["指标名称", "2020年"])
    assert table[0] == [
        "序号", "指标名称", "2020年", "2025年", "指标属性", "责任部门",
        "单位", "2025年实际", "线性进度（%）", "尚差", "结论",
    ]  # fmt: skip
    assert [(int(row[0]), row[1], row[6] or None, *row[2:6]) for row in table[1:]] == PRINTED


def test_the_year_stands_beside_the_printed_row_and_missing_is_not_zero(printed) -> None:
    table = next(one for one in printed.read.tables() if one[0][1:3] == ["指标名称", "2020年"])
    assert {number: table[number][7:] for number in (1, 5, 12, 18, 19, 21, 22)} == {
        1: ["…", "", "", "不能评价"],
        5: ["68.87", "132", "0", "已达到"],
        12: ["4.39 e", "", "129个", "未达到"],
        18: ["99.9996", "", "", "不符合"],
        19: ["＊", "", "", "不公布"],
        21: ["0.00", "", "", "未达到"],
        22: ["1,080 p", "", "", "已达到"],
    }


def test_hidden_persons_stay_hidden(printed) -> None:
    persons = next(one for one in printed.read.tables() if one[0][3:] == ["人数", "发放笔数"])
    assert [row[2:] for row in persons[1:]] == [["2025", "46", "457"], ["2025-01", "＊", "＊"]]


def test_the_cover_says_why_the_edition_was_forced_and_corrected(printed) -> None:
    everything = printed.read.tree.text
    assert "本公报所据2个来源中，1个为合成数据，0个真实与合成兼有，不代表任何部门的真实情况" in everything
    for said in ("更正一处", "理由：年报期限已到", "缺一个县的交付", "第2版", "SIL Open Font License 1.1"):
        assert said in everything, said


def test_changes_since_the_former_edition_are_printed(printed) -> None:
    table = next(one for one in printed.read.tables() if one[0][3:5] == ["原为", "现为"])
    assert [row[3:5] for row in table[1:]] == [["59.90", "68.80"], ["未达到", "已达到"]]


def test_the_file_says_that_it_is_pdf_ua_and_what_it_is(printed) -> None:
    root = printed.read.root
    assert root.MarkInfo.Marked and root.Lang == "zh-CN" and root.ViewerPreferences.DisplayDocTitle
    with printed.read.pdf.open_metadata() as told:
        assert told[UA] == "1" and told["dc:title"] == "“一老一小”指标公报（2025）"
        assert told["xmp:CreateDate"] == told["xmp:ModifyDate"] == "2026-01-05T00:00:00Z"
    assert {page.get("/Tabs") for page in printed.read.pdf.pages} == {"/S"}
    assert not printed.read.unmarked


def test_every_figure_speaks_and_every_table_has_headings(printed) -> None:
    figures = list(printed.read.tree.every("Figure"))
    assert [figure.node.Alt for figure in figures] == [
        printed.charts[name].alt_zh for name in ("status-banan_2021_74", TREND, "status-guizhou_2022_6")
    ]
    for table in printed.read.tree.every("Table"):
        head, *body = table.every("TR")
        assert [cell.tag for cell in head.parts if isinstance(cell, Element)] == ["TH"] * len(head.parts)
        assert all(scope(cell) == "/Column" for cell in head.every("TH")) and body


def test_headings_are_bookmarks_and_skip_no_level(printed) -> None:
    headings = [element for element in printed.read.tree.every("H1", "H2", "H3")]
    levels = [int(one.tag[1]) for one in headings]
    assert levels[0] == 1 and all(after <= before + 1 for before, after in pairwise(levels))
    with printed.read.pdf.open_outline() as outline:
        assert [item.title.split("\u2003")[0].strip()[:4] for item in outline.root][:3] == [
            "要点Ke",
            "巴南区：",
            "贵州省：",
        ]


def test_every_font_is_embedded_and_can_be_read_back(printed) -> None:
    fonts = printed.read.fonts()
    assert {str(font.BaseFont).split("+")[1] for font in fonts} == {"NotoSansSC-Regular"}
    for font in fonts:
        if font.Subtype == "/Type0":
            assert "/ToUnicode" in font
        else:
            assert "/FontFile2" in font.FontDescriptor or "/FontFile3" in font.FontDescriptor


def test_passages_in_english_say_so(printed) -> None:
    english = next(e for e in printed.read.tree.every("P", "Span") if e.text.startswith("Cite as: Indicators of"))
    spoken = [str(e.node.Lang) for e in english.every("P", "Span") if "/Lang" in e.node]
    assert spoken == ["en"]


def test_a_character_without_a_glyph_fails_the_print_by_name(tmp_path) -> None:
    made = small_book()
    documents = made["documents"].with_columns(title=pl.col("title") + "ᵉ")
    with pytest.raises(MissingGlyph, match=r"'ᵉ' U\+1D49"):
        pdf.render(replace(made, tables=made.tables | {"documents": documents}), tmp_path, {})
    assert not list(tmp_path.iterdir())


def test_an_edition_compared_with_none_and_a_book_without_charts_are_printed(tmp_path) -> None:
    made = small_book()
    tables = {name: frame for name, frame in made.tables.items() if name not in ("changes", "evidence")}
    tables["refusals"] = tables["refusals"].clear()
    pdf.render(Book(replace(made.imprint, edition=1, reason="", compared_with=""), tables), tmp_path, {})
    said = TaggedPdf(tmp_path / "carestat-2025-1.pdf").tree.text
    assert "没有可比的上一版。" in said and "本版没有这样的行。" in said


def scope(cell: Element) -> str | None:
    attributes = cell.node.A if isinstance(cell.node.A, pikepdf.Array) else [cell.node.A]
    return next((str(one.Scope) for one in attributes if "/Scope" in one), None)


def test_a_file_of_no_known_source_is_listed_by_the_folder_it_lies_in() -> None:
    book = small_book()
    sound = book["deliveries"]
    strays = [
        sound.row(0, named=True) | {"source": source, "path": path, "state": "rejected"}
        for source, path in (("kindergartens", "kindergartens/2025-12/x.csv"), ("", "x.csv"))
    ]
    tables = book.tables | {"deliveries": pl.concat([sound, pl.DataFrame(strays, schema=sound.schema)])}
    printed = [
        block["rows"]
        for block in quality(Book(book.imprint, tables))
        if block["kind"] == "table" and block["columns"][1]["heading"] == "文件数"
    ]
    assert [row[:2] for row in printed[0]][-2:] == [["kindergartens", "1"], ["不属于任何来源", "1"]]
