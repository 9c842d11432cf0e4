"""What anybody may put into raw/: names and things that are no files are told of, nothing raises, nothing blocks, and
what is still being written waits.
"""

import json
import os
import socket
import subprocess
import sys
import time

import polars as pl
import pytest

from pipelines.landing import discover as discover_module
from pipelines.landing.land import Landing
from pipelines.settings import PROJECT

COUNTS = "区划代码,性别,年龄组,死亡人数"
TABLE = f"{COUNTS}\n511702,合计,合计,1\n"
FOLDER = "deaths/2024"


def told(world, source="deaths"):
    """Path → (reason, detail) of all refused files; what is kept must be valid, readable text."""
    landing = Landing(world.raw, world.var)
    result = world.whole(landing.strays() if source is None else landing.land(source))
    stat_file = (world.var / "landing/stat.json").read_bytes().decode()
    json.loads(stat_file)
    result.finding.write_parquet(world.var / "finding.parquet")
    assert result.delivery.height == result.reconciliation.height
    assert pl.read_parquet(world.var / "finding.parquet").equals(result.finding)
    details = dict(result.finding.filter(pl.col("finding") == "file_rejected").select("path", "detail").rows())
    return {path: (reason, details[path]) for path, reason in result.delivery.select("path", "reason").rows() if reason}


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("'; drop table delivery; --.csv", "'; drop table delivery; --.csv"),
        ('511702".csv', '511702".csv'),
        ("..511702.csv..csv", None),
        ("a..csv", "a..csv"),
        ("511702.csv\n", "511702.csv\\u000a"),
        ("511702\r.csv", "511702\\u000d.csv"),
        ("\x1b[31m511702.csv", "\\u001b[31m511702.csv"),
        ("511702\u202evsc.csv", "511702\\u202evsc.csv"),
        ("511702\\x.csv", "511702\\\\x.csv"),
        ("👵511702.csv", "👵511702.csv"),
        ("５１１７０２.csv", "５１１７０２.csv"),
        ("511702.csv ", "511702.csv "),
        ("=cmd|'calc'!A0.csv", "=cmd|'calc'!A0.csv"),
        ("x" * 251 + ".csv", "x" * 251 + ".csv"),
        ("达" * 85, "达" * 85),
        ("%2e%2e%2f511702.csv", "%2e%2e%2f511702.csv"),
        (os.fsdecode(b"511702\xff\xfe.csv"), "511702\\xff\\xfe.csv"),
        (os.fsdecode("达州.csv".encode("gb18030")), "\\xb4\\xef\\xd6\\xdd.csv"),
    ],
)
def test_a_name_that_is_none_is_told_on_one_line(world, name, shown):
    world.put(f"{FOLDER}/{name}", TABLE)
    found = told(world)
    if shown is None:  # dot files are no deliveries
        assert found == {}
        return
    [(path, (reason, detail))] = found.items()
    assert (path, reason) == (f"{FOLDER}/{shown}", "bad_filename")
    assert "文件名应为" in detail


def test_names_that_look_alike_stay_apart(world):
    names = ["a\n.csv", "a\\u000a.csv", os.fsdecode(b"\x85.csv"), "\x85.csv", "\\x85.csv", "a\u200b.csv", "a.csv"]
    for name in names:
        world.put(f"{FOLDER}/{name}", name.encode("utf-8", "surrogateescape"))
    assert len(told(world)) == len(names)
    assert not [path for path, verdict in told(world).items() if "changed" in str(verdict)]


@pytest.mark.parametrize("folder", ["２０２４", "2024 ", "2024\n", os.fsdecode(b"2024\xff"), "..2024", "'2024'"])
def test_a_period_of_other_digits_or_marks_is_none(world, folder):
    if not folder.startswith("."):
        world.put(f"deaths/{folder}/511702.csv", TABLE)
        assert [reason for reason, _ in told(world).values()] == ["bad_filename"]
    else:
        world.put(f"deaths/{folder}/511702.csv", TABLE)
        assert told(world) == {}


def test_a_source_folder_of_invalid_bytes_is_a_stray(world):
    world.put(os.fsdecode(b"\xff\xfe/2024/511702.csv"), TABLE)
    world.put("deaths;drop/2024/511702.csv", TABLE)
    assert sorted(told(world, None)) == ["\\xff\\xfe/2024/511702.csv", "deaths;drop/2024/511702.csv"]


def test_upper_case_extensions_are_read(world):
    world.put(f"{FOLDER}/511702.CSV", TABLE)
    world.put(f"{FOLDER}/511703_R2.Csv", TABLE.replace("511702", "511703"))
    result = world.land("deaths")
    assert result.rows == 2 and result.delivery["revision"].sort().to_list() == [1, 2]


def test_links(world, tmp_path):
    outside = tmp_path / "outside.csv"
    outside.write_text(TABLE)
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "511702.csv").write_text(TABLE)
    deaths = world.put(f"{FOLDER}/511702.csv", TABLE).parent
    (world.raw / "kept").mkdir()
    (world.raw / "kept" / "inside").write_text(TABLE.replace("511702", "511703"))
    (deaths / "511703.csv").symlink_to("../../kept/inside")
    (deaths / "110000.csv").symlink_to(outside)
    (deaths / "120000.csv").symlink_to(deaths / "nothing")
    (deaths / "130000.csv").symlink_to("140000.csv")
    (deaths / "140000.csv").symlink_to("130000.csv")
    (deaths / "150000.csv").symlink_to("../2024")
    (deaths / "160000.csv").symlink_to(os.fsdecode(b"/tmp/\xff\n"))
    (deaths / "210000.csv").symlink_to("/dev/zero")
    (world.raw / "deaths" / "2023").symlink_to(tmp_path / "folder")
    (world.raw / "deaths" / "2022").symlink_to("2024")
    (world.raw / "deaths" / "2021").symlink_to("..")
    found = told(world)
    said = {path.removeprefix("deaths/"): detail for path, (_, detail) in found.items()}
    out, nowhere, none = "链接指向 raw/ 之外", "链接指向的文件不存在", "不是普通文件"
    words = {
        "2024/110000.csv": out, "2024/120000.csv": nowhere, "2024/130000.csv": nowhere, "2024/140000.csv": nowhere,
        "2024/150000.csv": none, "2024/160000.csv": out, "2024/210000.csv": out,
        "2023": out, "2022": none, "2021": none,
    }  # fmt: skip
    assert {path: next(word for word in (out, nowhere, none) if word in said[path]) for path in said} == words
    assert {reason for reason, _ in found.values()} == {"bad_filename"}
    # the plain file and the link within raw/ are read
    assert sorted(world.landed(world.land("deaths"))["region_code"]) == ["511702", "511703"]
    assert outside.read_text() == TABLE


def test_raw_itself_may_be_a_link(world, tmp_path):
    world.put(f"{FOLDER}/511702.csv", TABLE)
    (tmp_path / "link").symlink_to(world.raw)
    assert Landing(tmp_path / "link", world.var).land("deaths").rows == 1


def test_what_is_no_file_is_never_opened(world, monkeypatch):
    """A pipe would block for ever; so a process of its own looks, with a limit."""
    deaths = world.put(f"{FOLDER}/511702.csv", TABLE).parent
    os.mkfifo(deaths / "511703.csv")
    os.mkfifo(deaths / "pipe")
    listening = socket.socket(socket.AF_UNIX)
    monkeypatch.chdir(deaths)  # the path of a socket is short
    listening.bind("510000.csv")
    monkeypatch.chdir(PROJECT)
    (deaths / "511700.csv").mkdir()
    (deaths / "511700.parquet").mkdir()
    (deaths / "511700.parquet" / "part-0.parquet").write_bytes(b"x")
    code = (
        "from pathlib import Path; from pipelines.landing.land import Landing;"
        f"r = Landing(Path({str(world.raw)!r}), Path({str(world.var)!r})).land('deaths');"
        "print(r.rows, *sorted(r.delivery.filter(r.delivery['reason'] == 'bad_filename')['path']))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    listening.close()
    names = ["510000.csv", "511700.csv", "511700.parquet", "511700.parquet/part-0.parquet", "511703.csv", "pipe"]
    assert done.stdout.split() == ["1", *(f"{FOLDER}/{name}" for name in names)]


def test_a_folder_without_permission_and_a_very_deep_one_are_told(world, monkeypatch):
    closed = world.put("deaths/2023/511702.csv", TABLE).parent
    real = os.scandir

    def scandir(path):
        if os.fspath(path) == str(closed):
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(discover_module.os, "scandir", scandir)
    here = os.open(world.raw, os.O_RDONLY)
    for _ in range(2200):  # beyond what a path can name, and beyond what Python nests
        os.mkdir("d", dir_fd=here)
        here, above = os.open("d", os.O_RDONLY, dir_fd=here), here
        os.close(above)
    os.close(here)
    [(path, (reason, detail))] = told(world).items()
    assert (path, reason) == ("deaths/2023", "bad_filename") and "权限" in detail
    strays = Landing(world.raw, world.var).strays()
    assert strays.delivery.height == 1 and strays.delivery["path"][0].startswith("d/d/d/")
    monkeypatch.undo()
    subprocess.run(["rm", "-rf", str(world.raw / "d")], check=True)


def test_a_file_without_permission_is_unreadable_until_it_is_mended(world, monkeypatch):
    path = world.put(f"{FOLDER}/511702.csv", TABLE)
    other = world.put(f"{FOLDER}/511703.csv", TABLE.replace("511702", "511703"))
    allowed = [other]

    def opened(real):
        def guarded(name, *arguments, **options):
            if name in (str(path), path) and path not in allowed:
                raise PermissionError(13, "Permission denied")
            return real(name, *arguments, **options)

        return guarded

    monkeypatch.setattr("os.open", opened(os.open))
    monkeypatch.setattr("builtins.open", opened(open))
    monkeypatch.setattr("io.open", opened(open))
    found = told(world)
    assert found[f"{FOLDER}/511702.csv"][0] == "unreadable_file"
    allowed.append(path)
    result = world.land("deaths")
    assert result.rows == 2
    assert "changed_in_place" not in result.finding["finding"]


def test_a_file_is_gone_between_two_looks(world, monkeypatch):
    path = world.put(f"{FOLDER}/511702.csv", TABLE)
    real = discover_module._seen

    def seen(entry, *rest):
        if entry.path == str(path):
            path.unlink()
        return real(entry, *rest)

    monkeypatch.setattr(discover_module, "_seen", seen)
    assert world.land("deaths").delivery.is_empty()


def test_a_time_beyond_the_calendar(world):
    path = world.put(f"{FOLDER}/511702.csv", TABLE)
    for moment in (-1, 2**33):
        os.utime(path, (moment, moment))
        assert world.land("deaths").rows == 1


@pytest.mark.parametrize(
    "name", ["~$511702.xlsx", "511702.csv.part", "511702.CSV.TMP", "511702.xlsx.crdownload", "1.filepart"]
)
def test_uploads_in_progress_are_no_deliveries_yet(world, name):
    world.put(f"{FOLDER}/{name}", "x")
    result = world.land("deaths")
    assert result.delivery.is_empty() and result.reconciliation.is_empty()
    assert result.finding.select("path", "finding").rows() == [(f"{FOLDER}/{name}", "still_being_written")]


WRITER = """
import sys, time
with open(sys.argv[1], "a", encoding="utf-8") as out:
    out.write(sys.argv[2]); out.flush()
    print("open", flush=True)
    sys.stdin.readline()
    out.write(sys.argv[3])
"""


@pytest.fixture
def writing():
    """Another process that holds a file open, has written the first part, and writes the second when told."""
    begun = []

    def start(path, first, second):
        process = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path), first, second],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        begun.append(process)
        assert process.stdout.readline() == "open\n"

        def finish():
            process.communicate("go\n", timeout=60)

        return finish

    yield start
    for process in begun:
        process.kill()
        process.communicate()


def test_a_new_file_still_being_written_waits_for_the_next_run(world, writing):
    world.put(f"{FOLDER}/511703.csv", TABLE.replace("511702", "511703"))
    path = world.raw / FOLDER / "511702.csv"
    finish = writing(path, f"{COUNTS}\n511702,男,0", ",1\n511702,男,1+,2\n511702,女,0,3\n511702,女,1+,4\n")
    landing = Landing(world.raw, world.var)
    result = landing.land("deaths")
    assert result.delivery["path"].to_list() == [f"{FOLDER}/511703.csv"]
    assert result.rows == 1 and result.quarantine.is_empty()
    [(where, detail)] = (
        result.finding.filter(pl.col("finding") == "still_being_written").select("path", "detail").rows()
    )
    assert where == f"{FOLDER}/511702.csv" and "下次运行" in detail
    before = landing.discover().fingerprint
    finish()
    landing = Landing(world.raw, world.var)
    assert landing.discover().fingerprint != before
    result = world.whole(landing.land("deaths"))
    assert result.rows == 5 and result.delivery["state"].to_list() == ["landed", "landed"]
    assert result.finding.is_empty()


def test_a_delivery_being_rewritten_keeps_its_former_rows(world, writing):
    path = world.put(f"{FOLDER}/511702.csv", TABLE)
    first = world.land("deaths")
    time.sleep(0.02)
    path.write_text("")
    finish = writing(path, f"{COUNTS}\n511702,合计,", "合计,22\n")
    meanwhile = world.whole(world.land("deaths"))
    assert world.landed(meanwhile)["deaths"].to_list() == [1]
    assert meanwhile.delivery.equals(first.delivery)
    assert meanwhile.finding["finding"].to_list() == ["still_being_written"]
    finish()
    after = world.land("deaths")
    assert world.landed(after)["deaths"].to_list() == [22]
    assert after.finding["finding"].to_list() == ["changed_in_place"]


def test_a_file_that_grows_while_it_is_hashed_waits_where_leases_are_unknown(world, monkeypatch):
    monkeypatch.setattr(discover_module, "_open_for_writing", lambda descriptor: False)
    path = world.put(f"{FOLDER}/511702.csv", TABLE)
    real = discover_module.hashlib.file_digest

    def slowly(content, name):
        if content.fileno() and os.path.realpath(f"/proc/self/fd/{content.fileno()}") == str(path.resolve()):
            with path.open("a") as more:
                more.write("511702,男,0,1\n")
        return real(content, name)

    monkeypatch.setattr(discover_module.hashlib, "file_digest", slowly)
    assert world.land("deaths").finding["finding"].to_list() == ["still_being_written"]


def test_what_changes_after_it_was_found_is_not_kept_under_the_old_hash(world):
    path = world.put(f"{FOLDER}/511702.csv", TABLE)
    landing = Landing(world.raw, world.var)
    landing.discover()
    landing.land("regions")
    time.sleep(0.02)
    path.write_text(TABLE.replace(",1\n", ",99\n"))
    result = landing.land("deaths")
    assert (result.rows, result.delivery.height) == (0, 0)
    assert result.finding.select("path", "finding").rows() == [(f"{FOLDER}/511702.csv", "still_being_written")]
    assert world.landed(world.land("deaths"))["deaths"].to_list() == [99]


def test_a_period_stays_as_it_was_while_one_of_its_files_is_rewritten(world):
    world.put(f"{FOLDER}/511702.csv", TABLE)
    before = world.land("deaths")
    path = world.put(f"{FOLDER}/511703.csv", TABLE.replace("511702", "511703"))
    landing = Landing(world.raw, world.var)
    landing.discover()
    landing.land("regions")
    time.sleep(0.02)
    path.write_text(TABLE.replace("511702", "511703") + "\n")
    result = landing.land("deaths")
    assert (result.files, result.delivery["path"].to_list()) == (before.files, [f"{FOLDER}/511702.csv"])
    assert world.land("deaths").rows == 2


def test_a_lease_leaves_other_writers_alone(world):
    """Looking at a file neither delays whoever opens it next nor ends this process by a signal."""
    path = world.put(f"{FOLDER}/511702.csv", TABLE)
    for number in range(200):
        os.utime(path, (number, number))
        Landing(world.raw, world.var).discover()
        began = time.monotonic()
        with path.open("a"):
            pass
        assert time.monotonic() - began < 5
