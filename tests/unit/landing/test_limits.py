"""The limits of a delivery: what is within passes, what is beyond is refused with the limit and the remedy."""

import io
import zipfile

import pytest

from pipelines.landing import limits
from pipelines.landing.grid import UnreadableFile


def archive_of(parts):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as target:
        for name, part in parts.items():
            target.writestr(name, part)
    return zipfile.ZipFile(content)


def test_a_gigabyte_expanded_is_the_limit_of_the_specification():
    assert limits.EXPANDED_BYTES == 1_000_000_000
    assert limits.COLUMNS == 2_000


@pytest.mark.parametrize(
    ("refuse", "within", "beyond", "limit", "remedy"),
    [
        (limits.refuse_large_file, (4 << 30,), ((4 << 30) + 1,), "4GB", "拆成"),
        (limits.refuse_slow_file, (1_800,), (1_801,), "30分钟", "拆成"),
        (limits.refuse_sheet_count, (256,), (257,), "256张", "只保留"),
        (limits.refuse_extent, (1_048_576, 40, "表"), (1_048_577, 1, "表"), "1048576", "另存为"),
        (limits.refuse_extent, (10, 2_000, "表"), (10, 2_001, "表"), "2000列", "右边多余"),
        (limits.refuse_extent, (25_000, 2_000, "表"), (25_001, 2_000, "表"), "50000000格", "拆成"),
        (limits.refuse_long_cell, (32_767, 5, "表"), (32_768, 5, "表"), "32767字", "第5行"),
    ],
)
def test_each_limit(refuse, within, beyond, limit, remedy):
    refuse(*within)
    with pytest.raises(UnreadableFile) as refused:
        refuse(*beyond)
    assert refused.value.reason == "unreadable_file"
    assert limit in refused.value.detail
    assert remedy in refused.value.detail


def test_a_part_is_counted_while_it_is_inflated(monkeypatch):
    archive = archive_of({"a": "x" * 100_000})
    assert b"".join(limits.inflated(archive, "a")) == b"x" * 100_000
    monkeypatch.setattr(limits, "EXPANDED_BYTES", 99_999)
    with pytest.raises(UnreadableFile, match="1GB"):
        list(limits.inflated(archive, "a"))


def test_small_archives_cannot_hide_a_gigabyte():
    assert not limits.can_hide_size(archive_of({"a": "x" * 100_000}))
