"""What stays from night to night never shows: every table is that of everything made anew, and little is made."""

import os
import random
import re
import secrets
import shutil
from pathlib import Path

import duckdb
import pytest

from tests.delivery_history import MONTHS, REGISTERS, Supplier
from tests.integration.installation import RETURNS
from tests.model_nights import ModelNights
from tests.models_run import dbt
from tests.night_told import OF_ONE_NIGHT

pytestmark = pytest.mark.integration

SEEDS, SUBSIDIES = "seeds", "models/subsidies"


@pytest.fixture(scope="module")
def seed() -> int:
    """CARESTAT_HISTORY_SEED tells a history again; `python -m tests.long.histories` tells many."""
    found = int(os.environ.get("CARESTAT_HISTORY_SEED", secrets.randbelow(10**6)))
    print(f"CARESTAT_HISTORY_SEED={found}")
    return found


@pytest.fixture(scope="module")
def nights(seed: int, parsed: Path, tmp_path_factory: pytest.TempPathFactory) -> ModelNights:
    home = tmp_path_factory.mktemp("kept")
    os.environ["CARESTAT_KEY_FILE"] = str(home / "key")
    return ModelNights(home, home / "raw", parsed)


def little_is_made(nights: ModelNights, told: object, one_died: bool = False) -> None:
    """Nothing without a reason: other code, or something read that is not as it was; and what is said to have stayed,
    so that the release links to the former one's Parquet, did."""
    former, last = nights.nights[-2:]
    assert not last.unfounded(former, one_died), told
    assert not last.wrongly_unchanged(former), told


def test_a_history_of_deliveries_gives_the_tables_of_everything_made_anew(nights: ModelNights, seed: int) -> None:
    dice = random.Random(seed)
    supplier = Supplier(nights.raw, dice)
    supplier.begin()
    nights.night()
    told = [f"CARESTAT_HISTORY_SEED={seed}", *(supplier.something() for _ in range(4))]
    supplier.month_comes(MONTHS[1])
    supplier.month_comes(MONTHS[2])
    supplier.payment_comes_again(MONTHS[1])  # and is taken back with the month below
    nights.night()
    little_is_made(nights, told)
    former, last = nights.nights
    assert last.months_read("ledger_entry") == last.months_landed(former, "subsidy_ledger"), told
    assert last.months_read("entitlement_month") == last.months_landed(former, *REGISTERS), told
    told += [supplier.something() for _ in range(5)]
    nights.night(dies_at=f" {dice.randrange(2, 160)} of ")
    told += ["died", supplier.something()]
    supplier.month_comes(MONTHS[1])
    supplier.person_is_paid_twice(MONTHS[1])
    nights.night()
    little_is_made(nights, told, one_died=True)
    assert not nights.last.unlike(nights.from_nothing()), told
    assert nights.last.rows("history.months.person_paid_again") > 0


def test_one_changed_file_makes_what_descends_from_it_and_nothing_else(nights: ModelNights) -> None:
    """So a night without change would make nothing."""
    text = (nights.raw / RETURNS).read_bytes().decode()
    changed = re.sub(r"(pension_insured),(\d+)", lambda found: f"{found[1]},{int(found[2]) + 99}", text)
    (nights.raw / RETURNS).write_bytes(changed.encode())
    nights.night()
    # the list of deliveries changes with every file
    assert nights.last.made <= nights.last.descendants("agency_returns", "delivery", "landed_month") | {OF_ONE_NIGHT}
    assert {"stg_agency_returns", "indicator_value"} <= nights.last.made
    assert not nights.last.made & {"facility", "population", "ledger_entry", "subsidy_audit", "unit_shortfall"}
    little_is_made(nights, RETURNS)


def test_an_empty_register_is_asked_about_what_is_due_once(nights: ModelNights, parsed: Path) -> None:
    """A county's first, of a month for which nothing was registered or paid: what is due once is judged anew."""
    build = copied(nights, "empty")
    basis = "select basis from work.subsidies.audit_basis where period = 'once'"
    with duckdb.connect(str(build / "work.duckdb")) as work:
        [before] = work.execute(basis).fetchall()
        work.execute(
            "insert into subsidies.county_month (register, region_code, delivery_period, refused_rows)"
            " values ('elderly_facilities', '500114', '2025-05', 0)"
        )
        work.execute("update kept.state set content = 'one more' where node = 'model.carestat.county_month'")
    dbt(build, nights.project, parsed, build / "dbt", "run", "--select", "audit_basis")
    with duckdb.connect(str(build / "work.duckdb"), read_only=True) as work:
        assert work.execute(basis).fetchall() != [before]


def test_a_key_is_looked_for_in_the_periods_made_since_it_was_found_unique(nights: ModelNights, parsed: Path) -> None:
    """Of two rows that are there twice the one of a period that was made again is found, and not the other."""
    build = copied(nights, "doubled")
    payment = "model.carestat.subsidy_payment"
    with duckdb.connect(str(build / "marts.duckdb")) as marts:
        marts.execute(f"attach '{build / 'work.duckdb'}' as work")
        [(other,), (again,)] = marts.execute(
            "select distinct period from work.kept.period where node = ? and period like '____-__' order by 1 limit 2",
            [payment],
        ).fetchall()
        for period in (other, again):
            marts.execute(
                'insert into marts."marts".subsidy_payment from marts."marts".subsidy_payment where period = ? limit 1',
                [period],
            )
        marts.execute("update work.kept.state set content = 'of this night' where node = ?", [payment])
        marts.execute("update work.kept.period set made_of = 'made' where node = ? and period = ?", [payment, again])
    with pytest.raises(AssertionError, match=r"FAIL 1 unique_key_subsidy_payment"):
        dbt(build, nights.project, parsed, build / "dbt", "test", "--select", "subsidy_payment,test_type:generic")


def test_what_other_code_made_leaves_no_room_behind(nights: ModelNights, parsed: Path) -> None:
    """Its rows go, and off the disk, before others are made: these take their place and the file does not keep both."""
    build = copied(nights, "outdated")
    history, node = build / "history.duckdb", "model.carestat.ledger_entry"
    shutil.copyfile(nights.settings.history, history)
    with duckdb.connect(str(history)) as kept:
        kept.execute("create or replace table months.ledger_entry as select random() as noise from range(4000000)")
        kept.execute("update kept.period set code = 'other' where node = ?", [node])
    run = ("run", "--select", "ledger_entry")
    dbt(build, nights.project, parsed, build / "dbt", *run, dies_at=r" START .*ledger_entry")
    with duckdb.connect(str(history)) as kept:
        assert not kept.execute("from duckdb_tables() where table_name = 'ledger_entry'").fetchall()
        assert kept.execute("select used_blocks * block_size from pragma_database_size()").fetchone()[0] < 15_000_000
    dbt(build, nights.project, parsed, build / "dbt", *run)
    with duckdb.connect(str(history), read_only=True) as kept:
        assert kept.execute("select count(*) > 0 from months.ledger_entry").fetchone()[0]


@pytest.mark.parametrize("months_stay", [False, True])
def test_where_no_month_stays_nothing_kept_takes_room(nights: ModelNights, parsed: Path, months_stay: bool) -> None:
    """As after another landing: what is made of the months goes before them too, and only then."""
    build = copied(nights, f"months-{months_stay}")
    shutil.copyfile(nights.settings.history, build / "history.duckdb")
    with duckdb.connect(str(build / "history.duckdb")) as kept:
        kept.execute("update kept.period set made_of = 'other'")
        if months_stay:
            kept.execute(f"attach '{nights.settings.history}' as former (read_only)")
            kept.execute(
                "update kept.period set made_of = stays.made_of from"
                " (from former.kept.period where node like '%.ledger_told' order by period limit 1) as stays"
                " where (period.node, period.period) = (stays.node, stays.period)"
            )
            assert kept.execute("select count(*) from kept.period where made_of != 'other'").fetchone() == (1,)
    dbt(build, nights.project, parsed, build / "dbt", "run", dies_at=r" START ")
    query = "select count(*) from duckdb_tables() where table_name in ('subsidy_payment', 'facility', 'subsidy_audit')"
    with duckdb.connect(str(build / "marts.duckdb"), read_only=True) as marts:
        assert marts.execute(query).fetchone() == (3 if months_stay else 0,)


def test_tables_made_some_years_at_a_time_have_the_same_rows(nights: ModelNights, parsed: Path) -> None:
    """As where regions are a nation's; here a statement a year, after which rows lie by year."""
    build, project = copied(nights, "years"), nights.home / "years" / "project"
    shutil.copytree(nights.project, project)
    macro = project / "macros" / "by_year.sql"
    assert macro.read_text().count("rows_at_once=200000") == 1
    macro.write_text(macro.read_text().replace("rows_at_once=200000", "rows_at_once=1"))
    tables = ("measures.register_value", "indicators.ratio")
    with duckdb.connect(str(build / "work.duckdb")) as work:
        for table in tables:
            work.execute(f"create table former_{table.partition('.')[2]} as from {table}")
        work.execute("delete from kept.state where node like '%.register_value' or node like '%.ratio'")
    dbt(build, project, build / "var", build / "dbt", "run", "--select", "register_value", "ratio")
    with duckdb.connect(str(build / "work.duckdb"), read_only=True) as work:
        for table in tables:
            former = f"former_{table.partition('.')[2]}"
            for one, other in ((table, former), (former, table)):
                assert not work.execute(f"(from {one}) except all (from {other})").fetchall()
            lie = [
                work.execute(f"select period from {one} where rowid > 0 order by rowid").fetchall()
                for one in (table, former)
            ]
            assert lie[0] == sorted(lie[0]) and lie[1] != sorted(lie[1]) and len(set(lie[0])) > 1


def test_changed_definitions_make_what_depends_on_them_and_nothing_else(nights: ModelNights) -> None:
    """Also where the night in which they are new dies when persons have been counted: a row of a seed, columns of
    another one, a type of a column, and how persons paid again are counted."""
    nights.change_project(
        (f"{SEEDS}/indicators.csv", ten_times),
        (f"{SEEDS}/publication_calendar.csv", with_another_column),
        (f"{SUBSIDIES}/subsidised_place.sql", lambda sql: sql.replace("quantities as integer", "quantities as bigint")),
        (f"{SUBSIDIES}/person_paid_again.sql", lambda sql: sql.replace("count(distinct", "2 * count(distinct")),
    )
    nights.night(dies_at=r" OK .*beneficiary_count")
    nights.night()
    former, last = nights.nights[-2:]
    assert {"indicators", "indicator_value", "publication_calendar"} <= last.made
    assert not last.made & {"measure_value", "measures", "facility", "population", "region_ancestor"}
    little_is_made(nights, "definitions", one_died=True)
    widened = {"work.subsidies.subsidised_place", "work.subsidies.place_ledger"}
    assert widened | {"history.months.person_paid_again"} <= last.unlike(former)
    assert not last.unlike(nights.from_nothing())


def copied(nights: ModelNights, name: str) -> Path:
    """A build with what the last night left, to be changed."""
    build = nights.home / name
    build.mkdir()
    shutil.copyfile(nights.settings.warehouse / "releases" / nights.last.name / "marts.duckdb", build / "marts.duckdb")
    [work] = nights.settings.history.parent.glob(f"work-{nights.last.name}-*")
    shutil.copyfile(work, build / "work.duckdb")
    return build


def ten_times(csv: str) -> str:
    """The first indicator, multiplied by ten."""
    header, first, *others = csv.splitlines()
    column = header.split(",").index("multiplier")
    cells = first.split(",")
    cells[column] = str(float(cells[column]) * 10)
    return "\n".join([header, ",".join(cells), *others]) + "\n"


def with_another_column(csv: str) -> str:
    header, *rows = csv.splitlines()
    return "\n".join([f"sequence,{header}", *(f"{number},{row}" for number, row in enumerate(rows))]) + "\n"
