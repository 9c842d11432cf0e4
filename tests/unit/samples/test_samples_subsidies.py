"""The sample ledgers pay what is due but for the errors they plant; figures worked out by hand from the registers."""

from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
import yaml

from pipelines.samples import childcare_facilities
from pipelines.samples.__main__ import ORIGINS, build
from pipelines.samples.agency_returns import facility_rows
from pipelines.samples.reference import BANAN, DAZHOU
from pipelines.samples.subsidies_due import ledger_months, operation, rent
from pipelines.samples.subsidy_ledger import records

MAY, DECEMBER_2022 = date(2025, 5, 31), date(2022, 12, 31)
FIRST_ROW = {BANAN: 2, DAZHOU: 3}  # the workbooks have a title above their headings
# file and row, and the facility in the row: what origins/subsidy_ledger.yml tells
PLANTED = [
    ("2023-12/500113.csv", 13, "500113YL0047"),
    ("2023-12/500113.csv", 18, "500113YL0003"),
    ("2024-12/500113.csv", 11, "500113YL0031"),
    ("2024-12/500113.csv", 74, "500113YL0060"),
    ("2024-12/500113.csv", 75, "500113YL9999"),
    ("2024-12/500113.csv", 76, "500113TY0046"),
    ("2025-01/500113.parquet", 28, "500113YL0017"),
    ("2025-02/500113.parquet", 103, "500113YL0018"),
    ("2025-03/500113.parquet", 40, "500113YL0035"),
    ("2025-03/500113.parquet", 106, "500113YL0034"),
    ("2025-03/500113.parquet", 107, "500113TY0058"),
    ("2025-04/500113.parquet", 10, "500113YL0033"),
    ("2025-04/500113.parquet", 30, "500113YL0021"),
    ("2025-05/500113.parquet", 31, "500113YL0024"),
    ("2025-05/500113.parquet", 44, "500113YL0041"),
    ("2025-05/500113.parquet", 103, "500113YL0002"),
    ("2025-06/500113.parquet", 30, "500113YL0023"),
    ("2025-07/500113.parquet", 103, "500113TY0109"),
    ("2025-07/500113.parquet", 104, "500113YL0049"),
    ("2025-08/500113.parquet", 7, "500113TY0062"),
    ("2025-08/500113.parquet", 103, "511702YL0003"),
    ("2025-10/500113.parquet", 103, "500113YL0037"),
    ("2025-12/500113.csv", 104, "500113YL0055"),
    ("2023-12/511700.xlsx", 6, "511703TY0002"),
    ("2025-03/511700.xlsx", 3, "511781TY0003"),
    ("2025-04/511700.xlsx", 3, "511722TY0003"),
    ("2025-06/511700.xlsx", 3, "511725TY0002"),
]


def told() -> list[str]:
    card = yaml.safe_load((ORIGINS / "subsidy_ledger.yml").read_text(encoding="utf-8"))
    return list(card["planted"])


def entries(month: str, area: str) -> list[dict]:
    return records(area, next(day for day in ledger_months() if f"{day:%Y-%m}" == month))


def test_two_runs_write_the_same_bytes(tmp_path: Path) -> None:
    first, second = build("subsidy_ledger", tmp_path / "a"), build("subsidy_ledger", tmp_path / "b")
    assert [file.read_bytes() for file in first] == [file.read_bytes() for file in second]


@pytest.mark.parametrize(("file", "row", "facility"), PLANTED)
def test_the_card_tells_where_each_error_stands(file: str, row: int, facility: str) -> None:
    month, name = file.split("/")
    area = name[:6]
    assert entries(month, area)[row - FIRST_ROW[area]]["facility_id"] == facility
    assert [line for line in told() if line.startswith(f"{file} row {row}: ") and facility in line]


def test_every_error_on_the_card_is_one_of_these() -> None:
    left = [line for line in told() if not any(line.startswith(f"{file} row {row}: ") for file, row, _ in PLANTED)]
    assert [line[:41] for line in left] == [
        "2024-12/500113.csv row 77, 2023-12 row 72",
        "2025-11/500113.parquet: no row for 500113",
    ]


def test_numbers_repeat_only_where_planted() -> None:
    """One repetition is an error; two payments are told under the number they were approved with."""
    numbers = Counter(
        row["payment_id"] for area in (BANAN, DAZHOU) for day in ledger_months() for row in records(area, day)
    )
    assert [number for number, times in numbers.items() if times > 1] == [
        "BN202504-0011",
        "BN202510-0042",
        "DZ202212-0002",
    ]


def test_half_full_counts_and_just_under_does_not() -> None:
    """54 of 108 beds and 24 of 48 are half; 81 of 166 and 21 of 43 are not."""
    due = {one.facility: one.amount for one in operation(MAY)}
    assert (due["500113YL0020"], due["500113YL0049"]) == (45 * 50, 20 * 50)
    assert not {"500113YL0034", "500113YL0052"} & set(due)
    assert len(due) == 57


def test_a_month_pays_3105_residents_but_for_what_is_planted() -> None:
    """3,105 local residents in May, of whom ten are left out; April's 46 are written once more."""
    rows = [row for row in entries("2025-05", BANAN) if row["programme_code"] == "BANAN-S5"]
    assert sum(row["amount"] for row in rows) == (3_105 - 10 + 46) * 50
    persons = [row for row in rows if row["payee_kind"] == "个人"]
    assert Counter(row["facility_id"] for row in persons) == {"500113YL0049": 20, "500113YL0055": 18}
    assert {row["amount"] for row in persons} == {50}
    assert len({row["person_id"] for row in persons}) == 38
    assert all(str(row["person_id"]).startswith("99") for row in persons)


def test_eight_of_38_places_change_hands_in_2025() -> None:
    rows = [row for day in ledger_months() for row in records(BANAN, day) if day.year == 2025]
    persons = {row["person_id"] for row in rows if row.get("person_id")}
    assert len(persons) == 46


def test_three_residents_are_paid_themselves_before() -> None:
    rows = [row for row in entries("2022-12", BANAN) if row["facility_id"] == "500113YL0049"]
    assert [row["amount"] for row in rows] == [50, 50, 50, 27 * 50]


def test_rents_are_waived_to_the_cent() -> None:
    """30 % of 1,157.50 is 347.25; December 2021 is settled a year later."""
    waived = {one.facility: one.amount for one in rent(DECEMBER_2022)}
    assert waived == {
        "500113TY0031": Decimal("735.15"),
        "500113TY0051": Decimal("1305.15"),
        "500113TY0070": Decimal("347.25"),
        "500113TY0076": Decimal("745.65"),
    }
    months = [row["service_month"] for row in entries("2022-12", BANAN) if row["facility_id"] == "500113TY0070"]
    assert months == ["2021-12", "2022-12"]


def test_one_off_subsidies() -> None:
    """500113TY0049 has 60 places, 500113YL0029 80 beds; what follows another payment is paid a ledger later."""
    paid = {
        (row["programme_code"], row["facility_id"]): (f"{day:%Y-%m}", row["amount"])
        for day in ledger_months()
        for row in records(BANAN, day)
    }
    assert paid["BANAN-S2", "500113TY0049"] == ("2022-12", 600_000)
    assert paid["BANAN-S3", "500113TY0049"] == ("2023-12", 60_000)
    assert paid["CQ-CONSTR", "500113YL0029"] == ("2022-12", 400_000)
    assert paid["BANAN-S4", "500113YL0029"] == ("2023-12", 80_000)


def test_sites_recognised_by_the_province() -> None:
    listed = {
        str(site["facility_id"]): site["demo_recognised_on"]
        for site in childcare_facilities.register(DAZHOU, date(2025, 12, 31))
        if site["demo_level"] == "省级"
    }
    assert listed == {
        "511702TY0001": date(2021, 12, 1),
        "511702TY0004": date(2023, 10, 18),
        "511703TY0001": date(2022, 9, 20),
        "511722TY0003": date(2025, 4, 22),
        "511725TY0002": date(2023, 10, 18),
        "511781TY0001": date(2022, 9, 20),
        "511781TY0002": date(2024, 11, 5),
        "511781TY0003": None,
    }


def test_returns_differ_from_the_registers_where_told() -> None:
    """The sums of a year end; 511722 returns 120 beds more than the 4,491 of its register."""
    assert facility_rows("511722", 2025) == [
        ["511722", "eldercare_beds_reported", 4_611, "张", "民政局"],
        ["511722", "childcare_places_reported", 4_338, "个", "卫生健康委员会"],
    ]
