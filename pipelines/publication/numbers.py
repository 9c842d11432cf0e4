"""How figures are shown: rounded once, half away from zero (spec §3; 四舍五入), and a mark where there is none."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

#: shown in place of a figure: the mark, and what it stands for (SDMX CL_OBS_STATUS)
MARKS = {
    "L": ("…", "未报送"),
    "O": ("…", "报送不全或已扣留"),
    "M": ("—", "不适用"),
    "Q": ("＊", "人数过少，不公布"),
}
#: no figure was asked for, so no mark is needed
NOTHING = ("—", "无数")
#: stands behind a figure that is not final, a no-break space between: the letters of SDMX and Eurostat, which every
#: font has (raised letters are not in Noto Sans SC)
FLAGS = {"E": ("e", "推算数"), "P": ("p", "初步数"), "B": ("b", "口径有变")}


def rounded(value: float | Decimal, decimals: int) -> Decimal:
    """The value to `decimals` places. A double is taken by its shortest decimal form, so 0.285 rounds to 0.29."""
    exact = value if isinstance(value, Decimal) else Decimal(repr(float(value)))
    shown = exact.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    return abs(shown) if shown == 0 else shown


def shown(value: float | None, decimals: int | None, status: str | None = None) -> str:
    """A figure as text, thousands set off by commas; without one, the mark of its status."""
    if value is None:
        return MARKS.get(status or "", NOTHING)[0]
    flag = FLAGS.get(status or "", ("", ""))[0]
    return f"{rounded(value, decimals or 0):,}" + (f"\u00a0{flag}" if flag else "")


def plain(value: float | None) -> str:
    """A quantity as counted: an integer without decimals, else as few digits as say it."""
    if value is None:
        return NOTHING[0]
    return f"{int(value):,}" if float(value).is_integer() else f"{Decimal(repr(float(value))).normalize():,f}"


def number_format(decimals: int | None) -> str:
    """The same as a spreadsheet's number format."""
    return "#,##0" + ("." + "0" * decimals if decimals else "")


def meaning(status: str | None) -> str:
    """What a mark or a flag stands for; empty for a normal figure."""
    return (MARKS | FLAGS).get(status or "", ("", ""))[1]


def against(value: float | None, decimals: int | None, target: float | None, status: str | None = None) -> str:
    """A figure beside its target: with more places where rounding would make a miss look like a hit."""
    places = decimals or 0
    if value is not None and target is not None and value != target:
        while rounded(value, places) == Decimal(repr(float(target))) and places < (decimals or 0) + 4:
            places += 1
    return shown(value, places, status)
