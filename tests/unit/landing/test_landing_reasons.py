"""One tiny delivery for each reason code: what is refused, with which row, reason, column and raw value."""

import pytest

CONTACTS = "身份证号,姓名,县区代码,乡镇街道代码,人员类别,探访次数,探访日期"
SOUND = "11010519491231002X,张三,511702,511702001,独居,2,2024-03-05"
COUNTS = "区划代码,性别,年龄组,死亡人数"
ITEMS = "区划代码,指标代码,数值,单位"
ROSTER = "身份证号,姓名,出生日期,县区代码,救助类别,自理能力,供养方式,供养机构编码"
FACILITIES = (
    "设施编码,机构名称,县区代码,乡镇街道代码,城乡属性,机构类型,所有制性质,运营主体,是否普惠,床位数,护理型床位数,状态"
)


def facility(number, county="511702", town="511702001", beds=20, nursing=5, status="运营", owner="公办", by="企业"):
    return f"F{number:03},一院,{county},{town},城市,养老院,{owner},{by},是,{beds},{nursing},{status}"


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (facility(1) + ",surplus", ("ragged_row", "ragged_row", None, None)),
        ("F001,一院", ("ragged_row", "ragged_row", None, None)),
        (facility(1, beds=""), ("missing_required", "missing_required", "beds", None)),
        (facility(1, beds="不适用"), ("missing_required", "missing_required", "beds", "不适用")),
        (facility(1, beds="约20"), ("bad_type", "bad_type", "beds", "约20")),
        (facility(1, owner="外星"), ("bad_enum", "bad_enum", "ownership", "外星")),
        (facility(1, beds=9000, nursing=1), ("out_of_range", "out_of_range", "beds", None)),
        (facility(1, beds=-1, nursing=0), ("out_of_range", "out_of_range|rule:nursing_le_beds", "beds", None)),
        (facility(1, county="999999", town="511702001"),
         ("unknown_region", "unknown_region|rule:town_in_county", "county_code", "999999")),
        (facility(1, county="511799", town="511702"), None),
        (facility(1, county="511703", town="511703001"),
         ("out_of_jurisdiction", "out_of_jurisdiction", "county_code", None)),
        (facility(1, town="511703001"), ("rule:town_in_county", "rule:town_in_county", "town_code", None)),
        (facility(1, nursing=21), ("rule:nursing_le_beds", "rule:nursing_le_beds", "nursing_beds", None)),
        (facility(1, owner="公建民营", by="政府"),
         ("rule:publicly_built_private_run", "rule:publicly_built_private_run", "operator_kind", "政府")),
        (facility(2), ("duplicate_key", "duplicate_key", "facility_id", None)),
    ],
)  # fmt: skip
def test_row_reasons(world, row, expected):
    world.table("elderly_facilities/2024-03/511702.csv", FACILITIES, facility(2), row)
    result = world.whole(world.land("elderly_facilities"))
    if expected is None:
        assert world.refused(result)[0][1] == "ambiguous_region"
        return
    (number, reason, every, column, raw) = world.refused(result)[0]
    assert (number, reason, every, column) == (3, *expected[:3])
    assert expected[3] is None or raw == expected[3]
    assert result.delivery["state"].to_list() == ["partly"]
    assert result.rows == 1


def test_every_reason_in_the_order_of_the_checks(world):
    row = facility(1, county="511703", town="511703001", beds="x", nursing=9999, owner="外星").replace("一院", "")
    world.table("elderly_facilities/2024-03/511702.csv", FACILITIES, row)
    (_, reason, every, column, raw), *_ = world.refused(world.land("elderly_facilities"))
    assert every == "missing_required|bad_type|bad_enum|out_of_range|out_of_jurisdiction"
    assert (reason, column, raw) == ("missing_required", "facility_name", None)


def test_flags_and_check_digits_land_with_findings(world):
    world.table("elderly_facilities/2024-03/511702.csv", FACILITIES, facility(1, status="关闭"))
    found = world.land("elderly_facilities").finding
    assert found.select("finding", "row_number", "column").row(0) == ("flag:closed_has_date", 2, "status")
    world.table("care_contacts/2024-03/511702.csv", CONTACTS, SOUND.replace("02X", "021"))
    result = world.land("care_contacts")
    assert result.rows == 1
    assert result.finding["finding"].to_list() == ["id_check_digit"]


def test_a_superseded_code_is_replaced_along_its_single_successor(world):
    row = facility(1, county="511721", town="511703001")
    world.table("elderly_facilities/2024-03/511700.csv", FACILITIES, row)
    result = world.whole(world.land("elderly_facilities"))
    assert result.finding.select("finding", "column", "detail").row(0) == (
        "code_mapped",
        "county_code",
        "511721 → 511703",
    )
    assert world.landed(result)["county_code"].to_list() == ["511703"]


def test_a_finer_code_settles_an_ambiguous_one(world):
    world.table("elderly_facilities/2024-03/511700.csv", FACILITIES, facility(1, county="511799"))
    assert world.landed(world.whole(world.land("elderly_facilities")))["county_code"].to_list() == ["511702"]


def test_trailing_zero_groups_of_a_statistical_code(world):
    world.table("agency_returns/2024/511700.csv", ITEMS, "511702000000,pension_insured,5,人")
    assert world.landed(world.land("agency_returns"))["region_code"].to_list() == ["511702"]


def test_persons_are_unique_within_one_supplier_only(world):
    world.table("care_contacts/2024-03/511702.csv", CONTACTS, SOUND, SOUND)
    other = SOUND.replace("511702", "511703")
    world.table("care_contacts/2024-03/511703.csv", CONTACTS, other)
    result = world.whole(world.land("care_contacts"))
    assert world.refused(result) == [(3, "duplicate_key", "duplicate_key", "person_id", None)]
    assert result.rows == 2


def test_a_reference_is_looked_up_in_the_month_or_the_latest_before_it(world):
    world.table("elderly_facilities/2024-01/511702.csv", FACILITIES, facility(1))
    person = "11010519491231002X,张三,1949-12-31,511702,特困,全护理,集中,{}"
    world.table("assistance_roster/2024-03/511702.csv", ROSTER, person.format("F001"))
    world.table("assistance_roster/2023-12/511702.csv", ROSTER, person.format("F001"))
    result = world.whole(world.land("assistance_roster"))
    assert result.rows == 1
    assert [row[1:4] for row in world.refused(result)] == [("unknown_facility", "unknown_facility", "facility_id")]


def test_age_bands_and_sexes_stand_or_fall_together(world):
    rows = [f"511702,{sex},{band},1" for sex in "男女" for band in ("0岁", "1-4", "5+")]
    world.table("deaths/2024/511702.csv", COUNTS, *rows)
    assert world.land("deaths").rows == 6
    world.table("deaths/2024/511702.csv", COUNTS, *rows[:1], *rows[2:])
    result = world.whole(world.land("deaths"))
    reasons = {(number, every) for number, _, every, _, _ in world.refused(result)}
    assert (2, "rule:bands_partition|rule:sex_pair") in reasons
    assert (4, "rule:sex_pair") in reasons
    assert result.delivery["state"].to_list() == ["rejected"]


def test_totals_beside_their_parts_are_ignored_and_alone_they_land(world):
    rows = [f"511702,{sex},合计,1" for sex in ("男", "女", "合计")] + ["511703,合计,合计,9", "合计,合计,合计,12"]
    world.table("deaths/2024/511700.csv", COUNTS, *rows)
    result = world.whole(world.land("deaths"))
    assert result.reconciliation.select("delivered", "landed", "ignored").row(0) == (5, 3, 2)


@pytest.mark.parametrize(
    "others",
    [
        [f"511702,{sex},{band},1" for sex in "男女" for band in ("0岁", "1-4", "5+")],
        [f"511702,{sex},合计,3" for sex in "男女"],
        [f"511702,合计,{band},2" for band in ("0-4", "5+")],
    ],
)
def test_a_grand_total_beside_any_other_row_of_its_group_is_ignored(world, others):
    world.table("deaths/2024/511700.csv", COUNTS, "511702,合计,合计,6", *others, "511703,合计,合计,9")
    result = world.whole(world.land("deaths"))
    assert result.reconciliation.select("landed", "quarantined", "ignored").row(0) == (len(others) + 1, 0, 1)


def test_a_grand_total_stands_for_its_own_basis_and_point(world):
    world.table(
        "population/2024/511702.csv", "区划代码,人口口径,时点,性别,年龄组,人口数",
        "511702,常住,年末,合计,合计,6", "511702,户籍,年末,男,合计,3", "511702,户籍,年末,女,合计,4",
    )  # fmt: skip
    assert world.landed(world.whole(world.land("population")))["population"].to_list() == [6, 3, 4]


def test_ignored_rows(world):
    world.table(
        "agency_returns/2024/511700.csv", "达州市报表,,,\n" + ITEMS,
        "511702,pension_insured,1,人", ",,,", ITEMS, "合 计,,1,", "注：含兵团,,,", "填报人：李四,,,",
    )  # fmt: skip
    result = world.whole(world.land("agency_returns"))
    assert result.reconciliation.select("delivered", "landed", "ignored").row(0) == (6, 1, 5)
    assert world.landed(result)["delivery_row"].to_list() == [3]


def test_agency_values_by_item(world):
    world.table(
        "agency_returns/2024/511700.csv", "区划代码,指标名称,本年值,计量单位",
        "511700,基本养老保险参保人数,1.5,万人", "511700,60岁及以上人口占比(公报),22.36%,%",
        "511700,人均预期寿命(部门公布),101,岁", "511700,没有的指标,1,人", "511700,当年培训养老服务护理人员数,5%,人",
        "511700,培训基地,1,个",
    )  # fmt: skip
    result = world.whole(world.land("agency_returns"))
    assert [str(value) for value in world.landed(result)["value"]] == ["15000.000000", "22.360000"]
    assert [(number, reason) for number, reason, *_ in world.refused(result)] == [
        (4, "out_of_range"), (5, "rule:known_item"), (6, "bad_type"), (7, "rule:known_item"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("path", "content", "reason"),
    [
        ("deaths/2024/511702.csv", b"", "unreadable_file"),
        ("deaths/2024/511702.xlsx", b"PK\x03\x04broken", "unreadable_file"),
        ("deaths/2024/511702.parquet", b"PAR1broken", "unreadable_file"),
        ("deaths/2024/511702.csv", b"a\0b", "unreadable_file"),
        ("deaths/2024/511702.csv", '区划代码,"性别\n1,2\n'.encode(), "unreadable_file"),
        ("deaths/2024/511702.csv", b"\xff\xfea\0", "encoding"),
        ("deaths/2024/511702.csv", b"\xff\xff\xff,1\n", "encoding"),
        ("deaths/2024/511702.csv", b"a,b\n1,2\n", "unparsable_header"),
        ("deaths/2024/511702.csv", "区划代码,性别,年龄组\n".encode(), "unparsable_header"),
        ("deaths/2024/511702.csv", "区划代码,性别,年龄组,死亡数,死亡人数\n1,2,3,4,5\n".encode(), "unparsable_header"),
        ("deaths/2024/5117.csv", b"x", "bad_filename"),
        ("deaths/2024/511702_r1.csv", b"x", "bad_filename"),
        ("deaths/2024/511702.xls", b"x", "bad_filename"),
        ("deaths/2024-01/511702.csv", b"x", "bad_filename"),
        ("deaths/2999/511702.csv", b"x", "bad_filename"),
        ("deaths/2024/999999.csv", b"x", "bad_filename"),
        ("deaths/511702.csv", b"x", "bad_filename"),
        ("deaths/2024/511702_r99999.csv", b"x", "bad_filename"),
    ],
)
def test_files_that_cannot_be_taken_in(world, path, content, reason):
    world.put(path, content)
    result = world.land("deaths")
    assert result.delivery.select("state", "reason").rows() == [("rejected", reason)]
    assert result.reconciliation.row(0)[1:] == (0, 0, 0, 0, 0)
    assert result.finding["finding"].to_list() == ["file_rejected"]
    assert result.files == []


def test_unknown_folder_companions_and_links(world, tmp_path):
    from pipelines.landing.land import Landing

    world.put("weather/2024/511702.csv", "x")
    world.put("deaths/origin.yml", "x")
    world.put("deaths/2024/.~511702.csv", "x")
    outside = tmp_path / "outside.csv"
    outside.write_text("secret")
    world.put("deaths/2024/511703.csv", "x").unlink()
    (world.raw / "deaths/2024/511703.csv").symlink_to(outside)
    landing = Landing(world.raw, world.var)
    strays = landing.strays()
    assert strays.delivery.select("path", "reason").rows() == [("weather/2024/511702.csv", "bad_filename")]
    (path, source, period, finding, _, _, detail), *others = strays.finding.rows()
    assert (path, source, period, finding) == ("weather/2024/511702.csv", "weather", "2024", "file_rejected")
    assert detail.startswith("bad_filename: 没有这个来源的文件夹，请移入 regions、population、")
    assert not others
    assert landing.land("deaths").delivery.select("path", "reason").rows() == [
        ("deaths/2024/511703.csv", "bad_filename")
    ]
