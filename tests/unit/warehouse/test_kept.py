"""What is told of tables from night to night: it goes with a table, and says what of a build stands."""

from pathlib import Path

import duckdb
import pytest

from pipelines.checks.scope import Standing
from pipelines.settings import Settings
from pipelines.warehouse.build import Build
from pipelines.warehouse.kept import begin, drop_others, standing
from pipelines.warehouse.models import row_counts

MODEL, GONE, SOURCE = "model.carestat.counted", "model.carestat.gone", "source.carestat.landing.delivery"


@pytest.mark.parametrize("now", ["history", "work"])
def test_a_model_that_moved_is_told_of_where_it_lies_now(tmp_path: Path, now: str) -> None:
    """Else what reads it would go by its former content as well as by its present one."""
    build = Build(tmp_path / "build")
    build.start()
    files = {"work": build.work, "history": tmp_path / "history.duckdb"}
    duckdb.connect(str(build.marts)).close()
    for path in files.values():
        with duckdb.connect(str(path)) as connection:
            connection.execute("create schema kept; create schema months")
            connection.execute("create table kept.state (node text, made_of text, content text, is_changed boolean)")
            connection.execute("create table kept.period (node text, code text, period text, made_of text)")
            for node in (MODEL, GONE, SOURCE):
                connection.execute("insert into kept.state values (?, '', '', false)", [node])
                connection.execute("insert into kept.period values (?, '', '', '')", [node])
            connection.execute("create table months.counted (persons integer)")
    drop_others(
        build,
        files["history"],
        [{"unique_id": MODEL, "database": now, "schema": "months", "alias": "counted"}],
    )
    for name, path in files.items():
        with duckdb.connect(str(path)) as connection:
            left = {table: connection.execute(f"select node from kept.{table} order by 1").fetchall()
                    for table in ("state", "period")}  # fmt: skip
            stays = [(MODEL,), (SOURCE,)] if name == now else [(SOURCE,)]
            assert left == {"state": stays, "period": stays}
            tables = connection.execute("select table_name from duckdb_tables() where schema_name = 'months'")
            assert tables.fetchall() == ([("counted",)] if name == now else [])


def test_what_stands_is_what_the_night_left_alone(tmp_path: Path) -> None:
    """Beside the copy of the former release: one table changed, one not; of two kept by period one period was made of
    something else, one is new, one is gone, one was made by other code; the rest stands."""
    settings = Settings(tmp_path / "raw", tmp_path / "var", tmp_path / "models", tmp_path / "expectations")
    former, build = settings.warehouse / "releases" / "one", Build(tmp_path / "build")
    build.start()
    former.mkdir(parents=True)
    settings.history.parent.mkdir(parents=True)
    duckdb.connect(str(former / "marts.duckdb")).close()
    nodes = ["paid", "due", "facility", "region"]
    with duckdb.connect(str(settings.history.with_name(f"work-one-{settings.history.name}"))) as connection:
        connection.execute("create schema kept")
        connection.execute("create table kept.state (node text, made_of text, content text, is_changed boolean)")
        connection.execute("create table kept.period (node text, code text, period text, made_of text)")
        for node in nodes:
            connection.execute("insert into kept.state values (?, '', '', true)", [node])
        for node, period in [("paid", "2025-01"), ("paid", "2025-02"), ("paid", "2025-03"), ("due", "2025-01")]:
            connection.execute("insert into kept.period values (?, 'code', ?, 'files')", [node, period])
    assert begin(settings, build, former)
    duckdb.connect(str(tmp_path / "history.duckdb")).close()
    placed = [{"unique_id": node, "database": "marts", "schema": "marts", "alias": f"{node}_mart"} for node in nodes]
    drop_others(build, tmp_path / "history.duckdb", placed)
    assert standing(build) == Standing(
        frozenset(f"marts.{node}_mart" for node in nodes), {"marts.paid_mart": [], "marts.due_mart": []}
    )
    with duckdb.connect(str(build.work)) as connection:
        connection.execute("update kept.state set is_changed = true where node in ('paid', 'facility')")
        connection.execute("update kept.period set made_of = 'other files' where period = '2025-02'")
        connection.execute("delete from kept.period where period = '2025-03'")
        connection.execute("insert into kept.period values ('paid', 'code', '2025-04', 'files')")
        connection.execute("update kept.period set code = 'other code' where node = 'due'")
    assert standing(build) == Standing(
        frozenset({"marts.due_mart", "marts.region_mart"}),
        {"marts.paid_mart": ["2025-02", "2025-03", "2025-04"], "marts.due_mart": ["2025-01"]},
    )


def test_rows_that_were_deleted_are_not_counted(tmp_path: Path) -> None:
    """Tables kept by period hold them until they are a fourth; DuckDB's own estimate counts them."""
    path = tmp_path / "marts.duckdb"
    with duckdb.connect(str(path)) as marts:
        marts.execute("create schema marts.marts")
        marts.execute("create table marts.marts.audit as select range as row from range(300000)")
    with duckdb.connect(str(path)) as marts:
        marts.execute("delete from marts.marts.audit where row < 50000")
    assert row_counts(path) == {("marts", "audit"): 250_000}
