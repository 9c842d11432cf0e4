"""agency_returns: invented yearly returns of the departments; 2020 gives the printed baselines of both documents."""

from collections.abc import Iterator
from datetime import date

from pipelines.samples import childcare_facilities, elderly_facilities
from pipelines.samples.chance import apportion, below
from pipelines.samples.deliver import Cell, Delivery, headings
from pipelines.samples.population import residents
from pipelines.samples.reference import BANAN, BANDS, DAZHOU, YEARS, area_counties

FIELDS = {
    "region_code": "区划代码|地区代码",
    "item_code": "指标代码|项目代码",
    "value": "数值|本年值",
    "unit": "计量单位|单位",
    "reporter": "填报部门|报送部门",
}
ABSENT = None  # not in the return at all
BLANK = "—"  # in the return, without a figure
# item: (unit, department, Dazhou's total 2020-2025, Banan's 2020-2025); a total is split over the seven counties
TOTALS: dict[str, tuple[str, str, tuple, tuple]] = {
    "pension_base": ("人", "人力资源社会保障局", (4000000, 3990000, 3970000, 3950000, 3930000, 3910000),
                     (820000, 822000, 824000, 826000, 828000, 830000)),
    "pension_insured": ("人", "人力资源社会保障局", (3580000, 3619000, 3652000, 3689000, 3722000, 3738000),
                        (738000, 747000, 760000, 772000, 783000, 791800)),
    "medical_base": ("人", "医疗保障局", (5420000, 5400000, 5370000, 5340000, 5310000, 5280000),
                     (1130000, 1133000, 1136000, 1139000, 1142000, 1145000)),
    "medical_insured": ("人", "医疗保障局", (5331568, 5301000, 5262000, 5228000, 5188000, 5143000),
                        (1119913, 1124000, 1128500, 1132000, 1135500, 1139000)),
    "elderly65_health_managed": ("人", "卫生健康委员会", (ABSENT, 640000, 660000, 676000, 690000, 702000),
                                 (131216, 135800, 140500, 145000, 149000, 151900)),
    "infant_base": ("人", "卫生健康委员会", (108000, 104000, 100000, 97000, 95000, 93000),
                    (24000, 23400, 22600, 21900, 21300, 20800)),
    "infant_health_managed": ("人", "卫生健康委员会", (99900, 96500, 93200, 90700, 89200, 87600),
                              (22260, 21720, 21030, 20430, 19940, 19550)),
    "med_elder_served": ("人", "卫生健康委员会", (420000, 470000, 530000, 590000, 650000, 710000),
                         (98000, 112000, 128000, 145000, 162000, 178000)),
    "hospitals_l2_general_tcm": ("个", "卫生健康委员会", (24, 24, 25, 25, 26, 26), (6, 6, 6, 7, 7, 7)),
    "hospitals_l2_geriatric": ("个", "卫生健康委员会", (7, 9, 12, 14, 16, 18), (2, 3, 3, 4, 5, 5)),
    "level2_medical_institutions": ("个", "卫生健康委员会", (1, 2, 3, 4, 5, 6), (1, 1, 1, 2, 2, 2)),
    "above_scale_eldercare_enterprises": ("个", "统计局", (11, 12, 14, 15, 17, 19), (3, 3, 4, 4, 5, 6)),
    "backbone_eldercare_enterprises": ("个", "民政局", (6, 7, 9, 11, 14, 16), (2, 2, 3, 3, 4, 4)),
    "backbone_childcare_enterprises": ("个", "卫生健康委员会", (2, 3, 4, 6, 8, 9), (1, 1, 2, 2, 3, 3)),
    "smart_pilot_units": ("个", "经济和信息化局", (1, 1, 2, 3, 3, 4), (1, 1, 1, 2, 2, 3)),
    "elderly_product_markets": ("个", "商务局", (0, 0, 1, 1, 2, 2), (0, 0, 1, 1, 1, 1)),
    "emergencies_total": ("起", "应急管理局", (9, 8, 7, 9, 6, 5), (2, 1, 3, 2, 1, 2)),
    "emergencies_handled": ("起", "应急管理局", (9, 8, 7, 9, 6, 5), (2, 1, 3, 2, 1, 2)),
    "special_equipment_in_use": ("台", "市场监督管理局", (310, 330, 352, 371, 390, 412), (85, 91, 98, 104, 112, 120)),
    "special_equipment_registered": ("台", "市场监督管理局", (302, 323, 347, 368, 389, 412),
                                     (84, 90, 98, 104, 112, 120)),
    "special_equipment_due": ("台", "市场监督管理局", (290, 305, 326, 349, 370, 391), (80, 86, 92, 99, 106, 114)),
    "special_equipment_inspected": ("台", "市场监督管理局", (281, 298, 321, 346, 369, 391), (79, 85, 92, 99, 106, 114)),
    "care_workforce_trained": ("人", "人力资源社会保障局", (2600, 2900, 3400, 3900, 4300, 4700),
                               (1450, 1520, 1660, 1790, 1880, 2010)),
    "nursing_staff_trained": ("人", "民政局", (1800, 2050, 2400, 2750, 3100, 3450),
                              (1000, 1080, 1190, 1310, 1430, 1560)),
    "professionals_trained_cum": ("人次", "民政局", (ABSENT, 1200, 2700, 4300, 6100, 8000),
                                  (ABSENT, 700, 1500, 2400, 3300, 4300)),
    "vocational_enrolment": ("人", "教育委员会", (420, 510, 620, 760, 880, 990), (300, 420, 580, 760, 930, 1080)),
    "elders_regular_education": ("人", "教育委员会", (ABSENT, 270000, 330000, 390000, 450000, 505000),
                                 (BLANK, 80100, 96700, 112000, 127000, 142000)),
    "elder_land_area": ("平方米", "自然资源和规划局", (410000, 435000, 462000, 490000, 515000, 540000),
                        (96000, 101000, 107000, 112000, 118000, 124000)),
    "community_elder_land_area": ("平方米", "自然资源和规划局", (125000, 138000, 151000, 164000, 177000, 190000),
                                  (31000, 34000, 37000, 40000, 43000, 46000)),
    "elder_social_workers": ("人", "民政局", (ABSENT, 780, 930, 1090, 1260, 1410), (210, 232, 255, 280, 304, 331)),
    "elders_basic_service": ("人", "民政局", (690000, 760000, 840000, 930000, 1020000, 1105000),
                             (162000, 178000, 195000, 214000, 233000, 252000)),
    "tcm_health_tourism_bases": ("个", "文化体育和旅游局", (1, 1, 2, 2, 3, 3), (1, 1, 1, 1, 2, 2)),
    "four_level_education_network": ("个", "教育委员会", (88, 104, 127, 149, 170, 188), (17, 18, 20, 22, 23, 23)),
}  # fmt: skip
# item: counties that have one, out of Dazhou's seven in the order of their codes, 2020-2025; Banan always has one
HAVING = {
    "elderly_universities": ("教育委员会", (5, 5, 6, 6, 7, 7)),
    "training_bases": ("民政局", (5, 5, 6, 6, 7, 7)),
}
OF_ELDERS = {
    "elderly65_health_managed", "med_elder_served", "elders_regular_education", "elders_basic_service",
    "elder_social_workers",
}  # fmt: skip
PART_OF = {
    "pension_insured": "pension_base",
    "medical_insured": "medical_base",
    "infant_health_managed": "infant_base",
    "hospitals_l2_geriatric": "hospitals_l2_general_tcm",
    "emergencies_handled": "emergencies_total",
    "special_equipment_registered": "special_equipment_in_use",
    "special_equipment_inspected": "special_equipment_due",
    "community_elder_land_area": "elder_land_area",
}
OWN = {
    "training_bases_own": ("个", "民政局", (1, 1, 1, 1, 1, 1)),
    "reported_life_expectancy": ("岁", "卫生健康委员会", (77.54, 77.67, 77.83, 77.97, 78.1, 78.22)),
    "urban_disposable_income": ("元/年", "国家统计局调查队", (36001, 39092, 40900, 42850, 44700, 46500)),
}
INCOME = {BANAN: 44300, "511702": 38900, "511703": 36800}  # 2020, yuan a year; other counties 33,000 to 36,000
INCOME_GROWTH = 1.05
NO_SERVICE_BEDS = ("光荣院", "家庭养老床位", "老年助餐点")
# what a county returned more (or less) than its registers hold at the end of the year
OFF = {
    (2023, "511702", "eldercare_beds_reported"): -36,
    (2024, BANAN, "childcare_places_reported"): 75,
    (2025, "511722", "eldercare_beds_reported"): 120,
    (2025, "511781", "childcare_places_reported"): -24,
}


def county_rows(county: str, index: int) -> list[list[Cell]]:
    """The county's return of one year (index 0 = 2020): its share of every total, then its own figures."""
    year, dazhou = YEARS[index], area_counties(DAZHOU)
    rows: list[list[Cell]] = []
    for item, (unit, reporter, city, banan) in TOTALS.items():
        total = banan[index] if county == BANAN else city[index]
        if total is not ABSENT:
            value = total if county == BANAN else split(total, item, dazhou)[dazhou.index(county)]
            rows.append([county, item, value, unit, reporter])
    for item, (reporter, having) in HAVING.items():
        has = county == BANAN or dazhou.index(county) < having[index]
        rows.append([county, item, int(has), "个", reporter])
    income = INCOME.get(county, 33000 + below(3000, "income", county)) * INCOME_GROWTH ** (year - 2020)
    rows.append([county, "urban_disposable_income", round(income), "元/年", "国家统计局调查队"])
    return rows


def split(total: int, item: str, dazhou: tuple[str, ...]) -> list[int]:
    """A city total over its counties by residents (elders where it counts elders), slanted by the item's whole."""
    first_band = BANDS.index("60-64") if item in OF_ELDERS else 0
    people = [sum(sum(bands[first_band:]) for bands in residents(2020)[county].values()) for county in dazhou]
    whole = PART_OF.get(item, item)
    return apportion(total, [count * (0.97 + below(61, whole, i) / 1000) for i, count in enumerate(people)])


def city_rows(index: int) -> list[list[Cell]]:
    own = [[DAZHOU, item, values[index], unit, reporter] for item, (unit, reporter, values) in OWN.items()]
    return own + [row for county in area_counties(DAZHOU) for row in county_rows(county, index)]


def facility_rows(county: str, year: int) -> list[list[Cell]]:
    """Beds and places in service at the end of the year, as the county's registers have them but for `OFF`."""
    area, end = (BANAN if county == BANAN else DAZHOU), date(year, 12, 31)
    homes = [row for row in elderly_facilities.register(area, end) if row["facility_type"] not in NO_SERVICE_BEDS]
    sites = childcare_facilities.register(area, end)
    beds = sum(int(str(row["beds"])) for row in homes if (row["county_code"], row["status"]) == (county, "运营"))
    places = sum(
        int(str(row["places"])) for row in sites if (row["county_code"], row["status"]) == (county, "正常运营")
    )
    counted = {"eldercare_beds_reported": (beds, "张", "民政局"),
               "childcare_places_reported": (places, "个", "卫生健康委员会")}  # fmt: skip
    return [
        [county, item, value + OFF.get((year, county, item), 0), unit, reporter]
        for item, (value, unit, reporter) in counted.items()
    ]


def planted(year: int, rows: list[list[Cell]]) -> list[list[Cell]]:
    for row in rows:
        if (year, *row[:2]) == (2023, "511781", "smart_pilot_units"):
            row[2] = "约2"
        if (year, *row[:2]) == (2024, "511722", "emergencies_total"):
            row[3] = "起数"
    return rows


def deliveries() -> Iterator[Delivery]:
    for index, year in enumerate(YEARS):
        banan, rows = county_rows(BANAN, index), planted(year, city_rows(index))
        if year >= 2022:  # below the others, as the new pages of a return
            banan += facility_rows(BANAN, year)
            rows += [row for county in area_counties(DAZHOU) for row in facility_rows(county, year)]
        yield Delivery(f"agency_returns/{year}/{BANAN}.csv", headings(FIELDS), banan, bom=True)
        if year % 2:
            title = f"达州市{year}年部门统计报表（养老托育）"
            yield Delivery(f"agency_returns/{year}/{DAZHOU}.xlsx", headings(FIELDS, 1), rows, title)
        else:
            yield Delivery(f"agency_returns/{year}/{DAZHOU}.csv", headings(FIELDS), rows)
