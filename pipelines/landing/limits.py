"""How large a delivery may be, in one place: each limit with its reason, each complaint with the remedy.

What a zip says of itself is not believed: a part counts as large as it turns out while it is inflated.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from typing import NoReturn

from .grid import UnreadableFile

#: twice the largest delivery that the memory bound was measured with
FILE_BYTES = 4 << 30
#: spec §8: over 1 GB expanded is refused
EXPANDED_BYTES = 1_000_000_000
#: deflate never makes more than this of one byte: below the quotient no archive can pass EXPANDED_BYTES
DEFLATE_RATIO = 1032
#: a part this large, of which one byte became so many, holds no table: sheets of one repeated row stay below 100
SUSPECT_BYTES, SUSPECT_RATIO = 64 << 20, 250
#: a workbook's own limits (ECMA-376, Excel's specification)
SHEET_ROWS, CELL_CHARACTERS = 1_048_576, 32_767
#: a worksheet is held as a full rectangle, 32 bytes a cell and more: two cells far apart would take all memory
SHEET_CELLS = 50_000_000
#: the widest contract has some sixty columns, a census yearbook some two hundred
COLUMNS = 2_000
#: workbooks have one table; the rest are cover sheets and lists
SHEETS = 256
#: parts of an archive: drawings, comments and printer settings included
PARTS = 5_000
BLOCK = 1 << 19
#: a file of the largest size takes some minutes; what takes this long was made to
FILE_SECONDS = 1_800


def refuse_large_file(size: int) -> None:
    """Raises UnreadableFile for a file of more bytes than are read."""
    if size > FILE_BYTES:
        _refuse("文件", f"{FILE_BYTES >> 30}GB", "请按地区或月份拆成几个文件", "file too large")


def refuse_slow_file(seconds: float) -> None:
    """Raises UnreadableFile for a file that has been read for longer than any honest one takes."""
    if seconds > FILE_SECONDS:
        _refuse("读取时间", f"{FILE_SECONDS // 60}分钟", "请拆成几个文件重报", "takes too long to read")


def refuse_large_archive(archive: zipfile.ZipFile) -> None:
    """Raises UnreadableFile for an archive that says of itself that it is too large."""
    parts = archive.infolist()
    if len(parts) > PARTS:
        _refuse("工作簿内的部件", f"{PARTS}个", "请把数据复制到新建的工作簿", "too many parts")
    if sum(part.file_size for part in parts) > EXPANDED_BYTES:
        _refuse_expanded()


def can_hide_size(archive: zipfile.ZipFile) -> bool:
    """True where the archive is large enough that its parts, inflated, could pass the limit unannounced."""
    return sum(part.compress_size for part in archive.infolist()) * DEFLATE_RATIO > EXPANDED_BYTES


def inflated(archive: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    """The bytes of one part in blocks. Raises UnreadableFile when they become too many or the part is damaged."""
    size, compressed = 0, max(archive.getinfo(name).compress_size, 1)
    try:
        with archive.open(name) as part:
            while block := part.read(BLOCK):
                size += len(block)
                if size > EXPANDED_BYTES or (size > SUSPECT_BYTES and size > SUSPECT_RATIO * compressed):
                    _refuse_expanded()
                yield block
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError) as error:
        detail = "工作簿已损坏，请在 Excel 中打开后另存为 .xlsx · damaged workbook, open it and save it anew"
        raise UnreadableFile("unreadable_file", detail) from error


def refuse_sheet_count(count: int) -> None:
    """Raises UnreadableFile for a workbook of too many worksheets."""
    if count > SHEETS:
        _refuse("工作表", f"{SHEETS}张", "请只保留要报送的工作表", "too many worksheets")


def refuse_extent(rows: int, columns: int, sheet: str) -> None:
    """Raises UnreadableFile for a worksheet whose filled cells span a rectangle that is not held in memory."""
    where = f"工作表“{sheet}”"
    if rows > SHEET_ROWS:
        _refuse(f"{where}的行号", str(SHEET_ROWS), "请在 Excel 中打开后另存为 .xlsx", "row beyond the sheet")
    if columns > COLUMNS:
        _refuse(f"{where}的列", f"{COLUMNS}列", "请删去表格右边多余的内容", "too many columns")
    if rows * columns > SHEET_CELLS:
        remedy = "请删去表格下方、右边多余的内容，或拆成几个文件"
        _refuse(f"{where}的行数×列数", f"{SHEET_CELLS}格", remedy, "filled cells too far apart")


def refuse_long_cell(characters: int, row: int, sheet: str) -> None:
    """Raises UnreadableFile for a cell that holds more text than a worksheet can."""
    if characters > CELL_CHARACTERS:
        _refuse(
            f"工作表“{sheet}”第{row}行一个单元格的文字", f"{CELL_CHARACTERS}字", "请缩短或另附说明", "cell too long"
        )


def _refuse_expanded() -> NoReturn:
    _refuse("文件展开后", "1GB", "请删去图片和多余的工作表，或拆成几个文件", "expands to more than 1 GB")


def _refuse(what: str, limit: str, remedy: str, english: str) -> NoReturn:
    raise UnreadableFile("unreadable_file", f"{what}超过{limit}，{remedy} · {english}")
