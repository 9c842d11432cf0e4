"""fund_ledger: every government's lottery money, spent and retained, and its yearly budgets for elders and children.

A region's lottery money is fixed as one sum a kind of use, so that its shares come out as set below, and apportioned
over all governments in it, each with weights of its own; amounts are whole ten thousands of yuan (万元).
"""

from collections.abc import Iterator

from pipelines.samples.chance import apportion, below
from pipelines.samples.deliver import Cell, Delivery, cells, headings
from pipelines.samples.reference import BANAN, DAZHOU, YEARS, children, divisions

FIELDS = {
    "entry_id": "序号|记录编号",
    "region_code": "区划代码|资金所属区划代码",
    "fund_source": "资金来源|资金性质",
    "social_welfare_use": "是否用于社会福利事业|社会福利事业",
    "retained_level": "留存级次|留存级别",
    "direction": "收支类型|收支方向",
    "purpose": "用途|支出用途",
    "amount": "金额（万元）|金额",
}
GUIZHOU, HENAN = "520000", "410000"
OWN_LEDGERS = {"520100": "csv", "520300": "xlsx"}  # prefectures of Guizhou that report for themselves
# first year of the ledger; 福彩公益金 spent in the year (万元), growing by 4 % a year
SINCE = {BANAN: 2020, DAZHOU: 2020, GUIZHOU: 2022, HENAN: 2022}
SPENT = {BANAN: 1_500, DAZHOU: 5_600, GUIZHOU: 61_000, HENAN: 118_000}
# spent on elders in percent of (all 福彩公益金, all lottery money for 社会福利事业), by year from the first
ELDER_SHARES = {
    BANAN: ((50.5, 50.1), (52.0, 51.4), (55.6, 55.2), (57.0, 56.4), (58.2, 57.5), (59.0, 58.3)),
    DAZHOU: ((51.8, 51.3), (53.9, 53.4), (56.0, 55.6), (56.6, 56.1), (57.5, 57.0), (58.3, 57.8)),
    GUIZHOU: ((54.6, 54.0), (55.4, 55.1), (56.2, 55.8), (57.0, 56.5)),
    HENAN: ((54.4, 54.0), (55.1, 54.7), (55.7, 55.3), (56.2, 55.8)),
}
ELSEWHERE = 0.02  # of 福彩公益金: spent, but not allotted to 社会福利事业
SPORTS = 0.10  # 体彩公益金 allotted to 社会福利事业, as a part of 福彩公益金
# of what Banan itself retains: spent on the three uses of (十九), in percent
RETAINED_SHARE = (77.5, 79.0, 80.4, 81.2, 81.6, 82.0)
ELDER_USES = {"养老服务设施建设": 45, "养老运营补贴": 30, "政府购买社区居家养老服务": 20, "养老人才培训": 5}
LEVEL = {"province": "省级", "prefecture": "市级", "county": "区县留存"}
WEIGHT = {"province": 12.0, "prefecture": 4.0, "county": 1.0}
# Dazhou 五(三): counties that budget 2,000 and 1,000 万元, by year; the last of the turn never does
BUDGETS = {"养老发展资金": (2_000, (1, 2, 4, 5, 6, 6)), "托育发展资金": (1_000, (0, 1, 3, 5, 6, 6))}
TURN = ("511702", "511703", "511724", "511725", "511723", "511722", "511781")


def governments(area: str) -> dict[str, str]:
    """Code → level of the area's government and all beneath it, down to the counties; by code."""
    inside, found = [area], {}
    while inside:
        code = inside.pop()
        inside += [child.code for child in children(code) if child.level in WEIGHT]
        found[code] = next(division.level for division in divisions() if division.code == code)
    return dict(sorted(found.items()))


def part(percent: float, whole: int) -> int:
    return round(percent * whole / 100)


def lottery_sums(area: str, year: int) -> dict[tuple[str, str, str], int]:
    """(资金来源, 是否用于社会福利事业, 用途) → 万元 spent in the area in the year."""
    index = year - SINCE[area]
    of_welfare, of_both = ELDER_SHARES[area][index]
    spent = round(SPENT[area] * 1.04**index)
    elsewhere, sports = round(spent * ELSEWHERE), round(spent * SPORTS)
    elders = part(of_welfare, spent)
    sports_elders = part(of_both, spent - elsewhere + sports) - elders
    uses = dict(zip(ELDER_USES, apportion(elders, list(ELDER_USES.values())), strict=True))
    return {
        **{("福彩公益金", "是", use): amount for use, amount in uses.items()},
        ("福彩公益金", "是", "其他社会福利"): spent - elsewhere - elders,
        ("福彩公益金", "否", "其他"): elsewhere,
        ("体彩公益金", "是", "其他养老服务"): sports_elders,
        ("体彩公益金", "是", "其他社会福利"): sports - sports_elders,
    }


def lottery_rows(area: str, year: int) -> list[dict[str, Cell]]:
    """What each government spent, one row a use; a government that got nothing of a sum has no row for it."""
    levels = governments(area)
    found: list[dict[str, Cell]] = []
    for (source, allotted, use), amount in lottery_sums(area, year).items():
        weights = [
            WEIGHT[level] * (0.8 + below(401, "spent", code, source, use) / 1000) for code, level in levels.items()
        ]
        for (code, level), share in zip(levels.items(), apportion(amount, weights), strict=True):
            row = {"region_code": code, "fund_source": source, "social_welfare_use": allotted, "purpose": use}
            if share:
                found.append({**row, "retained_level": LEVEL[level], "direction": "支出", "amount": share})
    return found


def banan_rows(year: int) -> list[dict[str, Cell]]:
    """Banan's 福彩公益金 by level: what the municipality hands down, and what the district retains and carries over."""
    index = year - SINCE[BANAN]
    found = lottery_rows(BANAN, year)
    spent = [row for row in found if row["fund_source"] == "福彩公益金"]
    retained = {id(row): int(row["amount"]) * 7 // 10 for row in spent}  # three tenths are the municipality's
    elder = [row for row in spent if row["purpose"] in list(ELDER_USES)[:3]]
    # the three uses reach their set share of the retained money; the rest goes on the other uses
    for_elders = sum(retained[id(row)] for row in elder)
    rest = round(for_elders * (100 / RETAINED_SHARE[index] - 1))
    others = [row for row in spent if row not in elder]
    weights = [float(row["amount"]) for row in others]
    for row, amount in zip(others, apportion(rest, weights), strict=True):
        retained[id(row)] = amount
    for row in spent:
        found.append({**row, "retained_level": "省级", "amount": int(row["amount"]) - retained[id(row)]})
        row["amount"] = retained[id(row)]
    whole = {
        "region_code": BANAN,
        "fund_source": "福彩公益金",
        "social_welfare_use": "是",
        "retained_level": "区县留存",
    }
    total = for_elders + rest
    found.append({**whole, "direction": "留存", "purpose": "不适用", "amount": total - 40})
    found.append({**whole, "direction": "结转", "purpose": "不适用", "amount": 40 + index * 5})
    return found


def budget_rows(area: str, year: int) -> list[dict[str, Cell]]:
    """Yearly budgets of the counties: for Dazhou as its clause has them reached, elsewhere by chance."""
    found: list[dict[str, Cell]] = []
    for code, level in governments(area).items():
        if level != "county":
            continue
        for purpose, (norm, reached) in BUDGETS.items():
            if area == DAZHOU:
                turn = TURN.index(code)
                surplus = 10 * below(12, "budget", code, purpose, year)
                amount = norm + surplus if turn < reached[year - 2020] else norm - 10 * (turn + 7) - surplus
            else:
                amount = norm // 2 + 10 * below(norm // 10, "budget", code, purpose) + 20 * (year - 2020)
            row = {"region_code": code, "fund_source": "一般公共预算", "social_welfare_use": "不适用"}
            found.append(
                {**row, "retained_level": "不适用", "direction": "年度预算", "purpose": purpose, "amount": amount}
            )
    return found


def records(area: str, year: int) -> list[dict[str, Cell]]:
    """The area's entries of the year by government, numbered within each; amounts in 万元."""
    lottery = banan_rows(year) if area == BANAN else lottery_rows(area, year)
    found = sorted([*lottery, *budget_rows(area, year)], key=lambda row: str(row["region_code"]))
    numbers: dict[Cell, int] = {}
    for row in found:
        numbers[row["region_code"]] = row["entry_id"] = numbers.get(row["region_code"], 0) + 1
    return found


def in_yuan(rows: list[dict[str, Cell]]) -> list[dict[str, Cell]]:
    return [{**row, "amount": int(row["amount"]) * 10_000} for row in rows]


def table(path: str, rows: list[dict[str, Cell]], alias: int = 0, title: str | None = None) -> Delivery:
    """A ledger in 万元 (alias 0) or in yuan (alias 1); a workbook ends in a 合计 row."""
    total = ["合计", *[None] * (len(FIELDS) - 2), sum(int(row["amount"]) for row in rows)] if title else None
    return Delivery(path, headings(FIELDS, alias), [cells(FIELDS, row) for row in rows], title, total)


def guizhou(year: int) -> Iterator[Delivery]:
    """The province for all but the two prefectures that deliver their own ledgers."""
    own: dict[str, list[dict[str, Cell]]] = {code: [] for code in OWN_LEDGERS}
    rest: list[dict[str, Cell]] = []
    for row in records(GUIZHOU, year):
        own.get(f"{str(row['region_code'])[:4]}00", rest).append(row)
    yield table(f"fund_ledger/{year}/{GUIZHOU}.csv", rest)
    for code, kind in OWN_LEDGERS.items():
        title = f"资金收支台账（{year}年）" if kind == "xlsx" else None
        yield table(f"fund_ledger/{year}/{code}.{kind}", own[code], title=title)


def deliveries() -> Iterator[Delivery]:
    for year in YEARS:
        yield table(f"fund_ledger/{year}/{BANAN}.csv", records(BANAN, year))
        title = f"达州市养老托育资金收支台账（{year}年）"
        yield table(f"fund_ledger/{year}/{DAZHOU}.xlsx", records(DAZHOU, year), title=title)
        if year >= SINCE[GUIZHOU]:
            yield from guizhou(year)
        if year >= SINCE[HENAN]:
            rows = records(HENAN, year)
            if year == 2024:
                rows.append({**rows[0], "entry_id": 99, "retained_level": None})
            yield table(f"fund_ledger/{year}/{HENAN}.parquet", in_yuan(rows), alias=1)
