"""The written pages: no link is broken, every figure has its trace, what is hidden stays so, same book same bytes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote, urldefrag

import polars as pl
import pytest
from lxml import html

from pipelines.publication.forms import site
from tests.publication_book import small_book


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[Path, html.HtmlElement]:
    """Path → parsed page of the whole site."""
    folder = tmp_path_factory.mktemp("site")
    site.render(small_book(), folder, {})
    return {path: html.parse(str(path), html.HTMLParser(encoding="utf-8")).getroot() for path in folder.rglob("*.html")}


def page(pages: dict[Path, html.HtmlElement], name: str) -> html.HtmlElement:
    return next(tree for path, tree in pages.items() if path.as_posix().endswith(f"/{name}"))


def words(node: html.HtmlElement) -> str:
    return " ".join(node.text_content().split())


def row(table: html.HtmlElement, start: str) -> list[str]:
    """The cells of the row whose heading begins so."""
    found = [tr for tr in table.iter("tr") if any(words(th).startswith(start) for th in tr.findall("th"))]
    return [words(cell) for cell in found[-1]]


def test_every_page_says_that_figures_rest_on_synthetic_data(pages):
    for path, tree in pages.items():
        told = words(tree.find_class("caution")[0])
        assert "本公报所据2个来源中，1个为合成数据，0个真实与合成兼有，不代表任何部门的真实情况" in told, path


def test_rows_that_are_persons_are_neither_told_nor_added_up(pages):
    quality = page(pages, "quality.html").xpath("//table[thead//th[contains(., '交付行数')]]")[0]
    assert row(quality, "补贴发放台账")[-5:] == ["＊"] * 5
    assert row(quality, "养老机构")[-5:] == ["12", "11", "1", "0", "0"]
    assert row(quality, "合计")[-5:] == ["＊"] * 5


def test_no_link_and_no_anchor_is_broken(pages):
    ids = {path: set(tree.xpath("//@id")) for path, tree in pages.items()}
    for path, tree in pages.items():
        assert len(ids[path]) == len(tree.xpath("//@id")), f"{path}: an id stands twice"
        for href in tree.xpath("//a[not(@data-download)]/@href"):
            address, anchor = urldefrag(href)
            target = (path.parent / unquote(address)).resolve() if address else path
            assert target in pages, f"{path}: {href}"
            assert not anchor or unquote(anchor) in ids[target], f"{path}: {href}"
        for asset in tree.xpath("//script/@src | //link/@href"):
            assert (path.parent / asset).exists(), f"{path}: {asset}"


def test_every_figure_cell_has_its_trace(pages):
    checked = 0
    for name, cells in {
        "indicators/nursing_bed_share.html": "//table[contains(@id, '-t')]//tr[not(@class='path')]/td[@class='n']",
        "regions/520100.html": "//tbody//td[@class='n']",
        "money.html": "//table[@id='subsidies-t' or @id='beneficiaries-t']//td[@class='n'][position() > 1]",
        "crosswalk.html": "//tbody//td[@class='n']",
    }.items():
        for cell in page(pages, name).xpath(cells):
            if words(cell) != "—" and words(cell) != "2025":
                assert cell.xpath(".//a[contains(@href, 'trace/')]"), f"{name}: {words(cell)}"
                checked += 1
    assert checked > 40


def test_the_document_table_stands_as_printed(pages):
    table = page(pages, "documents/banan_2021_74.html").get_element_by_id("annex_1-t")
    headings = [words(th) for th in table.findall("thead")[0][1]]
    assert headings[:6] == [
        "序号No.",
        "指标名称Item",
        "2020年Baseline",
        "2025年Target",
        "指标属性Kind",
        "责任部门Responsible",
    ]
    cells = row(table, "养老机构护理型床位占比")
    assert cells[0] == "1"
    assert cells[2:] == ["32.3%", "60%", "约束性", "区民政局", "%", "32.30", "68.80", "132", "0", "已达到Achieved"]


def test_a_hidden_figure_is_a_mark_everywhere_and_has_no_evidence(pages):
    document = page(pages, "documents/banan_2021_74.html")
    cells = row(document.get_element_by_id("annex_1-t"), "特殊困难老年人月探访率")
    assert cells[8].startswith("＊人数过少")
    assert cells[-1] == "不公布Not published"
    entry = page(pages, "trace/monthly_visit_rate.html").get_element_by_id("default.500113.2025")
    assert words(entry) == "巴南区 2025 年 人数过少，不公布；来历也不列，以免推知。"
    money = page(pages, "money.html").get_element_by_id("beneficiaries-t")
    assert [words(td) for td in money.findall("tbody")[0][1][3:]] == ["＊人数过少，不公布", "＊人数过少，不公布"]


def test_of_persons_only_totals_are_told(pages):
    text = words(page(pages, "trace/monthly_visit_rate.html").get_element_by_id("default.520000.2025"))
    assert "按人计的来源只列合计" in text
    assert "计入" not in text


def test_missing_is_not_zero(pages):
    table = page(pages, "indicators/nursing_bed_share.html").get_element_by_id("default-520000-t")
    assert row(table, "花溪区")[3:6] == ["…未报送", "…", "100"]


def test_flags_stand_behind_figures(pages):
    tree = page(pages, "indicators/nursing_bed_share.html")
    assert row(tree.get_element_by_id("default-520000-t"), "云岩区")[3] == "100.00e推算数"
    assert row(tree.get_element_by_id("default-trend"), "巴南区")[2] == "50.00p初步数"


def test_a_parent_leads_to_its_children(pages):
    tree = page(pages, "trace/nursing_bed_share.html")
    links = tree.get_element_by_id("default.500113.2025").xpath(".//a/@href")
    assert {"#default.500113003.2025", "#default.500113004.2025"} <= set(links)
    assert "所辖地区之和：龙洲湾街道 88/200、鱼洞街道 600/800" in words(tree.get_element_by_id("default.500113.2025"))
    # of 花溪区 no numerator is told, so nobody says whether the parts make the whole
    assert "所辖地区：南明区" in words(tree.get_element_by_id("default.520100.2025"))


def test_the_release_note_names_old_new_and_cause(pages):
    cells = row(page(pages, "changes.html").get_element_by_id("figures-t"), "养老机构护理型床位占比 · 巴南区")
    assert cells[1:4] == ["数值", "59.90", "68.80"]
    assert "59.90" in words(page(pages, "indicators/nursing_bed_share.html").get_element_by_id("revised"))


def test_what_was_forced_is_told_on_every_page(pages):
    for path, tree in pages.items():
        notice = " ".join(words(note) for note in tree.xpath("//main//div[@role='note']"))
        assert "理由：须按期公布" in notice and "花溪区未报送护理型床位" in notice, path


def test_every_table_has_a_caption_and_scopes(pages):
    for path, tree in pages.items():
        for table in tree.iter("table"):
            assert words(table.find("caption")), path
            assert not table.xpath(".//th[not(@scope)]"), path
            assert table.getparent().get("tabindex") == "0", path


def test_nothing_is_asked_of_the_network(pages):
    for path, tree in pages.items():
        addresses = tree.xpath("//@href | //@src | //@action")
        assert not [each for each in addresses if ":" in each or each.startswith("//")], path
        policy = tree.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
        assert policy and policy[0].startswith("default-src 'none'"), path


def test_same_book_same_bytes(pages, tmp_path: Path):
    site.render(small_book(), tmp_path, {})
    folder = next(path for path in pages if path.name == "methods.html").parent
    written = {path.relative_to(tmp_path): path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert written == {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_text_of_deliveries_is_never_markup(tmp_path: Path):
    book = small_book()
    figures = book.tables["figures"].with_columns(note=site_breaking())
    site.render(type(book)(book.imprint, book.tables | {"figures": figures}), tmp_path, {})
    for path in tmp_path.rglob("*.html"):
        assert "<script>alert" not in path.read_text(encoding="utf-8"), path


def site_breaking():
    import polars as pl

    return pl.lit("<script>alert(1)</script>")


def test_a_delivery_of_no_known_source_is_listed_by_its_folder(tmp_path: Path) -> None:
    book = small_book()
    deliveries = book["deliveries"]
    stray = deliveries.head(1).with_columns(source=pl.lit("kindergartens"), path=pl.lit("kindergartens/a.csv"))
    site.render(replace(book, tables=book.tables | {"deliveries": pl.concat([deliveries, stray])}), tmp_path, {})
    listed = html.parse(str(tmp_path / "deliveries.html")).getroot()
    assert any("kindergartens/a.csv" in words(line) for line in listed.iter("tr"))
    assert "kindergartens" in words(html.parse(str(tmp_path / "quality.html")).getroot())
