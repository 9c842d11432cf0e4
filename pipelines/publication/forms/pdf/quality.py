"""How good the figures are, in print: deliveries, refused rows, coverage, checks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import polars as pl

from pipelines.contracts import SOURCES, contract_of
from pipelines.landing.reasons import title_of
from pipelines.publication import numbers, wording
from pipelines.publication.book import Book, whole_sum
from pipelines.publication.forms.pdf.blocks import Block, Col, heading, para, table
from pipelines.publication.forms.pdf.comparisons import document


def quality(book: Book) -> Iterator[Block]:
    deliveries = book["deliveries"]
    counts = ("rows_delivered", "rows_landed", "rows_refused", "rows_superseded", "rows_ignored")
    by_source = deliveries.group_by("source", maintain_order=True).agg(pl.len(), *(whole_sum(c) for c in counts))
    statuses = Counter(book["figures"].filter(pl.col("period") == book.imprint.year)["obs_status"])
    checks = book.rows("checks")
    failed = [row for row in checks if not row["success"]]
    total = sum(statuses.values())
    yield para(
        f"{book.imprint.year}年公布指标值{total:,}个，其中"
        + "，".join(
            f"{wording.zh('obs_status', status)}{statuses[status]:,}个"
            for status in wording.WORDS["obs_status"]
            if statuses[status]
        )
        + "。推算和初步的数在数后注明。各地区的全部指标值不在本册，见工作簿和数据文件。",
        "Estimated and provisional figures are marked. All regional figures are in the workbook and the data files.",
    )
    yield heading(2, "来源与来历", "Sources and their origin")
    yield table(
        [Col("来源", 60), Col("报送部门", 60), Col("来历", 30), Col("合成的部分", 120)],
        [
            [row["title"], row["department"] or "", wording.zh("origin", row["origin"]), _first(row["synthetic"])]
            for row in (book.rows("sources") if "sources" in book.tables else ())
        ],
    )
    yield heading(2, "交付", "Deliveries")
    yield para(
        f"行数守恒：交付＝接收＋拒收＋被取代＋不计。人员名册的行数就是人数，不公布，写作{numbers.MARKS['Q'][0]}。"
    )
    yield table(
        [
            Col("来源", 50),
            *(Col(name, 18, is_number=True) for name in ("文件数", "交付行数", "接收", "拒收", "被取代", "不计")),
        ],
        [
            [_source(row["source"]), *(numbers.shown(row[c], 0, "Q") for c in ("len", *counts))]
            for row in by_source.to_dicts()
        ],
    )
    yield heading(2, "拒收的行", "Refused rows")
    yield table(
        [Col("来源", 46), Col("原因", 80), Col("行数", 16, is_number=True), Col("文件数", 16, is_number=True)],
        [
            [
                _source(row["source"]),
                title_of(row["reason"], contract_of(row["source"])),
                numbers.shown(row["rows_refused"], 0, "Q"),
                str(row["files"]),
            ]
            for row in book.rows("refusals")
        ],
    )
    yield heading(2, "报送覆盖", "Coverage")
    yield table(
        [
            Col("文件", 60),
            Col("来源", 46),
            Col("指标数", 16, is_number=True),
            Col("有数的", 16, is_number=True),
            Col("已报单位", 18, is_number=True),
            Col("应报单位", 18, is_number=True),
        ],
        [
            [
                document(book, row["document_key"]),
                _source(row["source"]),
                *(numbers.plain(row[c]) for c in ("indicators", "indicators_complete", "coverage_n", "coverage_m")),
            ]
            for row in book.rows("coverage")
        ],
    )
    yield heading(2, "检查", "Checks")
    critical = sum(row["severity"] == "critical" for row in checks)
    yield para(f"共{len(checks)}项检查，其中阻断级{critical}项；未通过{len(failed)}项{'，如下' if failed else ''}。")
    if failed:
        yield table(
            [
                Col("检查组", 50),
                Col("含义", 90),
                Col("严重程度", 18),
                Col("不合的行", 18, is_number=True),
                Col("豁免", 14),
            ],
            [
                [
                    row["suite"],
                    row["meaning"] or row["check"],
                    wording.zh("severity", row["severity"]),
                    numbers.plain(row["unexpected_count"]),
                    "已豁免" if row["waived"] else "否",
                ]
                for row in failed
            ],
        )


def _first(told: str | None) -> str:
    """The first of an origin's statements: the whole is in the data files."""
    return (told or "").split("\n")[0]


def _source(key: str) -> str:
    """Its name; a rejected file may lie in a folder of no known source, or in none."""
    return contract_of(key).title_zh if key in SOURCES else key or "不属于任何来源"
