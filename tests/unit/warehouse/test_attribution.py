"""Which delivery is named for a changed value: by source, supplier's region, year, and what became of its files."""

import re
from pathlib import Path

import duckdb
import pytest

from pipelines.contracts import CONTRACTS
from pipelines.contracts.delivery import facts_of
from pipelines.warehouse.attribution import READS, revisions

MODELS = Path(__file__).parents[3] / "dbt_project" / "models" / "staging"
#: county, prefecture, its neighbour and a county of that, in one province
PARENTS = {"511702": "511700", "511703": "511700", "511700": "510000", "513201": "513200", "513200": "510000",
           "510000": "000000", "000000": "000000", "511702001": "511702"}  # fmt: skip
LEVELS = {0: "nation", 1: "province", 2: "prefecture", 3: "county", 4: "town"}
MEASURES = [
    ("inst_beds", "elderly_facilities", "town"), ("inst_nursing_beds", "elderly_facilities", "town"),
    ("inclusive_fee", "elderly_facilities", "facility"), ("market_beds", "elderly_facilities", "county"),
    ("inclusive_inst", "elderly_facilities", "town"), ("comm_childcare_inst", "childcare_facilities", "community"),
    ("comm_all", "communities", "town"), ("pop_total", "population", "county"), ("pop_60plus", "population", "county"),
    ("deaths_by_age", "deaths", "county"), ("tekun_willing", "assistance_roster", "county"),
    ("ar_pension_base", "agency_returns", "county"), ("n_counties", "regions", "county"),
    ("milestone_done", "task_ledger", "county"),
]  # fmt: skip
#: indicator, kind, numerator, denominator, threshold formula, threshold unit, compared with
DEFINITIONS = [
    ("beds", "count", "inst_beds", None, None, None, None),
    ("share", "ratio", "inst_nursing_beds", "pop_total", None, None, None),
    ("pension", "count", "ar_pension_base", None, None, None, None),
    ("willing", "count", "tekun_willing", None, None, None, None),
    ("nurseries", "threshold_share", "comm_childcare_inst", "comm_all", "comm_childcare_inst", "community", None),
    ("life", "life_table", "deaths_by_age", "pop_total", None, None, None),
    ("older", "difference", "pop_60plus", "pop_total", None, None, "ten_years_before"),
    ("gap", "difference", "pop_60plus", "pop_total", None, None, "province"),
    ("fee", "threshold_share", "inclusive_fee", "inclusive_inst", "inclusive_fee / market_beds", "facility", None),
    ("plan", "milestone", "plan", None, None, None, None),
    ("counties", "count", "n_counties", None, None, None, None),
]


def line(code):
    """The region and all above it."""
    return [code] if PARENTS[code] == code else [code, *line(PARENTS[code])]


class Release:
    """A released file of one side: some values, deliveries and corrections over the regions above."""

    def __init__(self, path, values, deliveries, corrections=()):
        self.path = path
        with duckdb.connect(str(path)) as connection:
            connection.begin()
            connection.execute("create schema reference; create schema marts; create schema ops")
            connection.execute(
                "create table reference.region_ancestor"
                " (period text, region_code text, ancestor_code text, ancestor_level text, depth int);"
                "create table reference.region (region_code text, successor_code text);"
                "create table reference.measure (measure_key text, source text, grain text);"
                "create table reference.indicator_definition (indicator_key text, variant text, kind text,"
                " numerator_measure text, numerator_addend text, denominator_measure text, bulletin_measure text,"
                " threshold_unit_value text, threshold_unit text, compared_with text);"
                "create table marts.indicator_value"
                " (indicator_key text, variant text, region_code text, period text, value double);"
                "create table ops.delivery (source text, period text, supplier text, revision int, path text,"
                " sha256 text, state text, reason text);"
                'create table ops.correction (path text, row_number bigint, "column" text, old text, new text,'
                " reason text, approved_by text)"
            )

            def fill(table, rows):
                for row in rows:
                    connection.execute(f"insert into {table} values ({', '.join('?' * len(row))})", row)

            fill(
                "reference.region_ancestor",
                [(year, code, above, LEVELS[len(line(above)) - 1], depth)
                 for year in ("2011", "2020", "2021", "2022") for code in PARENTS
                 for depth, above in enumerate(line(code))],
            )  # fmt: skip
            fill("reference.region", [(code, None) for code in PARENTS] + [("511721", "511703")])
            fill("reference.measure", MEASURES)
            fill("reference.indicator_definition", [
                (key, "default", kind, top, None, bottom, None, formula, unit, compared)
                for key, kind, top, bottom, formula, unit, compared in DEFINITIONS
            ])  # fmt: skip
            fill("marts.indicator_value", [(key, "default", region, year, v) for (key, region, year), v in values])
            fill("ops.delivery", [delivery(**d) if isinstance(d, dict) else delivery(d) for d in deliveries])
            fill("ops.correction", corrections)
            connection.commit()


def delivery(path, sha256="a", reason=None):
    source, period, name = path.split("/")
    supplier, _, revision = name.split(".")[0].partition("_r")
    state = "rejected" if reason else "landed"
    return (source, period, supplier, int(revision or 1), path, sha256, state, reason)


@pytest.fixture
def named(tmp_path):
    """What is named for one value that went from 1 to 2 between two sets of deliveries (and corrections)."""

    def name(value, before, after, corrected_before=(), corrected_after=()):
        for old in tmp_path.glob("*.duckdb"):
            old.unlink()
        served = Release(tmp_path / "served.duckdb", [(value, 1.0)], before, corrected_before)
        fresh = Release(tmp_path / "fresh.duckdb", [(value, 2.0)], after, corrected_after)
        (row,) = revisions(fresh.path, served.path, "x → y").rows(named=True)
        assert (row["indicator_key"], row["region_code"], row["period"]) == value
        assert (row["variant"], row["old"], row["new"], row["releases"]) == ("default", 1.0, 2.0, "x → y")
        return row["delivery"]

    return name


PENSION = ("pension", "511702", "2021")
OWN = "agency_returns/2021/511702.csv"


def test_a_value_that_stays_is_no_revision_and_one_that_comes_or_goes_is(tmp_path):
    cells = {year: ("pension", "511702", year) for year in ("2020", "2021", "2022")}
    served = Release(tmp_path / "a.duckdb", [(cells["2020"], 1.0), (cells["2021"], 3.0), (cells["2022"], None)], [OWN])
    new = "agency_returns/2022/511702.csv"
    fresh = Release(tmp_path / "b.duckdb", [(cells["2020"], 1.0), (cells["2022"], 5.0)], [new])
    found = revisions(fresh.path, served.path, "").select("period", "old", "new", "delivery").rows()
    assert found == [("2021", 3.0, None, OWN), ("2022", None, 5.0, new)]


@pytest.mark.parametrize(
    ("before", "after", "who"),
    [
        ([OWN], [OWN, "agency_returns/2021/511702_r2.csv"], "agency_returns/2021/511702_r2.csv"),
        ([OWN], [{"path": OWN, "sha256": "b"}], OWN),
        ([OWN], [], OWN),
        ([OWN, "agency_returns/2021/511702_r2.csv"], [OWN], f"{OWN}；agency_returns/2021/511702_r2.csv"),
        ([OWN], [OWN], None),
        # a revision that does not stand changes nothing
        (["agency_returns/2021/511702_r3.csv"], ["agency_returns/2021/511702_r3.csv", OWN], None),
        # of one number the later extension stands
        ([OWN], [OWN, "agency_returns/2021/511702.xlsx"], "agency_returns/2021/511702.xlsx"),
        (["agency_returns/2021/511702.xlsx"], [OWN, "agency_returns/2021/511702.xlsx"], None),
        # unreadable: silences what the supplier said before, and nobody else
        ([OWN], [OWN, {"path": "agency_returns/2021/511702_r2.csv", "reason": "unreadable_file"}],
         "agency_returns/2021/511702_r2.csv"),
        ([OWN], [OWN, {"path": "agency_returns/2021/511700.csv", "reason": "unreadable_file"}], None),
        ([OWN], [OWN, {"path": "agency_returns/2021/511702_r2.csv", "reason": "bad_filename"}], None),
    ],
)  # fmt: skip
def test_what_became_of_the_suppliers_files(named, before, after, who):
    assert named(PENSION, before, after) == who


@pytest.mark.parametrize(
    ("value", "path", "is_named"),
    [
        (PENSION, "agency_returns/2021/511700.csv", True),
        (PENSION, "agency_returns/2021/000000.csv", True),
        (PENSION, "agency_returns/2021/511703.csv", False),
        (PENSION, "agency_returns/2022/511702.csv", False),
        (PENSION, "fund_ledger/2021/511702.csv", False),
        (("pension", "511700", "2021"), OWN, True),
        (("pension", "510000", "2021"), OWN, True),
        (("beds", "511702001", "2021"), "elderly_facilities/2021-12/511702.csv", True),
        (("beds", "511702", "2021"), "elderly_facilities/2021-03/511702.csv", True),
        (("share", "511702", "2021"), "population/2021/511702.csv", True),
        (("share", "511702", "2021"), "elderly_facilities/2021-12/511702.csv", True),
        (("share", "511702", "2021"), "population/2020/511702.csv", False),
        (("nurseries", "511702", "2021"), "communities/2021/511702.csv", True),
        (("life", "511702", "2021"), "population/2020/511702.csv", True),
        (("life", "511702", "2021"), "deaths/2020/511702.csv", False),
        (("older", "511702", "2021"), "population/2011/511702.csv", True),
        (("older", "511702", "2021"), "population/2020/511702.csv", False),
        (("plan", "511702", "2022"), "task_ledger/2020-12-31/511702.csv", True),
        (("plan", "511702", "2020"), "task_ledger/2021-12-31/511702.csv", False),
        (("counties", "511700", "2020"), "regions/2022-12-31/000000.csv", True),
        (("willing", "511702", "2021"), "elderly_facilities/2021-12/511702.csv", True),
        # today's code of the supplier
        (("pension", "511703", "2021"), "agency_returns/2021/511721.csv", True),
        # a gap to the province, a price of the prefecture: others' deliveries enter too
        (("gap", "511702", "2021"), "population/2021/513201.csv", True),
        (("fee", "511702", "2021"), "elderly_facilities/2021-12/511703.csv", True),
        (("fee", "511702", "2021"), "elderly_facilities/2021-12/513201.csv", False),
    ],
)
def test_whose_deliveries_reach_a_value(named, value, path, is_named):
    assert named(value, [], [path]) == (path if is_named else None)


def test_of_several_the_nearest_supplier_comes_first_and_what_is_remote_is_left_out(named):
    files = ["agency_returns/2021/510000.csv", "agency_returns/2021/511700.xlsx", OWN, "regions/2021-12-31/000000.csv"]
    assert named(PENSION, [], files) == f"{OWN}；agency_returns/2021/511700.xlsx；agency_returns/2021/510000.csv"
    assert named(PENSION, [], files[-1:]) == "regions/2021-12-31/000000.csv"
    own, other = "population/2021/511702.csv", "population/2021/513201.csv"
    assert named(("gap", "511702", "2021"), [], [other, own]) == own


def test_corrections_are_named_by_their_file(named):
    cell = (OWN, 2, "value", "1", "2", "来函", "统计科")
    file = "expectations/agency_returns.corrections.yml"
    assert named(PENSION, [OWN], [OWN], [], [cell]) == file
    assert named(PENSION, [OWN], [OWN], [cell], []) == file
    assert named(PENSION, [OWN], [OWN], [cell], [(*cell[:4], "3", *cell[5:])]) == file
    assert named(PENSION, [OWN], [OWN], [cell], [(*cell[:5], "来电", "科长")]) is None
    assert named(("beds", "511702", "2021"), [OWN], [OWN], [], [cell]) is None


def test_a_correction_that_ends_with_its_file_is_not_named_beside_it(named):
    cell = (OWN, 2, "value", "1", "2", "来函", "统计科")
    revised = "agency_returns/2021/511702_r2.csv"
    assert named(PENSION, [OWN], [OWN, revised], [cell], []) == revised


def test_every_source_that_decides_over_anothers_rows_is_known():
    references = {
        (source, register)
        for source, contract in CONTRACTS.items()
        for facts in facts_of(contract).values()
        for register in facts.references
    }
    joined = {
        (model.stem.removeprefix("stg_"), other)
        for model in MODELS.glob("stg_*.sql")
        for other in re.findall(r"ref\('stg_([a-z_]+)'\)", model.read_text())
        if model.stem.removeprefix("stg_") in CONTRACTS and other in CONTRACTS
    }
    assert references | joined == set(READS)
