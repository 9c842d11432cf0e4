"""What governments answer for themselves: entries of their funds, their milestones and the documents' tasks."""

from __future__ import annotations

import csv
from datetime import date

import numpy as np
import polars as pl

from benchmarks.invented.chance import between, pick, share
from benchmarks.invented.facilities import first_day
from benchmarks.invented.territory import Territory
from pipelines.settings import PROJECT

SEEDS = PROJECT / "dbt_project" / "seeds"
LEVELS = {"province": "省级", "prefecture": "市级", "county": "区县"}
SPENT = ["养老服务设施建设", "养老运营补贴", "政府购买社区居家养老服务", "其他养老服务", "托育服务", "其他社会福利"]


def governments(territory: Territory) -> pl.DataFrame:
    """Every province, prefecture and county: code, level, supplier."""
    levels = {
        "province": pl.Series([f"{digits}0000" for digits in territory.provinces]),
        "prefecture": pl.Series(territory.prefecture_code, dtype=pl.String),
        "county": territory.county_code,
    }
    return pl.concat(
        pl.DataFrame({"region_code": codes}).with_columns(
            pl.lit(level).alias("level"), (pl.col("region_code").str.head(2) + "0000").alias("supplier")
        )
        for level, codes in levels.items()
    )


def funds(territory: Territory, year: int) -> pl.DataFrame:
    """Entries of the year: budgets, lottery money got and spent."""
    whose = governments(territory)
    entries = territory.size.fund_entries
    at = np.repeat(np.arange(whose.height), entries)
    turn = np.tile(np.arange(entries), whose.height)
    number = whose["region_code"].cast(pl.Int64).to_numpy()[at] * 1000 + turn
    lottery = turn % 3 > 0
    direction = np.where(turn % 7 == 1, 0, np.where(turn % 3 == 0, 2, 1))
    day = year * 12 + between(0, 11, number, 150, year)
    rows = {
        "supplier": whose["supplier"].gather(at),
        "entry_id": str(year) + "-" + pl.Series(number).cast(pl.String),
        "region_code": whose["region_code"].gather(at),
        "fund_source": pl.Series(["一般公共预算", "福彩公益金", "体彩公益金"]).gather(
            np.where(~lottery, 0, np.where(share(number, 151) < 0.7, 1, 2))
        ),
        "social_welfare_use": pl.Series(["不适用", "是", "否"]).gather(
            np.where(~lottery, 0, np.where(share(number, 152, year) < 0.8, 1, 2))
        ),
        "retained_level": pl.Series(["不适用", *LEVELS.values()]).gather(
            np.where(lottery, 1 + whose["level"].replace_strict(list(LEVELS), [0, 1, 2]).to_numpy()[at], 0)
        ),
        "direction": pl.Series(["收入", "支出", "预算安排"]).gather(direction),
        "purpose": pick(SPENT, number, 153, year),
        "amount": between(50_000, 9_000_000, number, 154, year),
        "booked_on": first_day(day),
    }
    return pl.DataFrame(rows)


def _seed(name: str) -> list[dict[str, str]]:
    with (SEEDS / f"{name}.csv").open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


def tasks(territory: Territory, year: int) -> pl.DataFrame:
    """The year's snapshot: every milestone of every government of its levels, and the documents' printed tasks."""
    whose = governments(territory)
    document = _seed("documents")[0]["document_key"]
    parts = []
    for place, row in enumerate(row for row in _seed("indicators") if row["numerator_measure"] == "milestone_done"):
        levels = row["region_levels"].split("|") if row["kind"] == "milestone" else ["prefecture", "county"]
        here = whose.filter(pl.col("level").is_in(levels))
        number = here["region_code"].cast(pl.Int64).to_numpy()
        done = share(number, 160, place) * 14 < year - 2013
        parts.append(
            here.select("supplier", "region_code").with_columns(
                pl.lit(document).alias("document_key"),
                pl.lit(f"M{place + 1:02}").alias("task_no"),
                pl.lit("里程碑").alias("item_kind"),
                pl.lit(row["indicator_key"]).alias("milestone_key"),
                pl.lit(row["name_zh"]).alias("title"),
                pl.Series("is_done", done),
            )
        )
    standing = set(whose["region_code"])
    printed = [row for row in _seed("document_tasks") if row["region_code"] in standing]
    parts.append(
        pl.DataFrame(
            {
                "supplier": [f"{row['region_code'][:2]}0000" for row in printed],
                "region_code": [row["region_code"] for row in printed],
                "document_key": [row["document_key"] for row in printed],
                "task_no": [row["task_no"] for row in printed],
                "item_kind": ["任务"] * len(printed),
                "milestone_key": [None] * len(printed),
                "title": [row["title_zh"] for row in printed],
                "is_done": [place % 3 == 0 for place in range(len(printed))],
            },
            schema_overrides={"milestone_key": pl.String},
        )
    )
    rows = pl.concat(parts)
    done = pl.col("is_done")
    return rows.with_columns(
        pl.when(done).then(pl.lit("已完成")).otherwise(pl.lit("推进中")).alias("status"),
        pl.when(done).then(pl.lit(date(year, 6, 15))).alias("done_on"),
        pl.when(done).then(pl.lit("虚构文号（测速数据）")).alias("evidence"),
        pl.lit(date(year, 12, 31)).alias("due_on"),
    )
