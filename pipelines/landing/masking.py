"""Numbers of persons and accounts are blotted out wherever a supplier's text is kept or shown (spec §8).

Free text loses every run of 15 or more digits (old and new citizen numbers, bank accounts of 16 to 19), and digits in
groups that read as one. A register's own codes may be as long: they lose only what reads as a citizen's number.
"""

from __future__ import annotations

import re
import unicodedata
from calendar import monthrange
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, NamedTuple

from .cells import FALSE, TRUE, has_valid_check_digit
from .hash_key import keyed_hash

#: what may stand between two groups of digits of one number
BREAK = r"\s\-_.·・‐-―−－"
#: zero-width and bidirectional marks: no eye sees them between two digits
UNSEEN = r"\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe0e\ufe0f\ufeff"
#: digits of any script, and those that fold to digits (①, ²)
DIGIT, GAP = r"\p{Nd}\p{No}", rf"[{BREAK}{UNSEEN}]{{0,3}}"
#: for polars: a text without a match comes back unchanged from `masked` and `masked_code`
SUSPECT = rf"[{DIGIT}](?:{GAP}[{DIGIT}]){{13}}{GAP}[{DIGIT}XxＸｘ]"
#: for polars: the same for `masked_cell`
SUSPECT_CELL = rf"{SUSPECT}|^\s*\p{{Han}}[\p{{Han}}·\s]{{1,5}}$"
#: titles that a person's name follows; for polars: the same for `masked_key`
SIGNED = "[填审核领经制联负][报核款办表系责]?[人单]|姓名|户名"
SUSPECT_KEY = rf"{SUSPECT_CELL}|{SIGNED}"

RUN = re.compile(rf"\d(?:{GAP}\d)*(?:{GAP}X)?")
GROUP = re.compile(rf"[\dX{UNSEEN}]+")
FRACTION = re.compile(r"\s*[+-]?\d{1,14}\.(\d+)%?\s*")
HAN = re.compile(r"[\u3400-\u9fff·]+")
BLOT = "***"
HAN_MARK = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
#: beside the words of a contract's own lists
KNOWN_WORDS = (
    *TRUE,
    *FALSE,
    *"年月日号时分秒约近以上下及至到万亿千百十元人张个家所户次岁周第期零",
    "不适用",
    "不涉及",
    "缺",
    "暂无",
)
SHORTEST_PRIVATE, LONGEST_ACCOUNT = 15, 19
PROVINCES = frozenset(
    f"{area}{number}" for area, last in zip("123456", (5, 3, 7, 6, 4, 5), strict=True) for number in range(1, last + 1)
) | {"50", "71", "81", "82", "83"}  # fmt: skip
#: who was born before this year is a person; a later day may also be the day on which a register counted a code
FIRST_DAY_OF_CODES = 1970
#: the hundred commonest surnames, and the commoner double ones
SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖"
    "石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常"
)
DOUBLE_SURNAMES = ("欧阳", "司马", "上官", "诸葛", "东方", "皇甫", "令狐", "慕容", "尉迟", "夏侯", "司徒", "公孙")
#: places, amounts and headings that begin with a surname
ENDS_OF_NO_NAME = tuple("省市区县旗乡村州额式度住务类别数号码期率")
NO_NAMES = frozenset({"高龄", "万元"})


class Number(NamedTuple):
    """Digits (and X) of one or several neighbouring groups, and where they stand in the text."""

    start: int
    stop: int
    digits: str
    groups: tuple[int, ...]


def masked(text: str | None) -> str | None:
    """`text` with every number that may be a person's or an account's replaced by ***."""
    return None if text is None else _blotted(text, _is_private, lambda digits: BLOT)


def masked_code(text: str, key: bytes) -> str:
    """A code with every citizen number in it replaced by *** and 8 hex digits, so that equal codes stay equal.

    Region, day and serial make 18 digits, too: they stay unless the check digit is right or the day is long ago.
    """
    return _blotted(text, _is_surely_citizens, lambda digits: _token(digits, key))


def masked_path(path: str, key: bytes) -> str:
    """`path` with every such number replaced by *** and 8 hex digits: distinct files keep distinct paths.

    The digits need the key, and differ from those of the person's own hash: nobody can try numbers against them. Words
    beside a number go, too: they may be the person's name.
    """
    return "/".join(_masked_part(part, key) for part in path.split("/"))


def _masked_part(part: str, key: bytes) -> str:
    clean = _blotted(part, _is_private, lambda digits: _token(ascii(part), key))
    return part if clean == part else HAN.sub(BLOT, clean)


@cache
def tells_of_persons(contract: Any) -> bool:
    """Whether a source has a column of citizen numbers: then a cell that reads as a name may be one."""
    from pipelines.contracts.delivery import facts_of  # a second to import, which an unchanged run spares

    return any(column.citizen_number for column in facts_of(contract).values())


def masked_name(text: str) -> str:
    """*** where the whole text reads as a Chinese person's name, else `text`: for cells of sources about persons."""
    name = re.sub(r"[\s·]", "", text)
    if name in NO_NAMES or name.endswith(ENDS_OF_NO_NAME):
        return text
    double = name.startswith(DOUBLE_SURNAMES) and len(name) in (3, 4)
    return BLOT if double or (name[:1] in SURNAMES and len(name) in (2, 3)) else text


def masked_cell(text: str) -> str:
    """For cells of sources about persons: *** where the text is a name, or holds a number, beside which one may be."""
    return masked_name(text) if masked(text) == text else BLOT


def masked_key(text: str, key: bytes) -> str:
    """For keys of sources about persons: *** for a name, for words beside a number and for who signs. Vouchers have
    numbers as long as accounts: blotted out, all would be one; of a citizen number the keyed token stays."""
    clean = masked_code(text, key)
    return masked_name(clean) if masked(text) == text and not re.search(SIGNED, text) else HAN.sub(BLOT, clean)


def masked_text(contract: Any, text: str) -> str:
    """For texts of a source about persons where a number, date or code is due: *** unless all its Chinese is made of
    known words.

    A name in a wrong cell is written in any way (王某某(已故), 户主王某某), which no list of surnames sees.
    """
    if masked_cell(text) != text:
        return BLOT
    rest = _known_words(contract).sub("", unicodedata.normalize("NFKC", text))
    return BLOT if HAN_MARK.search(rest) else text


@cache
def _known_words(contract: Any) -> re.Pattern[str]:
    """Words that a cell of the contract may hold, and those that stand beside numbers and dates."""
    from pipelines.contracts.delivery import facts_of

    words = {word for column in facts_of(contract).values() for word in (*column.values, *column.units)}
    words |= {unicodedata.normalize("NFKC", word) for word in (*words, *KNOWN_WORDS)}
    return re.compile("|".join(sorted(map(re.escape, words), key=len, reverse=True)))


def masked_in(contract: Any, text: str | None) -> str | None:
    """`masked_cell` where `contract` tells of persons, else `masked`: for headers, sheet names and copied cells."""
    return masked_cell(text) if text and tells_of_persons(contract) else masked(text)


@contextmanager
def masked_errors() -> Iterator[None]:
    """An unforeseen error names what was read, and goes to logs and to the run's record: without numbers of persons."""
    try:
        yield
    except Exception as error:
        told: BaseException | None = error
        while told is not None:
            told.args = tuple(masked(word) if isinstance(word, str) else word for word in told.args)
            told = told.__cause__ or told.__context__
        raise


def _token(digits: str, key: bytes) -> str:
    return f"{BLOT}-{keyed_hash(key, f'path:{digits}')[:8]}"


def _blotted(text: str, private: Callable[[Number], bool], blot: Callable[[str], str]) -> str:
    plain = "".join(map(_plain, text))
    if (number := FRACTION.fullmatch(plain)) and not _is_citizens(number[1]):
        return text  # 0.30000000000000004
    found: list[Number] = []
    for number in filter(private, _numbers(plain)):
        start, stop = number.start, number.stop
        if found and start < found[-1].stop:
            former = found.pop()
            start, stop = former.start, max(former.stop, stop)
        found.append(Number(start, stop, re.sub(r"[^\dX]", "", plain[start:stop]), ()))
    end, parts = 0, []
    for number in found:
        parts += [text[end : number.start], blot(number.digits)]
        end = number.stop
    return "".join([*parts, text[end:]])


@cache
def _plain(character: str) -> str:
    """ASCII digits and X for their likes of any width or script; always one character, so that places stay."""
    digit = unicodedata.digit(character, None)
    return "X" if character in "xＸｘ" else character if digit is None else str(digit)


def _numbers(plain: str) -> Iterator[Number]:
    """Every group of digits, and neighbouring groups taken together while they are no longer than an account."""
    for run in RUN.finditer(plain):
        groups = [(run.start() + g.start(), run.start() + g.end(), re.sub(r"[^\dX]", "", g[0]))
                  for g in GROUP.finditer(run[0])]  # fmt: skip
        groups = [group for group in groups if group[2]]
        for first, (start, _, _) in enumerate(groups):
            digits, lengths = "", ()
            for _, stop, more in groups[first:]:
                digits, lengths = digits + more, (*lengths, len(more))
                if len(lengths) > 1 and len(digits) > LONGEST_ACCOUNT:
                    break
                yield Number(start, stop, digits, lengths)


def _is_private(number: Number) -> bool:
    if len(number.groups) == 1:
        return len(number.digits) >= SHORTEST_PRIVATE
    return _is_citizens(number.digits) or _is_account(number)


def _is_surely_citizens(number: Number) -> bool:
    digits = number.digits
    windows = (digits[place : place + 18] for place in range(len(digits) - 17))
    if any(_is_citizens(window) and has_valid_check_digit(window) for window in windows):
        return True
    year = digits[6:10] if len(digits) == 18 else f"19{digits[6:8]}"
    return _is_citizens(digits) and int(year) < FIRST_DAY_OF_CODES


def _is_citizens(digits: str) -> bool:
    """15 or 18 characters with a province and a birth date (GB 11643), whatever the check digit."""
    if len(digits) not in (15, 18) or digits[:2] not in PROVINCES or not digits[:-1].isdigit():
        return False
    day = digits[6:14] if len(digits) == 18 else f"19{digits[6:12]}"
    year, month = int(day[:4]), int(day[4:6])
    return 1900 <= year < 2100 and 1 <= month <= 12 and 1 <= int(day[6:]) <= monthrange(year, month)[1]


def _is_account(number: Number) -> bool:
    """Groups of four as on a bank card; rows of years begin with 1 or 2, cards do not."""
    return (
        16 <= len(number.digits) <= LONGEST_ACCOUNT
        and number.digits[0] in "3456789"
        and set(number.groups[:-1]) == {4}
        and number.digits.isdigit()
    )
