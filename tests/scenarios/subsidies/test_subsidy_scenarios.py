"""Every folder here is a programme: the registers and the ledger as suppliers write them, and what the audit must say.

<source>.csv   the rows of a register or the ledger, each with the month of its file before it
expected.csv   one row a case and audited key; an empty due_month is not asked for, any other empty cell is NULL
about.txt      the clause that decides, and what was chosen where no clause does

Each case has a facility of its own, so all are delivered together. Nothing may be found beyond what is expected.
"""

import csv
import shutil
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pipelines.settings import PROJECT
from tests.scenarios.subsidies.audited import Audited, audited, written

HERE = Path(__file__).parent
FOLDERS = sorted(path.parent for path in HERE.glob("*/expected.csv"))
PUBLISHED = HERE / "published_case"
SEEDS = ("subsidy_conditions.csv", "subsidy_programmes.csv")
SOURCES = ("elderly_facilities", "childcare_facilities", "subsidy_ledger")
KEY = ("programme_code", "facility_id", "region_code", "period")
FIGURES = ("due_amount_yuan", "paid_amount_yuan", "difference_yuan", "finding")
#: no amount is printed for them: whatever was paid, nothing is known to be due
WITHOUT_AMOUNT = ("CQ-CONSTR", "DAZHOU-S5")


def cases(folder: Path) -> list[dict[str, str]]:
    return written(folder / "expected.csv")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The models, with the published case's programme and its condition as one line more in two seeds."""
    project = tmp_path_factory.mktemp("programmes") / "dbt_project"
    shutil.copytree(PROJECT / "dbt_project", project, ignore=shutil.ignore_patterns("target", "logs"))
    for name in SEEDS:
        heading, line = (PUBLISHED / "seeds" / name).read_text(encoding="utf-8").splitlines(keepends=True)
        seed = project / "seeds" / name
        assert seed.read_text(encoding="utf-8").splitlines(keepends=True)[0] == heading
        with seed.open("a", encoding="utf-8", newline="") as stored:
            stored.write(line)
    return project


@pytest.fixture(scope="module")
def audit(project: Path, shared_folder: Path) -> Audited:
    tables = [
        (source, row)
        for folder in FOLDERS
        for source in SOURCES
        for path in sorted(folder.glob(f"{source}*.csv"))
        for row in written(path)
    ]
    return audited(project.parent, tables, shared_folder / "parsed", project)


@pytest.fixture(scope="module")
def found(audit: Audited) -> dict[tuple[str, ...], dict[str, Any]]:
    """Key → audited row, as written in an expected table."""
    rows = audit.rows(f"select {', '.join(KEY + FIGURES)} from marts.subsidy_audit")
    keyed = {tuple(row[name] for name in KEY): {name: shown(row[name]) for name in FIGURES} for row in rows}
    assert len(keyed) == len(rows)
    return keyed


def shown(value: object) -> str:
    return "" if value is None else str(value)


def test_every_programme_has_five_cases_and_names_its_clause() -> None:
    assert {folder.name for folder in FOLDERS} >= {
        "BANAN-S1", "BANAN-S2", "BANAN-S3", "BANAN-S4", "BANAN-S5", "CQ-CONSTR", "DAZHOU-S4", "DAZHOU-S5",
    }  # fmt: skip
    for folder in FOLDERS:
        assert "subsidy_programmes.csv" in (folder / "about.txt").read_text(encoding="utf-8"), folder.name
        if folder.name[-1].isdigit() or folder.name == "CQ-CONSTR":
            assert len({row["case"] for row in cases(folder) if row["programme_code"] == folder.name}) >= 5


def test_every_row_of_the_cases_landed(audit: Audited) -> None:
    assert audit.not_landed() == []


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_due_paid_and_finding(folder: Path, found: dict[tuple[str, ...], dict[str, Any]]) -> None:
    expected = {tuple(row[name] for name in KEY): (row["case"], {name: row[name] for name in FIGURES})
                for row in cases(folder)}  # fmt: skip
    assert len(expected) == len(cases(folder)), "a key is expected twice"
    wrong = [
        f"{case}: {' '.join(key)}\n  expected {figures}\n  found    {found.get(key)}"
        for key, (case, figures) in expected.items()
        if found.get(key) != figures
    ]
    assert not wrong, "\n".join(wrong)


def test_nothing_is_found_beyond_the_cases(found: dict[tuple[str, ...], dict[str, Any]]) -> None:
    """Of a programme without an amount every row is not assessable: nothing is found by that."""
    expected = {tuple(row[name] for name in KEY) for folder in FOLDERS for row in cases(folder)}
    invented = {
        key: figures
        for key, figures in found.items()
        if key not in expected
        and tuple(figures.values()) != ("0.00", "0.00", "0.00", "consistent")
        and not (key[0] in WITHOUT_AMOUNT and figures["finding"] == "not_assessable")
    }
    assert invented == {}


def test_a_single_payment_falls_due_in_the_month_named(audit: Audited) -> None:
    stored = audit.rows(f"select {', '.join(KEY)}, due_month from marts.subsidy_entitlement")
    due_month = {tuple(row[name] for name in KEY): row["due_month"] for row in stored}
    named = [row for folder in FOLDERS for row in cases(folder) if row["due_month"]]
    assert len(named) > 50
    for row in named:
        assert due_month[tuple(row[name] for name in KEY)] == row["due_month"], row


# the published case


def test_3815_bed_months_at_130_yuan_are_495950(audit: Audited) -> None:
    [entitled] = audit.rows(
        "select sum(base_quantity) as bed_months, min(unit_amount_yuan) as unit_amount, sum(due_amount_yuan) as due"
        " from marts.subsidy_entitlement where programme_code = 'CASE-BEDS' and facility_id = 'P-01'"
    )
    assert entitled == {"bed_months": 3815, "unit_amount": 130, "due": Decimal("495950.00")}
    [beside] = audit.rows(
        "select sum(paid_amount_yuan) as paid, sum(difference_yuan) as difference"
        " from marts.subsidy_audit where programme_code = 'CASE-BEDS' and facility_id = 'P-02'"
    )
    # seven months of 550 beds at 130 yuan
    assert beside == {"paid": Decimal("500500.00"), "difference": Decimal("4550.00")}


def test_a_new_programme_and_its_condition_are_rows_alone(project: Path, audit: Audited) -> None:
    before, after = files(PROJECT / "dbt_project"), files(project)
    assert {name for name in after if after[name] != before.get(name)} == {f"seeds/{name}" for name in SEEDS}
    for name in SEEDS:
        assert after[f"seeds/{name}"].startswith(before[f"seeds/{name}"])
    stored = audit.rows(
        "select facility_id, period, not_overfull, unmet_conditions from marts.subsidy_entitlement"
        " where programme_code = 'CASE-BEDS' and period = '2022-01' order by facility_id"
    )
    assert [row["not_overfull"] for row in stored] == ["540/550", "540/550", "551/550"]
    assert [bool(row["unmet_conditions"]) for row in stored] == [False, False, True]


def files(top: Path) -> dict[str, bytes]:
    return {
        path.relative_to(top).as_posix(): path.read_bytes()
        for path in top.rglob("*")
        if path.is_file() and not {"target", "logs"} & set(path.relative_to(top).parts)
    }


# behind the findings


def test_the_rows_behind_a_finding_are_those_delivered(audit: Audited) -> None:
    """Every row shown is the delivered one: its facility, or its payment number, stands in that line of the file."""
    stored = audit.rows("select * from marts.subsidy_evidence")
    assert {row["evidence"] for row in stored} == {"ledger", "register"}
    to_one = [row for row in stored if row["row_number"] is not None]
    assert len(to_one) > 200
    for row in to_one:
        line = (audit.raw / row["delivery_path"]).read_text(encoding="utf-8").splitlines()[row["row_number"] - 1]
        [cells] = csv.reader([line])
        assert row["facility_id"] in cells
        assert row["payment_id"] is None or row["payment_id"] in cells


def test_the_rows_behind_a_finding_add_up_to_what_was_paid(audit: Audited) -> None:
    counted: dict[tuple[str, ...], Decimal] = {}
    for row in audit.rows("select * from marts.subsidy_evidence where evidence = 'ledger'"):
        key = tuple(row[name] for name in KEY)
        counted[key] = counted.get(key, Decimal(0)) + row["counted_yuan"]
    rows = audit.rows("select * from marts.subsidy_audit where finding <> 'consistent'")
    assert len(rows) > 80
    for row in rows:
        key = tuple(row[name] for name in KEY)
        assert counted.get(key, Decimal(0)) == (row["paid_amount_yuan"] or 0), key


def test_money_paid_is_the_ledgers_money(audit: Audited) -> None:
    """Per programme and county: paid less returned and recovered, a repeated payment once; approved is not paid."""
    ledger = audit.landed(
        """
        select programme_code, county_code, sum(case payment_status when 'paid' then amount else -abs(amount) end)
        from (select distinct on (payment_id) * from landing.subsidy_ledger order by payment_id, delivery_period)
        where payment_status <> 'approved' group by all
        """
    )
    paid = audit.rows(
        "select programme_code, region_code, sum(paid_amount_yuan) as paid from marts.subsidy_audit"
        " group by all having sum(paid_amount_yuan) <> 0"
    )
    assert {tuple(row.values()) for row in paid} == {row for row in ledger if row[2]}
