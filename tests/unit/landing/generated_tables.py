"""Tables as departments write them, drawn together with what must become of each row.

What a row comes to is known from how it was made, never asked of landing: each draw picks a value first and then one of
the ways to write it, or a fault first and then the text that has it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from tests.unit.landing.spelled_cells import MISSING, Drawn, citizen_number, hashed, wide

IGNORED, SUPERSEDED, LANDED = "ignored", "superseded", "landed"
#: columns of each source with the headers that may stand above them
HEADERS = {
    "deaths": {
        "region_code": ("区划代码", "行政区划代码", "地区 代码"),
        "sex": ("性别", "性 别"),
        "age_band": ("年龄组", "年龄段（岁）", "死亡年龄"),
        "deaths": ("死亡人数", "死亡数", "死亡人数（人）", "死亡\n人数"),
    },
    "fund_ledger": {
        "entry_id": ("记录编号", "凭证号", "序　号"),
        "region_code": ("资金所属区划代码", "区划代码"),
        "fund_source": ("资金来源", "资金性质"),
        "social_welfare_use": ("是否用于社会福利事业", "社会福利\n事业"),
        "retained_level": ("留存级次", "留存级别"),
        "direction": ("收支类型", "收支方向"),
        "purpose": ("用途", "支出用途"),
        "amount": ("金额", "金额（元）", "金额(万元)", "金额【万元】"),
        "booked_on": ("记账日期", "日期"),
    },
    "care_contacts": {
        "person_id": ("身份证号", "公民身份号码", "证件 号码"),
        "person_name": ("姓名",),
        "county_code": ("所属县级区划代码", "县区代码"),
        "town_code": ("所属乡镇代码", "乡镇街道代码"),
        "primary_kind": ("特殊困难类别", "人员类别"),
        "contacts": ("本月探访次数", "探访次数（次）"),
        "contact_mode": ("探访方式",),
        "last_contact_on": ("最近探访日期", "探访\n日期"),
    },
}
PERIODS = {"deaths": ("2023", "2024"), "fund_ledger": ("2023", "2024"), "care_contacts": ("2024-02", "2024-03")}
REMARK = "备注栏"
REMARKS = ("", "", "续报", "鑫源路３号—东侧", '说"已核对",\n见附件', "䶮㐂𠮷")
NOTES = ("注：数据截至期末", "填报人：某某", "数据来源：各县区")


@dataclass(frozen=True)
class Row:
    """Cells by column, what becomes of the row (landed, ignored, superseded, or the first reason), its values."""

    cells: dict[str, str]
    outcome: str
    values: dict[str, Any] = field(default_factory=dict)
    #: 'more' cells than the header, or 'fewer'
    ragged: str = ""


@dataclass(frozen=True)
class Table:
    """One delivered file. `headers` in the order of the columns; `plain`: no cell needs quotes."""

    source: str
    period: str
    supplier: str
    headers: dict[str, str]
    rows: list[Row]
    plain: bool
    titles: int = 0
    revision: int = 1
    #: by a later revision
    replaced: bool = False


def _regions(drawn: Drawn, supplier: str, below: bool) -> tuple[str, str, str]:
    """A region code to write, the code it lands under, and the outcome of rows that are otherwise sound."""
    if supplier != "511700":
        own = [(supplier, supplier, LANDED)] * 4
        mapped = [("511721", "511703", LANDED)] if supplier == "511703" else []
        other = "511702" if supplier == "511703" else "511703"
        return drawn.of(*own, *mapped, (other, "", "out_of_jurisdiction"), ("511799", "", "ambiguous_region"))
    fate = SUPERSEDED if below else LANDED
    return drawn.of(
        ("511702", "511702", LANDED), ("511702", "511702", LANDED), ("511703", "511703", fate),
        ("511721", "511703", fate), ("599999", "", "unknown_region"), ("511799", "", "ambiguous_region"),
    )  # fmt: skip


BANDS = (
    {"0": ("0", 0, 0), "1-4": ("1-4", 1, 4), "5+": ("5+", 5, None)},
    {"0-4": ("0-4", 0, 4), "5-59": ("5-59", 5, 59), "60-64": ("60-64", 60, 64), "65+": ("65+", 65, None)},
    {"0+": ("0+", 0, None)},
)
BAD_DEATHS = (
    ("deaths", "约3", "bad_type"), ("deaths", "12，34", "bad_type"), ("deaths", "3.5", "bad_type"),
    ("deaths", "#DIV/0!", "bad_type"), ("deaths", "", "missing_required"), ("deaths", "不适用", "missing_required"),
    ("deaths", "-5", "out_of_range"), ("sex", "男性", "bad_enum"), ("sex", "—", "missing_required"),
    ("age_band", "老年", "rule:age_band_shape"), ("region_code", "5.11702E+05", "bad_type"),
    ("region_code", "", "missing_required"), ("region_code", "599999", "unknown_region"),
)  # fmt: skip


def _deaths(drawn: Drawn, table: Table, below: bool) -> list[Row]:
    """Whole groups: the bands of one region, sexes together or apart, now and then with one fault."""
    rows: list[Row] = []
    taken = set()
    for _ in range(drawn.number(0, 4)):
        written, code, fate = _regions(drawn, table.supplier, below)
        if (code or written) in taken:
            continue
        taken.add(code or written)
        bands = drawn.of(*BANDS)
        sexes = drawn.of([("合计", "total")], [("男", "male"), ("女", "female")])
        gap = drawn.of(False, False, False, True) and len(bands) > 1
        fault = drawn.of(None, None, *BAD_DEATHS) if not gap else None
        broken = drawn.number(0, len(sexes) * len(bands) - 1) if fault else -1
        group = []
        for place, (sex, meant, band) in enumerate((*sex, band) for sex in sexes for band in bands):
            number, outcome = drawn.number(0, 30_000), fate
            if gap and band == next(iter(bands)):
                continue
            if fate == LANDED and (gap or (fault and sexes[broken // len(bands)][1] == meant)):
                outcome = "rule:bands_partition"
            elif fate == LANDED and fault:
                outcome = "rule:sex_pair"
            cells = {
                "region_code": drawn.code(written), "sex": drawn.word(sex), "age_band": drawn.band(band),
                "deaths": drawn.count(number, "人"),
            }  # fmt: skip
            name, age_from, age_to = bands[band]
            values = {
                "region_code": code, "sex": meant, "age_band": name, "deaths": number, "age_from": age_from,
                "age_to": age_to, "not_applicable": None,
            }  # fmt: skip
            if place == broken:
                cells, outcome = _spoiled(cells, outcome, fault, "region_code", fate)
            group.append(Row(cells, outcome, values))
        rows += group
    return rows


def _spoiled(
    cells: dict[str, str], outcome: str, fault: tuple[str, str, str], region: str, fate: str
) -> tuple[dict[str, str], str]:
    """The cells with one of them spoiled, and what becomes of the row now: the check that comes first decides."""
    column, text, reason = fault
    first = ("missing_required", "bad_type", "bad_enum", "out_of_range")
    told = fate not in (LANDED, SUPERSEDED) and reason not in first
    if column == region:
        return cells | {column: text}, reason
    kept = fate == SUPERSEDED or told
    return cells | {column: text}, fate if kept else reason


BAD_FUNDS = (
    ("amount", "约3", "bad_type"), ("amount", "85%", "bad_type"), ("amount", "—", "missing_required"),
    ("amount", "100000000001元", "out_of_range"), ("fund_source", "彩票", "bad_enum"),
    ("social_welfare_use", "無", "bad_type"), ("social_welfare_use", "", "missing_required"),
    ("direction", "收支", "bad_enum"), ("booked_on", "2024-02-30", "bad_type"),
    ("entry_id", "1.2E+05", "bad_type"), ("region_code", "", "missing_required"),
)  # fmt: skip


def _funds(drawn: Drawn, table: Table, below: bool) -> list[Row]:
    rows = []
    for serial in range(drawn.number(0, 9)):
        written, code, fate = _regions(drawn, table.supplier, below)
        lottery = drawn.of(True, False)
        source = drawn.of(("福彩公益金", "welfare_lottery"), ("福利彩票公益金", "welfare_lottery")) if lottery else (
            drawn.of(("一般公共预算", "general_budget"), ("专项债券", "special_bond"))
        )  # fmt: skip
        uses = [("是", True), ("√", True), ("否", False), ("０", False)]
        use = drawn.of(*uses, *([] if lottery else [("不适用", None)]))
        level = drawn.of(("市级", "prefecture"), ("区县留存", "county")) if lottery else (
            drawn.of((drawn.of(*MISSING), None), ("不适用", "na"))
        )  # fmt: skip
        spent = drawn.of(("支出", "expenditure"), ("年度预算", "budget"), ("收入", "income"), ("结转", "carry_over"))
        purposes = [("养老人才培训", "elder_training"), ("托育发展资金", "childcare")]
        purpose = drawn.of(*purposes, *([] if spent[1] in ("expenditure", "budget") else [("", None)]))
        yuan = Decimal(drawn.number(-5_000_000, 900_000_000)) / 100
        booked = drawn.of(None, date(2023, 12, 31), date(2024, 2, 29))
        entry = f"PZ{serial:03}"
        values = {
            "entry_id": entry, "region_code": code, "fund_source": source[1], "social_welfare_use": use[1],
            "retained_level": level[1], "direction": spent[1], "purpose": purpose[1], "amount": yuan,
            "booked_on": booked, "not_applicable": None if use[1] is not None else "social_welfare_use",
        }  # fmt: skip
        cells = {
            "entry_id": drawn.code(entry), "region_code": drawn.code(written), "fund_source": drawn.word(source[0]),
            "social_welfare_use": drawn.word(use[0]), "retained_level": level[0], "direction": drawn.word(spent[0]),
            "purpose": purpose[0], "amount": drawn.money(yuan, table.headers["amount"]),
            "booked_on": drawn.day(booked) if booked else drawn.of(*MISSING),
        }  # fmt: skip
        faults = [None] * 12 + list(BAD_FUNDS)
        if lottery and fate in (LANDED, SUPERSEDED):
            faults.append(("retained_level", "不适用", "rule:lottery_has_level"))
        if spent[1] == "expenditure" and fate in (LANDED, SUPERSEDED):
            faults.append(("purpose", "不适用", "rule:purpose_present"))
        rows.append(_finished(drawn, cells, values, fate, faults, "region_code"))
    return rows


BAD_CONTACTS = (
    ("person_id", "123", "bad_type"), ("person_id", "5.11702194901E+17", "bad_type"),
    ("person_id", "", "missing_required"), ("contacts", "201", "out_of_range"), ("contacts", "两次", "bad_type"),
    ("primary_kind", "孤寡", "bad_enum"), ("contact_mode", "飞鸽", "bad_enum"),
    ("last_contact_on", "上周", "bad_type"), ("county_code", "—", "missing_required"),
    ("county_code", "511702001", "unknown_region"), ("town_code", "", "missing_required"),
)  # fmt: skip


def _contacts(drawn: Drawn, table: Table, below: bool) -> list[Row]:
    rows = []
    for serial in range(drawn.number(0, 9)):
        written, code, fate = _regions(drawn, table.supplier, below)
        if written == "511799":  # the town of the row says which of its successors is meant
            code, fate = ("511702", LANDED) if table.supplier == "511700" else ("", "out_of_jurisdiction")
        person = citizen_number(serial)
        kind = drawn.of(("独居", "living_alone"), ("失能", "disabled"), ("空巢、重残", "empty_nest"))
        times = drawn.of(("", None, None), ("—", None, None), ("不适用", None, "contacts"), (0,), (1,), (200,))
        how = drawn.of(("上门", "home"), ("微信", "online"), ("", None))
        last = drawn.of(None, date(2024, 3, 5), date(2024, 2, 1))
        town = "511703001" if code == "511703" else "511702001"
        values = {
            "person_id": hashed(person), "county_code": code,
            "town_code": town, "primary_kind": kind[1], "contacts": times[0] if len(times) == 1 else None,
            "contact_mode": how[1], "last_contact_on": last,
            "not_applicable": times[2] if len(times) == 3 else None,
        }  # fmt: skip
        cells = {
            "person_id": drawn.of(person, person.lower(), wide(person), f"{person[:6]} {person[6:]}"),
            "person_name": drawn.of("张三", "欧阳　某", ""), "county_code": drawn.code(written),
            "town_code": drawn.code(town), "primary_kind": drawn.word(kind[0]),
            "contacts": drawn.count(times[0], "次") if len(times) == 1 else times[0],
            "contact_mode": how[0], "last_contact_on": drawn.day(last) if last else drawn.of(*MISSING),
        }  # fmt: skip
        faults = [None] * 12 + list(BAD_CONTACTS)
        if fate == LANDED and written != "511799":
            elsewhere = "511702001" if code == "511703" else "511703001"
            faults.append(("town_code", elsewhere, "rule:town_in_county"))
        rows.append(_finished(drawn, cells, values, fate, faults, "county_code"))
    return rows


def _finished(
    drawn: Drawn, cells: dict[str, str], values: dict[str, Any], fate: str, faults: list[Any], region: str
) -> Row:
    fault = drawn.of(*faults)
    if fault is None:
        return Row(cells, fate, values)
    cells, outcome = _spoiled(cells, fate, fault, region, fate)
    return Row(cells, outcome, values)


DRAWN = {"deaths": _deaths, "fund_ledger": _funds, "care_contacts": _contacts}


@st.composite
def tables(draw: Callable[[Any], Any], source: str, supplier: str = "511700", below: bool = False) -> Table:
    """One file of `supplier`; `below`: 511703 delivers its own rows, which displace those of the prefecture."""
    drawn = Drawn(draw, draw(st.booleans()))
    order = draw(st.permutations(list(HEADERS[source])))
    headers = {name: drawn.of(*HEADERS[source][name]) for name in order} | {"remark": REMARK}
    table = Table(source, drawn.of(*PERIODS[source]), supplier, headers, [], drawn.plain, drawn.number(0, 2))
    rows = draw(st.permutations(DRAWN[source](drawn, table, below)))
    for row in rows:
        row.cells["remark"] = drawn.of(*REMARKS)
    return replace(table, rows=_with_noise(drawn, table, rows))


def _with_noise(drawn: Drawn, table: Table, rows: list[Row]) -> list[Row]:
    """Copies of rows below them, and in between what is no data."""
    rows = list(rows)
    for row in rows[: drawn.number(0, 2)]:
        if row.outcome in (LANDED, SUPERSEDED) or row.outcome in ("rule:bands_partition", "rule:sex_pair"):
            ragged = drawn.of("", "", "more", "fewer")
            outcome = "ragged_row" if ragged else "duplicate_key"
            rows.append(Row(dict(row.cells), SUPERSEDED if row.outcome == SUPERSEDED else outcome, ragged=ragged))
    first = next(name for name in table.headers if name not in ("sex", "age_band"))
    numbers = {"deaths": "1,234", "amount": "1.5"} if not table.plain else {"deaths": "12", "amount": "7"}
    printed = {name: text for name, text in numbers.items() if name in table.headers and name != first}
    noise = [
        Row({}, IGNORED),
        Row({next(iter(table.headers)): drawn.of(*NOTES)}, IGNORED),
        Row({first: drawn.of("合计", "小　计", "全市合计")} | printed, IGNORED),
        Row(dict(table.headers), IGNORED),
    ]
    for _ in range(drawn.number(0, 4)):
        rows.insert(drawn.number(0, len(rows)), drawn.of(*noise))
    return rows
