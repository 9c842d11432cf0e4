"""A tagged PDF as assistive technology takes it: the structure tree with the text of the marked content beneath it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pikepdf

#: operators that put something on the page
PAINTING = {"Tj", "TJ", "'", '"', "f", "F", "f*", "B", "B*", "b", "b*", "S", "s", "sh", "Do", "EI"}


@dataclass
class Element:
    """An element of the structure tree; `text` is all text beneath it."""

    tag: str
    node: pikepdf.Object
    parts: list[Element | str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(part if isinstance(part, str) else part.text for part in self.parts)

    def every(self, *tags: str) -> Iterator[Element]:
        if self.tag in tags:
            yield self
        for part in self.parts:
            if isinstance(part, Element):
                yield from part.every(*tags)


class TaggedPdf:
    def __init__(self, path: Path) -> None:
        self.pdf = pikepdf.open(path)
        self.root = self.pdf.Root
        #: operators that paint outside marked content, which nobody hears and nothing calls decoration
        self.unmarked: list[str] = []
        self._fonts: dict[tuple[int, int], dict[str, str]] = {}
        self._texts = {page.obj.objgen: self._page(page) for page in self.pdf.pages}
        self.tree = Element("Document", self.root.StructTreeRoot)
        self._grow(self.tree, self.root.StructTreeRoot.K, None)

    def tables(self) -> list[list[list[str]]]:
        """Every table as rows of cells; rows that only repeat the header on a further page are no part of the tree."""
        return [
            [[cell.text for cell in row.every("TH", "TD")] for row in table.every("TR")]
            for table in self.tree.every("Table")
        ]

    def fonts(self) -> list[pikepdf.Object]:
        return [one for one in self.pdf.objects if isinstance(one, pikepdf.Dictionary) and one.get("/Type") == "/Font"]

    def _grow(self, above: Element, kids: pikepdf.Object, page: pikepdf.Object | None) -> None:
        for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
            if isinstance(kid, int):
                above.parts.append(self._texts[page.objgen].get(kid, ""))
            elif kid.get("/Type") == "/MCR":
                above.parts.append(self._texts[kid.get("/Pg", page).objgen].get(kid.MCID, ""))
            elif "/S" in kid:
                element = Element(str(kid.S)[1:], kid)
                above.parts.append(element)
                if "/K" in kid:
                    self._grow(element, kid.K, kid.get("/Pg", page))

    def _page(self, page: pikepdf.Page) -> dict[int, str]:
        texts: dict[int, str] = {}
        marked: list[int | None] = []
        to_unicode: dict[str, str] = {}
        for operands, operator in pikepdf.parse_content_stream(page):
            name = str(operator)
            if name in ("BDC", "BMC"):
                facts = operands[1] if len(operands) > 1 else {}
                marked.append(int(facts["/MCID"]) if "/MCID" in facts else None)
            elif name == "EMC":
                marked.pop()
            elif name == "Tf":
                to_unicode = self._font(page.resources.Font[operands[0]])
            elif name in PAINTING and not marked:
                self.unmarked.append(name)
            if name in ("Tj", "TJ"):
                at = next((one for one in reversed(marked) if one is not None), None)
                for piece in operands[0] if name == "TJ" else operands:
                    if at is not None and isinstance(piece, pikepdf.String):
                        codes = bytes(piece).hex()
                        said = "".join(to_unicode[codes[i : i + 4]] for i in range(0, len(codes), 4))
                        texts[at] = texts.get(at, "") + said
        return texts

    def _font(self, font: pikepdf.Object) -> dict[str, str]:
        """Code → characters by the font's ToUnicode."""
        if font.objgen not in self._fonts:
            cmap = font.ToUnicode.read_bytes().decode("latin-1")
            self._fonts[font.objgen] = {
                code.lower(): bytes.fromhex(said).decode("utf-16-be")
                for block in re.findall(r"beginbfchar(.*?)endbfchar", cmap, re.S)
                for code, said in re.findall(r"<(\w+)>\s*<(\w+)>", block)
            }
        return self._fonts[font.objgen]
