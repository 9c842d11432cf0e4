"""Every reason is said in words: which cell, what is allowed there, what to do; and never what tells of a person."""

import re

import pytest

from pipelines.contracts import SOURCES, contract_of
from pipelines.contracts.delivery import facts_of, rules_of
from pipelines.landing.groups import GROUP_RULES
from pipelines.landing.reasons import FILE_REASONS, Row, of_file, of_row, title_of

#: the codes that a supplier may meet, as the register of reason codes lists them
CODES = [
    "unreadable_file",
    "encoding",
    "bad_filename",
    "unparsable_header",
    "missing_required",
    "bad_type",
    "bad_enum",
    "out_of_range",
    "duplicate_key",
    "unknown_region",
    "ambiguous_region",
    "out_of_jurisdiction",
    "unknown_facility",
    "ragged_row",
    "ignored:subtotal",
    "ignored:footnote",
    "ignored:blank",
    "ignored:repeated_header",
    "superseded",
    "finding:parent_child_gap",
    "finding:code_mapped",
    "finding:stale_period",
    "finding:incomplete",
    "finding:band_not_aligned",
    "finding:estimated",
    "finding:subtotal_mismatch",
    "rule:bands_partition",
    "rule:sex_pair",
    "finding:vanished",
    "finding:missing_cells",
    "finding:population_unknown",
    "finding:unknown_units",
    "finding:no_norm",
]
CHINESE = re.compile(r"[\u4e00-\u9fff]{2}")


def said(source, reason, column, supplier="", first_row=None, **texts):
    return of_row(contract_of(source), reason, column, Row(texts, {}, supplier, first_row))


@pytest.mark.parametrize("code", CODES)
def test_every_reason_code_has_a_name(code):
    assert CHINESE.search(title_of(code))


@pytest.mark.parametrize("reason", FILE_REASONS)
def test_every_reason_of_a_file_has_a_remedy(reason):
    what, remedy = of_file(reason, "细节 · detail")
    assert what.endswith("：细节 · detail")
    assert CHINESE.search(remedy)


@pytest.mark.parametrize("source", SOURCES)
def test_every_rule_and_every_failure_of_every_column_has_words(source):
    contract = contract_of(source)
    facts = facts_of(contract)
    failures = [
        (f"{rule.action.replace('quarantine', 'rule')}:{rule.name}", rule.column) for rule in rules_of(contract)
    ]
    for code, column in failures:
        rule = next(rule for rule in rules_of(contract) if code.endswith(f":{rule.name}"))
        assert title_of(code, contract) == rule.title
        if rule.reason == f"rule:{rule.name}" and code.startswith("rule:"):
            what, remedy = said(source, code, column)
            assert rule.title in what and facts[column].title in remedy
    for name in contract.group_rules:
        assert CHINESE.search(said(source, f"rule:{name}", GROUP_RULES[name][1]).what)
    for name, column in facts.items():
        if column.derived_from is not None:
            continue
        reasons = ["bad_type", *(["missing_required"] if column.required else [])]
        reasons += ["bad_enum"] if column.values else []
        reasons += ["out_of_range"] if column.minimum is not None or column.maximum is not None else []
        reasons += ["duplicate_key"] if column.key else []
        reasons += ["unknown_region", "ambiguous_region", "out_of_jurisdiction"] if column.kind == "region" else []
        reasons += ["unknown_facility"] if column.references else []
        for reason in reasons:
            what, remedy = said(source, reason, name)
            assert column.title in what
            assert CHINESE.search(remedy)
    assert "逗号" in said(source, "ragged_row", None).remedy


@pytest.mark.parametrize(
    ("reason", "column", "texts", "expected"),
    [
        ("bad_type", "beds", {"beds": "约20"}, "床位数“约20”不是整数"),
        ("bad_type", "beds", {"beds": "#DIV/0!"}, "床位数“#DIV/0!”是错误值或没有结果的公式"),
        ("bad_enum", "urban_rural", {"urban_rural": "郊区"},
         "城乡属性“郊区”不在可填范围：城市、城区、镇区、乡村、农村"),
        ("out_of_range", "residents", {"residents": "-5"}, "在院老年人数“-5”超出上下限，应在 0 到 6,000 之间（人）"),
        ("missing_required", "beds", {"beds": " "}, "床位数为必填，不能空白"),
        ("missing_required", "beds", {"beds": "不适用"}, "床位数“不适用”为必填，不能填“不适用”"),
        ("rule:nursing_le_beds", "nursing_beds", {"nursing_beds": "21", "beds": "20"},
         "不符合“护理型床位不超过床位数”：护理型床位数 21，床位数 20"),
        ("unknown_region", "county_code", {"county_code": "511700"},
         "所在县级区划代码“511700”不是期末有效的区划代码，或不是县级代码"),
        ("duplicate_key", "facility_id", {"facility_id": "F001"},
         "设施编码（F001）与另一行或另一份文件中的行重复，保留在先的一行"),
    ],
)  # fmt: skip
def test_what_a_supplier_of_facilities_reads(reason, column, texts, expected):
    assert said("elderly_facilities", reason, column, **texts).what == expected


def test_the_header_is_named_as_the_supplier_wrote_it():
    row = Row({"residents": "x"}, {"residents": "入住人数"})
    assert of_row(contract_of("elderly_facilities"), "bad_type", "residents", row).what == "入住人数“x”不是整数"


def test_the_row_that_is_repeated_and_the_supplier_are_named():
    assert "与第 2 行重复" in said("elderly_facilities", "duplicate_key", "facility_id", first_row=2).what
    assert (
        "报送单位 511702 " in said("elderly_facilities", "out_of_jurisdiction", "county_code", supplier="511702").what
    )


def test_the_bounds_and_the_unit_of_an_item_are_its_own():
    item = {"item_code": "人均预期寿命(部门公布)", "value": "101", "unit": "天"}
    assert said("agency_returns", "out_of_range", "value", **item).what == (
        "数值“101”超出上下限，人均预期寿命(部门公布)应在 40 到 100 岁之间"
    )
    assert said("agency_returns", "rule:unit_matches", "unit", **item).what == (
        "不符合“与项目单位一致”：计量单位 天，指标代码 人均预期寿命(部门公布)，人均预期寿命(部门公布)的单位应为 岁"
    )


def test_nothing_of_a_person_is_repeated():
    texts = {"person_id": "11010519491231002X", "assistance_kind": "特困户", "county_code": "11010519491231002X"}
    for reason, column in [("bad_type", "person_id"), ("duplicate_key", "person_id"), ("bad_enum", "assistance_kind"),
                           ("unknown_region", "county_code"), ("rule:tekun_has_mode", "support_mode")]:  # fmt: skip
        what, remedy = said("assistance_roster", reason, column, **texts)
        assert "11010519491231002X" not in what + remedy
        assert "特困户" not in what + remedy
