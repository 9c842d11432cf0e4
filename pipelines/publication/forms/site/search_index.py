"""What the search finds, as a script: a page opened from a file may load a script, but not read a JSON file."""

from __future__ import annotations

import json
from collections.abc import Iterator

from pipelines.publication.wording import zh

from .links import Links
from .lookup import Lookup
from .page import Page

Entry = tuple[str, str, str, str, str]


def script(look: Lookup, pages: list[Page]) -> str:
    """Entries (kind, Chinese, English, codes, address), in the order in which equal hits are shown."""
    lines = ",\n".join(json.dumps(entry, ensure_ascii=False, separators=(",", ":")) for entry in _entries(look, pages))
    return f"window.carestatIndex = [\n{lines}\n];\n"


def _entries(look: Lookup, pages: list[Page]) -> Iterator[Entry]:
    to = Links(look, "")
    for page in pages:
        if "/" not in page.path:
            yield "页面", page.title, page.title_en, "", page.path
    for key, definitions in look.indicators.items():
        first = definitions[0]
        yield "指标", first["indicator_name"], first["indicator_name_en"], key, to.indicator(key)
    for key, row in look.book.documents.items():
        yield "文件", row["title"], row["region_name"], f"{row['number'] or ''} {key}", to.document(key)
    for row in look.book["document_rows"].iter_rows(named=True):
        document = look.book.documents[row["document_key"]]
        where = to.document(row["document_key"], row["table_key"], row["row_no"])
        yield "文件的行", row["label"], document["title"], f"{row['clause'] or ''} {row['target_id'] or ''}", where
    for row in look.book["document_tasks"].iter_rows(named=True):
        document = look.book.documents[row["document_key"]]
        where = to.document(row["document_key"], "tasks", row["row_no"])
        yield "任务", row["label"], document["title"], "", where
    for code, row in look.book.regions.items():
        parent = look.book.regions.get(row["parent_code"], {}).get("region_name", "")
        yield "地区", row["region_name"], parent, f"{code} {zh('region_level', row['region_level'])}", to.region(code)
