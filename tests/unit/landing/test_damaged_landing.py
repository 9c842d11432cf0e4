"""Whatever becomes of what landing keeps, a night lands what was delivered."""

from pathlib import Path

import pytest

from pipelines.landing.land import Landing
from pipelines.landing.store import read_sealed, write_bytes, write_sealed

COUNTS = "区划代码,性别,年龄组,死亡人数"
CONTACTS = "身份证号,姓名,县区代码,乡镇街道代码,人员类别,探访次数,探访日期"


def told(world) -> list[object]:
    """All that a night takes from landing, the rows themselves included."""
    landing = Landing(world.raw, world.var)
    return [
        [[frame.rows() for frame in (part.delivery, part.reconciliation, part.quarantine, part.finding)],
         [path.read_bytes() for path in (*part.files, *part.quarantined, *part.faults)]]
        for part in map(landing.land, ("regions", "deaths", "care_contacts"))
    ]  # fmt: skip


def flipped(content: bytes) -> bytes:
    return content[: len(content) // 2] + bytes([content[len(content) // 2] ^ 4]) + content[len(content) // 2 + 1 :]


@pytest.mark.parametrize(
    "harm",
    [flipped, lambda content: content[: len(content) // 2], lambda content: b"", lambda content: b"x" + content, None],
    ids=["a bit flipped", "cut off", "emptied", "shifted", "gone"],
)
def test_what_landing_keeps_is_seen_to_be_damaged_and_made_again(world, harm):
    world.table("deaths/2024/511702.csv", COUNTS, "511702,合计,合计,1", "511702,合计,合计,三")
    world.table("deaths/2024/511703.csv", COUNTS, "511703,合计,合计,2")
    world.table("care_contacts/2024-03/511702.csv", CONTACTS, "x,张三,511702,511702001,独居,2,2024-03-05")
    wanted = told(world)
    kept = [path for top in ("landing", "quarantine") for path in (world.var / top).rglob("*") if path.is_file()]
    names = {path.suffix for path in kept} | {path.name for path in kept}
    assert {".parquet", ".sha256", "stat.json", "sources.json", "suppliers.json", "deaths.json"} <= names
    for path in kept:
        before = path.read_bytes()
        if harm is None:
            path.unlink()
        else:
            path.write_bytes(harm(before))
        assert told(world) == wanted, path
        path.write_bytes(before)
    for path in kept:
        path.unlink() if harm is None else path.write_bytes(harm(path.read_bytes()))
    assert told(world) == wanted


def test_a_value_changed_within_a_sidecar_is_seen(world):
    """Damage that is still good JSON: a count, a supplier, a digest of a delivery."""
    path = world.var / "x.json"
    write_sealed(path, {"rows": 12, "报送单位": "511702"})
    assert read_sealed(path) == {"rows": 12, "报送单位": "511702"}
    path.write_bytes(path.read_bytes().replace(b"12,", b"13,"))
    assert read_sealed(path) is None


def test_a_full_disk_is_not_filled_further(world, monkeypatch):
    target = world.var / "landing" / "x.json"
    write_bytes(target, b"former")

    def full(path: Path, content: bytes) -> int:
        with path.open("wb") as half:
            half.write(content[:2])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="No space left"):
        write_bytes(target, b"content")
    assert [path.name for path in target.parent.iterdir()] == ["x.json"]
    assert target.read_bytes() == b"former"


def test_an_empty_raw_folder_is_not_taken_for_the_end_of_all_deliveries(world):
    world.table("deaths/2024/511702.csv", COUNTS, "511702,合计,合计,1")
    world.land("deaths")
    known = (world.var / "landing" / "stat.json").read_bytes()
    world.raw.rename(world.raw.with_name("away"))
    world.raw.mkdir()
    assert world.land("deaths").rows == 0
    assert (world.var / "landing" / "stat.json").read_bytes() == known


def test_a_period_whose_file_changed_meanwhile_stands_as_it_was_in_force(world, monkeypatch):
    """Of two earlier landings the one in force stands, not the one made last."""
    import pipelines.landing.parsed as parsed_module
    from pipelines.landing.discover import ChangedMeanwhile

    for count in (1, 22, 1):
        world.table("deaths/2024/511702.csv", COUNTS, f"511702,合计,合计,{count}")
        assert world.landed(world.land("deaths"))["deaths"].to_list() == [count]

    def changed(path, file):
        raise ChangedMeanwhile(file)

    monkeypatch.setattr(parsed_module, "assure_unchanged", changed)
    world.table("deaths/2024/511702.csv", COUNTS, "511702,合计,合计,333")
    result = world.land("deaths")
    assert world.landed(result)["deaths"].to_list() == [1]
    assert "still_being_written" in result.finding["finding"].to_list()
