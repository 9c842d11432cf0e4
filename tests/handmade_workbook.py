"""Workbooks whose parts are written by hand, for what no writer of workbooks writes."""

from __future__ import annotations

import io
import zipfile

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
NAMESPACES = f'xmlns="{MAIN}" xmlns:r="{RELATIONS}"'
#: cell styles s="0" general, s="1" a date, s="2" 0.00%, s="3" a format with a quoted percent sign
STYLES = (
    f'<styleSheet {NAMESPACES}><numFmts count="1"><numFmt numFmtId="164" formatCode="0&quot;%&quot;"/></numFmts>'
    '<cellStyleXfs count="1"><xf numFmtId="10"/></cellStyleXfs>'
    '<cellXfs count="4"><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="10"/><xf numFmtId="164"/></cellXfs>'
    "</styleSheet>"
)


def sheet(rows: str, before: str = "") -> str:
    """A worksheet part of `rows` (row elements); `before` stands where its dimension does."""
    declared = '<?xml version="1.0" encoding="UTF-8"?>'
    return f"{declared}<worksheet {NAMESPACES}>{before}<sheetData>{rows}</sheetData></worksheet>"


def book(*sheets: str, properties: str = "", prologue: str = "", states: tuple[str, ...] = ()) -> bytes:
    """A workbook of worksheet parts, named 表1, 表2, …; `states` are their visibilities."""
    states = states or ("visible",) * len(sheets)
    listed = "".join(
        f'<sheet name="表{n}" sheetId="{n}" state="{state}" r:id="rId{n}"/>' for n, state in enumerate(states, start=1)
    )
    related = "".join(
        f'<Relationship Id="rId{n}" Type="{RELATIONS}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in range(1, len(sheets) + 1)
    )
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"/>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f"{prologue}<workbook {NAMESPACES}>{properties}<sheets>{listed}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">{related}'
        f'<Relationship Id="styles" Type="{RELATIONS}/styles" Target="/xl/styles.xml"/></Relationships>',
        "xl/styles.xml": STYLES,
        **{f"xl/worksheets/sheet{n}.xml": part for n, part in enumerate(sheets, start=1)},
    }
    return zipped(parts)


def zipped(parts: dict[str, str]) -> bytes:
    """An archive of text parts."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return target.getvalue()
