"""The committed dictionary is the one that registry, contracts and models make, and it leaves nothing out."""

import re
from html.parser import HTMLParser

import pytest

from pipelines.contracts import CONTRACTS
from pipelines.contracts.delivery import columns_of
from pipelines.dictionary.entries import Entries
from pipelines.dictionary.lineage import Lineage
from pipelines.dictionary.models import Models
from pipelines.dictionary.pages import FOLDER, pages
from pipelines.dictionary.registry import Registry
from pipelines.settings import PROJECT

DBT = PROJECT / "dbt_project"


class Page(HTMLParser):
    """Anchors, links, headings and table captions of one page."""

    def __init__(self, html):
        super().__init__()
        self.ids, self.links, self.outside, self.levels = [], [], [], []
        self.tables = self.captions = 0
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self.ids += [attributes["id"]] if "id" in attributes else []
        self.links += [attributes["href"]] if tag == "a" else []
        self.outside += [value for name, value in attrs if name in ("src", "srcset")] + (
            ["link"] if tag == "link" else []
        )
        self.levels += [int(tag[1])] if re.fullmatch("h[1-6]", tag) else []
        self.tables += tag == "table"
        self.captions += tag == "caption"


@pytest.fixture(scope="module")
def written():
    return pages(DBT)


@pytest.fixture(scope="module")
def parsed(written):
    return {name: Page(html) for name, html in written.items()}


@pytest.fixture(scope="module")
def registry():
    return Registry(DBT)


def test_the_committed_pages_are_current(written):
    committed = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.html")}
    assert committed.keys() == written.keys()
    stale = [name for name, html in written.items() if committed[name] != html]
    assert not stale, f"{stale}: run make dictionary"


def test_two_runs_write_the_same_bytes(written):
    assert pages(DBT) == written


def test_every_indicator_measure_variant_and_printed_row_has_its_place(parsed, registry):
    def missing(page, anchors):
        return [anchor for anchor in anchors if anchor not in parsed[page].ids]

    assert not missing("indicators.html", [row["indicator_key"] for row in registry.rows("indicators")])
    variants = [f"{row['indicator_key']}.{row['variant']}" for row in registry.rows("indicator_variants")]
    assert not missing("indicators.html", variants)
    assert not missing("measures.html", [row["measure_key"] for row in registry.rows("measures")])
    rows = [row for row in registry.rows("document_rows") if row["row_kind"] != "task"]
    assert not missing("documents.html", [f"{r['document_key']}.{r['table_key']}.{r['row_no']}" for r in rows])
    tasks = [f"{row['document_key']}.tasks.{row['task_no']}" for row in registry.rows("document_tasks")]
    assert not missing("documents.html", tasks)


def test_every_source_column_and_released_table_has_its_place(parsed, registry):
    columns = [f"{source}.{c['name']}" for source, contract in CONTRACTS.items() for c in columns_of(contract)]
    assert set(columns) <= set(parsed["sources.html"].ids)
    assert {f"{table['schema']}.{table['name']}" for table in registry.tables} <= set(parsed["tables.html"].ids)
    documents = {f"marts.{path.stem}" for path in (DBT / "models/marts").glob("*/*.sql")}
    assert documents
    assert documents <= set(parsed["tables.html"].ids)


def test_every_link_resolves(parsed):
    broken = []
    for name, page in parsed.items():
        for link in page.links:
            file, _, anchor = link.partition("#")
            if file.endswith(".md"):
                resolves = (FOLDER / file).exists()
            else:
                aim = parsed.get(file or name)
                resolves = aim is not None and (not anchor or anchor in aim.ids)
            broken += [] if resolves else [f"{name}: {link}"]
    assert not broken


def test_pages_need_nothing_from_outside_and_anchors_are_unique(parsed):
    for name, page in parsed.items():
        assert not page.outside, name
        assert not [link for link in page.links if ":" in link.partition("#")[0]], name
        assert len(page.ids) == len(set(page.ids)), name


def test_pages_can_be_heard(parsed, written):
    for name, page in parsed.items():
        assert page.levels.count(1) == 1, name
        assert all(below - above <= 1 for above, below in zip(page.levels, page.levels[1:], strict=False)), name
        assert page.captions == page.tables, name
        assert all(mark in written[name] for mark in ('lang="zh-CN"', "<main", "<nav aria-label", 'class="skip"')), name


def test_every_measure_knows_the_columns_it_is_counted_from(registry):
    entries = Entries(registry, Models(DBT), CONTRACTS)
    assert not [measure["measure_key"] for measure in entries.measures if not measure["columns"]]


def test_every_decision_that_a_measure_rests_on_is_told_in_words(registry):
    shown = [measure for measure in Entries(registry, Models(DBT), CONTRACTS).measures if "<code>" in measure["where"]]
    assert not [(measure["measure_key"], measure["sql"]) for measure in shown]


def test_origins_reach_through_staging_and_joins():
    """养老机构 rests on status, dates, type and beds of the register; a town's kind on the register of regions."""
    lineage = Lineage(Models(DBT))
    assert lineage.column("stg_elderly_facilities", "is_institution") >= {
        ("elderly_facilities", name) for name in ("status", "opened_on", "closed_on", "facility_type", "beds")
    }
    assert ("regions", "town_kind") in lineage.column("stg_elderly_facilities", "town_kind")
    assert ("elderly_facilities", "ownership") not in lineage.column("stg_elderly_facilities", "is_institution")


def test_a_condition_reads_in_chinese(registry):
    speaker = Entries(registry, Models(DBT), CONTRACTS).speaker("stg_elderly_facilities")
    said = re.sub("<.*?>", "", speaker.say("in_service and not inclusive and operator_kind in ('government', 'soe')"))
    assert said == "在用 且 非 是否普惠 且 运营主体性质 属于 {政府、国有企业}"
    assert (
        re.sub("<.*?>", "", speaker.say("residents is not null and beds >= 10")) == "在院老年人数 已填 且 床位数 ≥ 10"
    )
