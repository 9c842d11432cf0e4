"""The typeface: found without importing its carrier, subset to what is used, and loud about what it cannot draw."""

import io
import subprocess
import sys

import pytest
from fontTools.ttLib import TTFont

from pipelines.publication import numbers, wording
from pipelines.publication.forms import fonts


def test_the_font_and_its_licence_are_found_without_importing_the_carrier() -> None:
    told = (
        "import sys; from pipelines.publication.forms import fonts; fonts.font_file(); print('zhplot' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
    with TTFont(fonts.font_file(), lazy=True) as font:
        assert font["name"].getDebugName(1) == "Noto Sans SC"
    assert "SIL OPEN FONT LICENSE Version 1.1" in fonts.licence().read_text(encoding="utf-8")


def test_a_subset_holds_the_characters_of_the_text_and_no_others() -> None:
    made = fonts.subset_woff2("巴南区 68.87%")
    assert made == fonts.subset_woff2("%巴南区 68.87巴")
    with TTFont(io.BytesIO(made)) as font:
        assert font.flavor == "woff2"
        assert {chr(code) for code in font.getBestCmap()} == set("巴南区 68.7%")
    assert len(made) < 10_000


@pytest.mark.parametrize("work", [fonts.require_glyphs, fonts.subset_woff2])
def test_a_character_without_a_glyph_is_named_with_the_text_it_stands_in(work) -> None:
    with pytest.raises(fonts.MissingGlyph, match=r"'ᵉ' U\+1D49，见于“95\.4ᵉ”") as refused:
        work("95.4ᵉ")
    assert refused.value.characters == ("ᵉ",)


def test_every_mark_flag_and_word_of_the_publication_can_be_drawn() -> None:
    fonts.require_glyphs(*(text for pair in (numbers.MARKS | numbers.FLAGS).values() for text in pair))
    fonts.require_glyphs(*(text for words in wording.WORDS.values() for pair in words.values() for text in pair))
    fonts.require_glyphs("〔〕≥≤＞＜—…＊％①“”‘’·÷×−\n\t")
