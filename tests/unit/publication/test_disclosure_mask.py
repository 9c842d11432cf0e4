"""What the plan hides is gone from every table, and nothing else is."""

import polars as pl
import pytest

from pipelines.publication.disclosure.cells import Cells
from pipelines.publication.disclosure.mask import NOTE, mask
from pipelines.publication.disclosure.plan import Plan
from pipelines.publication.disclosure.relations import KEY
from tests.counted_persons import cells_of, totals

CENTRAL = {"111": 3, "112": 40, "113": 31, "121": 60, "122": 25}
DISABLED = {"111": 50, "112": 80, "113": 70, "121": 90, "122": 95}


@pytest.fixture(scope="module")
def cells() -> Cells:
    counts = {("central", region): value for region, value in CENTRAL.items()}
    counts |= {("disabled", region): value for region, value in DISABLED.items()}
    plain = cells_of(totals(counts), (("central", "disabled"),))
    derived = pl.DataFrame({"indicator_key": ["some"], "variant": ["default"], "family": ["central"]})
    return Cells(plain.cells, plain.relations, plain.figures, derived, plain.regions)


@pytest.fixture(scope="module")
def plan() -> Plan:
    """The 3 and the 31 of central care; the persons paid in one month; one year's amount."""
    rows = [
        ("central", "111", "2025", True),
        ("central", "113", "2025", False),
        ("beneficiary:P1", "111", "2025-02", True),
        ("due:P1", "111", "2025", True),
    ]
    return Plan(pl.DataFrame(rows, schema=[*KEY, "primary"], orient="row"))


def figure(indicator: str, region: str, numerator: float, denominator: float, extreme: float | None = None) -> dict:
    return {
        "indicator_key": indicator, "variant": "default", "region_code": region, "period": "2025",
        "numerator": numerator, "denominator": denominator, "value": 100 * numerator / denominator, "extreme": extreme,
        "obs_status": "A", "conf_status": "C" if numerator == 3 else "F", "note": None,
    }  # fmt: skip


FIGURES = pl.DataFrame(
    [
        figure("share", "111", 3, 50),
        figure("share", "112", 40, 80),
        figure("share", "113", 31, 70),
        figure("share", "11", 74, 200),
        # a facility's three beds of four are public by law
        figure("beds", "111", 3, 4),
        figure("some", "11", 3, 3, 3.0),
        figure("some", "12", 2, 2, 25.0),
        figure("some", "1", 5, 5, 3.0),
    ],
    schema_overrides={"note": pl.String, "extreme": pl.Float64},
)


def found(tables: dict[str, pl.DataFrame], name: str, **key: object) -> dict:
    rows = tables[name].filter(*(pl.col(column) == value for column, value in key.items())).to_dicts()
    assert len(rows) == 1
    return rows[0]


def test_a_hidden_side_takes_the_value_with_it_and_leaves_the_other_side(cells: Cells, plan: Plan) -> None:
    masked = mask({"figures": FIGURES}, plan, cells)
    for region, denominator in (("111", 50), ("113", 70)):
        row = found(masked, "figures", indicator_key="share", region_code=region)
        assert (row["numerator"], row["denominator"], row["value"]) == (None, denominator, None)
        # small and complementary alike
        assert (row["obs_status"], row["conf_status"], row["note"]) == ("Q", "C", NOTE)
    for region in ("112", "11"):
        assert found(masked, "figures", indicator_key="share", region_code=region) == found(
            {"figures": FIGURES}, "figures", indicator_key="share", region_code=region
        )


def test_facility_figures_stay_however_small(cells: Cells, plan: Plan) -> None:
    row = found(mask({"figures": FIGURES}, plan, cells), "figures", indicator_key="beds")
    assert (row["numerator"], row["denominator"], row["value"], row["obs_status"]) == (3, 4, 75, "A")


def test_a_share_of_counties_is_hidden_above_a_hidden_count(cells: Cells, plan: Plan) -> None:
    masked = mask({"figures": FIGURES}, plan, cells)
    for region in ("11", "1"):
        row = found(masked, "figures", indicator_key="some", region_code=region)
        assert [row[name] for name in ("numerator", "denominator", "value", "extreme")] == [None] * 4
    assert found(masked, "figures", indicator_key="some", region_code="12")["extreme"] == 25


def document_row(**changed: object) -> dict:
    return {
        "row_no": 1, "indicator_key": "share", "variant": "default", "region_code": "111", "target_year": 2030,
        "baseline_actual": 4.5, "baseline_period": "2020", "actual_period": "2025", "actual_value": 6.0,
        "achieved_share": 0.1, "elapsed_share": 0.5, "progress_linear": 0.2, "progress_projection": 9.0,
        "gap_to_path": -3.0, "still_needed": 7.0, "units_met": 1, "units_known": 1, "status": "LIMITED",
        "obs_status": "A", "note": "说明",
    } | changed  # fmt: skip


def test_nothing_in_a_documents_row_tells_a_hidden_figure(cells: Cells, plan: Plan) -> None:
    tables = {
        "document_rows": pl.DataFrame(
            [
                document_row(),
                document_row(row_no=2, region_code="112"),
                document_row(row_no=3, actual_period="2024", baseline_period="2025"),
                document_row(row_no=4, actual_period="2024", target_year=2025),
            ]
        )
    }
    masked = mask(tables, plan, cells)
    row = found(masked, "document_rows", row_no=1)
    kept = {name for name, value in row.items() if value is not None}
    assert kept == {
        "row_no", "indicator_key", "variant", "region_code", "target_year", "baseline_actual", "baseline_period",
        "actual_period", "elapsed_share", "status", "obs_status", "note",
    }  # fmt: skip
    assert (row["status"], row["obs_status"], row["note"]) == ("NOT_PUBLISHED", "Q", NOTE)
    assert found(masked, "document_rows", row_no=2) == found(tables, "document_rows", row_no=2)
    assert found(masked, "document_rows", row_no=3) == found(tables, "document_rows", row_no=3) | {
        "baseline_actual": None
    }
    row = found(masked, "document_rows", row_no=4)
    assert (row["actual_value"], row["status"], row["note"]) == (6.0, "NOT_PUBLISHED", NOTE)


def test_trends_and_cross_tables_lose_the_year(cells: Cells, plan: Plan) -> None:
    key = {"indicator_key": "share", "variant": "default", "region_code": "111"}
    told = {"actual_value": 6.0, "status": "LIMITED", "obs_status": "A"}
    tables = {
        "progress": pl.DataFrame(
            [key | told | {"period": period, "path_value": 20.0, "target_year": 2025} for period in ("2024", "2025")]
        ),
        "crosswalk": pl.DataFrame([key | told | {"actual_period": period} for period in ("2024", "2025")]),
    }
    masked = mask(tables, plan, cells)
    for name, period in (("progress", "period"), ("crosswalk", "actual_period")):
        hidden = found(masked, name, **{period: "2025"})
        assert (hidden["actual_value"], hidden["status"], hidden["obs_status"]) == (None, "NOT_PUBLISHED", "Q")
        assert found(masked, name, **{period: "2024"}) == found(tables, name, **{period: "2024"})


def test_persons_paid_and_the_amount_at_a_rate_a_person(cells: Cells, plan: Plan) -> None:
    key = {"programme_code": "P1", "region_code": "111"}
    tables = {
        "beneficiaries": pl.DataFrame(
            [
                key | {"period": "2025-01", "persons": 7, "payments": 8, "conf_status": "F"},
                key | {"period": "2025-02", "persons": 3, "payments": 6, "conf_status": "C"},
            ]
        ),
        "subsidies": pl.DataFrame(
            [key | {"period": "2025", "due_amount_yuan": 200.0, "paid_amount_yuan": 1000.0, "conf_status": "F"}]
        ),
    }
    masked = mask(tables, plan, cells)
    assert masked["beneficiaries"].select("persons", "payments", "conf_status").rows() == [
        (7, 8, "F"),
        (None, None, "C"),
    ]
    assert masked["subsidies"].select("due_amount_yuan", "paid_amount_yuan", "conf_status").rows() == [
        (None, 1000.0, "C")
    ]


def test_rows_of_files_do_not_tell_how_many_persons_a_county_has(cells: Cells, plan: Plan) -> None:
    def evidence(measure: str, region: str, path: str, rows: int, quantity: float) -> dict:
        return {
            "measure_key": measure, "region_code": region, "period": "2025", "path": path, "rows_included": rows,
            "rows_excluded": 9, "quantity": quantity, "row_numbers": "1–9", "excluded_reasons": "9 行不在册",
        }  # fmt: skip

    tables = {
        "measures": pl.DataFrame(
            [
                ("central", "assistance_roster", True),
                ("disabled", "assistance_roster", True),
                ("beds", "elderly_facilities", False),
            ],
            schema=["measure_key", "source", "counts_persons"],
            orient="row",
        ),
        "evidence": pl.DataFrame(
            [
                evidence("central", "11", "raw/113.csv", 31, 31.0),
                evidence("central", "12", "raw/121.csv", 60, 60.0),
                # one file of two persons: the other is taken out with it
                evidence("disabled", "12", "raw/121.csv", 183, 183.0),
                evidence("disabled", "12", "raw/122.csv", 2, 2.0),
                evidence("beds", "11", "raw/beds.csv", 1, 3.0),
            ]
        ),
        "deliveries": pl.DataFrame(
            [
                {"source": source, "path": "f", "rows_delivered": 3, "rows_landed": 3, "rows_refused": 0,
                 "rows_superseded": 0, "rows_ignored": 0}
                for source in ("assistance_roster", "care_contacts", "subsidy_ledger", "elderly_facilities")
            ]
        ),
        "refusals": pl.DataFrame(
            [("assistance_roster", "bad_type", 3), ("assistance_roster", "bad_enum", 8), ("deaths", "bad_type", 2)],
            schema=["source", "reason", "rows_refused"],
            orient="row",
        ),
    }  # fmt: skip
    masked = mask(tables, plan, cells)
    told = masked["evidence"].select("rows_included", "rows_excluded", "quantity", "row_numbers", "excluded_reasons")
    assert [row[2] for row in told.iter_rows()] == [None, 60.0, None, None, 3.0]
    assert told.row(0) == (None,) * 5
    assert masked["evidence"]["path"].equals(tables["evidence"]["path"])
    assert masked["deliveries"]["rows_landed"].to_list() == [None, None, None, 3]
    assert masked["refusals"]["rows_refused"].to_list() == [None, 8, 2]


def test_a_table_that_nobody_judged_is_refused(cells: Cells, plan: Plan) -> None:
    with pytest.raises(ValueError, match="new_table"):
        mask({"new_table": FIGURES}, plan, cells)


def test_a_table_that_lost_a_column_is_refused_rather_than_left_open(cells: Cells, plan: Plan) -> None:
    with pytest.raises(pl.exceptions.ColumnNotFoundError):
        mask({"figures": FIGURES.rename({"extreme": "worst"})}, plan, cells)
