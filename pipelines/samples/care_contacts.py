"""care_contacts: the monthly lists of elders in special difficulty, visited or not, twelve months from 2020 to 2025."""

from collections.abc import Iterator

from pipelines.samples.chance import below, day, ranks
from pipelines.samples.deliver import Cell, Delivery, cells, headings
from pipelines.samples.persons import person, slots
from pipelines.samples.places import places
from pipelines.samples.reference import BANAN, DAZHOU, YEARS, area_counties

FIELDS = {
    "person_id": "身份证号|公民身份号码",
    "person_name": "姓名",
    "county_code": "所属县级区划代码|县区代码",
    "town_code": "所属乡镇代码|乡镇街道代码",
    "community_code": "村社区代码|社区代码",
    "primary_kind": "特殊困难类别|人员类别",
    "contacts": "本月探访次数|探访次数",
    "contact_mode": "探访方式",
    "last_contact_on": "最近探访日期",
}
LISTED = {DAZHOU: 600, BANAN: 160}  # scaled down
# persons visited in each month of 2020 … 2025
VISITED = {DAZHOU: (480, 507, 534, 561, 579, 593), BANAN: (160, 160, 160, 160, 159, 159)}
KINDS = ("独居", "空巢", "留守", "失能", "重残", "计划生育特殊家庭", "其他")
MODES = ("上门", "上门", "电话", "微信")


def records(area: str, year: int, month: int) -> list[dict[str, Cell]]:
    """One row per listed person; each month leaves out other persons."""
    inside = area_counties(area)
    here = {county: [place for place in places(area) if place.county == county] for county in inside}
    turn = ranks(range(LISTED[area]), "visited", area, year, month)
    found = []
    for number, county in enumerate(slots(inside, LISTED[area], f"contacts/{area}")):
        who = person(county, number)
        home = here[county][below(len(here[county]), "place", area, number)]
        key = ("contacts", area, number, year, month)
        visited = turn[number] < VISITED[area][year - YEARS[0]]
        found.append(
            {
                "person_id": who.id,
                "person_name": who.name,
                "county_code": county,
                "town_code": home.town,
                "community_code": home.code,
                "primary_kind": KINDS[below(len(KINDS), "kind", area, number)],
                "contacts": 1 + below(4, *key) if visited else 0 if number % 2 else None,
                "contact_mode": MODES[below(len(MODES), "mode", area, number, month)] if visited else None,
                "last_contact_on": day(year, *key).replace(month=month) if visited else None,
            }
        )
    return sorted(found, key=lambda row: (row["county_code"], row["person_id"]))


def deliveries() -> Iterator[Delivery]:
    for year in YEARS:
        for month in range(1, 13):
            folder = f"care_contacts/{year}-{month:02d}"
            found = records(BANAN, year, month)
            if (year, month) == (2024, 5):
                found[0]["town_code"] = "511702001"
            yield Delivery(f"{folder}/{BANAN}.csv", headings(FIELDS), [cells(FIELDS, row) for row in found])
            rows = [cells(FIELDS, row) for row in records(DAZHOU, year, month)]
            yield Delivery(f"{folder}/{DAZHOU}.parquet", headings(FIELDS, 1), rows)
