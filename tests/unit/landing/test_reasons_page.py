"""The page for suppliers lists every reason by which a file or a row may be refused."""

import re

from pipelines.landing.reasons import FILE_REASONS, GROUPS, TITLES
from pipelines.settings import PROJECT


def listed(heading):
    """The codes in the first column of the tables of a section."""
    page = (PROJECT / "docs" / "suppliers.md").read_text(encoding="utf-8")
    section = page.partition(f"\n## {heading}")[2].partition("\n## ")[0]
    return re.findall(r"^\| `([^`]+)` \|", section, re.MULTILINE)


def test_the_page_and_the_words_list_the_same_reasons():
    codes = listed("6 拒收原因和改法")
    refusing = [code for code in TITLES if not code.startswith(("ignored:", "finding:")) and code != "superseded"]
    assert sorted(codes) == sorted([*refusing, "rule:…"])
    assert codes[:4] == list(FILE_REASONS)
    assert codes[-2:] == [f"rule:{name}" for name in GROUPS]
