"""The one typeface of all forms: Noto Sans SC Regular (SIL OFL 1.1), carried by the distribution `zhplot`."""

from __future__ import annotations

import io
from functools import cache
from importlib.metadata import files
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

FAMILY = "Noto Sans SC"
#: the package that carries the font; it is never imported, for it would bring matplotlib
CARRIER = "zhplot"
#: breaks and tabs are layout, no font has a glyph for them
LAYOUT = "\n\r\t"


class MissingGlyph(ValueError):
    """A text holds characters that the font cannot draw: a reader would see boxes."""

    def __init__(self, characters: dict[str, str]) -> None:
        self.characters = tuple(characters)
        told = "；".join(f"{one!r} U+{ord(one):04X}，见于“{text}”" for one, text in characters.items())
        super().__init__(f"字体 {FAMILY} 没有这些字 (no glyph): {told}")


def font_file() -> Path:
    """NotoSansSC-Regular.ttf, 10 MB."""
    return _carried("NotoSansSC-Regular.ttf")


def licence() -> Path:
    """The licence that has to go wherever the font goes."""
    return _carried("OFL.txt")


def require_glyphs(*texts: str) -> None:
    """Raise MissingGlyph naming each character without a glyph, and a text in which it stands."""
    drawn = _drawn()
    lacking: dict[str, str] = {}
    for text in texts:
        for character in set(text) - drawn:
            lacking.setdefault(character, text if len(text) <= 40 else _around(text, character))
    if lacking:
        raise MissingGlyph(dict(sorted(lacking.items())))


def subset_woff2(text: str) -> bytes:
    """The font with the glyphs of `text` alone, for the web; the same text gives the same bytes."""
    require_glyphs(text)
    options = Options(flavor="woff2", recalc_timestamp=False, layout_features=["kern", "locl", "liga", "ccmp"])
    font = TTFont(font_file(), recalcTimestamp=False, lazy=True)
    subsetter = Subsetter(options)
    subsetter.populate(text=text)
    subsetter.subset(font)
    font.flavor = options.flavor
    out = io.BytesIO()
    font.save(out)
    return out.getvalue()


def _carried(name: str) -> Path:
    for file in files(CARRIER) or ():
        if file.name == name:
            return Path(str(file.locate()))
    raise FileNotFoundError(f"{CARRIER} 不含 {name}: reinstall it from requirements.lock")


@cache
def _drawn() -> frozenset[str]:
    with TTFont(font_file(), lazy=True) as font:
        return frozenset(map(chr, font.getBestCmap())) | frozenset(LAYOUT)


def _around(text: str, character: str) -> str:
    at = text.index(character)
    return text[max(0, at - 15) : at + 15].replace("\n", " ")
