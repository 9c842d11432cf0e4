"""The dbt models of the slice as a SQLMesh project: the same SELECTs under SQLMesh's own headers.

usage: sqlmesh_project.py PROJECT DATABASE
"""

import re
import sys
from pathlib import Path

from jinja2 import Template

MODELS = Path(__file__).parent / "dbt" / "models"
CONFIG = """\
gateways:
  slice:
    connection:
      type: duckdb
      database: {database}
      concurrent_tasks: 1
default_gateway: slice
model_defaults:
  dialect: duckdb
disable_anonymized_analytics: true
"""
HEADER = "MODEL (name slice.{name}, kind FULL);\n\n"


def write(project: Path, database: Path) -> None:
    """A project in `project` over the landed tables of `database`."""
    (project / "models").mkdir(parents=True, exist_ok=True)
    (project / "config.yaml").write_text(CONFIG.format(database=database))
    for path in MODELS.glob("*.sql"):
        rendered = Template(path.read_text(encoding="utf-8")).render(
            ref=lambda name: f"slice.{name}", source=lambda schema, name: f"{schema}.{name}"
        )
        text = re.sub(r"^--.*$", "", rendered, flags=re.MULTILINE).strip()
        (project / "models" / path.name).write_text(HEADER.format(name=path.stem) + text + "\n", encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]), Path(sys.argv[2]))
