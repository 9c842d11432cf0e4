"""What one cell says: the rules of spec §1 Cells and §8, for a single text.

`read_cell` is the whole truth; `columns` calls it only for the distinct texts that are not plainly written.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any, NamedTuple

BLANKS = " \t\r\n\v\f\u00a0\u3000"
#: zero-width and bidirectional marks
INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
#: what a cell may hold and still be empty to the eye
EMPTY = BLANKS + "".join(map(chr, [*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x206A), 0xFEFF]))
MISSING = re.compile(r"[—–－-]{1,2}|…{1,2}|\.{3}|\.{6}|/|\\|无|N/A|NA|缺|暂无")
NOT_APPLICABLE = frozenset({"不适用", "不涉及", "N.A."})
TRUE = frozenset({"是", "有", "√", "✓", "1", "Y", "true", "TRUE", "已", "达标", "普惠", "已备案"})
FALSE = frozenset({"否", "无", "×", "0", "N", "false", "FALSE", "未", "不达标", "非普惠", "未备案"})
SCALES = {"千": Decimal(1000), "万": Decimal(10_000), "亿": Decimal(100_000_000)}
SIX_PLACES = Decimal("0.000001")
#: wide enough that no delivered number is rounded before it is judged
EXACT = Context(prec=400)
LONGEST_NUMBER = 200
LARGEST_INTEGER = 2**63 - 1
LARGEST_DECIMAL = Decimal(10) ** 31

NUMBER = re.compile(
    r"(?P<number>[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:[eE][+-]?\d{1,2})?)\s*(?P<scale>[万亿])?\s*(?P<unit>.*)"
)
EXPONENT = re.compile(r"[+-]?\d(?:\.\d+[eE]\+?|[eE]\+)\d+")
#: what a spreadsheet shows where it has no value, '#公式!' for a formula that was never calculated
ERROR = re.compile(
    r"#(?:DIV/0!|N/A|NAME\?|NULL!|NUM!|REF!|VALUE!|GETTING_DATA|公式!|#{2,}"
    r"|(?:SPILL|CALC|FIELD|BLOCKED|CONNECT|UNKNOWN|BUSY|PYTHON|EXTERNAL|TIMEOUT)!)"
)
DATES = (
    re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})"),
    re.compile(r"(\d{4})/(\d{1,2})/(\d{1,2})"),
    re.compile(r"(\d{4})\.(\d{1,2})\.(\d{1,2})"),
    re.compile(r"(\d{4})(\d{2})(\d{2})"),
    re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})[日号]"),
    re.compile(r"(\d{4})[-/.](\d{1,2})()"),
    re.compile(r"(\d{4})年(\d{1,2})月()"),
    re.compile(r"(\d{4})年?()()"),
)
TIME_OF_DAY = re.compile(r"[ T]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?$")
SERIAL = re.compile(r"(\d{4,5})(?:\.\d+)?")
#: four digits outside of these are no year: in a workbook, a day of 1902 to 1927
YEARS = range(1850, 2200)
#: the number that a workbook keeps of January and of October
JANUARY_OR_OCTOBER = re.compile(r"\d{4}\.1")
SEVERAL = re.compile(r"[、;/]")
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_DIGITS = "10X98765432"


class Cell(NamedTuple):
    """What was read: `status` None (value or missing), 'not_applicable', 'bad_type' or 'bad_enum'."""

    value: Any
    status: str | None = None


MISSING_CELL = Cell(None)
BAD = Cell(None, "bad_type")


def folded(text: str) -> str:
    """Invisible marks and outer blanks off, full width to half width (NFKC)."""
    return unicodedata.normalize("NFKC", INVISIBLE.sub("", text).strip(BLANKS)).strip()


def read_cell(text: str | None, facts: Any, *, multiplier: Decimal | None = None, serials: date | None = None) -> Cell:
    """The value of a cell in a column described by `facts` (contracts.delivery.ColumnFacts).

    `multiplier` comes from a unit in the header and applies to numbers that name no unit of their own;
    `serials` is day 0 of the serial numbers that stand for dates in a workbook, None for other files.
    """
    if text is None:
        return MISSING_CELL
    bare = INVISIBLE.sub("", text).strip(BLANKS)
    meant_none = facts.kind == "boolean" or "无" in facts.values
    if not bare or (MISSING.fullmatch(bare) and not (bare == "无" and meant_none)):
        return MISSING_CELL
    clean = folded(bare)
    if clean in NOT_APPLICABLE and clean not in facts.values:
        return Cell(None, "not_applicable")
    if ERROR.fullmatch(clean):
        return BAD
    return READERS[facts.kind](clean.removeprefix("'"), facts, multiplier, serials)


def _text(clean: str, facts: Any, multiplier: Decimal | None, serials: date | None) -> Cell:
    return Cell(clean)


def _code(clean: str, facts: Any, multiplier: Decimal | None, serials: date | None) -> Cell:
    if EXPONENT.fullmatch(clean):
        return BAD
    return Cell(re.sub(r"^(\d+)\.0+$", r"\1", clean))


def _identifier(clean: str, facts: Any, multiplier: Decimal | None, serials: date | None) -> Cell:
    if not facts.citizen_number:
        return _code(clean, facts, multiplier, serials)
    bare = re.sub(r"\s", "", clean).upper()
    return Cell(bare) if len(bare) in (15, 18) and not EXPONENT.fullmatch(bare) else BAD


def _number(clean: str, facts: Any, multiplier: Decimal | None) -> Decimal | None:
    match = NUMBER.fullmatch(clean)
    if match is None:
        return None
    number, scale, unit = match["number"], match["scale"], match["unit"].strip()
    percent = unit == "%" and (facts.unit == "%" or facts.percent_if is not None)
    if unit and not percent and unit not in facts.units:
        return None
    if len(number) > LONGEST_NUMBER:
        return None
    value = Decimal(number.replace(",", ""))
    if scale:
        return EXACT.multiply(value, SCALES[scale])
    return EXACT.multiply(value, multiplier) if multiplier and not unit else value


def _integer(clean: str, facts: Any, multiplier: Decimal | None, serials: date | None) -> Cell:
    value = _number(clean, facts, multiplier)
    if value is None or abs(value) > LARGEST_INTEGER or value != value.to_integral_value(context=EXACT):
        return BAD
    return Cell(int(value))


def _decimal(clean: str, facts: Any, multiplier: Decimal | None, serials: date | None) -> Cell:
    value = _number(clean, facts, multiplier)
    if value is None or abs(value) > LARGEST_DECIMAL:
        return BAD
    return Cell(value.quantize(SIX_PLACES, ROUND_HALF_UP, EXACT))


def _boolean(clean: str, facts: Any, multiplier: Decimal | None, serials: date | None) -> Cell:
    if clean in TRUE:
        return Cell(True)
    return Cell(False) if clean in FALSE else BAD


def _enum(clean: str, facts: Any, multiplier: Decimal | None, serials: date | None) -> Cell:
    if facts.first_of_several and clean not in facts.values:
        clean = SEVERAL.split(clean)[0].strip()
    value = enum_values(facts).get(clean)
    return Cell(value) if value is not None else Cell(None, "bad_enum")


def enum_values(facts: Any) -> dict[str, str]:
    """What may be written, folded as cells are → canonical value."""
    return {folded(written): value for written, value in facts.values.items()}


def _date(clean: str, facts: Any, multiplier: Decimal | None, serials: date | None) -> Cell:
    bare = TIME_OF_DAY.sub("", clean).replace(" ", "")
    if serials is not None and JANUARY_OR_OCTOBER.fullmatch(bare):
        return BAD
    is_day = serials is not None and re.fullmatch(r"\d{4}", bare) and int(bare) not in YEARS
    found = None if is_day else next((match for form in DATES if (match := form.fullmatch(bare))), None)
    try:
        if found is not None:
            year, month, day = (int(part) if part else None for part in found.groups())
            value = _whole_date(year or 0, month, day, facts.incomplete_date == "last")
        elif serials is not None and (serial := SERIAL.fullmatch(bare)):
            value = serials + timedelta(days=int(serial[1]))
        else:
            return BAD
    except ValueError:
        return BAD
    return Cell(value.replace(day=1) if facts.month_only else value)


def _whole_date(year: int, month: int | None, day: int | None, last: bool) -> date:
    if day:
        return date(year, month or 1, day)
    if not last:
        return date(year, month or 1, 1)
    following = date(year + 1, 1, 1) if month in (None, 12) else date(year, (month or 0) + 1, 1)
    return following - timedelta(days=1)


def _band(clean: str, facts: Any, multiplier: Decimal | None, serials: date | None) -> Cell:
    return Cell(canonical_band(clean))


def canonical_band(clean: str) -> str:
    """n, n-m, n+ or total (sources.csv, population.age_band); text that is no band stays as written."""
    bare = re.sub(r"\s|周岁|岁", "", clean)
    if bare in ("合计", "总计", "小计"):
        return "total"
    bare = re.sub(r"(及以上|以上)$", "+", re.sub(r"[—–－−~～至到]+", "-", bare))
    match = re.fullmatch(r"(\d{1,3})(?:-(\d{1,3})|(\+))?", bare)
    if match is None or (match[2] and int(match[2]) < int(match[1])):
        return clean
    return f"{int(match[1])}" + (f"-{int(match[2])}" if match[2] else match[3] or "")


def has_valid_check_digit(citizen_number: str) -> bool:
    """GB 11643: the 18th character follows from the first 17; a 15-digit number has none."""
    if len(citizen_number) != 18:
        return True
    if not citizen_number[:17].isascii() or not citizen_number[:17].isdigit():
        return False
    rest = sum(int(digit) * weight for digit, weight in zip(citizen_number[:17], WEIGHTS, strict=True)) % 11
    return CHECK_DIGITS[rest] == citizen_number[17]


READERS: dict[str, Callable[[str, Any, Decimal | None, date | None], Cell]] = {
    "text": _text,
    "code": _code,
    "region": _code,
    "identifier": _identifier,
    "integer": _integer,
    "decimal": _decimal,
    "boolean": _boolean,
    "enum": _enum,
    "date": _date,
    "band": _band,
}
