"""Landing is content-addressed, survives a kill, keeps what it landed, and stores no person's number."""

import os

import polars as pl

from pipelines.landing import parsed as parsed_module
from pipelines.landing.land import Landing

COUNTS = "区划代码,性别,年龄组,死亡人数"
CONTACTS = "身份证号,姓名,县区代码,乡镇街道代码,人员类别,探访次数,探访日期"
SOUND = "11010519491231002X,张三,511702,511702001,独居,2,2024-03-05"


def test_a_landed_file_is_not_read_again(world, monkeypatch):
    path = world.table("deaths/2024/511702.csv", COUNTS, "511702,合计,合计,1")
    first = world.land("deaths")

    def never(*arguments):
        raise AssertionError("parsed again")

    monkeypatch.setattr(parsed_module, "Parsing", never)
    stat = path.stat()
    path.write_bytes(
        bytes(len(path.read_bytes()))
    )  # its bytes are gone; only the remembered size and time say it is the same
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    second = world.land("deaths")
    assert second.files == first.files
    assert second.delivery.equals(first.delivery)


def test_a_new_neighbour_leaves_parsed_files_alone(world, monkeypatch):
    world.table("deaths/2024/511702.csv", COUNTS, "511702,合计,合计,1")
    world.land("deaths")
    read = []
    real = parsed_module.Parsing
    monkeypatch.setattr(parsed_module, "Parsing", lambda path, *rest: read.append(path.name) or real(path, *rest))
    world.table("deaths/2024/511703.csv", COUNTS, "511703,合计,合计,1")
    assert world.land("deaths").rows == 2
    assert read == ["511703.csv"]


def test_new_bytes_under_the_same_name_land_and_the_old_landing_stays(world):
    world.table("deaths/2024/511702.csv", COUNTS, "511702,合计,合计,1")
    before = world.land("deaths")
    world.table("deaths/2024/511702.csv", COUNTS, "511702,合计,合计,22")
    after = world.land("deaths")
    assert world.landed(after)["deaths"].to_list() == [22]
    assert world.landed(before)["deaths"].to_list() == [1]
    assert after.finding["finding"].to_list() == ["changed_in_place"]
    assert before.delivery["sha256"][0][:12] in after.finding["detail"][0]


def test_half_written_files_of_a_killed_run_are_ignored(world):
    world.table("deaths/2024/511702.csv", COUNTS, "511702,合计,合计,1")
    result = world.land("deaths")
    marker = result.files[0].with_suffix(".json")
    marker.rename(marker.with_name(f".{marker.name}.77.part"))
    result.files[0].write_bytes(b"half")
    parsed = next((world.var / "landing" / "parsed" / "deaths").iterdir())
    parsed.rename(parsed.with_name(f".{parsed.name}.77.part"))
    again = world.land("deaths")
    assert again.files == result.files
    assert world.landed(again)["deaths"].to_list() == [1]


def test_fingerprint_follows_content_only(world):
    path = world.table("deaths/2024/511702.csv", COUNTS, "511702,合计,合计,1")
    first = Landing(world.raw, world.var).discover().fingerprint
    os.utime(path, (1, 1))
    assert Landing(world.raw, world.var).discover().fingerprint == first
    world.table("deaths/2024/511703.csv", COUNTS)
    assert Landing(world.raw, world.var).discover().fingerprint != first


def test_no_file_under_var_holds_a_persons_number(world):
    clear, other = "11010519491231002X", "110105194912310038"
    name = SOUND.replace("张三", other)
    world.table(
        "care_contacts/2024-03/511702.csv", CONTACTS, SOUND, name, f"{clear},李四,{other},511702001,{other},1,x"
    )
    world.put(f"care_contacts/2024-03/{clear}.csv", "x")
    result = world.land("care_contacts")
    assert result.rows == 1
    for frame in (result.delivery, result.quarantine, result.finding, result.reconciliation, world.landed(result)):
        assert not any(number in str(frame.rows()) for number in (clear, other, "张三", "李四"))
    files = [file for file in world.var.rglob("*") if file.is_file()]
    for file in files:
        content = file.read_bytes()
        if file.suffix == ".parquet":
            content += str(pl.read_parquet(file).rows()).encode() + str(pl.read_parquet_metadata(file)).encode()
        assert not any(number.encode() in content for number in (clear, other, "张三", "李四")), file
    assert len(world.landed(result)["person_id"][0]) == 32


def test_the_key_is_made_once_and_only_for_its_owner(tmp_path, monkeypatch):
    from pipelines.landing.hash_key import load_key

    monkeypatch.delenv("CARESTAT_KEY_FILE")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    key = load_key()
    assert len(key) == 32
    assert load_key() == key
    assert (tmp_path / "carestat" / "key").stat().st_mode & 0o777 == 0o600


def test_empty_frame_has_the_landed_columns(world):
    world.table("deaths/2024/511702.csv", COUNTS, "511702,合计,合计,1")
    landing = Landing(world.raw, world.var)
    assert world.landed(landing.land("deaths")).schema == landing.empty("deaths").schema
