"""Great Expectations at work: a pandas batch and its expectations → what was found. Imported lazily throughout.

Batches are pandas frames, never SQL: over DuckDB the library reads a closed cursor and some expectations then pass
wrongly.
"""

import logging
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from pipelines.checks.suite import Expectation

if TYPE_CHECKING:
    import pandas as pd
    from great_expectations.core.batch_definition import BatchDefinition


@dataclass(frozen=True)
class Finding:
    """What one expectation found: positions of the rows it names, or why it could not be judged."""

    success: bool
    observed: str = ""
    unexpected_count: int = 0
    positions: list[int] = field(default_factory=list)
    error: str = ""


def preload() -> None:
    """Imports Great Expectations and pandas, so that the checks need not wait for it."""
    _batches()


@cache
def _library() -> Any:
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    import great_expectations
    import great_expectations.expectations

    logging.getLogger("great_expectations").setLevel(logging.ERROR)
    return great_expectations


def judge(frame: "pd.DataFrame", expectations: Sequence[Expectation]) -> dict[str, Finding]:
    """One Finding per expectation, by name. Never raises: what cannot be judged is a Finding with `error`."""
    findings = {item.name: Finding(success=False, error="没有结果 no result was returned") for item in expectations}
    try:
        library, built = _library(), []
        for item in expectations:
            try:
                built.append(_build(library, item))
            except Exception as error:
                findings[item.name] = Finding(success=False, error=_first_line(error))
        suite = library.ExpectationSuite(name="suite", expectations=built)
        batch = _batches().get_batch({"dataframe": frame})
        report = batch.validate(suite, result_format={"result_format": "COMPLETE"})
    except Exception as error:
        return {
            name: Finding(success=False, error=found.error or _first_line(error)) for name, found in findings.items()
        }
    for result in report.results:
        findings[result.expectation_config.meta["check"]] = _finding(result)
    return findings


def _build(library: Any, item: Expectation) -> Any:
    kind = getattr(library.expectations, "".join(part.capitalize() for part in item.type.split("_")))
    return kind(**item.kwargs, severity=item.severity, meta={"check": item.name})


@cache
def _batches() -> "BatchDefinition":
    """One in-memory context for all batches of the process: each context leaves a temporary folder until the end."""
    library = _library()
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = library.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False, metric_calculations=False)
    asset = context.data_sources.add_pandas("build").add_dataframe_asset("rows")
    return asset.add_batch_definition_whole_dataframe("all")


def _finding(result: Any) -> Finding:
    errors = list(_exceptions(result.exception_info))
    if errors:
        return Finding(success=False, error=errors[0])
    found = result.result
    positions = found.get("unexpected_index_list") or []
    observed = found.get("observed_value")
    return Finding(
        success=bool(result.success),
        observed="" if observed is None else str(observed),
        unexpected_count=len(positions) or int(found.get("unexpected_count") or 0),
        positions=[int(position) for position in positions],
    )


def _exceptions(info: Any) -> Iterator[str]:
    """The messages in an exception_info, which is either one record or a record per metric."""
    if not isinstance(info, dict):
        return
    if "raised_exception" in info:
        if info["raised_exception"]:
            yield str(info.get("exception_message") or "unknown error")
        return
    for nested in info.values():
        yield from _exceptions(nested)


def _first_line(error: Exception) -> str:
    return f"{type(error).__name__}: {str(error).strip().splitlines()[0] if str(error).strip() else ''}"
