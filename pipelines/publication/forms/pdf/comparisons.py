"""What the print sets side by side: documents, their figures among each other, money due and paid."""

from __future__ import annotations

from collections.abc import Iterator

from pipelines.publication import numbers, wording
from pipelines.publication.book import Book
from pipelines.publication.forms.chart_words import SIGNS
from pipelines.publication.forms.pdf.blocks import Block, Col, heading, para, table


def shared(book: Book) -> Iterator[Block]:
    yield para(
        "多份文件共有的指标，各按本文件的口径计算；“不可比”的不应并排比较。",
        "Indicators that several documents share; each by its own document's definition.",
    )
    yield table(
        [
            Col("指标", 44),
            Col("可比性", 18),
            Col("文件", 34),
            Col("条款", 18),
            Col("名称（照印）", 54),
            Col("目标（照印）", 32),
            Col("实际", 20, is_number=True),
            Col("单位", 16),
            Col("结论", 20),
        ],
        [
            [
                row["indicator_name"],
                wording.zh("comparability", row["comparability"]),
                document(book, row["document_key"]),
                row["clause"] or "",
                row["label"],
                row["target_printed"] or "",
                numbers.shown(row["actual_value"], row["decimals"], row["obs_status"]),
                row["unit"] or "",
                wording.zh("status", row["status"]),
            ]
            for row in book.rows("crosswalk")
        ],
    )


def consistency(book: Book) -> Iterator[Block]:
    yield para("文件的目标之间、文件自身的数字之间是否相合；“不能核对”的写明缺什么。")
    yield table(
        [
            Col("核对", 26),
            Col("文件", 30),
            Col("内容", 60),
            Col("左侧数", 22, is_number=True),
            Col("应", 8),
            Col("右侧数", 22, is_number=True),
            Col("结论", 18),
            Col("说明", 80),
        ],
        [
            [
                wording.zh("check_kind", row["check_kind"]),
                document(book, row["document_key"]),
                row["label"] or "",
                _trimmed(row["left_value"]),
                SIGNS.get(row["relation"], ""),
                _trimmed(row["right_value"]),
                wording.zh("finding", row["finding"]),
                row["reason"] or "",
            ]
            for row in book.rows("consistency")
        ],
    )


def money(book: Book) -> Iterator[Block]:
    yield heading(2, "补贴应发与实发", "Subsidies due and paid")
    yield table(
        [
            Col("项目", 60),
            Col("地区", 30),
            Col("所属期", 18),
            Col("应发（元）", 32, is_number=True),
            Col("实发（元）", 32, is_number=True),
            Col("核对笔数", 20, is_number=True),
            Col("一致笔数", 20, is_number=True),
            Col("不能核对笔数", 20, is_number=True),
        ],
        [
            [
                row["programme_name"],
                row["region_name"],
                row["period"],
                *(_money_text(row[column], row["conf_status"]) for column in ("due_amount_yuan", "paid_amount_yuan")),
                *(
                    _counted(row[column], row["conf_status"])
                    for column in ("keys_audited", "keys_consistent", "keys_not_assessable")
                ),
            ]
            for row in book.rows("subsidies")
        ],
    )
    yield heading(2, "领取补贴的人数", "Beneficiaries")
    yield table(
        [
            Col("项目", 60),
            Col("地区", 30),
            Col("所属期", 18),
            Col("人数", 20, is_number=True),
            Col("发放笔数", 20, is_number=True),
        ],
        [
            [
                row["programme_name"],
                row["region_name"],
                row["period"],
                *(_counted(row[column], row["conf_status"]) for column in ("persons", "payments")),
            ]
            for row in book.rows("beneficiaries")
        ],
    )
    yield heading(2, "福利彩票公益金占比", "Lottery funds for elderly care")
    yield table(
        [
            Col("规则", 60),
            Col("地区", 30),
            Col("所属期", 18),
            Col("用于养老（元）", 32, is_number=True),
            Col("总额（元）", 32, is_number=True),
            Col("占比（%）", 18, is_number=True),
            Col("应（%）", 16, is_number=True),
            Col("符合", 12),
        ],
        [
            [
                row["programme_name"],
                row["region_name"],
                row["period"],
                numbers.shown(row["amount_yuan"], 0, row["obs_status"]),
                numbers.shown(row["denominator_yuan"], 0, row["obs_status"]),
                numbers.against(row["share_percent"], 2, row["limit_percent"], row["obs_status"]),
                f"{SIGNS.get(row['limit_operator'], '')}{numbers.plain(row['limit_percent'])}",
                {True: "是", False: "否", None: numbers.NOTHING[0]}[row["is_met"]],
            ]
            for row in book.rows("funds")
        ],
    )


def document(book: Book, key: str) -> str:
    document = book.documents[key]
    return document["number"] or document["title"]


def _trimmed(value: float | None) -> str:
    """Figures that documents print and figures reckoned from them, so of any precision: four places at most."""
    return numbers.plain(None if value is None else float(numbers.rounded(value, 4)))


def _money_text(value: float | None, conf_status: str | None) -> str:
    return numbers.shown(value, 2, "Q" if conf_status == "C" else None)


def _counted(value: int | None, conf_status: str | None) -> str:
    return numbers.shown(value, 0, "Q" if conf_status == "C" else None)
