"""Where a run reads and writes: folders from options, the environment, or the checkout itself."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
PUBLICATION = PROJECT / "pipelines" / "publication"
#: code that no release is made by
AROUND = (
    PUBLICATION,
    PROJECT / "pipelines" / "operations",
    PROJECT / "pipelines" / "serving",
    PROJECT / "pipelines" / "spark",
)
#: read where it stands, not through the models: a new embargo makes no new release
LIVE = {"publication_calendar.csv"}
#: folders of what is made, not written
GENERATED = {"target", "logs", "samples", "dbt_packages", "__pycache__", ".ruff_cache"}


@dataclass(frozen=True)
class Settings:
    """The folders of one installation. `raw` is only ever read; everything generated lies below `var`."""

    raw: Path
    var: Path
    dbt_project: Path
    expectations: Path

    @classmethod
    def from_environment(cls, raw: Path | None = None, var: Path | None = None) -> Settings:
        """Options first, then CARESTAT_RAW, _VAR, _DBT_PROJECT and _EXPECTATIONS, then the checkout."""

        def folder(option: Path | None, variable: str, default: str) -> Path:
            chosen = option or os.environ.get(variable) or PROJECT / default
            return Path(chosen).expanduser().resolve()

        return cls(
            raw=folder(raw, "CARESTAT_RAW", "raw"),
            var=folder(var, "CARESTAT_VAR", "var"),
            dbt_project=folder(None, "CARESTAT_DBT_PROJECT", "dbt_project"),
            expectations=folder(None, "CARESTAT_EXPECTATIONS", "expectations"),
        )

    def seed(self, name: str) -> Path:
        """A registry of the models that the pipeline reads as well."""
        return self.dbt_project / "seeds" / f"{name}.csv"

    def export(self) -> None:
        """Hand the folders to code that reads the environment, the Dagster code location and dbt; what they and this
        process write from now on is closed to others than owner and group."""
        os.umask(os.umask(0o027) | 0o027)
        os.environ.update(self.variables)

    @property
    def variables(self) -> dict[str, str]:
        """The folders as environment variables."""
        return {
            "CARESTAT_RAW": str(self.raw),
            "CARESTAT_VAR": str(self.var),
            "CARESTAT_DBT_PROJECT": str(self.dbt_project),
            "CARESTAT_EXPECTATIONS": str(self.expectations),
            "DAGSTER_HOME": str(self.dagster_home),
        }

    @property
    def warehouse(self) -> Path:
        return self.var / "warehouse"

    @property
    def released(self) -> Path:
        """The file that statisticians read."""
        return self.warehouse / "marts.duckdb"

    @property
    def ops(self) -> Path:
        """What every finished run recorded, also when its marts were not released."""
        return self.warehouse / "ops.duckdb"

    @property
    def history(self) -> Path:
        """What the models, on the present DuckDB, keep of months that did not change."""
        return self.warehouse / "history" / f"{version('duckdb')}.duckdb"

    @property
    def publication(self) -> Path:
        """The published editions, and what later ones need of them."""
        return self.var / "publication"

    @property
    def dagster_home(self) -> Path:
        return self.var / "dagster"

    def models_version(self) -> str:
        """sha256 over the models, seeds and macros: the key under which their parsed manifest is kept."""
        return _digest(self.dbt_project, ("*.sql", "*.yml", "*.csv"))

    def macros_version(self) -> str:
        """sha256 over the macros and the adapter: what makes a kept month, beside its models and seeds."""
        return hashlib.sha256(
            f"{_digest(self.dbt_project / 'macros', ('*.sql',))} {version('dbt-duckdb')}".encode()
        ).hexdigest()

    def code_version(self) -> str:
        """sha256 over everything that shapes a release: models, suites and the pipeline itself.

        Of the publication only the evidence, which is kept with a release; nothing of operations and serving.
        """
        parts = (
            self.models_version(),
            _digest(self.expectations, ("*.yml",)),
            _digest(PROJECT / "pipelines", ("*.py",), but=AROUND),
            _digest(PUBLICATION / "evidence", ("*.py",)),
        )
        return hashlib.sha256("".join(parts).encode()).hexdigest()

    @staticmethod
    def publication_version() -> str:
        """sha256 over everything that makes an edition of a release: code, queries, templates, styles and words."""
        pipelines = PROJECT / "pipelines"
        parts = (
            _digest(PUBLICATION, ("*.*",)),
            _digest(pipelines / "contracts", ("*.py",)),
            _digest(pipelines / "landing", ("masking.py", "reasons.py")),
            _digest(pipelines / "warehouse", ("attribution.py",)),
            _digest(pipelines / "dictionary", ("wording.py",)),
        )
        return hashlib.sha256("".join(parts).encode()).hexdigest()


def _digest(folder: Path, patterns: tuple[str, ...], but: tuple[Path, ...] = ()) -> str:
    """sha256 over the files' paths and contents, in sorted order; generated folders are not part of the source."""
    digest = hashlib.sha256()
    files = sorted(
        path
        for pattern in patterns
        for path in folder.rglob(pattern)
        if path.is_file()
        and not (GENERATED | LIVE) & set(path.relative_to(folder).parts)
        and not any(path.is_relative_to(left_out) for left_out in but)
    )
    for path in files:
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()
