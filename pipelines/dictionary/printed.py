"""The released tables that are a document's own: their columns and comments, as the build will write them."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

from .lineage import parsed
from .models import Models
from .registry import Registry

_CALL = re.compile(r"\{\{\s*document_\w*table\('(\w+)', '(\w+)'\)")
_COMMENT = re.compile(r"comment on (table|column) (\S+) is '((?:[^']|'')*)'")


def document_tables(models: Models, registry: Registry) -> list[dict[str, Any]]:
    """One table a document's model: schema, name, description, columns; as the entries of `Registry.tables`.

    The build comments these tables after making them, from seeds/document_tables.csv; the same macro is asked here.
    """
    found = []
    for name, path in models.paths.items():
        if call := _CALL.search(path.read_text(encoding="utf-8")):
            headings = registry.where("document_tables", document_key=call[1], table_key=call[2])[0]
            models.answer("document_headings", lambda *_, headings=headings: headings)
            columns = [SimpleNamespace(name=column) for column in parsed(models.sql(name)).named_selects]
            told = {"get_columns_in_relation": lambda _, columns=columns: columns, "dispatch": models.of_duckdb}
            models.answer("adapter", SimpleNamespace(**told))
            models.answer("this", name)
            comments = _COMMENT.findall(str(models.macro("document_table_comments")(call[1], call[2])))
            found.append(
                {
                    "schema": "marts",
                    "name": name,
                    "description": next(text for kind, _, text in comments if kind == "table"),
                    "columns": [
                        {"name": of.rpartition(".")[2], "data_type": "", "description": text.replace("''", "'")}
                        for kind, of, text in comments
                        if kind == "column"
                    ],
                }
            )
    return found
