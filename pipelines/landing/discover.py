"""Which deliveries lie in raw/: their source, period, supplier and revision by name, their content by SHA-256.

Grammar (spec §1): raw/<source>/<period>/<supplier>[_rN].<csv|xlsx|parquet>. Nothing is opened for meaning here, and
nothing but plain files is opened at all. What is still being written waits for the next run.
"""

from __future__ import annotations

import calendar
import contextlib
import fcntl
import hashlib
import os
import re
import signal
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, timezone
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from .masking import masked_path
from .store import read_sealed, write_sealed

#: suppliers' days, whatever zone the machine is in; it has no daylight saving
SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")
FILE_NAME = re.compile(
    r"(?P<supplier>\d{6})(?:_[rR](?P<revision>[1-9]\d{0,3}))?\.(?P<kind>csv|xlsx|parquet)", re.IGNORECASE | re.ASCII
)
LINK_OUT = "链接指向 raw/ 之外，请放入文件本身 · link leaves raw/, deliver the file itself"
LINK_BROKEN = "链接指向的文件不存在，请放入文件本身 · link leads nowhere, deliver the file itself"
NO_FILE = "不是普通文件（管道、设备或文件夹链接），请放入文件本身 · no plain file, deliver the file itself"
FOLDER = "这是文件夹，请放入文件本身 · a folder named as a file, deliver the file itself"
CLOSED_FOLDER = "文件夹无法打开，请检查权限和路径长度 · folder cannot be opened, check its permissions"
BEING_WRITTEN = "文件正在写入，写完后下次运行时接收，无需处理 · still being written, the next run takes it"
PARTIAL_NAME = "上传未完成或正被打开的临时文件，完成后按约定文件名接收 · partial upload or lock file, no delivery yet"
#: names that programs give to uploads in progress, and Excel to its lock beside an open workbook
PARTIAL = re.compile(
    r"~\$.*|.*\.(?:part|partial|tmp|crdownload|filepart|download|uploading)", re.IGNORECASE | re.DOTALL
)
PERIOD_FORMS = {
    "year": re.compile(r"\d{4}", re.ASCII),
    "month": re.compile(r"\d{4}-\d{2}", re.ASCII),
    "snapshot": re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII),
}
#: companions of deliveries that are no deliveries
COMPANIONS = {"origin.yml", "readme.md", "readme.txt", "readme"}
LATEST_NS = 253_370_764_800 * 10**9  # the year 9999
#: stands for the content of a file that may not be read
UNREADABLE = hashlib.sha256(b"unreadable").hexdigest()
#: the backslash itself, marks without a shape, and bytes that are no UTF-8 (as surrogates)
UNSHOWN = re.compile("[\\\\\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")
_masked = lru_cache(maxsize=4096)(masked_path)  # a part of a path: suppliers and periods come again and again


@dataclass(frozen=True)
class DeliveredFile:
    """One file in raw/. `fault` is why its name keeps it out (zh · en), None for a well-named one.

    `path` is where it lies, to read it; what is told of it is `shown`, `source` and `period`: one line of valid text
    with no citizen number. `waits` is why its present content is left for the next run: `sha256` is then that of the
    content it had before, whose landing stands, or "" where there was none and it is no delivery yet.
    """

    path: str
    shown: str
    source: str
    period: str
    supplier: str
    revision: int
    kind: str
    sha256: str
    received_at: datetime
    former: tuple[str, ...] = ()
    fault: str | None = None
    waits: str | None = None

    @property
    def rank(self) -> tuple[int, str, str]:
        """Order among the files of one source, period and supplier: the last one stands."""
        return (self.revision, self.kind, self.path)


class ChangedMeanwhile(RuntimeError):
    """A file is no longer what it was when the run began; the text names it (zh · en)."""

    def __init__(self, file: DeliveredFile) -> None:
        super().__init__("在读取期间有变，留待下次运行，无需处理 · changed while it was read, the next run takes it")
        self.file = file


class Seen(NamedTuple):
    """What was found at a path: the record to remember, why it is no delivery, why it waits."""

    record: dict[str, Any]
    fault: str | None = None
    waits: str | None = None


def period_bounds(form: str, period: str) -> tuple[date, date]:
    """First and last day of a period. Raises ValueError when `period` is not of `form` or no such day exists."""
    if not PERIOD_FORMS[form].fullmatch(period):
        raise ValueError(period)
    year, month, day = ([int(part) for part in period.split("-")] + [0, 0])[:3]
    if form == "year":
        return date(year, 1, 1), date(year, 12, 31)
    if form == "month":
        return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])
    return date(year, month, day), date(year, month, day)


def discover(raw: Path, forms: Mapping[str, str], stat_file: Path, today: date, key: bytes) -> list[DeliveredFile]:
    """Every delivery below `raw`, by path. A file whose size and time are as remembered is not read again.

    `key` is the warehouse key, for the masks of paths. Raises nothing for what may lie there, and waits for nothing.
    """
    known: dict[str, Any] = read_sealed(stat_file) or {}
    remembered: dict[str, Any] = {}
    files = []
    root = Path(os.path.realpath(raw))
    for path, entry, fault in _walk(raw):
        shown = _shown("/".join(_masked(part, key) for part in path.split("/")))
        seen = _seen(entry, fault, root, known.get(shown))
        if seen is None:
            continue
        if seen.record["sha256"]:
            remembered[shown] = seen.record
        files.append(_delivery(path, shown, seen, forms, today))
    # where nothing lies, raw/ is most likely not mounted: what is known of its files is not forgotten
    if remembered not in (known, {}):
        with contextlib.suppress(OSError):  # a full or read-only disk: looked at again next time
            write_sealed(stat_file, remembered)
    return sorted(files, key=lambda file: file.path)


def assure_unchanged(path: Path, file: DeliveredFile) -> None:
    """To be called once `path` was read: what was read is kept under the hash that `discover` took.

    Raises ChangedMeanwhile when the file's time is another one.
    """
    try:
        with open(path, "rb") as content:
            same = _time(os.fstat(content.fileno()).st_mtime_ns) == file.received_at and file.sha256 != UNREADABLE
    except OSError:
        same = file.sha256 == UNREADABLE
    if not same:
        raise ChangedMeanwhile(file)


def _shown(path: str) -> str:
    """`path` on one line of valid UTF-8; names that differ stay different."""

    def escaped(mark: re.Match[str]) -> str:
        code = ord(mark[0])
        return "\\\\" if mark[0] == "\\" else f"\\x{code - 0xDC00:02x}" if code >= 0xDC80 else f"\\u{code:04x}"

    return UNSHOWN.sub(escaped, path)


def _walk(raw: Path) -> Iterator[tuple[str, os.DirEntry[str], str | None]]:
    """Every file below `raw`, and folders that are told of themselves, with the reason. Links are not followed."""
    waiting: list[tuple[str, os.DirEntry[str] | None]] = [("", None)]
    while waiting:
        below, folder = waiting.pop()
        try:
            with os.scandir(raw if folder is None else folder.path) as found:
                entries = list(found)
        except OSError:
            if folder is not None:
                yield below.removesuffix("/"), folder, CLOSED_FOLDER
            continue
        for entry in entries:
            path = below + entry.name
            if entry.name.startswith(".") or entry.name.lower() in COMPANIONS:
                continue
            if not entry.is_dir(follow_symlinks=False):
                yield path, entry, None
                continue
            if entry.name.lower().endswith((".csv", ".xlsx", ".parquet")):
                yield path, entry, FOLDER
            waiting.append((f"{path}/", entry))


def _seen(entry: os.DirEntry[str], fault: str | None, root: Path, known: dict[str, Any] | None) -> Seen | None:
    """What lies at `entry`; None if it is gone since."""
    try:
        itself = os.lstat(entry.path)
        link = os.readlink(entry.path) if stat.S_ISLNK(itself.st_mode) else None
    except FileNotFoundError:
        return None
    except OSError:  # a path longer than the system names
        unseen = {"size": 0, "mtime_ns": 0, "former": [], "sha256": UNREADABLE}
        return Seen(unseen, fault or CLOSED_FOLDER)
    # what is no file in raw/ is never opened: its link text or reason stands for its content
    name = {"size": itself.st_size, "mtime_ns": itself.st_mtime_ns, "former": []}
    if fault is None and link is not None and not Path(os.path.realpath(entry.path)).is_relative_to(root):
        fault = LINK_OUT
    if fault is None:
        try:
            target = os.stat(entry.path)
            fault = None if stat.S_ISREG(target.st_mode) else NO_FILE
        except OSError:
            fault = LINK_BROKEN
    if fault is not None:
        return Seen(name | {"sha256": hashlib.sha256(os.fsencode(link or fault)).hexdigest()}, fault)
    if PARTIAL.fullmatch(entry.name):
        return Seen(name | {"sha256": ""}, waits=PARTIAL_NAME)
    return _content(entry.path, target, known)


def _content(path: str, found: os.stat_result, known: dict[str, Any] | None) -> Seen:
    state = {"size": found.st_size, "mtime_ns": found.st_mtime_ns}
    if known is not None and state.items() <= known.items():
        return Seen(known)
    try:
        # should a pipe have taken the file's place meanwhile, opening it would wait for ever
        with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as content:
            if _open_for_writing(content.fileno()) or not stat.S_ISREG(os.fstat(content.fileno()).st_mode):
                sha256 = ""
            else:
                sha256 = hashlib.file_digest(content, "sha256").hexdigest()
                after = os.fstat(content.fileno())
                if state != {"size": after.st_size, "mtime_ns": after.st_mtime_ns}:
                    sha256 = ""
    except OSError:
        # still a delivery, and said so when it is read; its size, which none has, makes it be looked at again
        former = known["former"] if known else []
        return Seen(state | {"size": -1, "sha256": UNREADABLE, "former": former})
    if not sha256:
        return Seen(known or state | {"sha256": "", "former": []}, waits=BEING_WRITTEN)
    changed = known is not None and known["sha256"] not in (sha256, UNREADABLE)
    former = [*known["former"], known["sha256"]] if changed else (known or {}).get("former", [])
    return Seen(state | {"sha256": sha256, "former": former})


def _open_for_writing(descriptor: int) -> bool:
    """Whether any process has the file open for writing: Linux then refuses a read lease on it.

    Where the file system or the file's owner allows no lease this is unknown, and only a change while it is read tells.
    """
    try:
        # should a writer come in this instant, the kernel signals: SIGIO would end the process, SIGURG is ignored
        fcntl.fcntl(descriptor, fcntl.F_SETSIG, signal.SIGURG)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def _delivery(path: str, shown: str, seen: Seen, forms: Mapping[str, str], today: date) -> DeliveredFile:
    parts = path.split("/")
    folders = [*shown.split("/")[:-1], "", ""]
    name = FILE_NAME.fullmatch(parts[-1])
    revision = int(name["revision"] or 1) if name else 1
    return DeliveredFile(
        path=path,
        shown=shown,
        source=folders[0],
        period=folders[1],
        supplier=name["supplier"] if name else "",
        revision=revision,
        kind=name["kind"].lower() if name else "",
        sha256=seen.record["sha256"],
        received_at=_time(seen.record["mtime_ns"]),
        former=tuple(seen.record["former"]),
        fault=seen.fault or _fault(parts, name, forms, today),
        waits=seen.waits,
    )


def _time(mtime_ns: int) -> datetime:
    """A file's time; one beyond the calendar, which anybody may set, is its nearest end."""
    return datetime.fromtimestamp(min(max(mtime_ns, 0), LATEST_NS) / 1e9, UTC)


def _fault(parts: list[str], name: re.Match[str] | None, forms: Mapping[str, str], today: date) -> str | None:
    """What is wrong with the path, in words that say how to mend it."""
    form = forms.get(parts[0])
    if form is None and len(parts) > 1:
        return f"没有这个来源的文件夹，请移入 {'、'.join(forms)} 之一 · unknown source folder"
    if form is None or len(parts) != 3:
        return "应为 raw/<来源>/<时期>/<报送单位>.<扩展名> · wrong folder depth"
    if parts[2].lower().endswith((".xls", ".et")):
        return "请另存为 .xlsx 后重报 · save as .xlsx and deliver again"
    if name is None or name["revision"] == "1":
        return "文件名应为 6位区划代码[_r2起].csv|xlsx|parquet · wrong file name"
    try:
        start, _ = period_bounds(form, parts[1])
    except ValueError:
        return f"时期写法应为 {FORM_EXAMPLES[form]} · wrong period form"
    return "时期在将来 · period lies in the future" if start > today else None


def unknown_supplier(file: DeliveredFile) -> DeliveredFile:
    """The file, kept out because its name says of nobody known that he sent it."""
    return replace(file, fault="报送单位代码不在行政区划名录中 · supplier is no known region")


FORM_EXAMPLES = {"year": "2024", "month": "2024-03", "snapshot": "2024-12-31"}
