"""From what a person types to the figure that is meant: keys or Chinese names; what exists, where nothing is found."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from pipelines.dictionary.wording import words
from pipelines.publication.evidence.opened import Evidence


class NotFound(Exception):
    """No such indicator, region, period or variant; the message lists what there is."""


@dataclass(frozen=True)
class Figure:
    """A figure of the release: its row of marts.indicator_value and its row of reference.indicator_definition."""

    value: dict[str, Any]
    definition: dict[str, Any]


def find(evidence: Evidence, indicator: str, region: str, period: str, variant: str = "default") -> Figure:
    """The figure meant by an indicator key or name, a region code or name, and a period. Raises NotFound."""
    key = _indicator(evidence, indicator)
    definition = _definition(evidence, key, variant)
    codes = _regions(evidence, region)
    values = evidence.records(
        "select * from carestat.marts.indicator_value where indicator_key = ? and variant = ? and period = ?"
        " and region_code in (select unnest(?)) order by region_code",
        key, variant, period, codes,
    )  # fmt: skip
    if len(values) > 1:
        told = "、".join(value["region_code"] for value in values)
        raise NotFound(f"叫“{region}”的地区不止一个，请用代码 · several regions of that name, give a code: {told}")
    if not values:
        raise NotFound(_nothing(evidence, key, variant, codes, period))
    return Figure(values[0], definition)


def _indicator(evidence: Evidence, told: str) -> str:
    names = dict(
        evidence.rows("select indicator_key, name_zh from carestat.reference.indicator order by indicator_key")
    )
    if told in names:
        return told
    keys = [key for key, name in names.items() if name == told]
    if len(keys) == 1:
        return keys[0]
    near = keys or [key for key, name in names.items() if told in name or told in key]
    if not near:
        close = get_close_matches(told, [*names, *names.values()], n=5, cutoff=0.5)
        near = [key for key, name in names.items() if key in close or name in close]
    listed = "\n".join(f"  {key}  {names[key]}" for key in near[:10])
    hint = f"，是否指 · did you mean:\n{listed}" if listed else "，见 · see reference.indicator"
    said = ("有几个指标叫", "several indicators") if keys else ("没有指标", "no such indicator")
    raise NotFound(f"{said[0]} {told} · {said[1]}{hint}")


def _definition(evidence: Evidence, key: str, variant: str) -> dict[str, Any]:
    found = evidence.records(
        "select definitions.*, indicators.default_definition, indicators.alternative_definitions"
        " from carestat.reference.indicator as indicators"
        " left join carestat.reference.indicator_definition as definitions using (indicator_key)"
        " where indicators.indicator_key = ? order by definitions.variant",
        key,
    )
    for definition in found:
        if definition["variant"] == variant:
            return definition
    variants = "、".join(row["variant"] for row in found if row["variant"])
    if not variants:
        raise NotFound(f"{key} 是规则参数，没有数值 · a rule parameter, it has no figure")
    raise NotFound(f"{key} 没有口径 {variant} · no such variant; 有 · there are: {variants}")


def _regions(evidence: Evidence, told: str) -> list[str]:
    found = evidence.rows(
        "select distinct region_code from carestat.reference.region_year where region_code = ? or region_name = ?"
        " order by region_code",
        told,
        told,
    )
    if found:
        return [code for (code,) in found]
    near = evidence.rows(
        "select distinct region_code, region_name from carestat.reference.region_year"
        " where level <> 'village' and (starts_with(region_name, ?) or starts_with(?, region_name))"
        " order by region_code limit 10",
        told,
        told,
    )
    listed = "\n".join(f"  {code}  {name}" for code, name in near)
    raise NotFound(f"没有地区 {told} · no such region" + (f"，是否指 · did you mean:\n{listed}" if listed else ""))


def _nothing(evidence: Evidence, key: str, variant: str, codes: list[str], period: str) -> str:
    region = codes[0] if len(codes) == 1 else "、".join(codes[:5])
    periods = evidence.rows(
        "select distinct period from carestat.marts.indicator_value"
        " where indicator_key = ? and variant = ? and region_code in (select unnest(?)) order by period",
        key, variant, codes,
    )  # fmt: skip
    if periods:
        years = "、".join(year for (year,) in periods)
        return f"{key} 在 {region} 没有 {period} 的数 · no such period; 有 · there are: {years}"
    levels = evidence.rows(
        "select distinct region_level from carestat.marts.indicator_value where indicator_key = ? and variant = ?"
        " order by region_level",
        key,
        variant,
    )
    told = words("level", "|".join(level for (level,) in levels)) or "无"
    return f"{key} 在 {region} 没有数 · no figure there; 该指标公布到的层级 · it is told of levels: {told}"
