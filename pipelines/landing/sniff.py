"""What a file is by its first bytes, whatever it is called: every wrong kind is refused by name, with the remedy."""

from __future__ import annotations

import re
from typing import NoReturn

from .grid import UnreadableFile
from .limits import refuse_large_file

#: bytes that `refuse_wrong_kind` wants to see; the names of an old workbook's streams stand within them, mostly
HEAD = 1 << 16
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
UTF16 = (b"\xff\xfe", b"\xfe\xff")
SAVE_XLSX = "请在 Excel 或 WPS 中打开，另存为“Excel 工作簿（*.xlsx）”后重报"
HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body|table|meta|style|script|div)[\s>]", re.IGNORECASE)
SPREADSHEET_2003 = re.compile(rb"<\?mso-application|urn:schemas-microsoft-com:office:spreadsheet", re.IGNORECASE)
#: folder of a zip that tells what program wrote it → what it is
ZIP_KINDS = {
    b"word/": ("是 Word 文档", "把表格复制到 Excel，存为 .xlsx 后重报", "a Word document"),
    b"ppt/": ("是 PowerPoint 文档", "把表格复制到 Excel，存为 .xlsx 后重报", "a PowerPoint document"),
    b"application/vnd.oasis.opendocument.spreadsheet": ("是 OpenDocument 表格（.ods）", SAVE_XLSX, "an .ods file"),
    b"xl/workbook.bin": ("是二进制工作簿（.xlsb）", SAVE_XLSX, "an .xlsb workbook"),
    b"Index/Document.iwa": ("是 Numbers 表格", "请在 Numbers 中导出为 .xlsx 后重报", "a Numbers file"),
}
#: first bytes → what the file is, what to do, English
SIGNATURES: dict[bytes, tuple[str, str, str]] = {
    b"%PDF": ("是 PDF", "请报送原始电子表格（.xlsx 或 .csv）", "a PDF"),
    b"Rar!": ("是 RAR 压缩包", "请解压后报送其中的表格", "a RAR archive"),
    b"7z\xbc\xaf\x27\x1c": ("是 7z 压缩包", "请解压后报送其中的表格", "a 7z archive"),
    b"\x1f\x8b": ("是 gzip 压缩包", "请解压后报送其中的表格", "a gzip archive"),
    b"BZh": ("是 bzip2 压缩包", "请解压后报送其中的表格", "a bzip2 archive"),
    b"\xfd7zXZ": ("是 xz 压缩包", "请解压后报送其中的表格", "an xz archive"),
    b"\x28\xb5\x2f\xfd": ("是 zstd 压缩包", "请解压后报送其中的表格", "a zstd archive"),
    b"{\\rtf": ("是 RTF 文档", "把表格复制到 Excel，存为 .xlsx 后重报", "an RTF document"),
    b"\x89PNG": ("是图片", "请报送原始电子表格（.xlsx 或 .csv）", "an image"),
    b"\xff\xd8\xff": ("是图片", "请报送原始电子表格（.xlsx 或 .csv）", "an image"),
    b"GIF8": ("是图片", "请报送原始电子表格（.xlsx 或 .csv）", "an image"),
    b"SQLite format 3\0": ("是 SQLite 数据库", "请把表导出为 .csv 后重报", "an SQLite database"),
}
#: the BIFF records that older worksheets without a container begin with (Excel 2 to 4)
BIFF = (b"\x09\x00\x04\x00", b"\x09\x02\x06\x00", b"\x09\x04\x06\x00")
ENDINGS = {"csv": ".csv", "xlsx": ".xlsx", "parquet": ".parquet"}


def refuse_wrong_kind(content_head: bytes, kind: str, size: int) -> None:
    """Nothing for a file that may be what its name says; `content_head` is its first HEAD bytes, `size` all of them.

    Raises UnreadableFile: `encoding` for UTF-16 text, `unreadable_file` for everything else that is not `kind`
    (csv, xlsx or parquet), naming what the file is and what to do (spec §8 Files).
    """
    refuse_large_file(size)
    if not size:
        raise UnreadableFile("unreadable_file", "文件是空的（0字节），请重新导出后重报 · file has zero bytes")
    if content_head.startswith(OLE):
        _refuse_ole(content_head)
    for signature, (what, remedy, english) in SIGNATURES.items():
        if content_head.startswith(signature):
            _refuse(what, remedy, english)
    if content_head.startswith(BIFF):
        _refuse("是旧版 Excel 工作表（.xls）", SAVE_XLSX, "an old .xls worksheet")
    if content_head.startswith(UTF16) and not _is_markup(_from_utf16(content_head)):
        detail = "文件是UTF-16编码，请另存为“CSV UTF-8（逗号分隔）”后重报 · UTF-16, save as CSV UTF-8"
        raise UnreadableFile("encoding", detail)
    _refuse_markup(_from_utf16(content_head))
    if content_head.startswith(ZIP):
        _refuse_zip(content_head, kind)
    elif content_head.startswith(b"PAR1"):
        if kind != "parquet":
            _refuse("是 Parquet", f"请把扩展名由 {ENDINGS[kind]} 改为 .parquet 后重报", "a Parquet file")
    elif kind == "parquet":
        _refuse("不是 Parquet", "请重新导出，或改报 .csv", "not a Parquet file")
    elif kind == "xlsx":
        _refuse_no_workbook(content_head)


def _refuse_ole(head: bytes) -> NoReturn:
    """Names of streams stand in UTF-16 in the container's directory, which may lie beyond the head."""
    if _stream("EncryptedPackage") in head or _stream("EncryptionInfo") in head:
        _refuse("是加密的工作簿", "请去掉打开密码（文件→信息→保护工作簿）后重报", "an encrypted workbook")
    if _stream("WordDocument") in head:
        _refuse("是旧版 Word 文档", "把表格复制到 Excel，存为 .xlsx 后重报", "an old Word document")
    if _stream("ETExtData") in head or b"WPS" in head:
        _refuse("是 WPS 表格（.et）或旧版 Excel（.xls）", SAVE_XLSX, "an .et or old .xls workbook")
    what = "是旧版 Excel 工作簿（.xls、.et）或加密的工作簿"
    _refuse(what, f"有密码的先去掉密码，{SAVE_XLSX}", "an old .xls or encrypted workbook")


def _stream(name: str) -> bytes:
    return name.encode("utf-16-le")


def _from_utf16(head: bytes) -> bytes:
    if not head.startswith(UTF16):
        return head
    return head[: len(head) // 2 * 2].decode("utf-16", "replace").encode()


def _is_markup(head: bytes) -> bool:
    return head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"<"


def _refuse_markup(head: bytes) -> None:
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if re.match(rb"MIME-Version:|(?:From|Subject|Date): [^\n]*\n(?:[^\n]*\n){0,8}MIME-Version:", start, re.IGNORECASE):
        _refuse("是网页归档（MHTML）", SAVE_XLSX, "an MHTML page that calls itself Excel")
    if start[:1] != b"<":
        return
    if SPREADSHEET_2003.search(start[:4096]):
        _refuse("是“XML 表格 2003”", SAVE_XLSX, "an XML Spreadsheet 2003")
    if HTML.search(start[:4096]):
        _refuse("是网页（HTML），只是扩展名像表格", SAVE_XLSX, "an HTML page that calls itself Excel")
    if start.startswith(b"<?xml"):
        _refuse("是 XML 文件", "请重新导出为 .xlsx 或 .csv", "an XML file")


def _refuse_zip(head: bytes, kind: str) -> None:
    for mark, (what, remedy, english) in ZIP_KINDS.items():
        if mark in head:
            _refuse(what, remedy, english)
    if kind != "xlsx" and (b"xl/" in head or b"[Content_Types].xml" in head):
        _refuse("是 xlsx 工作簿", f"请把扩展名由 {ENDINGS[kind]} 改为 .xlsx 后重报", "an xlsx workbook")
    if kind != "xlsx":
        _refuse("是 ZIP 压缩包", "请解压后报送其中的表格", "a ZIP archive")


def _refuse_no_workbook(head: bytes) -> NoReturn:
    if not head.strip(b"\0"):
        _refuse("内容全是空字节，没有写完或已损坏", "请重新导出后重报", "only NUL bytes")
    if b"\0" in head:
        _refuse("不是 xlsx 工作簿（已损坏或其他格式）", SAVE_XLSX, "not an xlsx workbook")
    _refuse("是文本，不是 xlsx 工作簿", "请把扩展名改为 .csv，或在 Excel 中另存为 .xlsx 后重报", "text, not a workbook")


def _refuse(what: str, remedy: str, english: str) -> NoReturn:
    raise UnreadableFile("unreadable_file", f"文件{what}，{remedy} · {english}")
