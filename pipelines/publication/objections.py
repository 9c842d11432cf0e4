"""What stands against publishing a year: failed checks, missing regions, an embargo. Each in words, with its remedy."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from pipelines.settings import Settings
from pipelines.warehouse.read import NoRelease
from pipelines.warehouse.state import released_state

#: regions of a document that are named before the rest is counted
NAMED = 10

FAILED = """
    select suite || '.' || "check" as name, reason_zh
    from check_result
    where severity = 'critical' and not success and not waived
    order by all
"""

# A region beneath a document's scope, or the scope itself, that the document's rows got nothing from: none of their
# indicators has a figure there, nor one that is incomplete or not applicable. Functional zones that do not report by
# themselves are in their hosts' figures and are not waited for.
MISSING = """
with waited_for as (

    select documents.document_key, documents.title_zh, suppliers.supplier_code as region_code
    from reference.document as documents
    inner join reference.region_supplier as suppliers
        on documents.scope_region = suppliers.region_code and suppliers.period = $year
        and suppliers.born_level = 'county'
    union
    select document_key, title_zh, scope_region
    from reference.document

),

got as (

    select distinct judged.document_key, figures.region_code
    from marts.document_indicator as judged
    inner join marts.indicator_value as figures
        on judged.indicator_key = figures.indicator_key and judged.variant = figures.variant
        and figures.period = $year
    where figures.obs_status <> 'L' and figures.coverage_n > 0

)

select waited_for.document_key, waited_for.title_zh, waited_for.region_code, places.region_name
from waited_for
anti join got
    on waited_for.document_key = got.document_key and waited_for.region_code = got.region_code
left join reference.region_year as places
    on waited_for.region_code = places.region_code and places.period = $year
order by all
"""


class NothingOfYear(Exception):
    """The release holds no figure of the year: there is nothing to publish, forced or not."""


class BadCalendar(Exception):
    """publication_calendar.csv cannot be read as it should."""


@dataclass(frozen=True)
class Objection:
    """A reason not to publish, and what removes it."""

    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.what}\n    {self.remedy}"


def objections(settings: Settings, release: duckdb.DuckDBPyConnection, year: str, now: datetime) -> list[Objection]:
    """All that stands against publishing `year` at `now` (with time zone). Raises NothingOfYear, BadCalendar."""
    _require_figures(release, year)
    return [*_checks(settings), *_regions(release, year), *_embargo(settings, year, now)]


def _require_figures(release: duckdb.DuckDBPyConnection, year: str) -> None:
    years = release.execute(
        "select distinct period from marts.indicator_value where value is not null and length(period) = 4 order by 1"
    ).fetchall()
    if (year,) not in years:
        listed = "、".join(period for (period,) in years) or "无 · none"
        raise NothingOfYear(f"此发布中没有 {year} 年的指标值 · no figures of that year; 有 · there are: {listed}")


def _checks(settings: Settings) -> Iterator[Objection]:
    """The last finished run: released, and with no critical check failed."""
    remedy = "更正数据或登记豁免后运行 carestat nightly · mend or waive, then run `carestat nightly`"
    if not settings.ops.exists():
        yield Objection("没有最近一次运行的记录 · no record of the last run", remedy)
        return
    connection = duckdb.connect(str(settings.ops), read_only=True)
    try:
        failed = connection.execute(FAILED).fetchall()
        ended = connection.execute("select release_id from release").fetchall()
    finally:
        connection.close()
    for name, reason in failed:
        yield Objection(f"阻断级检查未通过 · a critical check fails: {name}（{reason}）", remedy)
    served = released_state(settings)
    if served is None:
        raise NoRelease("尚无发布，请先运行 carestat nightly · nothing released yet: run `carestat nightly`")
    if not failed and (served["release_id"],) not in ended:
        yield Objection(
            f"最近一次运行未能发布，在用的是 {served['release_id']} · the last run was not released",
            "先看 carestat status，再运行 carestat nightly · see `carestat status`, then run `carestat nightly`",
        )


def _regions(release: duckdb.DuckDBPyConnection, year: str) -> Iterator[Objection]:
    missing: dict[tuple[str, str], list[str]] = {}
    for document, title, code, name in release.execute(MISSING, {"year": year}).fetchall():
        missing.setdefault((document, title), []).append(f"{name or ''} {code}".strip())
    for (_, title), regions in missing.items():
        named = "、".join(regions[:NAMED]) + (f" 等 {len(regions)} 个" if len(regions) > NAMED else "")
        yield Objection(
            f"《{title}》管辖的地区 {year} 年没有任何报送 · nothing delivered from: {named}",
            "催报后运行 carestat nightly · ask for the deliveries, then run `carestat nightly`",
        )


def _embargo(settings: Settings, year: str, now: datetime) -> Iterator[Objection]:
    """Read where it is kept, not in the release: an embargo counts from the moment it is written down."""
    for row in calendar(settings.seed("publication_calendar")):
        if row["year"] == year and now < (until := _moment(row)):
            yield Objection(
                f"{until.isoformat(sep=' ', timespec='minutes')} 前不得公布 · embargoed until then"
                f"（{row['approved_by']}；{row['note']}）",
                "到时再发，或修改 seeds/publication_calendar.csv · wait, or have the calendar changed",
            )


def calendar(path: Path) -> list[dict[str, str]]:
    """Rows of the publication calendar: year, embargo_until (ISO 8601 with time zone), approved_by, note."""
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


def _moment(row: dict[str, str]) -> datetime:
    try:
        moment = datetime.fromisoformat(row["embargo_until"])
    except ValueError as wrong:
        raise BadCalendar(_unreadable(row)) from wrong
    if moment.tzinfo is None:
        raise BadCalendar(_unreadable(row))
    return moment


def _unreadable(row: dict[str, str]) -> str:
    return (
        f"publication_calendar.csv：{row['year']} 年的 embargo_until“{row['embargo_until']}”应为带时区的时间，"
        "如 2026-06-01T09:00:00+08:00 · expected a time with its zone"
    )
