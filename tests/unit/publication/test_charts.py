"""Charts: what they say in words, gaps for what is missing or hidden, text that stays text, the same bytes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import polars as pl
import pytest
from lxml import etree

from pipelines.publication.book import Book
from pipelines.publication.forms.chart_marks import is_said_below, rules, shades, span
from pipelines.publication.forms.chart_words import Subject
from pipelines.publication.forms.charts import Chart, charts
from tests.publication_book import small_book

SVG = "{http://www.w3.org/2000/svg}"
TREND = "trend-nursing_bed_share-default-500113"


def changed(table: str, where: dict[str, Any], **values: Any) -> Book:
    """The small book with columns of some rows set to other values."""
    book = small_book()
    chosen = pl.all_horizontal(*(pl.col(column) == value for column, value in where.items()))
    frame = book[table].with_columns(
        pl.when(chosen).then(pl.lit(value)).otherwise(pl.col(column)).alias(column) for column, value in values.items()
    )
    return replace(book, tables=book.tables | {table: frame})


def words(chart: Chart) -> list[str]:
    return [text.text or "" for text in etree.fromstring(chart.svg.encode()).iter(f"{SVG}text")]


@pytest.fixture(scope="module")
def drawn() -> dict[str, Chart]:
    return charts(small_book())


def test_what_has_two_figures_is_drawn_and_nothing_else(drawn) -> None:
    assert list(drawn) == [
        TREND,
        "regions-nursing_bed_share-default-500113",
        "tiles-nursing_bed_share-default-520000",
        "status-banan_2021_74",
        "status-guizhou_2022_6",
    ]


def test_the_same_book_gives_the_same_bytes(drawn) -> None:
    assert {name: chart.svg for name, chart in charts(small_book()).items()} == {n: c.svg for n, c in drawn.items()}


def test_words_say_first_and_last_lowest_and_highest_target_and_gaps(drawn) -> None:
    assert drawn[TREND].alt_zh == (
        "折线图：巴南区养老机构护理型床位占比（%），2020年32.30，2025年68.80；最低32.30（2020年），最高68.80（2025年）；"
        "目标≥60（2025年），已达到；2021、2022、2023年无数。"
    )
    assert drawn[TREND].alt_en == (
        "Line chart: Share of nursing-type beds (%), 巴南区: 32.30 in 2020, 68.80 in 2025; lowest 32.30 (2020), "
        "highest 68.80 (2025); target ≥ 60 by 2025, achieved; 2021, 2022, 2023: no figure."
    )
    assert drawn["tiles-nursing_bed_share-default-520000"].alt_zh == (
        "瓦片图：贵州省各县（市、区）养老机构护理型床位占比（%），2025年，3地有数；最高云岩区100.00\u00a0e，最低南明区9.50；"
        "1地未报送；一行为一市，按行政区划代码排列，不表示地理位置；颜色越深数值越大，瓦片内印有数值。"
    )
    assert drawn["status-banan_2021_74"].alt_zh == (
        "条形图：巴南区《巴南区促进养老托育服务健康发展实施方案》2025年各项要求的结论，共3项：已达到1项，不能评价1项，不公布1项。"
    )


def test_a_year_without_a_figure_is_a_gap_with_its_mark_and_not_a_point(drawn) -> None:
    assert drawn[TREND].data.select("period", "value").rows() == [
        ("2020", 32.3), ("2021", None), ("2022", None), ("2023", None), ("2024", 50.0), ("2025", 68.8),
    ]  # fmt: skip
    assert words(drawn[TREND]).count("—") == 3
    shown = set(words(drawn[TREND]))
    assert {"32.30", "50.00", "68.80", "2021", "目标≥60（2025年）"} <= shown and not {"0", "0.00"} & shown


def test_the_path_ends_at_a_target_whose_year_is_to_come() -> None:
    asked = changed("document_rows", {"document_key": "banan_2021_74", "row_no": 1}, target_year=2027)
    chart = charts(asked)[TREND]
    assert chart.data.select("period", "value", "path_value").rows()[-2:] == [
        ("2026", None, None),
        ("2027", None, 60.0),
    ]
    assert "目标≥60（2027年）" in chart.alt_zh and "2026" not in chart.alt_zh
    assert "2027" in words(chart)


def test_a_hidden_figure_is_shown_as_hidden_and_in_no_chart_as_zero() -> None:
    hidden = changed("figures", {"region_code": "520102"}, value=None, numerator=None, obs_status="Q", conf_status="C")
    chart = charts(hidden)["tiles-nursing_bed_share-default-520000"]
    assert words(chart)[words(chart).index("南明区") :].count("＊") == 1
    assert "1地人数过少，不公布" in chart.alt_zh and "9.50" not in chart.svg
    assert chart.data.filter(region_code="520102")["value"].to_list() == [None]


def test_regions_stand_from_high_to_low_with_their_figures_beside_the_governed_one(drawn) -> None:
    chart = drawn["regions-nursing_bed_share-default-500113"]
    shown = words(chart)
    assert shown.index("鱼洞街道") < shown.index("龙洲湾街道")
    assert {"75.00", "44.00", "巴南区 68.80"} <= set(shown)


def test_text_stays_text_and_nothing_is_fetched(drawn) -> None:
    for chart in drawn.values():
        root = etree.fromstring(chart.svg.encode())
        assert root.get("role") == "img" and root.get("aria-label") == chart.alt_zh
        assert {text.get("font-family") for text in root.iter(f"{SVG}text")} == {"Noto Sans SC"}
        assert not [
            node for node in root.iter() if etree.QName(node).localname in ("script", "image", "style", "clipPath")
        ]
        assert not root.xpath("//@*[local-name() = 'href']")
        assert "bold" not in chart.svg


def test_shades_are_quarters_and_equal_figures_share_one() -> None:
    book = small_book()
    subject = Subject.of(book.definitions["nursing_bed_share", "default"], book.regions["520000"])
    assert shades([10.0, 20.0, 30.0, 40.0, 40.0], subject) == (
        {10.0: 1, 20.0: 2, 30.0: 3, 40.0: 4},
        ["10.00", "20.00", "30.00", "40.00"],
    )
    assert shades([7.0, 7.0], subject) == ({7.0: 1}, ["7.00"])


def test_words_of_near_targets_do_not_stand_on_one_another() -> None:
    told = rules([(">=", 1900.0, 2023), (">=", 1750.0, 2022)], 0.0, 2600.0)
    assert [one["said"] for one in told] == ["目标≥1,750（2022年）", "目标≥1,900（2023年）"]
    assert [one["said_at"] for one in told] == [1750.0, 1945.0]


def test_axis_has_air_and_counts_do_not_go_below_zero() -> None:
    points = [{"value": 0.0, "path_value": None}, {"value": 100.0, "path_value": None}]
    assert span(points, []) == (0.0, 115.0)
    assert span([{"value": 95.0, "path_value": 95.0}], [(">=", 95.0, 2025)]) == pytest.approx((94.2875, 95.7125))


def test_a_figure_stands_below_its_point_where_a_rule_or_the_line_would_cross_it() -> None:
    points = [{"value": 100.0}, {"value": 60.0}, {"value": 61.0}]
    assert [is_said_below(points, at, [], 50.0, 100.0) for at in range(3)] == [False, True, False]
    assert is_said_below(points, 2, [(">=", 65.0, 2025)], 50.0, 100.0)
