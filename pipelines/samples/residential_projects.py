"""residential_projects: the yearly ledger of new and existing estates and their rooms for elders and children."""

from collections.abc import Iterator
from datetime import date
from functools import cache

from pipelines.samples.chance import below, day
from pipelines.samples.deliver import Cell, Delivery, cells, headings
from pipelines.samples.places import is_street, towns
from pipelines.samples.reference import BANAN, DAZHOU, YEARS, area_counties

FIELDS = {
    "project_id": "项目编号|小区编号",
    "project_name": "项目名称|小区名称",
    "county_code": "所在县级区划代码|县区代码",
    "town_code": "所在乡镇代码|乡镇街道代码",
    "project_kind": "项目类别|新建或已建",
    "households": "规划户数|户数",
    "population": "规划人口|居住人口",
    "eldercare_area_required": "应配建养老面积|应配建养老面积（平方米）",
    "eldercare_area": "实配养老面积|实配养老面积（平方米）",
    "childcare_area_required": "应配建托育面积",
    "childcare_area": "实配托育面积",
    "childcare_places": "配建托位数",
    "sync_planned": "同步规划",
    "sync_built": "同步建设",
    "sync_accepted": "同步验收",
    "sync_delivered": "同步交付|同步交付使用",
    "accepted_on": "竣工验收日期|验收日期",
    "status": "项目状态",
}
# new estates accepted in 2020 … 2025 and 2026, and how many of them meet the rule
ACCEPTED = {DAZHOU: (0, 22, 23, 25, 26, 27, 14), BANAN: (0, 7, 8, 8, 9, 8, 5)}
COMPLIANT = {DAZHOU: (0, 15, 19, 22, 24, 27, 14), BANAN: (0, 5, 6, 7, 8, 8, 5)}
EXISTING = {DAZHOU: 63, BANAN: 18}
NORM = 30  # m² per 100 households; Dazhou 四(一)3, used for Banan's planning conditions too


def estate(area: str, county: str, number: int, kind: str) -> dict[str, Cell]:
    streets = [town for town, name in towns(county).items() if is_street(name)]
    town = streets[below(len(streets), "street", area, number, kind)]
    households = 300 + 10 * below(120, "households", area, number, kind)
    required = households * NORM // 100
    return {
        "project_id": f"{county}{'XJ' if kind == '新建' else 'YJ'}{number + 1:03d}",
        "project_name": f"{towns(county)[town]}第{number + 1}{'新建小区' if kind == '新建' else '小区'}",
        "county_code": county,
        "town_code": town,
        "project_kind": kind,
        "households": households,
        "population": households * 3 if number % 3 else None,
        "eldercare_area_required": required if area == BANAN or number % 2 else None,
        "eldercare_area": required + below(40, "area", area, number),
        "childcare_area_required": 200 if area == BANAN or number % 2 else None,
        "childcare_area": 200 + below(60, "childcare", area, number),
        "childcare_places": households * 3 * (8 + below(5, "places", area, number)) // 1000,
    }


@cache
def new_estates(area: str) -> list[tuple[dict[str, Cell], date]]:
    """New estates with their day of acceptance; those that fail do so by area or by late delivery, in turn."""
    inside = area_counties(area)
    found: list[tuple[dict[str, Cell], date]] = []
    for year, total, good in zip((*YEARS, 2026), ACCEPTED[area], COMPLIANT[area], strict=True):
        for turn in range(total):
            number = len(found)
            row = estate(area, inside[number % len(inside)], number, "新建")
            failing = turn >= good
            short = failing and turn % 2 == 0
            row |= {field: True for field in FIELDS if field.startswith("sync_")}
            row["sync_delivered"] = not failing or short
            row["eldercare_area"] = int(row["eldercare_area"]) // 2 if short else row["eldercare_area"]
            found.append((row, day(year, "accepted", area, number)))
    return found


def records(area: str, year: int) -> list[dict[str, Cell]]:
    """The ledger at the end of the year: estates accepted so far or within two years, then the existing ones."""
    inside = area_counties(area)
    found: list[dict[str, Cell]] = []
    for row, accepted in new_estates(area):
        done = accepted.year <= year
        if accepted.year <= year + 2:
            state = ("已交付", "已验收", "在建", "规划")[max(accepted.year - year, -1) + 1]
            found.append({**row, "accepted_on": accepted if done else None, "status": state})
    for number in range(EXISTING[area]):
        row = estate(area, inside[number % len(inside)], number, "已建成")
        row |= {field: "不适用" for field in FIELDS if field.startswith("sync_")}
        found.append({**row, "status": "已交付"})
    return found


def deliveries() -> Iterator[Delivery]:
    for year in YEARS:
        rows = [cells(FIELDS, row) for row in records(BANAN, year)]
        yield Delivery(f"residential_projects/{year}/{BANAN}.csv", headings(FIELDS), rows)
        found = records(DAZHOU, year)
        if year == 2024:
            found[0] = {**found[0], "accepted_on": None, "status": "已验收"}
        title = f"达州市住宅小区养老托育设施配建台账（{year}年）"
        rows = [cells(FIELDS, row) for row in found]
        yield Delivery(f"residential_projects/{year}/{DAZHOU}.xlsx", headings(FIELDS, 1), rows, title)
