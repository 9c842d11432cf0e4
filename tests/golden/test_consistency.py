"""Where the documents' figures agree and where they do not: worked out by hand from the printed figures.

Sides are what the rule puts side by side, at the digits shown; None where the documents print nothing to compare with.
"""

import csv
from decimal import ROUND_HALF_UP, Decimal

import pytest

from pipelines.settings import PROJECT
from tests.shipped import Warehouse

# rule: left, right, finding
BY_HAND = {
    # 达州: 24,000 places over 5,385.4 thousand residents fall short of the document's own 4.5
    "DAZHOU-CK-01": ("6070", "6070", "CONSISTENT"),
    "DAZHOU-CK-02": ("31070", "30000", "CONSISTENT"),
    "DAZHOU-CK-03": ("70", "70", "CONSISTENT"),
    "DAZHOU-CK-04": ("35.0", "60", "INCONSISTENT"),  # 70 centres in 200 towns and streets
    "DAZHOU-CK-05": ("21", "21", "CONSISTENT"),  # 21 complexes, 21 streets
    "DAZHOU-CK-06": ("676", "676", "CONSISTENT"),
    "DAZHOU-CK-07": ("13861", "24000", "INCONSISTENT"),
    "DAZHOU-CK-08": ("1.857", "1.3", "CONSISTENT"),
    "DAZHOU-CK-09": ("2.785", "1.857", "CONSISTENT"),
    "DAZHOU-CK-10": ("4.4565", "4.5", "INCONSISTENT"),
    "DAZHOU-CK-11": ("55", "55", "CONSISTENT"),
    "DAZHOU-CK-12": ("100", "100", "CONSISTENT"),
    "DAZHOU-CK-13": ("100", "100", "CONSISTENT"),
    "DAZHOU-CK-14": ("60", "60", "CONSISTENT"),
    "DAZHOU-CK-15": ("15", "15", "CONSISTENT"),
    "DAZHOU-CK-16": ("100", "100", "CONSISTENT"),
    "DAZHOU-CK-17": ("100", "100", "CONSISTENT"),
    "DAZHOU-CK-18": ("60", "60", "CONSISTENT"),
    "DAZHOU-CK-19": ("100", "100", "CONSISTENT"),
    "DAZHOU-CK-20": ("99", "99", "CONSISTENT"),
    "DAZHOU-CK-21": ("1", "1", "CONSISTENT"),
    "DAZHOU-CK-22": ("246722", None, "NOT_CHECKABLE"),
    "DAZHOU-CK-23": ("82478", None, "NOT_CHECKABLE"),
    "DAZHOU-CK-24": ("0.1", "0.1", "CONSISTENT"),
    # 达州: the facts of 二(一), 二(二) and 表1 that a formula joins
    "DAZHOU-F-05": ("30", "30", "CONSISTENT"),
    "DAZHOU-F-09": ("72.19", "72", "CONSISTENT"),
    "DAZHOU-F-10": ("27.81", "28", "CONSISTENT"),
    "DAZHOU-F-11": ("7001", None, "NOT_CHECKABLE"),
    "DAZHOU-F-13": ("126", "189", "CONSISTENT"),
    "DAZHOU-F-14": ("69", "189", "CONSISTENT"),
    "DAZHOU-F-15": ("6538", "25000", "CONSISTENT"),
    "DAZHOU-F-16": ("11", None, "NOT_CHECKABLE"),
    "DAZHOU-F-18": ("2135400", "5385400", "CONSISTENT"),
    "DAZHOU-F-20": ("17.2875", "17.29", "CONSISTENT"),
    "DAZHOU-F-22": ("22.3642", "22.36", "CONSISTENT"),
    "DAZHOU-F-23": ("21.71", "21.71", "CONSISTENT"),
    "DAZHOU-F-24": ("18.70", "18.70", "CONSISTENT"),
    "DAZHOU-F-26": ("17.9634", "17.96", "CONSISTENT"),
    "DAZHOU-F-27": ("16.93", "16.93", "CONSISTENT"),
    "DAZHOU-F-28": ("13.50", "13.50", "CONSISTENT"),
    "DAZHOU-F-30": ("20.36", "20.36", "CONSISTENT"),
    "DAZHOU-F-31": ("16.88", "16.88", "CONSISTENT"),
    "DAZHOU-F-32": ("10.91", "10.91", "CONSISTENT"),
    "DAZHOU-F-33": ("1350000", "1204400", "CONSISTENT"),
    "DAZHOU-F-34": ("25.07", "25", "CONSISTENT"),
    "DAZHOU-F-36": ("14.07", "13", "CONSISTENT"),
    "DAZHOU-F-55": ("71.43", "70", "INCONSISTENT"),  # five of seven counties
    "DAZHOU-F-57": ("75", "75", "CONSISTENT"),  # six of the city and its seven counties
    # the other four
    "guizhou_2022_places_large_community": ("4.5", "4.5", "CONSISTENT"),
    "guizhou_2022_operators": ("100", None, "NOT_CHECKABLE"),
    "guizhou_2022_places_path": ("4.5", "2.18", "CONSISTENT"),
    "guizhou_2023_area_and_land": (None, "0.1", "NOT_CHECKABLE"),
    "henan_2023_new_and_existing": ("30", "20", "CONSISTENT"),
    "henan_2023_area_and_land": (None, "0.1", "NOT_CHECKABLE"),
    "banan_nursing_twice": ("60", "60", "CONSISTENT"),
    "banan_topup_twice": ("1000", "1000", "CONSISTENT"),
    "banan_guidance_centre_places": ("150", None, "NOT_CHECKABLE"),
}
OWN = ("own_figures", "parts_sum")
# none of the five governments stands under another, so no pair of them is a superior and its subordinate
KINDS = {*OWN, "weaker_than_superior", "two_documents", "printed_twice"}


@pytest.fixture(scope="module")
def findings(shipped: Warehouse) -> dict[str, dict]:
    stored = shipped.records("select * from marts.target_consistency where check_kind in ('own_figures', 'parts_sum')")
    assert len({row["check_key"] for row in stored}) == len(stored)
    return {row["check_key"]: row for row in stored}


@pytest.mark.parametrize(("rule", "expected"), BY_HAND.items())
def test_finding_is_the_one_worked_out_by_hand(findings: dict[str, dict], rule: str, expected: tuple) -> None:
    row = findings[rule]
    for value, printed in zip((row["left_value"], row["right_value"]), expected[:2], strict=True):
        if printed is None:
            assert value is None
        else:
            assert Decimal(str(value)).quantize(Decimal(printed), ROUND_HALF_UP) == Decimal(printed)
    assert row["finding"] == expected[2]
    assert row["reason"]


def test_every_rule_is_judged_and_only_four_of_the_documents_own_figures_disagree(findings: dict[str, dict]) -> None:
    with (PROJECT / "dbt_project" / "seeds" / "consistency_rules.csv").open(encoding="utf-8", newline="") as lines:
        assert set(findings) == {row["rule_key"] for row in csv.DictReader(lines)}
    disagree = {rule for rule, row in findings.items() if row["finding"] == "INCONSISTENT"}
    assert disagree == {"DAZHOU-CK-04", "DAZHOU-CK-07", "DAZHOU-CK-10", "DAZHOU-F-55"}


def test_the_reasons_say_by_how_much(findings: dict[str, dict]) -> None:
    for words in ("4.456", "24235"):
        assert words in findings["DAZHOU-CK-10"]["reason"]
    assert "10139" in findings["DAZHOU-CK-07"]["reason"]


def test_figures_printed_twice_are_the_same(shipped: Warehouse) -> None:
    stored = shipped.rows(
        "select document_key, count(*), count(*) filter (where finding = 'CONSISTENT'), bool_and(reason <> '')"
        " from marts.target_consistency where check_kind = 'printed_twice' group by document_key order by document_key"
    )
    # 表1 repeats eight targets of Dazhou's text, 附件1 three of Banan's
    assert stored == [("banan_2021_74", 3, 3, True), ("dazhou_yilaoyixiao", 8, 8, True)]


def test_the_two_documents_of_guizhou(shipped: Warehouse) -> None:
    stored = shipped.records("select * from marts.target_consistency where check_kind = 'two_documents'")
    seen = {(row["row_no"], row["other_row_no"]): row for row in stored}
    assert {(row["document_key"], row["other_document_key"]) for row in stored} == {
        ("guizhou_2023_21", "guizhou_2022_6")
    }
    # 100 农村互助养老示范点 in both; 55 % of the lottery money, of different funds; 60 % of towns, of different centres
    assert seen[9, 16]["finding"] == "CONSISTENT"
    assert (seen[9, 16]["left_value"], seen[9, 16]["right_value"]) == (100, 100)
    for pair in ((4, 21), (8, 13)):
        assert seen[pair]["finding"] == "NOT_CHECKABLE"
        assert "口径不同" in seen[pair]["reason"]


def test_every_comparison_is_told_with_its_reason(shipped: Warehouse) -> None:
    stored = shipped.rows("select check_kind, finding, reason, relation from marts.target_consistency")
    assert {row[0] for row in stored} <= KINDS
    assert {row[1] for row in stored} == {"CONSISTENT", "INCONSISTENT", "NOT_CHECKABLE"}
    assert all(row[2] for row in stored)
    assert {row[3] for row in stored} == {"=", ">=", "<="}
