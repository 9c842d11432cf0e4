"""The small book as a site on disk, and a real Chromium that reads it from there."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from pipelines.publication.forms import site
from pipelines.publication.forms.charts import Chart
from tests.publication_book import small_book

CHROMIUM = "/usr/bin/chromium"
LEFT = "net::ERR_ABORTED"
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{}" width="300" height="60" viewBox="0 0 300 60">'
    '<defs><clipPath id="c"><rect width="300" height="60"/></clipPath></defs>'
    '<g clip-path="url(#c)" role="graphics-symbol" aria-roledescription="text mark container">'
    '<text x="4" y="24">68.80</text></g></svg>'
)


def _chart(name: str, alt: str) -> Chart:
    return Chart(name, SVG.format(alt), alt, alt, pl.DataFrame({"period": ["2024", "2025"], "value": [50.0, 68.8]}))


@pytest.fixture(scope="session")
def small_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of the site of the small book."""
    folder = tmp_path_factory.mktemp("site")
    alts = {
        "status-banan_2021_74": "条形图：巴南区各项要求的结论",
        "trend-nursing_bed_share-default-500113": "折线图：巴南区护理型床位占比",
        "regions-nursing_bed_share-default-500113": "条形图：巴南区各地护理型床位占比",
    }
    site.render(small_book(), folder, {name: _chart(name, alt) for name, alt in alts.items()})
    return folder


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    if not shutil.which(CHROMIUM):
        pytest.skip(f"{CHROMIUM} is not installed: apt-get install chromium")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium: Browser, small_site: Path) -> Iterator[Callable[..., Page]]:
    """Opens a page of the site; what the browser complains of or asks the network for fails the test.

    A file that is not there fails with ERR_FILE_NOT_FOUND. ERR_ABORTED is the browser giving up what was under way
    when its page was left: the search's index is asked for by a focus, and the test may be over sooner.
    """
    contexts, complaints = [], []

    def note(request: Any) -> None:
        if not request.url.startswith(small_site.as_uri()):
            complaints.append(f"asks for {request.url}")

    def failed(request: Any) -> None:
        if request.failure != LEFT:
            complaints.append(f"{request.failure}: {request.url}")

    def opened(path: str, **options: Any) -> Page:
        context = chromium.new_context(**({"viewport": {"width": 1280, "height": 900}} | options))
        contexts.append(context)
        page = context.new_page()
        page.on("request", note)
        page.on("requestfailed", failed)
        page.on("console", lambda said: complaints.append(f"{path}: {said.type}: {said.text}"))
        page.on("pageerror", lambda error: complaints.append(f"{path}: {error}"))
        page.goto(f"{small_site.as_uri()}/{path}")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []
