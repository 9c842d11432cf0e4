"""The print about the publication as a whole: cover, across documents, money, quality, methods, changes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pipelines.publication import numbers, wording
from pipelines.publication.book import Book
from pipelines.publication.forms.pdf.blocks import Block, Col, Part, heading, para, points, table, upright, wide
from pipelines.publication.forms.pdf.comparisons import consistency, money, shared
from pipelines.publication.forms.pdf.documents import legend
from pipelines.publication.forms.pdf.quality import quality
from pipelines.publication.methods import NOTES, STATUS_RULES

Row = dict[str, Any]


def cover(book: Book) -> dict[str, Any]:
    """What edition this is; a forced one says why, and what stood against it."""
    imprint = book.imprint
    return {
        "facts": [
            ["公布年度", imprint.year],
            ["版次", f"第{imprint.edition}版"],
            ["发布批次", imprint.release_id],
            ["发布时间", f"{imprint.released_at[:16].replace('T', ' ')}（UTC）"],
            *([["更正理由", imprint.reason]] if imprint.reason else []),
        ],
        "caution": list(book.caution or ()),
        "objections": list(imprint.objections),
        "forced_because": imprint.forced_because,
        "citation": f"引用：《{imprint.title}》，第{imprint.edition}版，carestat-{imprint.name}。",
        "citation_en": f"Cite as: {imprint.title_en}, edition {imprint.edition} (carestat-{imprint.name}).",
    }


def parts(book: Book) -> Iterator[Part]:
    yield wide(heading(1, "跨文件对照", "Across documents"), *shared(book))
    yield wide(heading(1, "目标核对", "Consistency of targets"), *consistency(book))
    yield wide(heading(1, "补贴与资金", "Subsidies, beneficiaries and funds"), *money(book))
    yield upright(heading(1, "数据质量", "Data quality"), *quality(book))
    yield upright(heading(1, "方法说明", "Methods"), *_methods())
    page = wide if book.imprint.compared_with else upright
    yield page(heading(1, "变动", "Release note"), *_changes(book))
    yield upright(heading(1, "版本说明", "Imprint"), *_imprint(book))


def _methods() -> Iterator[Block]:
    for title, zh, en in NOTES:
        yield heading(2, title)
        yield para(zh, en)
    yield heading(2, "结论", "Status")
    yield table(
        [Col("结论", 30), Col("English", 40), Col("何时", 100)],
        [[wording.zh("status", code), wording.en("status", code), when] for code, when in STATUS_RULES.items()],
    )
    yield heading(2, "符号与观测状态", "Marks and observation status")
    yield para("观测状态用SDMX代码表CL_OBS_STATUS。")
    signs = numbers.MARKS | numbers.FLAGS
    yield table(
        [Col("代码", 16), Col("符号", 16), Col("含义", 70), Col("English", 70)],
        [
            [code, signs[code][0] if code in signs else "无", zh, en]
            for code, (zh, en) in wording.WORDS["obs_status"].items()
        ],
    )


def _changes(book: Book) -> Iterator[Block]:
    if not book.imprint.compared_with:
        yield para("没有可比的上一版。", "There is no former edition to compare with.")
        return
    rows = book.rows("changes") if "changes" in book.tables else []
    yield para(f"与{book.imprint.compared_with}相比，{len(rows)}处不同。")
    if rows:
        yield table(
            [Col("表", 30), Col("对象", 70), Col("栏目", 26), Col("原为", 40), Col("现为", 40), Col("原因或文件", 60)],
            [
                [
                    row["table_name"],
                    row["item_name"] or row["item"],
                    row["column"],
                    row["old"] or "",
                    row["new"] or "",
                    row["cause"] or "",
                ]
                for row in rows
            ],
        )


def _imprint(book: Book) -> Iterator[Block]:
    imprint = book.imprint
    yield points(
        [
            f"本册：carestat-{imprint.name}.pdf；发布批次{imprint.release_id}，{imprint.released_at}。",
            f"代码版本：{imprint.code_version}。",
            f"同一版次另有网页（index.html）、工作簿（carestat-{imprint.name}.xlsx）和数据文件（data/）；manifest.json载有每个文件的校验和。",
            "全部地区的指标值、交付清单和每个数字的来历见工作簿和数据文件，不印在本册。",
            legend(),
            "字体：Noto Sans SC（思源黑体），Adobe，SIL Open Font License 1.1许可；本册只嵌入所用的字形。",
        ],
        ["Typeface: Noto Sans SC by Adobe under the SIL Open Font License 1.1, embedded as a subset."],
    )
