"""The site of a small book, read from disk by a real Chromium as a visitor reads it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

pytestmark = pytest.mark.browser

Open = Callable[..., Page]

#: one page of every kind
KINDS = (
    "index.html",
    "documents/banan_2021_74.html",
    "indicators/index.html",
    "indicators/nursing_bed_share.html",
    "regions/index.html",
    "regions/520100.html",
    "trace/nursing_bed_share.html",
    "trace/programmes.html",
    "crosswalk.html",
    "consistency.html",
    "money.html",
    "quality.html",
    "deliveries.html",
    "methods.html",
    "changes.html",
    "downloads.html",
    "search.html",
)
INDICATOR = "indicators/nursing_bed_share.html"
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True}
#: axe would fetch the style sheet again, which the page's policy forbids
RULES = {
    "preload": False,
    "resultTypes": ["violations"],
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}
#: what a keyboard can stop at
STOPS = "a[href], button, input, summary, [tabindex]"


def violations(page: Page) -> list[str]:
    found = Axe().run(page, options=RULES).response["violations"]
    return [f"{rule['id']}: {node['html'][:120]}" for rule in found for node in rule["nodes"]]


def test_every_page_loads_in_silence(open_page: Open, small_site: Path):
    pages = sorted(path.relative_to(small_site).as_posix() for path in small_site.rglob("*.html"))
    assert set(KINDS) <= set(pages)
    page = open_page(pages[0])
    for path in pages:
        page.goto(f"{small_site.as_uri()}/{path}")
        assert page.locator("h1").count() == 1


@pytest.mark.parametrize("path", KINDS)
def test_no_accessibility_violation(open_page: Open, path: str):
    assert violations(open_page(path)) == []


def test_on_a_phone_no_page_scrolls_sideways(open_page: Open, small_site: Path):
    page = open_page(KINDS[0], **PHONE)
    for path in KINDS:
        page.goto(f"{small_site.as_uri()}/{path}")
        assert page.evaluate("document.documentElement.scrollWidth") == PHONE["viewport"]["width"], path


@pytest.mark.parametrize(
    "options",
    [PHONE, {"forced_colors": "active"}, {"contrast": "more"}, {"color_scheme": "dark"}],
    ids=["phone", "forced", "more", "dark"],
)
def test_other_widths_and_contrasts_are_accessible(open_page: Open, options: dict[str, Any]):
    assert violations(open_page("documents/banan_2021_74.html", **options)) == []


def test_a_status_is_a_word_and_a_shape_besides_its_colour(open_page: Open):
    status = open_page("documents/banan_2021_74.html").locator("#annex_1-t .st-ACHIEVED").first
    assert status.inner_text() == "已达到"
    assert "●" in status.evaluate("node => getComputedStyle(node, '::before').content")


@pytest.mark.parametrize(
    ("typed", "name", "address"),
    [
        ("护理型床位", "养老机构护理型床位占比", INDICATOR),
        ("nursing-type", "养老机构护理型床位占比", INDICATOR),
        ("520103", "云岩区", "regions/520103.html"),
        ("云岩", "云岩区", "regions/520103.html"),
        ("贵阳 南明", "南明区", "regions/520102.html"),
    ],
)
def test_search_by_keyboard(open_page: Open, typed: str, name: str, address: str):
    page = open_page("methods.html")
    page.focus("#q")
    page.keyboard.type(typed)
    page.wait_for_selector("#options li")
    page.keyboard.press("ArrowDown")
    assert name in page.locator("#options [aria-selected=true]").inner_text()
    assert page.locator("#q").get_attribute("aria-activedescendant") == "option-0"
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/{address}")


def test_search_without_choice_lists_all_hits(open_page: Open):
    page = open_page("regions/520102.html")
    page.fill("#q", "护理型床位")
    page.keyboard.press("Enter")
    page.wait_for_selector("#hits a")
    assert page.locator("#found").inner_text() == "“护理型床位”：找到 3 条"
    page.locator("#hits a").first.click()
    page.wait_for_url(f"**/{INDICATOR}")


def test_search_for_nothing_says_so(open_page: Open):
    page = open_page("search.html?q=%E6%97%A0%E6%AD%A4%E8%AF%8D")
    page.wait_for_function("document.getElementById('found').textContent")
    assert page.locator("#found").inner_text() == "没有找到“无此词”"


@pytest.mark.parametrize("options", [{}, PHONE], ids=["desktop", "phone"])
def test_the_options_stay_within_the_page(open_page: Open, options: dict[str, Any]):
    page = open_page("index.html", **options)
    page.fill("#q", "区")
    page.wait_for_selector("#options li")
    left, right, width = page.evaluate(
        "(({left, right}) => [left, right, innerWidth])(document.getElementById('options').getBoundingClientRect())"
    )
    assert 0 <= left < right <= width


def test_escape_closes_the_options(open_page: Open):
    page = open_page("index.html")
    page.fill("#q", "区")
    page.wait_for_selector("#options li")
    page.keyboard.press("Escape")
    assert page.locator("#options").is_hidden()
    assert page.locator("#q").get_attribute("aria-expanded") == "false"


def column(page: Page, number: int) -> list[str]:
    return page.locator(f"#default-520000-t tbody tr > :nth-child({number})").all_inner_texts()


def test_a_table_sorts_numbers_as_numbers_and_missing_last(open_page: Open):
    page = open_page(INDICATOR)
    regions = ["贵州省", "贵阳市", "南明区", "云岩区", "花溪区", "乌当区"]
    assert column(page, 1) == regions
    heading = page.locator("#default-520000-t th", has_text="数值")
    heading.locator("button").focus()
    page.keyboard.press("Enter")
    assert heading.get_attribute("aria-sort") == "ascending"
    assert column(page, 1) == ["南明区", "乌当区", "贵州省", "贵阳市", "云岩区", "花溪区"]
    page.keyboard.press("Enter")
    assert heading.get_attribute("aria-sort") == "descending"
    assert column(page, 1) == ["云岩区", "贵州省", "贵阳市", "乌当区", "南明区", "花溪区"]
    page.locator("#default-520000-t th button", has_text="层级").click()
    assert heading.get_attribute("aria-sort") is None
    assert sorted(column(page, 1)) == sorted(regions)


def test_tab_reaches_everything_and_leaves_again(open_page: Open, small_site: Path):
    page = open_page(KINDS[0])
    for path in KINDS:
        page.goto(f"{small_site.as_uri()}/{path}")
        page.evaluate("document.querySelectorAll('summary').forEach(each => each.click())")
        expected = page.evaluate(
            "stops => [...document.querySelectorAll(stops)]"
            ".filter(each => each.tabIndex >= 0 && each.checkVisibility())"
            ".map((each, at) => (each.dataset.stop = at)).length",
            STOPS,
        )
        page.evaluate("document.addEventListener('focusin', each => (each.target.dataset.reached = 1))")
        page.evaluate("document.addEventListener('focusout', each => (window.wasLeft = !each.relatedTarget))")
        for _ in range(expected + 1):
            page.keyboard.press("Tab")
        missed = page.evaluate(
            "[...document.querySelectorAll('[data-stop]:not([data-reached])')].map(each => each.outerHTML)"
        )
        assert missed == [], path
        # from the last stop the focus leaves the page
        assert page.evaluate("window.wasLeft"), path


def test_focus_is_seen_and_the_skip_link_skips(open_page: Open):
    page = open_page("index.html")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.evaluate("document.activeElement.getBoundingClientRect().left") >= 0
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
    page.keyboard.press("Tab")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_a_figure_leads_to_where_it_comes_from(open_page: Open):
    page = open_page("regions/500113004.html")
    page.locator("#figures td a.f", has_text="75.00").click()
    page.wait_for_url("**/trace/nursing_bed_share.html#default.500113004.2025")
    entry = page.locator(":target")
    assert entry.is_visible()
    text = entry.inner_text()
    assert "elderly_facilities/2025-12/500113.csv a1a1a1a1a1a1 计入 3 行（2-4）；未计入 2 行：运营状态为停业 2" in text


def test_without_script_the_page_still_reads(chromium, small_site: Path):
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{small_site.as_uri()}/{INDICATOR}")
    assert page.locator("#default-520000-t tbody tr").count() == 6
    assert page.locator("thead button").count() == 0
    context.close()
