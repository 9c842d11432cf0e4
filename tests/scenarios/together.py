"""One night over the deliveries of all scenarios and those of an invented sixth document, which is added to the models.

None of them touches another's regions, so what is expected of each is expected of all together.
"""

import shutil
from pathlib import Path

import pytest
from filelock import FileLock

from pipelines.settings import PROJECT
from tests.shipped import Warehouse

HERE = Path(__file__).parent
SCENARIOS = sorted(folder.parent for folder in HERE.glob("*/raw"))
SIXTH = HERE.parent / "integration" / "sixth_document"
KEY = "xifeng_2023_12"
SEEDS = ("document_rows.csv", "document_tables.csv", "documents.csv")


@pytest.fixture(scope="session")
def together(shared_folder: Path) -> Warehouse:
    """The warehouse released from all these and the shipped register of regions. Read it, never write to it."""
    folder = shared_folder / "together"
    warehouse = Warehouse(folder / "raw", folder / "var", folder / "key", dbt_project=folder / "dbt_project")
    with FileLock(folder.with_suffix(".lock")):
        if not (folder / "ready").exists():
            assert not folder.exists(), "this night failed in another worker"
            shutil.copytree(PROJECT / "raw" / "regions", warehouse.raw / "regions")
            for given in [*SCENARIOS, SIXTH]:
                deliver(given / "raw", warehouse.raw)
            add_sixth_document(warehouse.dbt_project)
            warehouse.nightly()
            (folder / "ready").touch()
    return warehouse


def deliver(given: Path, raw: Path) -> None:
    for path in sorted(given.rglob("*.csv")):
        delivered = raw / path.relative_to(given)
        assert not delivered.exists(), f"two scenarios deliver {delivered.relative_to(raw)}"
        delivered.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, delivered)


def add_sixth_document(project: Path) -> None:
    """The models with the document's rows appended to three seeds and its two models in a folder of their own."""
    shutil.copytree(PROJECT / "dbt_project", project, ignore=shutil.ignore_patterns("target", "logs"))
    for name in SEEDS:
        heading, *lines = (SIXTH / "seeds" / name).read_text(encoding="utf-8").splitlines(keepends=True)
        seed = project / "seeds" / name
        assert seed.read_text(encoding="utf-8").splitlines(keepends=True)[0] == heading
        with seed.open("a", encoding="utf-8", newline="") as stored:
            stored.writelines(lines)
    shutil.copytree(SIXTH / "models", project / "models" / "marts" / KEY)
