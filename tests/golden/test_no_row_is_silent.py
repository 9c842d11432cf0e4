"""Every row of every document answers in every year: with a figure, or with the reason why there is none."""

from tests.shipped import Warehouse

# rows that a comparable target is printed for and that have no figure for 2025, with what the clause leaves open
WITHOUT_A_FIGURE: dict[str, str] = {}
STATUSES = {
    "ACHIEVED", "ON_TRACK", "ACCELERATE", "LIMITED", "DETERIORATED", "MISSED", "MET", "NOT_MET", "NOT_ASSESSABLE",
}  # fmt: skip


def test_no_row_lacks_both_a_value_and_a_reason(shipped: Warehouse) -> None:
    assert shipped.rows(
        "select document_key, table_key, row_no, period from marts.document_indicator"
        " where actual_value is null and coalesce(status_reason, '') = ''"
    ) == []  # fmt: skip


def test_what_is_not_assessable_says_why(shipped: Warehouse) -> None:
    assert shipped.rows(
        "select document_key, table_key, row_no, period from marts.document_indicator"
        " where status = 'NOT_ASSESSABLE' and coalesce(status_reason, '') = ''"
    ) == []  # fmt: skip


def test_every_comparable_row_has_its_figure_of_2025(shipped: Warehouse) -> None:
    stored = shipped.rows(
        "select target_id, status_reason from marts.document_indicator"
        " where period = '2025' and compare_to <> 'none' and actual_value is null"
    )
    assert {target_id for target_id, _ in stored} == set(WITHOUT_A_FIGURE)
    for target_id, reason in stored:
        assert WITHOUT_A_FIGURE[target_id] in reason


def test_every_document_is_judged_in_2025(shipped: Warehouse) -> None:
    stored = shipped.rows(
        "select document_key, status, count(*) from marts.document_indicator where period = '2025' group by all"
    )
    assert {status for _, status, _ in stored} <= STATUSES
    assert sum(count for *_, count in stored) == 219
    judged = {document for document, status, _ in stored if status != "NOT_ASSESSABLE"}
    assert judged == {"banan_2021_74", "dazhou_yilaoyixiao", "guizhou_2022_6", "guizhou_2023_21", "henan_2023"}
