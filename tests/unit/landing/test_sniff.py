"""A file is what its bytes say, whatever its name: every wrong kind is refused by name, with the remedy."""

import gzip
import io
import zipfile

import pytest

from pipelines.landing.grid import UnreadableFile
from pipelines.landing.sniff import HEAD, refuse_wrong_kind
from tests.handmade_workbook import book, sheet, zipped

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
XLSX = book(sheet('<row r="1"><c r="A1"><v>1</v></c></row>'))
CSV = "区划代码,死亡人数\n511702,5\n"
HTML = '<html xmlns:x="urn:schemas-microsoft-com:office:excel"><table><tr><td>机构名称</td></tr></table></html>'


def stream(name):
    return name.encode("utf-16-le")


def refusal(content, kind):
    with pytest.raises(UnreadableFile) as refused:
        refuse_wrong_kind(content[:HEAD], kind, len(content))
    return refused.value.reason, refused.value.detail


@pytest.mark.parametrize("kind", ["csv", "xlsx", "parquet"])
@pytest.mark.parametrize(
    ("content", "what", "remedy"),
    [
        (OLE + stream("Workbook"), ".xls", "另存为“Excel 工作簿（*.xlsx）”"),
        (OLE + bytes(HEAD), ".xls", "另存为“Excel 工作簿（*.xlsx）”"),
        (OLE + stream("EncryptedPackage"), "加密", "去掉打开密码"),
        (OLE + stream("WordDocument"), "Word", "复制到 Excel"),
        (OLE + stream("ETExtData"), "WPS", "另存为"),
        (b"\x09\x04\x06\x00\x00\x00\x10\x00", ".xls", "另存为"),
        (HTML.encode(), "HTML", "另存为“Excel 工作簿（*.xlsx）”"),
        (b"\xef\xbb\xbf\r\n  " + HTML.encode(), "HTML", "另存为"),
        (HTML.encode("utf-16"), "HTML", "另存为"),
        (HTML.encode("gb18030"), "HTML", "另存为"),
        (b"<TABLE border=1><tr><td>1</td></tr></TABLE>", "HTML", "另存为"),
        (b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook/>', "XML 表格 2003", "另存为"),
        (b"MIME-Version: 1.0\r\nContent-Type: multipart/related\r\n", "MHTML", "另存为"),
        (b'<?xml version="1.0"?><data/>', "XML", "重新导出"),
        (b"%PDF-1.7\n", "PDF", "原始电子表格"),
        (gzip.compress(b"a,b\n", mtime=0), "gzip", "解压"),
        (b"Rar!\x1a\x07\x01\x00", "RAR", "解压"),
        (b"7z\xbc\xaf\x27\x1c", "7z", "解压"),
        (zipped({"word/document.xml": "x"}), "Word", "复制到 Excel"),
        (zipped({"xl/workbook.bin": "x"}), ".xlsb", "另存为"),
        (b"\x89PNG\r\n\x1a\n", "图片", "原始电子表格"),
    ],
)
def test_a_wrong_kind_is_named_under_every_extension(content, what, remedy, kind):
    reason, detail = refusal(content, kind)
    assert reason == "unreadable_file"
    assert what in detail
    assert remedy in detail


@pytest.mark.parametrize(
    ("content", "kind", "told"),
    [
        (XLSX, "csv", "改为 .xlsx"),
        (XLSX, "parquet", "改为 .xlsx"),
        (zipped({"一月.csv": "a"}), "csv", "ZIP 压缩包"),
        (CSV.encode(), "xlsx", "改为 .csv"),
        (CSV.encode("gb18030"), "xlsx", "改为 .csv"),
        (CSV.encode(), "parquet", "不是 Parquet"),
        (b"PAR1" + bytes(20), "csv", "改为 .parquet"),
        (bytes(2000), "xlsx", "空字节"),
        (b"\x01\x02\x00\x03", "xlsx", "不是 xlsx 工作簿"),
    ],
)
def test_a_right_kind_under_a_wrong_extension(content, kind, told):
    reason, detail = refusal(content, kind)
    assert (reason, told in detail) == ("unreadable_file", True), detail


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be"])
def test_utf_16_text_is_refused_as_encoding(encoding):
    content = (b"\xfe\xff" if encoding == "utf-16-be" else b"") + CSV.encode(encoding)
    reason, detail = refusal(content, "csv")
    assert reason == "encoding"
    assert "CSV UTF-8" in detail


def test_zero_bytes_and_too_many():
    assert "0字节" in refusal(b"", "csv")[1]
    with pytest.raises(UnreadableFile, match="4GB"):
        refuse_wrong_kind(b"a,b\n", "csv", 5 << 30)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (CSV.encode(), "csv"),
        (CSV.encode("utf-8-sig"), "csv"),
        (CSV.encode("gb18030"), "csv"),
        (b'"<b>",x\n1,2\n', "csv"),
        ("From: 养老科\n区划代码,死亡人数\n".encode(), "csv"),
        (XLSX, "xlsx"),
        (b"PAR1" + bytes(20), "parquet"),
    ],
)
def test_what_may_be_right_passes(content, kind):
    refuse_wrong_kind(content[:HEAD], kind, len(content))


def test_a_workbook_stored_with_its_relations_first_passes():
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(XLSX)) as source, zipfile.ZipFile(target, "w") as archive:
        for name in reversed(source.namelist()):
            archive.writestr(name, source.read(name))
    refuse_wrong_kind(target.getvalue()[:HEAD], "xlsx", len(target.getvalue()))
