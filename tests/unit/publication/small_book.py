"""A book of a few rows for the tests of the forms: every status, every kind of column, and texts that break careless
writers. One document has a printed table and tasks, the other only targets in running text."""

from __future__ import annotations

from typing import Any

import polars as pl

from pipelines.publication.book import COLUMNS, Book, Imprint

HOSTILE = "=HYPERLINK(\"http://x.invalid\",'甲')"
MORE_HOSTILE = "第一行,\n第二行 & <b>\\'"
TYPES = {"integer": pl.Int64, "number": pl.Float64, "boolean": pl.Boolean}
IMPRINT = Imprint("2025", 2, "20260301T010203Z-0a1b2c3d", "2026-03-01T01:02:03+00:00", "0" * 64, reason="更正床位数")


def _of(columns: str, *rows: tuple[Any, ...]) -> pl.DataFrame:
    names = columns.split()
    schema = {name: TYPES.get(COLUMNS[name].kind, pl.String) for name in names}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _filled(columns: str, *rows: dict[str, Any]) -> pl.DataFrame:
    names = columns.split()
    return _of(columns, *(tuple(row.get(name) for name in names) for row in rows))


_ROW: dict[str, Any] = {
    "document_key": "banan_2021_74", "table_key": "annex_1", "row_kind": "indicator", "clause": "附件1",
    "variant": "default", "region_code": "500113", "actual_period": "2025", "decimals": 2, "obs_status": "A",
}  # fmt: skip
_FIGURE: dict[str, Any] = {
    "indicator_key": "bed_share", "variant": "default", "region_code": "500113", "region_name": "巴南区",
    "region_level": "county", "indicator_name": "护理型床位占比", "unit": "%", "decimals": 2, "coverage_n": 1,
    "coverage_m": 1, "obs_status": "A", "conf_status": "F",
}  # fmt: skip

FIGURES = (
    {"period": "2020", "value": 32.3, "numerator": 323.0, "denominator": 1000.0},
    {"period": "2021", "value": 0.0, "numerator": 0.0, "denominator": 1000.0},
    {"period": "2022", "value": 51.5, "numerator": 515.0, "denominator": 1000.0, "obs_status": "E"},
    {"period": "2023", "obs_status": "L", "coverage_n": 0, "note": "未报送"},
    {"period": "2024", "obs_status": "M", "note": "不适用"},
    {"period": "2025", "value": 68.8678, "numerator": 688.678, "denominator": 1000.0, "extreme": 1.5},
    {"period": "2025", "region_code": "410000", "region_name": "河南省", "region_level": "province", "value": 12.345,
     "numerator": 1.0, "denominator": 8.1, "obs_status": "P"},
    {"period": "2025", "region_code": "410100", "region_name": "郑州市", "region_level": "prefecture",
     "obs_status": "O", "coverage_n": 3, "coverage_m": 12},
    {"period": "2025", "indicator_key": "persons_trained", "indicator_name": "培训人数", "unit": "人次", "decimals": 0,
     "obs_status": "Q", "conf_status": "C"},
    {"period": "2025", "indicator_key": "persons_trained", "variant": "per_district", "indicator_name": "培训人数",
     "unit": "张/街", "decimals": 0, "value": 1560.0, "numerator": 1560.0, "obs_status": "B"},
)  # fmt: skip


def small_book() -> Book:
    tables = {
        "documents": _of(
            "document_key title issuer number issued_on region_code region_name region_level",
            ("banan_2021_74", "实施方案", "区府", "巴南发改发〔2021〕74号", "2021-12-30", "500113", "巴南区", "county"),
            ("henan_2023", "实施意见", None, None, None, "410000", "河南省", "province"),
        ),
        "document_tables": _of(
            "document_key table_key title label_heading unit_heading baseline_heading target_heading attribute_heading "
            "responsible_heading",
            ("banan_2021_74", "annex_1", "附件1 主要指标（巴南发改发〔2021〕74号）", "印载栏目：指标名称", None,
             "印载栏目：2020年", "印载栏目：2025年", "印载栏目：指标属性", None),
            ("banan_2021_74", "annex_2", "附件2 任务分工（巴南发改发〔2021〕74号）", "印载栏目：区级重点任务", None,
             None, None, None, "印载栏目：责任单位"),
            ("henan_2023", "targets", "正文所列目标（实施意见）", "事项", "计量单位", None, "目标原文", None, None),
        ),
        "document_rows": _filled(
            "document_key table_key row_no row_kind label unit baseline_printed target_printed attribute responsible "
            "clause target_id indicator_key variant region_code baseline_year baseline_value target_year "
            "target_operator target_value eval_operator compare_to baseline_actual baseline_period actual_period "
            "actual_value decimals achieved_share elapsed_share progress_linear progress_projection gap_to_path "
            "still_needed still_needed_unit units_met units_known status obs_status note",
            _ROW | {"row_no": 1, "label": HOSTILE, "unit": "%", "baseline_printed": "32.3%", "target_printed": "60%",
                    "attribute": "约束性", "indicator_key": "bed_share", "baseline_value": 32.3, "target_value": 60.0,
                    "target_operator": "=", "baseline_actual": 32.3, "actual_value": 68.8678, "progress_linear": 1.3201,
                    "still_needed": 0.0, "still_needed_unit": "张", "status": "ACHIEVED", "note": MORE_HOSTILE},
            _ROW | {"row_no": 2, "label": "机制覆盖率", "unit": "%", "baseline_printed": "—", "target_printed": "100%",
                    "indicator_key": "bed_share", "target_value": 100.0, "actual_value": 99.9996,
                    "still_needed": 24170.0, "still_needed_unit": "人", "status": "MISSED"},
            _ROW | {"row_no": 3, "label": "培训人数", "unit": "人次", "target_printed": "1500", "decimals": 0,
                    "indicator_key": "persons_trained", "status": "NOT_PUBLISHED", "obs_status": "Q"},
            _ROW | {"document_key": "henan_2023", "table_key": "targets", "row_no": 1, "row_kind": "target",
                    "label": "护理型床位占比", "target_printed": "60%", "indicator_key": "bed_share",
                    "region_code": "410000", "actual_value": 12.345, "status": "ACCELERATE", "obs_status": "P"},
        ),
        "document_tasks": _filled(
            "document_key table_key row_no label responsible lead_departments participating_departments "
            "shared_departments task_status due_on done_on evidence progress_note as_of",
            {"document_key": "banan_2021_74", "table_key": "annex_2", "row_no": 1, "label": "增强家庭照护能力。",
             "responsible": "区民政局", "task_status": "done", "due_on": "2025-12-31", "done_on": "2024-09-10",
             "as_of": "2025-12-31"},
            {"document_key": "henan_2023", "row_no": 1, "label": "完善设施。", "task_status": "in_progress",
             "due_on": "2025-12-31", "as_of": "2025-12-31"},
        ),
        "figures": _filled(
            "indicator_key variant region_code period region_name region_level indicator_name unit decimals numerator "
            "denominator value extreme coverage_n coverage_m obs_status conf_status note",
            *(_FIGURE | row for row in FIGURES),
        ),
        "indicators": _filled(
            "indicator_key variant indicator_name indicator_name_en unit kind direction decimals definition "
            "numerator_measure multiplier unit_of_extreme document_rows",
            *(
                {"indicator_key": key, "variant": variant, "indicator_name": zh, "indicator_name_en": en, "unit": unit,
                 "kind": "ratio", "direction": "higher", "decimals": places, "definition": definition,
                 "numerator_measure": "beds", "multiplier": 100.0, "unit_of_extreme": unit, "document_rows": 1}
                for key, variant, zh, en, unit, places, definition in (
                    ("bed_share", "default", "护理型床位占比", "Elders' nursing beds & \"others\"", "%", 2, "床位之比"),
                    ("persons_trained", "default", "培训人数", "Persons trained", "人次", 0, "全年"),
                    ("persons_trained", "per_district", "培训人数", "Persons trained", "张/街", 0, "每区"),
                )
            ),
        ),
        "measures": _of(
            "measure_key measure_name unit source stock_or_flow annual_rule counts_persons note",
            ("beds", "床位数", "张", "elderly_facilities", "stock", "last", False, None),
        ),
        "regions": _of(
            "region_code region_name region_level parent_code",
            ("410000", "河南省", "province", "000000"),
            ("500113", "巴南区", "county", "500000"),
        ),
        "consistency": _filled(
            "check_kind check_key document_key table_key row_no label other_document_key other_table_key other_row_no "
            "left_value relation right_value difference finding reason",
            {"check_kind": "own_figures", "check_key": "CK-1", "document_key": "banan_2021_74", "table_key": "annex_1",
             "row_no": 1, "label": "两处所印", "left_value": 1.8568722843242842, "relation": "=",
             "finding": "CONSISTENT"},
        ),
        "beneficiaries": _of(
            "programme_code programme_name region_code region_name region_level period persons payments coverage_n "
            "coverage_m conf_status",
            ("S5", "运营补贴", "500113", "巴南区", "county", "2024", 38, 457, 1, 1, "F"),
            ("S5", "运营补贴", "500113", "巴南区", "county", "2024-12", None, None, 1, 1, "C"),
        ),
        "funds": _filled(
            "programme_code programme_name region_code region_name region_level period amount_yuan denominator_yuan "
            "share_percent limit_operator limit_percent is_met shortfall_yuan obs_status note",
            {"programme_code": "S6", "programme_name": "公益金", "region_code": "500113", "region_name": "巴南区",
             "region_level": "county", "period": "2025", "amount_yuan": 5990000.5, "denominator_yuan": 7450000.0,
             "share_percent": 80.40269, "limit_operator": ">=", "limit_percent": 80.0, "is_met": True,
             "shortfall_yuan": 0.0, "obs_status": "A"},
        ),
        "deliveries": _of(
            "source period supplier revision path sha256 state reason rows_delivered rows_landed rows_refused "
            "rows_superseded rows_ignored",
            ("elderly_facilities", "2025-12", "500113", 1, "elderly_facilities/2025-12/500113.csv", "ab" * 32, "landed",
             None, 12, 12, 0, 0, 0),
        ),
        "refusals": _of("source reason rows_refused files"),
    }  # fmt: skip
    return Book(IMPRINT, tables)
