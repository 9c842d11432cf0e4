"""construction_projects: the yearly ledger of the projects that four clauses name, from the year of their plan on.

Dazhou 四(一)4: 28 projects for elders (6,070 beds, by 三(一) 1,750, 1,900 and 2,420 in three years) and 42 for children
(6,860 places), plan DZ145. Guizhou 2022 二(八): 16 idle buildings, plan GZ16; 二(十一): 50 health bases.
Banan (三): 2 care sites; (四): a guidance centre of 150 places.
"""

from collections.abc import Iterator
from datetime import date

from pipelines.samples.chance import apportion, below, day
from pipelines.samples.deliver import Cell, Delivery, cells, headings
from pipelines.samples.reference import BANAN, DAZHOU, YEARS, children, names

FIELDS = {
    "project_id": "项目编号|项目代码",
    "project_name": "项目名称",
    "county_code": "所在县级区划代码|县区代码",
    "project_kind": "项目类别|领域",
    "sub_kind": "建设内容类别|设施类别",
    "nature": "建设性质",
    "plan_code": "规划清单代码|所属规划",
    "planned_investment": "总投资（万元）|计划总投资（元）",
    "completed_investment": "累计完成投资（万元）|累计完成投资（元）",
    "new_beds": "新增养老床位|新增床位",
    "new_places": "新增托位|新增托位数",
    "started_on": "开工日期",
    "completed_on": "完工日期|竣工日期",
    "status": "项目状态|进度",
}
GUIZHOU = "520000"
PLANNED = 2021
NEVER = 2026  # still being built at the end of the last year delivered
# Dazhou's beds by year of completion; two projects without beds follow, one done in 2025, one still being built
BEDS = {2022: (8, 1_750), 2023: (9, 1_900), 2024: (9, 2_420), 2025: (1, 0), NEVER: (1, 0)}
# its childcare places: the last project, of 120 places, is still being built at the end of 2025
PLACES = {2022: (9, 1_400), 2023: (11, 1_830), 2024: (12, 1_960), 2025: (9, 1_550), NEVER: (1, 120)}
INVESTMENT = {"养老": 149_760, "托育": 56_580}  # 万元
BASES = {2021: 20, 2022: 9, 2023: 8, 2024: 6, 2025: 4, NEVER: 3}
KINDS = ("区域养老服务中心", "社区养老服务综合体", "养老机构", "县级养护院")


def plan(kind: str, schedule: dict[int, tuple[int, int]]) -> list[dict[str, Cell]]:
    """Dazhou's projects of one kind in the order of completion; beds or places and money as the plan has them."""
    counties = [county.code for county in children(DAZHOU)]
    total = sum(count for count, _ in schedule.values())
    money = apportion(INVESTMENT[kind], [1 + below(100, "investment", kind, number) / 100 for number in range(total)])
    found: list[dict[str, Cell]] = []
    for year, (count, size) in schedule.items():
        sizes = apportion(size, [1 + below(100, "size", kind, year, turn) / 100 for turn in range(count)])
        for turn in range(count):
            number = len(found)
            county = counties[number % len(counties)]
            sub_kind = "托育机构" if kind == "托育" else KINDS[number % len(KINDS)] if size else "社区养老服务综合体"
            found.append(
                {
                    "project_id": f"{county}{'YL' if kind == '养老' else 'TY'}{number + 1:03d}",
                    "project_name": f"{names()[county]}{sub_kind}建设项目{number + 1}",
                    "county_code": county,
                    "project_kind": kind,
                    "sub_kind": sub_kind,
                    "nature": ("新建", "改扩建", "改建")[number % 3],
                    "plan_code": "DZ145",
                    "planned_investment": money[number],
                    "new_beds" if kind == "养老" else "new_places": sizes[turn],
                    "completed_on": day(year, "completed", kind, number),
                }
            )
    return found


def single(
    number: int, county: str, kind: str, sub_kind: str, nature: str, money: int, done: date, **more: Cell
) -> dict[str, Cell]:
    """A project on its own; money in 万元."""
    return {
        "project_id": f"{county}XM{number:03d}",
        "project_name": f"{names()[county]}{sub_kind}项目{number}",
        "county_code": county,
        "project_kind": kind,
        "sub_kind": sub_kind,
        "nature": nature,
        "planned_investment": money,
        "completed_on": done,
        **more,
    }


def dazhou() -> list[dict[str, Cell]]:
    hospital = single(1, "511702", "医疗", "老年医院", "新建", 28_000, date(2024, 9, 26))
    university = single(2, "511702", "老年教育", "老年大学", "新建", 9_600, date(2025, 6, 18))
    return [*plan("养老", BEDS), *plan("托育", PLACES), hospital, university]


def banan() -> list[dict[str, Cell]]:
    return [
        single(1, BANAN, "养老", "失能特困集中照护点", "改建", 860, date(2021, 11, 16)),
        single(2, BANAN, "养老", "失能特困集中照护点", "改建", 940, date(2022, 10, 28)),
        single(3, BANAN, "托育", "托育服务指导中心", "装修及设备", 1_200, date(2022, 8, 30), new_places=150),
    ]


def guizhou() -> list[dict[str, Cell]]:
    counties = [county.code for prefecture in children(GUIZHOU) for county in children(prefecture.code)]
    found = []
    for number in range(16):
        done = date(2022, 7 + below(6, "idle", number), 1 + below(28, "idle day", number))
        more = {"plan_code": "GZ16", "new_beds": 60 + 10 * below(9, "idle beds", number)}
        county, money = counties[5 * number], 600 + 20 * below(30, "idle", number)
        found.append(single(number + 1, county, "养老", "养老机构", "装修及设备", money, done, **more))
    for year, count in BASES.items():
        for turn in range(count):
            number = len(found) - 16
            county, money = counties[(7 * number + 3) % len(counties)], 2_000 + 50 * below(60, "base", number)
            done = day(year, "base", turn)
            found.append(single(number + 101, county, "康养", "健康养老基地", "新建", money, done))
    return found


def state(year: int, started: date, done: date) -> str:
    if done.year <= year:
        return "完工" if done.year == year else "投入使用"
    return "在建" if started.year <= year else "储备"


def records(projects: list[dict[str, Cell]], year: int) -> list[dict[str, Cell]]:
    """The ledger at the end of the year; all these plans begin in 2021, so before it the ledger is empty."""
    found: list[dict[str, Cell]] = []
    for row in projects if year >= PLANNED else []:
        done = date.fromisoformat(str(row["completed_on"]))
        started = date(done.year - 1, 1 + below(12, "started", row["project_id"]), 15)
        tenths = max(10 - 4 * max(done.year - year, 0), 0) if started.year <= year else 0
        found.append(
            {
                **row,
                "completed_investment": int(row["planned_investment"]) * tenths // 10,
                "started_on": started if started.year <= year else None,
                "completed_on": done if done.year <= year else None,
                "status": state(year, started, done),
            }
        )
    return found


def in_yuan(rows: list[dict[str, Cell]]) -> list[dict[str, Cell]]:
    money = ("planned_investment", "completed_investment")
    return [{**row, **{field: int(row[field]) * 10_000 for field in money}} for row in rows]


def deliveries() -> Iterator[Delivery]:
    for year in YEARS:
        rows = [cells(FIELDS, row) for row in records(banan(), year)]
        yield Delivery(f"construction_projects/{year}/{BANAN}.csv", headings(FIELDS), rows)
        found = records(dazhou(), year)
        if year == 2023:
            found.append({**found[-1], "project_id": "511702XM009", "completed_on": None, "status": "完工"})
        title = f"达州市养老托育建设项目台账（{year}年）"
        path = f"construction_projects/{year}/{DAZHOU}.xlsx"
        yield Delivery(path, headings(FIELDS), [cells(FIELDS, row) for row in found], title)
        if year >= 2022:
            rows = [cells(FIELDS, row) for row in in_yuan(records(guizhou(), year))]
            yield Delivery(f"construction_projects/{year}/{GUIZHOU}.csv", headings(FIELDS, 1), rows, bom=year == 2023)
