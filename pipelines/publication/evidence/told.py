"""A trace as lines of text: plain, so that it reads the same on a terminal and in a mail."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pipelines.publication.evidence.files import ranges
from pipelines.publication.numbers import plain
from pipelines.publication.wording import zh

#: regions, units or suppliers that are named before only their number is told
NAMED = 10
_SAME = {True: "相符 · yes", False: "不符 · NO", None: "发布值空缺，不核对 · nothing to compare"}


def lines(trace: dict[str, Any]) -> Iterator[str]:
    """The figure, its parts with their files, and whether they add up."""
    variant = "" if trace["variant"] == "default" else f"，口径 {trace['variant']}"
    yield f"{trace['indicator_name']}（{trace['indicator_key']}{variant}）"
    yield f"{trace['region_name']} {trace['region_code']} · {trace['period']} · 发布 {trace['release_id']}"
    if trace["definition"]:
        yield f"定义：{trace['definition']}"
    value = "空缺" if trace["value"] is None else f"{_figure(trace['value'])} {trace['unit']}"
    yield f"值：{value} · {zh('obs_status', trace['obs_status'])} {trace['obs_status']}"
    sides = {"numerator": "分子", "denominator": "分母", "partial_value": "已报部分的值", "extreme": "最弱单位的数值"}
    told = [f"{name} {_figure(trace[side])}" for side, name in sides.items() if trace[side] is not None]
    yield "；".join([*told, f"应报 {trace['coverage_m']}，已报 {trace['coverage_n']}"])
    if trace["note"]:
        yield f"说明：{trace['note']}"
    for part in trace["parts"]:
        yield ""
        yield from _part(part)
    if trace["units"]:
        yield ""
        yield from _units(trace["units"])
    yield ""
    for check in trace["checks"]:
        yield (
            f"核对 · adds up: {check['name']} 发布 {plain(check['released'])}，"
            f"由各行得 {plain(check['from_rows'])}：{_SAME[check['same']]}"
        )
    if any(check["same"] is False for check in trace["checks"]):
        yield "！！ 各行合计与发布的数不符，请报告 · the rows do not add up to the released figure: please report ！！"


def _figure(number: float) -> str:
    """A released number to six decimals, without trailing zeros."""
    return plain(round(number, 6))


def _part(part: dict[str, Any]) -> Iterator[str]:
    yield (
        f"【{part['role_name']}】{part['measure_name']} {part['measure_key']} = {plain(part['total'])} {part['unit']}"
        f"（{part['region_name']} {part['period']}）"
    )
    counts = f"计入 {part['rows_included']:,} 行，不计 {part['rows_excluded']:,} 行"
    yield f"  来源：{part['source_name']} {part['source']}；{counts}"
    if part["is_personal"]:
        yield "  涉及个人：只列行数，不列行号"
    own = part["own_figures"]
    if own and [figure["region_code"] for figure in own] != [part["region_code"]]:
        told = [
            f"{figure['region_name']} {'不适用' if figure['is_not_applicable'] else plain(figure['value'])}"
            for figure in own
        ]
        yield f"  由下级所报相加：{_some(told)}"
    elif own:
        yield "  本级所报，优先于下级之和"
    for file in part["files"]:
        yield from _file(file)
    if part["earlier_files"]:
        yield f"  本年较早月份的 {part['earlier_files']} 个文件不计：只取当年最后一次报送"
    if part["missing_suppliers"]:
        told = [f"{region['region_name']}（{region['why']}）" for region in part["missing_suppliers"]]
        yield f"  缺：{_some(told)}"


def _file(file: dict[str, Any]) -> Iterator[str]:
    state = "" if file["state"] == "landed" else f"  {zh('state', file['state'])}"
    yield f"  {file['path']}  sha256 {file['sha256']}{state}"
    included = file["included"]
    amount = "" if included["quantity"] is None else f"，计 {plain(included['quantity'])}"
    yield f"    计入 {included['rows']:,} 行{amount}{_rows(included)}"
    for group in file["excluded"]:
        yield f"    不计 {group['rows']:,} 行：{group['reason']}{_rows(group)}"
    for group in file["refused"]:
        yield f"    拒收 {group['rows']:,} 行：{group['reason']}{_rows(group)}"
    if file["superseded"]:
        yield f"    被替代 {file['superseded']:,} 行"


def _rows(group: dict[str, Any]) -> str:
    numbers = group["row_numbers"]
    if not numbers:
        return ""
    more = f" …（--all 列出全部 {group['rows']:,} 行）" if len(numbers) < group["rows"] else ""
    return f"；第 {ranges(numbers)} 行{more}"


def _units(units: dict[str, Any]) -> Iterator[str]:
    yield (
        f"【单位】单位值 {units['formula']} {units['limit']} 为达标：{units['units']:,} 个单位，"
        f"有数 {units['known']:,}，达标 {units['met']:,}，"
        f"未报送 {units['not_delivered']:,}，不适用 {units['not_applicable']:,}"
    )
    for unit in units["listed"]:
        name = f"{unit['unit_code']} {unit['unit_name']}".rstrip()
        verdict = {True: "达标", False: "未达标", None: "不适用" if unit["is_not_applicable"] else "不明"}[
            unit["is_met"]
        ]
        yield f"  {name}  {'空缺' if unit['value'] is None else _figure(unit['value'])}  {verdict}"
    if len(units["listed"]) < units["units"]:
        yield f"  …（--all 列出全部 {units['units']:,} 个单位）"


def _some(told: list[str]) -> str:
    more = f" 等 {len(told)} 个" if len(told) > NAMED else ""
    return "、".join(told[:NAMED]) + more
