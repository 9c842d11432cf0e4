"""The figures in the running text of the five documents, retyped sentence by sentence, in `<document>/targets.csv`.

`sentence` is what the document prints. In Dazhou's text a page marker stands inside two figures ("1.11、5万" is 1.5万,
"5.6516、8亿" is 5.658亿) and the dash of 0—14 is lost ("014岁").
"""

import pytest

from tests.golden.retyped import DOCUMENTS, departments, retyped
from tests.shipped import Warehouse

AWKWARD = {
    "banan_2021_74": ["达到1.2万张", "基本实现…全覆盖", "1000元/张"],
    "dazhou_yilaoyixiao": ["近2.5万张", "1.5万个", "14.976亿元", "5.658亿元", "下降3.07个百分点", "均超过20%"],
    "guizhou_2022_6": ["基本实现全覆盖", "超过60%", "不超过40%", "2.18个", "16所"],
    "guizhou_2023_21": ["2025年前建成", "不少于0.1平方米"],
    "henan_2023": ["达到68万张", "200平方米以上"],
}
# text as printed → the figure without the page marker
PAGE_MARKERS = {"1.11、5万": "1.5万", "5.6516、8亿": "5.658亿"}
ROWS = [pytest.param(key, row, id=f"{key}-{row['label']}-{row['target_year']}")
        for key in DOCUMENTS for row in retyped(f"{key}/targets")]  # fmt: skip


def number(cell: str | None) -> float | None:
    return None if cell is None else float(cell)


def printed_in(row: dict[str, str | None]) -> str:
    return row["target_printed"] or row["baseline_printed"] or ""


@pytest.mark.parametrize("document", DOCUMENTS)
def test_at_least_ten_rows_and_the_awkward_ones(document: str) -> None:
    rows = retyped(f"{document}/targets")
    assert len(rows) >= 10
    assert set(AWKWARD[document]) <= {printed_in(row) for row in rows}


@pytest.mark.parametrize(("document", "row"), ROWS)
def test_the_figure_stands_in_its_sentence(document: str, row: dict[str, str | None]) -> None:
    sentence = row["sentence"] or ""
    for marked, figure in PAGE_MARKERS.items():
        sentence = sentence.replace(marked, figure)
    assert all(part in sentence for part in printed_in(row).split("…"))


@pytest.mark.parametrize(("document", "row"), ROWS)
def test_the_mart_has_the_row_as_retyped(shipped: Warehouse, document: str, row: dict[str, str | None]) -> None:
    found = [
        stored
        for stored in shipped.records(f"select * from marts.{document}_targets")
        if (stored["clause"], stored["label"]) == (row["clause"], row["label"])
        and printed_in(row) in (stored["target_printed"], stored["baseline_printed"])
    ]
    assert len(found) == 1
    [stored] = found
    for column in ("unit", "baseline_printed", "target_printed"):
        assert stored[column] == row[column], column
    assert departments(stored.get("responsible")) == departments(row["responsible"])


@pytest.mark.parametrize(("document", "row"), ROWS)
def test_number_operator_and_year_as_retyped(shipped: Warehouse, document: str, row: dict[str, str | None]) -> None:
    found = [
        stored
        for stored in shipped.records(
            "select * from marts.document_indicator"
            f" where document_key = '{document}' and table_key = 'targets' and period = '2025'"
        )
        if (stored["clause"], stored["label"]) == (row["clause"], row["label"])
        and printed_in(row) in (stored["target_printed"], stored["baseline_printed"])
    ]
    assert len(found) == 1
    [stored] = found
    for side in ("baseline", "target"):
        assert stored[f"{side}_operator"] == row[f"{side}_operator"]
        assert stored[f"{side}_value"] == number(row[f"{side}_value"])
    assert stored["target_year"] == number(row["target_year"])
