"""The ways in which departments write one value in a cell (spec §1 Cells, cell_rules)."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

#: the key that every test has
KEY = b"k" * 32
MISSING = ("", "—", "…", "/", "缺", "暂无", "　")


def wide(text: str) -> str:
    """Full width."""
    return "".join(chr(ord(mark) + 0xFEE0) if "!" <= mark <= "~" else mark for mark in text)


class Drawn:
    """One table being drawn."""

    def __init__(self, draw: Callable[[Any], Any], plain: bool) -> None:
        self._draw, self.plain = draw, plain

    def of(self, *options: Any) -> Any:
        """One of them; of texts, one that needs no quotes where the table has none."""
        if self.plain:
            options = tuple(text for text in options if not (isinstance(text, str) and set(text) & set(',"\n')))
        return self._draw(st.sampled_from(options))

    def number(self, least: int, most: int) -> int:
        return self._draw(st.integers(least, most))

    def code(self, text: str) -> str:
        return self.of(text, text, f" {text}　", wide(text), f"'{text}", f"\u200b{text}")

    def count(self, number: int, unit: str) -> str:
        ten_thousands = f"{Decimal(number) / 10000:f}万"
        grouped = f"{number:,}"
        return self.of(
            str(number), str(number), f"{number}.0", f"{number}{unit}", f"{number} {unit}", wide(str(number)),
            ten_thousands, ten_thousands + unit, grouped, grouped.replace(",", "，"),
        )  # fmt: skip

    def money(self, yuan: Decimal, header: str) -> str:
        own = self.of(f"{yuan:f}元", f"{yuan / 10000:f}万元", f"{yuan:,f}元", wide(f"{yuan:f}") + "元")
        bare = yuan / 10000 if "万" in header else yuan
        return self.of(own, f"{bare:f}", f"{bare:f} ", wide(f"{bare:f}"))

    def day(self, day: date) -> str:
        y, m, d = day.year, day.month, day.day
        return self.of(
            f"{day}", f"{y}/{m}/{d}", f"{y}.{m}.{d}", f"{y}{m:02}{d:02}", f"{y}年{m}月{d}日", f"{day} 00:00:00",
            wide(f"{day}"),
        )  # fmt: skip

    def band(self, band: str) -> str:
        """An age band, open or closed."""
        if band.endswith("+"):
            low = band[:-1]
            return self.of(band, f"{low}岁及以上", f"{low}岁以上", wide(band))
        return self.of(band, f"{band}岁", f"{band}周岁", band.replace("-", "~"), band.replace("-", "—"), wide(band))

    def word(self, word: str) -> str:
        return self.of(word, word, f"　{word}", f"{word} ", f"{word}\u200b")


def citizen_number(serial: int) -> str:
    """A citizen number with the check digit of GB 11643 (ISO 7064, MOD 11-2)."""
    number = f"511702194901{serial:05}"
    rest = sum(int(digit) * pow(2, 17 - place, 11) for place, digit in enumerate(number)) % 11
    return number + "10X98765432"[rest]


def hashed(number: str) -> str:
    """What lands of it: the first 128 bits of its HMAC-SHA-256."""
    return hmac.new(KEY, number.encode(), hashlib.sha256).hexdigest()[:32]
