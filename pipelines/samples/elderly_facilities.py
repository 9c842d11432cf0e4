"""elderly_facilities: the monthly register of care facilities: the stock of `elderly_stock` as of a month's end."""

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache

from pipelines.samples.chance import apportion, below, day
from pipelines.samples.deliver import Cell, Delivery, cells, headings
from pipelines.samples.elderly_stock import Home, homes, operator, since
from pipelines.samples.reference import BANAN, DAZHOU, YEARS, area_counties, names

FIELDS = {
    "facility_id": "设施编码|机构编码",
    "facility_name": "设施名称|机构名称",
    "county_code": "所在县级区划代码|县区代码",
    "town_code": "所在乡镇代码|乡镇街道代码",
    "community_code": "所在村社区代码",
    "urban_rural": "城乡属性",
    "facility_type": "设施类型|机构类型",
    "ownership": "所有制性质|机构性质",
    "operator_kind": "运营主体性质|运营方性质",
    "inclusive": "是否普惠",
    "beds": "床位数|养老床位数（张）",
    "nursing_beds": "护理型床位数|护理型床位数（张）",
    "safety_net_beds": "公益性兜底床位数",
    "safety_net_beds_ok": "达标兜底床位数",
    "residents": "在院老年人数|入住老年人数",
    "disabled_residents": "失能老年人数|入住失能老年人数",
    "local_residents": "本区户籍入住人数|本地户籍老年人数",
    "star_grade": "等级评定",
    "medical_contract": "是否与医疗机构签约",
    "in_house_clinic": "是否内设医疗机构",
    "comprehensive_functions": "是否具备综合功能",
    "standardised": "是否标准化",
    "disabled_tekun_focus": "是否以失能特困照护为主",
    "meets_basic_standard": "是否达到基本规范国家标准|达到基本规范",
    "quality_status": "质量整治情况",
    "fire_rectification": "消防整改情况",
    "adapted_beds": "适老化改造床位数",
    "demo_medical_care": "是否示范性医养结合机构",
    "staff": "工作人员数|从业人员数",
    "care_workers": "养老护理员数|护理员人数",
    "trained_care_workers": "岗前培训合格护理员数",
    "social_workers": "社会工作者数|社工人数",
    "monthly_fee": "月收费标准|月收费标准（元/月）",
    "opened_on": "投入运营日期|开业日期",
    "closed_on": "关停日期",
    "status": "运营状态",
}
# institutions that have it at the end of 2020 … 2025
TIMES = {
    "star": {DAZHOU: (20, 46, 78, 114, 154, 196), BANAN: (9, 14, 20, 27, 34, 40)},
    "standard": {DAZHOU: (126, 146, 171, 200, 228, 252), BANAN: (40, 44, 49, 54, 59, 63)},
    "contract": {DAZHOU: (150, 170, 198, 226, 250, 270), BANAN: (44, 48, 53, 58, 61, 64)},
    "clinic": {DAZHOU: (38, 44, 51, 60, 68, 75), BANAN: (12, 14, 16, 18, 21, 24)},
    "demo": {DAZHOU: (14, 15, 17, 20, 23, 26), BANAN: (3, 4, 5, 6, 7, 8)},
    "social": {DAZHOU: (110, 132, 160, 192, 222, 250), BANAN: (26, 31, 37, 43, 49, 55)},
    "rectified": {DAZHOU: (10, 13, 15, 17, 18, 18), BANAN: (2, 2, 3, 3, 3, 3)},
    "fire": {DAZHOU: (70, 92, 118, 140, 158, 170), BANAN: (20, 25, 30, 34, 37, 38)},
}
ADAPTED_2020 = {DAZHOU: (69, 6538), BANAN: (8, 420)}  # public institutions adapted, and their adapted beds
TRAINED = {DAZHOU: (0.80, 0.84, 0.88, 0.92, 0.95, 0.976), BANAN: (0.86, 0.89, 0.92, 0.95, 0.97, 0.985)}
LATE_INCLUSIVE = {DAZHOU: 20, BANAN: 4}  # homes not inclusive at first, recognised between 2021 and 2025
NOTE = "注：公益性兜底床位达标按县级民政部门《兜底保障养老床位建设要求》认定。"


@cache
def months() -> tuple[date, ...]:
    """The last days of the months delivered: Decembers from 2020 to 2024, every month of 2025."""
    decembers = [date(year, 12, 31) for year in YEARS[:-1]]
    return (*decembers, *(date(2025, month, monthrange(2025, month)[1]) for month in range(1, 13)))


def area_of(home: Home) -> str:
    return BANAN if home.county == BANAN else DAZHOU


def by(home: Home, what: str, as_of: date) -> bool:
    """Whether the home has got `what` by the day."""
    area = area_of(home)
    day = since(area, what, TIMES[what][area]).get(home.id)
    return day is not None and day <= as_of


def nursing_beds(home: Home, as_of: date) -> int:
    """Five homes in six are converted, in 2021 to 2025: then 62 to 87 % of their beds are for nursing."""
    if not home.is_institution_kind or home.beds < 10:
        return home.nursing
    if as_of < day(2021 + below(6, "converted", home.id), "converted", home.id):
        return home.nursing
    return max(home.nursing, home.beds * (62 + below(26, "share", home.id)) // 100)


@cache
def adapted_beds(area: str) -> dict[str, int]:
    """Public institutions adapted by 2020, the largest first → adapted beds."""
    count, total = ADAPTED_2020[area]
    end = date(2020, 12, 31)
    public = [home for home in homes(area) if home.group.ownership != "民办" and home.is_institution(end)]
    chosen = sorted(public, key=lambda home: (-home.beds, home.id))[:count]
    return dict(zip((home.id for home in chosen), apportion(total, [home.beds for home in chosen]), strict=True))


def inclusive(home: Home, as_of: date) -> bool:
    group = home.group
    if group.inclusive == -1 or home.number < group.inclusive or home.number >= group.opened[0]:
        return True
    late = home.number - group.inclusive
    may = group.kind in ("养老院", "老年公寓") and late < LATE_INCLUSIVE[area_of(home)]
    return may and as_of >= day(2021 + late % 5, "recognised", home.id)


def status(home: Home, as_of: date) -> str | None:
    """运营状态, or nothing when not in the register: closed in an earlier year, or opening over half a year on."""
    if home.closed_on and home.closed_on <= as_of:
        return "关闭" if home.closed_on.year == as_of.year else None
    if home.opened_on and home.opened_on > as_of:
        return "筹建" if home.opened_on - as_of < timedelta(days=180) else None
    return "暂停" if home.group.fate == "suspended" else "运营"


def institution_cells(home: Home, as_of: date) -> dict[str, Cell]:
    """Columns that only homes with residents fill."""
    area = area_of(home)
    residents = home.beds * (45 + below(46, "residents", home.id, as_of.year)) // 100
    public = home.group.ownership != "民办"
    net = home.beds * 3 // 10 if public else None
    adapted = adapted_beds(area).get(home.id, 0)
    if public and not adapted and below(6, "adapted", home.id) <= as_of.year - 2021:
        adapted = home.beds // 2
    repair = "已整改" if by(home, "fire", as_of) else "无需整改" if below(3, "fire", home.id) else "待整改"
    care = max(1, home.beds // 10)
    stars = ("一星级", "二星级", "三星级")[below(3, "star", home.id)]
    return {
        "safety_net_beds": net,
        "safety_net_beds_ok": net if net is None or area == BANAN else net * (80 + 3 * (as_of.year - 2020)) // 100,
        "residents": residents,
        "disabled_residents": residents * 35 // 100,
        "local_residents": residents * 85 // 100,
        "star_grade": stars if by(home, "star", as_of) else "未评定",
        "medical_contract": by(home, "contract", as_of),
        "in_house_clinic": by(home, "clinic", as_of),
        "comprehensive_functions": home.number < home.group.comprehensive,
        "standardised": home.group.kind == "区域养老服务中心" and below(2, "standardised", home.id) == 0,
        "disabled_tekun_focus": home.group.kind == "养护院",
        "meets_basic_standard": by(home, "standard", as_of),
        "quality_status": "已整治" if by(home, "rectified", as_of) else "合格",
        "fire_rectification": repair,
        "adapted_beds": adapted,
        "demo_medical_care": by(home, "demo", as_of),
        "staff": care + home.beds // 25 + 2,
        "care_workers": care,
        "social_workers": int(by(home, "social", as_of)),
        "monthly_fee": (1500 if public else 1900 if inclusive(home, as_of) else 3100) + 10 * below(60, "fee", home.id),
    }


def record(home: Home, as_of: date, state: str) -> dict[str, Cell]:
    full = home.is_institution_kind
    return {
        "facility_id": home.id,
        "facility_name": home.name,
        "county_code": home.county,
        "town_code": home.town,
        "community_code": home.community,
        "urban_rural": home.urban_rural,
        "facility_type": home.group.kind,
        "ownership": home.group.ownership,
        "operator_kind": operator(home),
        "inclusive": inclusive(home, as_of) if full else home.group.ownership != "民办",
        "beds": home.beds,
        "nursing_beds": nursing_beds(home, as_of),
        **(institution_cells(home, as_of) if full else {}),
        "opened_on": home.opened_on,
        "closed_on": home.closed_on if home.closed_on and home.closed_on <= as_of else None,
        "status": state,
    }


@cache
def register(area: str, as_of: date) -> list[dict[str, Cell]]:
    """The register of Banan or Dazhou as of the day, one row per home, by id; trained carers add up to `TRAINED`."""
    listed = [(home, status(home, as_of)) for home in sorted(homes(area), key=lambda home: home.id)]
    found = [record(home, as_of, state) for home, state in listed if state]
    employing = [row for row in found if row.get("care_workers") and row["status"] == "运营"]
    workers = [int(row["care_workers"]) for row in employing]
    index = as_of.year - YEARS[0]
    share = TRAINED[area][index]
    if index and as_of.month < 12:
        share = TRAINED[area][index - 1] + (share - TRAINED[area][index - 1]) * as_of.month / 12
    for row, trained in zip(employing, apportion(round(sum(workers) * share), workers), strict=True):
        row["trained_care_workers"] = trained
    return found


def planted(path: str, found: list[dict[str, Cell]]) -> list[dict[str, Cell]]:
    if path.startswith("2024-12/511724"):
        return [*found[:-1], {**found[-1], "nursing_beds": int(found[-1]["beds"]) + 5}]
    if path.startswith("2023-12/511725"):
        return [*found[:-1], {**found[-1], "county_code": "511799"}]
    if path.startswith("2023-12/500113"):
        return [*found[:-1], {**found[-1], "facility_id": found[0]["facility_id"]}]
    if path.startswith("2025-05/500113"):
        return [{**row, "residents": None} if row["facility_id"] == "500113YL0024" else row for row in found]
    return found


def workbook(county: str, as_of: date) -> Delivery:
    """A county's December register: title row, 合计 row, footnote."""
    path = f"{as_of:%Y-%m}/{county}.xlsx"
    found = [row for row in register(DAZHOU, as_of) if row["county_code"] == county]
    total: list[Cell] = [None] * len(FIELDS)
    total[0] = "合计"
    for field in ("beds", "nursing_beds"):
        total[list(FIELDS).index(field)] = sum(int(row[field]) for row in found)
    rows = [cells(FIELDS, row) for row in planted(path, found)]
    title = f"{names()[county]}养老机构与设施名册（{as_of.year}年{as_of.month}月）"
    return Delivery(f"elderly_facilities/{path}", headings(FIELDS, 1), rows, title, total, [NOTE])


def deliveries() -> Iterator[Delivery]:
    for as_of in months():
        december = as_of.month == 12
        path = f"{as_of:%Y-%m}/{BANAN}.{'csv' if december else 'parquet'}"
        rows = [cells(FIELDS, row) for row in planted(path, register(BANAN, as_of))]
        yield Delivery(f"elderly_facilities/{path}", headings(FIELDS), rows)
        if december:
            yield from (workbook(county, as_of) for county in area_counties(DAZHOU))
        else:
            rows = [cells(FIELDS, row) for row in register(DAZHOU, as_of)]
            yield Delivery(f"elderly_facilities/{as_of:%Y-%m}/{DAZHOU}.parquet", headings(FIELDS), rows)
