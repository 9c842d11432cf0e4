"""What the checks found: one CheckResult per expectation, together a CheckOutcome."""

from dataclasses import dataclass, field

import polars as pl

# ops.check_result, in this order
CHECK_RESULT_SCHEMA = {
    "suite": pl.String,
    "mart": pl.String,
    "check": pl.String,
    "expectation": pl.String,
    "column": pl.String,
    "severity": pl.String,
    "success": pl.Boolean,
    "waived": pl.Boolean,
    "unexpected_count": pl.Int64,
    "observed": pl.String,
    "detail": pl.String,
    "error": pl.String,
    "reason_zh": pl.String,
}


@dataclass(frozen=True)
class CheckResult:
    """One expectation judged.

    `success` is what was found; `waived` says that every row found is excused by a waiver in force. `unexpected_count`
    counts rows not excused, `rows` tells up to 20 of them in words, `error` says why it could not be judged at all.
    """

    suite: str
    mart: str
    check: str
    expectation: str
    column: str
    severity: str
    success: bool
    reason_zh: str
    observed: str = ""
    unexpected_count: int = 0
    waived: bool = False
    error: str = ""
    rows: list[str] = field(default_factory=list)

    @property
    def failed(self) -> bool:
        """Neither met nor excused; an expectation that could not be judged has failed."""
        return not self.success and not self.waived

    @property
    def blocking(self) -> bool:
        """Keeps the build from being released."""
        return self.failed and self.severity == "critical"

    def __str__(self) -> str:
        head = f"{self.suite}.{self.check}（{self.severity}）：{self.reason_zh}"
        if self.error:
            return f"{head}\n  无法判定 · could not be judged: {self.error}"
        found = (
            f"{self.unexpected_count} 行不符 · rows found"
            if self.unexpected_count
            else f"实际 · observed {self.observed}"
        )
        return "\n  ".join([f"{head} — {found}", *self.rows])


@dataclass(frozen=True)
class CheckOutcome:
    """All results of a run, in the order of the suites."""

    results: list[CheckResult]

    @property
    def passed(self) -> bool:
        """True if nothing keeps the build from being released."""
        return not any(result.blocking for result in self.results)

    def of(self, suite: str) -> "CheckOutcome":
        """The part of one suite, for its asset check."""
        return CheckOutcome([result for result in self.results if result.suite == suite])

    @property
    def failures(self) -> list[CheckResult]:
        """Results neither met nor excused, critical ones first."""
        return sorted((result for result in self.results if result.failed), key=lambda result: not result.blocking)

    def to_polars(self) -> pl.DataFrame:
        """One row per expectation, columns of ops.check_result; `detail` holds the offending rows, a line each."""
        return pl.DataFrame(
            [
                {name: getattr(result, name) for name in CHECK_RESULT_SCHEMA if name != "detail"}
                | {"detail": "\n".join(result.rows)}
                for result in self.results
            ],
            schema=CHECK_RESULT_SCHEMA,
        )
