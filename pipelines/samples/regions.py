"""regions: the register of division codes, one snapshot of 2023-06-30 with the vintages that the figures need."""

from collections.abc import Iterator

from pipelines.samples.deliver import Cell, Delivery, cells, headings
from pipelines.samples.reference import Division, divisions, table

FIELDS = {
    "region_code": "区划代码",
    "region_name": "区划名称",
    "level": "级别",
    "parent_code": "上级区划代码",
    "county_kind": "县级类型",
    "town_kind": "乡级类型",
    "gbt2260": "是否国标代码",
    "reports_separately": "是否单独报送",
    "valid_from": "生效日期",
    "valid_to": "失效日期",
    "successor_code": "后继代码",
}
LEVELS = {"nation": "全国", "province": "省级", "prefecture": "地级", "county": "县级", "town": "乡级"}
# by ending, the longer before the shorter; 群岛 and 海域 are the districts of 三沙市, 632857 has no national code
COUNTY_KINDS = {
    "群岛": "市辖区",
    "海域": "市辖区",
    "行政委员会": "功能区",
    "自治县": "自治县",
    "自治旗": "旗",
    "神农架林区": "林区",
    "特区": "特区",
    "区": "市辖区",
    "县": "县",
    "市": "县级市",
    "旗": "旗",
}
TOWN_KINDS = {"小镇": "功能区", "街道": "街道", "镇": "镇", "族乡": "民族乡", "乡": "乡"}
STATISTICAL_UNITS = ("4", "5")  # seventh digit: farms, parks and offices that the list counts like streets or towns
SINCE = "2000-01-01"  # convention: "before every period delivered here"; see origin.yml


def kind(name: str, kinds: dict[str, str]) -> str:
    """The kind that the name ends with; raises LookupError for a name of no known kind."""
    for ending, value in kinds.items():
        if name.endswith(ending):
            return value
    raise LookupError(f"名称看不出类型 no kind in the name: {name}")


def town_kind(town: Division) -> str:
    """By the name; a unit that exists for statistics only and has no kind in its name is a zone."""
    ends_in_kind = town.name.endswith(tuple(TOWN_KINDS))
    return "功能区" if town.code[6] in STATISTICAL_UNITS and not ends_in_kind else kind(town.name, TOWN_KINDS)


def record(division: Division, since: str = SINCE, until: str = "", successor: str = "") -> dict[str, Cell]:
    zone = division.level == "county" and division.code[4] in "67"
    county = "功能区" if zone else kind(division.name, COUNTY_KINDS) if division.level == "county" else None
    return {
        "region_code": division.code,
        "region_name": division.name,
        "level": LEVELS[division.level],
        "parent_code": division.parent,
        "county_kind": county,
        "town_kind": town_kind(division) if division.level == "town" else None,
        "gbt2260": county != "功能区",
        "reports_separately": False,
        "valid_from": since,
        "valid_to": until,
        "successor_code": successor,
    }


def records() -> list[dict[str, Cell]]:
    """One row per code and validity interval, by length of code, then code."""
    nation = Division("000000", "全国", "000000", "nation")
    found = {division.code: record(division) for division in (nation, *divisions())}
    for change in table("division_changes.csv"):
        division = Division(change["region_code"], change["region_name"], change["parent_code"], change["level"])
        found[division.code] = record(division, change["valid_from"], change["valid_to"], change["successor_code"])
    return [found[code] for code in sorted(found, key=lambda code: (len(code), code))]


def deliveries() -> Iterator[Delivery]:
    rows = [cells(FIELDS, record) for record in records()]
    yield Delivery("regions/2023-06-30/000000.csv", headings(FIELDS), rows)
