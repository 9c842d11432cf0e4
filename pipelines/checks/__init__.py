"""Statistical checks of a build before it is released: suites of expectations/ run by Great Expectations.

The only package that imports Great Expectations, and only inside functions: the import costs seconds, so a run starts
a process for it while dbt works.
"""

from pipelines.checks.outcome import CheckOutcome, CheckResult
from pipelines.checks.run import run_checks
from pipelines.checks.suite import check_specs

__all__ = ["CheckOutcome", "CheckResult", "check_specs", "run_checks"]
