"""How each kind of chart looks: Altair specifications without data, compiled once to Vega and then only filled.

Every size is fixed (autosize none), so that charts of a kind line up. The two colours, after Okabe and Ito, differ for
the colour-blind and keep ≥ 3:1 on white; each is doubled by a shape, a dash or a label. Text is never bold: the one
font has no bold cut.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from functools import cache
from typing import Any

import altair as alt
import vl_convert

from pipelines.publication.forms.fonts import FAMILY

INK, GREY, LIGHT = "#222222", "#666666", "#dddddd"
BLUE, VERMILION = "#0072b2", "#c04a00"
#: light to dark, one hue; figures stand in the tiles, so the shade only helps the eye
SHADES = ("#e3eef9", "#b5d4ea", "#6fb0d8", "#1f6fb2")
#: on shades from this class on, text is white
DARK_CLASS = 4

TREND_WIDTH, TREND_HEIGHT = 460, 190
BAR_WIDTH, BAR_STEP = 380, 20
TILE_WIDTH, TILE_HEIGHT = 66, 50

Spec = dict[str, Any]


def filled(kind: Callable[[], Spec], title: str, subtitle: str, data: dict[str, list[Any]], **signals: Any) -> Spec:
    """A Vega specification with its data; compiling each chart anew would take a third longer."""
    spec = copy.deepcopy(kind())
    spec["title"] |= {"text": title, "subtitle": subtitle}
    for source in spec["data"]:
        if source["name"] in data:
            source["values"] = data[source["name"]]
    for signal in spec["signals"]:
        if signal["name"] in signals:
            signal["value"] = signals[signal["name"]]
    return spec


@cache
def trend() -> Spec:
    """Data `years` (period, value, shown, is_below, is_final, gap, path_value) and `targets` (see chart_marks)."""
    years = alt.Chart(alt.NamedData("years")).encode(x=_years())
    targets = alt.Chart(alt.NamedData("targets"))
    y = alt.Y(
        "value:Q",
        title=None,
        scale=alt.Scale(zero=False, nice=False, domainMin=alt.ExprRef("low"), domainMax=alt.ExprRef("high")),
        axis=alt.Axis(tickCount=5, tickMinStep=alt.ExprRef("step"), format=",~r", grid=True),
    )
    return _spec(
        alt.layer(
            targets.mark_rule(color=VERMILION, strokeWidth=1.5).encode(y=y),
            targets.mark_text(align="left", baseline="middle", color=INK).encode(
                x=alt.value(TREND_WIDTH + 6), y=alt.Y("said_at:Q", title=None), text="said:N"
            ),
            years.mark_line(color=GREY, strokeDash=[5, 4], strokeWidth=1.5, invalid="filter").encode(
                y=alt.Y("path_value:Q", title=None)
            ),
            years.mark_line(color=BLUE, strokeWidth=2.5, invalid="break-paths-show-domains").encode(y=y),
            years.mark_point(size=55, strokeWidth=2, stroke=BLUE, opacity=1).encode(
                y=y, fill=alt.condition("datum.is_final", alt.value(BLUE), alt.value("white"))
            ),
            years.transform_filter("!datum.is_below").mark_text(dy=-12, color=INK).encode(y=y, text="shown:N"),
            years.transform_filter("datum.is_below").mark_text(dy=15, color=INK).encode(y=y, text="shown:N"),
            years.mark_text(color=INK, fontSize=14).encode(y=alt.value(TREND_HEIGHT - 8), text="gap:N"),
            targets.transform_filter("datum.year != null")
            .mark_point(shape="diamond", filled=True, size=90, color=VERMILION, opacity=1)
            .encode(x=_years("year:O"), y=y),
        )
        .add_params(*(alt.param(name, value=0) for name in ("step", "low", "high")))
        .properties(width=TREND_WIDTH, height=TREND_HEIGHT),
        left=66,
        right=130,
        top=54,
        bottom=28,
    )


@cache
def bars() -> Spec:
    """Data `rows` (rank, name, value, shown, why) and `scope` (value, said; empty where it has no figure)."""
    rows = alt.Chart(alt.NamedData("rows")).encode(
        y=alt.Y("name:N", title=None, sort=alt.SortField("rank"), axis=alt.Axis(ticks=False, domain=False))
    )
    x = alt.X("value:Q", title=None, axis=alt.Axis(tickCount=5, tickMinStep=alt.ExprRef("step"), format=",~r"))
    scope = alt.Chart(alt.NamedData("scope")).encode(x=x)
    return _spec(
        alt.layer(
            rows.mark_bar(color=BLUE, height=12).encode(x=x),
            rows.mark_text(align="right", color=INK).encode(x=alt.value(BAR_WIDTH + 70), text="shown:N"),
            rows.mark_text(align="left", color=GREY).encode(x=alt.value(5), text="why:N"),
            scope.mark_rule(color=VERMILION, strokeWidth=2),
            scope.mark_text(color=INK, baseline="bottom").encode(y=alt.value(-5), text="said:N"),
        )
        .add_params(alt.param("step", value=0))
        .properties(width=BAR_WIDTH, height=alt.Step(BAR_STEP)),
        left=150,
        right=76,
        top=66,
        bottom=28,
    )


@cache
def tiles() -> Spec:
    """Data `rows` (parent, parent_order, place, name, shown, class: null where there is no figure)."""
    rows = alt.Chart(alt.NamedData("rows")).encode(
        x=alt.X("place:O", axis=None, scale=alt.Scale(padding=0.05)),
        y=alt.Y(
            "parent:N",
            title=None,
            sort=alt.SortField("parent_order"),
            axis=alt.Axis(ticks=False, domain=False, labelLimit=140),
            scale=alt.Scale(padding=0.05),
        ),
    )
    ink = alt.condition(f"datum.class >= {DARK_CLASS}", alt.value("white"), alt.value(INK))
    legend = alt.Legend(
        title=None,
        orient="bottom",
        values=alt.ExprRef("classes"),
        labelExpr="names[datum.value - 1]",
        symbolType="square",
    )
    shade = alt.Color("class:O", scale=alt.Scale(domain=[1, 2, 3, 4], range=list(SHADES)), legend=legend)
    return _spec(
        alt.layer(
            rows.mark_rect(stroke=GREY, strokeWidth=0.7).transform_filter("datum.class != null").encode(color=shade),
            rows.mark_rect(stroke=GREY, strokeDash=[3, 2], fill="white").transform_filter("datum.class == null"),
            rows.mark_text(dy=-20, fontSize=10, lineBreak="\n", baseline="top").encode(text="name:N", color=ink),
            rows.mark_text(dy=15, fontSize=11, baseline="middle").encode(text="shown:N", color=ink),
        )
        .add_params(alt.param("classes", value=[]), alt.param("names", value=[]))
        .properties(width=alt.Step(TILE_WIDTH), height=alt.Step(TILE_HEIGHT)),
        left=150,
        right=12,
        top=54,
        bottom=40,
    )


@cache
def status() -> Spec:
    """Data `rows` (rank, name, rows, is_good: true, false, or null where nothing was judged)."""
    rows = alt.Chart(alt.NamedData("rows")).encode(
        y=alt.Y("name:N", title=None, sort=alt.SortField("rank"), axis=alt.Axis(ticks=False, domain=False)),
        x=alt.X("rows:Q", title=None, axis=None),
    )
    colour = alt.condition("datum.is_good == false", alt.value(VERMILION), alt.value(BLUE))
    colour["condition"] = [{"test": "datum.is_good == null", "value": GREY}, colour["condition"]]
    return _spec(
        alt.layer(
            rows.mark_bar(height=14).encode(color=alt.Color(**colour)),
            rows.mark_text(align="left", dx=5, color=INK).encode(text="rows:Q"),
        ).properties(width=BAR_WIDTH, height=alt.Step(26)),
        left=110,
        right=50,
        top=54,
        bottom=8,
    )


def _years(field: str = "period:O") -> alt.X:
    return alt.X(field, title=None, axis=alt.Axis(labelAngle=0))


def _spec(chart: alt.LayerChart, *, left: int, right: int, top: int, bottom: int) -> Spec:
    whole = (
        chart.properties(
            padding=alt.Padding(left=left, right=right, top=top, bottom=bottom),
            autosize=alt.AutoSizeParams(type="none"),
            title=alt.TitleParams(text="-", subtitle="-"),
        )
        .configure(font=FAMILY, aria=False, background="white")
        .configure_view(stroke=None)
        .configure_text(fontSize=11)
        .configure_axis(
            labelColor=INK,
            labelFontSize=11,
            gridColor=LIGHT,
            domainColor=GREY,
            tickColor=GREY,
            labelFontWeight="normal",
        )
        .configure_legend(labelColor=INK, labelFontSize=11)
        .configure_title(
            anchor="start",
            frame="group",
            color=INK,
            fontSize=14,
            fontWeight="normal",
            subtitleColor=INK,
            subtitleFontSize=11,
            subtitleFontWeight="normal",
            subtitlePadding=5,
            offset=14,
        )
    )
    return vl_convert.vegalite_to_vega(whole.to_dict())
