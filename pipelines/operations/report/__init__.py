"""The run report: what a person needs to know of a night in one minute, and the same as data.

`model` gathers it, `write` keeps it as a page and as JSON, `carestat status` and the alerts word from it.
"""

from pipelines.operations.report.content import VERSION, Report
from pipelines.operations.report.gather import model
from pipelines.operations.report.keep import write

__all__ = ["VERSION", "Report", "model", "write"]
