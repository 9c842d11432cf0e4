"""assistance_roster: the monthly roster of assisted persons; places on it stay, the persons who hold them change."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache

from pipelines.samples.chance import below, day, draw
from pipelines.samples.deliver import Cell, Delivery, cells, headings
from pipelines.samples.elderly_facilities import months
from pipelines.samples.elderly_stock import homes
from pipelines.samples.persons import person, slots
from pipelines.samples.places import towns
from pipelines.samples.reference import BANAN, DAZHOU, YEARS, area_counties

FIELDS = {
    "person_id": "身份证号|公民身份号码",
    "person_name": "姓名",
    "sex": "性别",
    "birth_date": "出生日期|出生年月",
    "household_id": "家庭编号|低保证号",
    "county_code": "所属县级区划代码|县区代码",
    "town_code": "所属乡镇代码|乡镇街道代码",
    "assistance_kind": "救助类别",
    "eligible": "是否符合条件",
    "self_care": "生活自理能力",
    "disability": "是否残疾",
    "support_mode": "供养方式",
    "wants_centralised": "是否有集中供养意愿",
    "facility_id": "供养机构编码",
    "basic_service": "是否享受基本养老服务|基本养老服务",
    "home_adapted_on": "家庭适老化改造完成日期",
    "joined_on": "纳入日期",
    "left_on": "退出日期",
}


@dataclass(frozen=True)
class Group:
    """Places on the roster of one kind; `central` of them are in a home at the end of 2020 … 2025."""

    kind: str
    self_care: tuple[str, ...]
    places: int
    central: tuple[int, ...] = (0,) * 6


TOTAL, REST, ANY = ("完全丧失",), ("部分丧失", "具备"), ("具备", "部分丧失", "完全丧失")
ROSTER = {
    # 特困 who cannot look after themselves and live in a home: 120 of 400 (30 %)
    DAZHOU: (
        Group("特困人员", TOTAL, 400, (120, 144, 172, 200, 224, 246)),
        Group("特困人员", REST, 700, (200, 204, 209, 215, 220, 224)),
        Group("低保", ANY, 300),
        Group("低保边缘", ANY, 100),
        Group("其他兜底", ANY, 60, (15, 16, 17, 18, 20, 22)),
        Group("未纳入", ANY, 40),
    ),
    # 56 of 150 (37.3 %)
    BANAN: (
        Group("特困人员", TOTAL, 150, (56, 60, 65, 70, 74, 79)),
        Group("特困人员", REST, 250, (90, 92, 94, 96, 98, 100)),
        Group("低保", ANY, 150),
        Group("低保边缘", ANY, 50),
        Group("未纳入", ANY, 20),
    ),
}
UNMET = {DAZHOU: {2022: 3, 2023: 2}}  # 特困 who want a place in a home and have none
WHOLE_CARE = ("敬老院", "养护院", "社会福利院")
SUCCESSOR, PREDECESSOR = 2000, 4000  # added to a place's number: who holds it after, or held it before


@cache
def lasting_homes(area: str) -> dict[str, list[str]]:
    """County → homes for assisted persons in service from 2020 to 2025."""
    found: dict[str, list[str]] = {}
    for home in homes(area):
        lasting = home.in_service(date(2020, 1, 31)) and home.in_service(date(2025, 12, 31))
        if home.group.kind in WHOLE_CARE and lasting:
            found.setdefault(home.county, []).append(home.id)
    return found


def entered_home(group: Group, place: int, area: str) -> date | None:
    """The day a place on the roster became one in a home."""
    year = next((year for year, count in zip(YEARS, group.central, strict=True) if place < count), None)
    if year is None:
        return None
    return date(2018, 5, 1) if year == 2020 else day(year, "home", area, group.kind, place)


def handover(area: str, number: int) -> date | None:
    """The day a place passed to another person: one in four, in 2021 to 2025."""
    if below(4, "handover", area, number):
        return None
    return day(2021 + below(5, "year", area, number), "handover", area, number)


def record(area: str, group: Group, place: int, number: int, county: str, as_of: date, holder: int) -> dict[str, Cell]:
    """One person on one place; `holder` is 0, SUCCESSOR or PREDECESSOR."""
    who = person(county, number + holder, 1960 if group.kind == "特困人员" else 1975)
    entered = entered_home(group, place, area)
    central = entered is not None and entered <= as_of
    tekun, supported = group.kind == "特困人员", group.kind in ("特困人员", "其他兜底")
    unmet = tekun and group.self_care == TOTAL and group.places - place <= UNMET.get(area, {}).get(as_of.year, 0)
    if central:
        wants: Cell = True if place % 3 else None
    else:
        wants = True if unmet else False if supported and place % 2 else None
    adapted = day(2021 + below(6, "adapted", area, number), "adapted", area, number)
    needs_home = tekun and not central
    change = handover(area, number)
    joined = change if holder == SUCCESSOR else day(2010 + below(9, area, number, holder), area, number, holder)
    town_codes = list(towns(county))
    return {
        "person_id": who.id,
        "person_name": who.name,
        "sex": who.sex,
        "birth_date": who.birth,
        "household_id": f"{county}H{number // 2:05d}" if group.kind == "低保" else None,
        "county_code": county,
        "town_code": town_codes[below(len(town_codes), "town", area, number)],
        "assistance_kind": group.kind,
        "eligible": below(2, "eligible", area, number) == 0 if group.kind == "未纳入" else None,
        "self_care": group.self_care[below(len(group.self_care), "care", area, number)],
        "disability": below(3, "disability", area, number) == 0,
        "support_mode": ("集中供养" if central else "分散供养") if supported else "不适用",
        "wants_centralised": wants,
        "facility_id": chosen_home(area, county, number) if central else None,
        "basic_service": below(10, "basic", area, number) < 5 + as_of.year - 2020 or None,
        "home_adapted_on": adapted if needs_home and adapted <= as_of else None,
        "joined_on": joined,
        "left_on": None,
    }


def chosen_home(area: str, county: str, number: int) -> str:
    choice = lasting_homes(area)[county]
    return choice[draw("chosen", area, number) % len(choice)]


def records(area: str, as_of: date) -> list[dict[str, Cell]]:
    """The roster of a month: who holds each place, and who left it within the year (with the day)."""
    inside = area_counties(area)
    found: list[dict[str, Cell]] = []
    number = 0
    for order, group in enumerate(ROSTER[area]):
        for place, county in enumerate(slots(inside, group.places, f"{area}/{order}")):
            change = handover(area, number)
            passed = change is not None and change <= as_of
            if passed and change.year == as_of.year:
                found.append(record(area, group, place, number, county, as_of, 0) | {"left_on": change})
            if as_of.year == 2020 and below(40, "left", area, number) == 0:
                left = day(2020, "left", area, number)
                found.append(record(area, group, place, number, county, as_of, PREDECESSOR) | {"left_on": left})
            found.append(record(area, group, place, number, county, as_of, SUCCESSOR if passed else 0))
            number += 1
    return sorted(found, key=lambda row: (str(row["county_code"]), str(row["person_id"])))


def planted(path: str, found: list[dict[str, Cell]]) -> list[list[Cell]]:
    rows = [cells(FIELDS, row) for row in found]
    if path.startswith("2024-12/511700"):
        rows[2] = rows[2][:-1]
    if path.startswith("2023-12/500113"):
        home = list(FIELDS).index("facility_id")
        next(row for row in rows if row[home])[home] = "500113YL9999"
    return rows


def deliveries() -> Iterator[Delivery]:
    for as_of in months():
        for alias, area in enumerate((BANAN, DAZHOU)):
            as_csv = as_of.month == 12 and (area == BANAN or as_of.year in (2020, 2024, 2025))
            kind = "csv" if as_csv else "parquet"
            path = f"{as_of:%Y-%m}/{area}.{kind}"
            yield Delivery(f"assistance_roster/{path}", headings(FIELDS, alias), planted(path, records(area, as_of)))
