"""`carestat trace`: what it prints, and how it ends."""

from __future__ import annotations

import json

import click
import duckdb

from pipelines.publication.evidence.lookup import NotFound
from pipelines.publication.evidence.opened import Evidence, NoEvidence
from pipelines.publication.evidence.told import lines
from pipelines.publication.evidence.trace import trace
from pipelines.settings import Settings
from pipelines.warehouse.read import NoRelease


def run_trace(
    settings: Settings, asked: tuple[str, str, str, str], all_rows: bool, form: str, release_id: str | None
) -> int:
    """Print the trace of (indicator, region, period, variant). 0 traced, 1 nothing of that name."""
    indicator, region, period, variant = asked
    try:
        with Evidence.open(settings, release_id) as evidence:
            found = trace(evidence, indicator, region, period, variant, all_rows)
    except (NoRelease, NoEvidence, NotFound) as refused:
        click.echo(str(refused), err=True)
        return 1
    except (duckdb.Error, OSError) as broken:
        click.echo(
            "依据读不出：发布或已接收的文件已损坏，有新交付的下一次运行会重新接收，见 docs/operations/disk.md"
            f" · the evidence cannot be read: {str(broken).splitlines()[0]}",
            err=True,
        )
        return 1
    if form == "json":
        click.echo(json.dumps(found, ensure_ascii=False, indent=1))
    else:
        for line in lines(found):
            click.echo(line)
    return 0
