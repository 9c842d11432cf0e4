"""Which file stands: revisions, lower suppliers, nil returns."""

COUNTS = "区划代码,性别,年龄组,死亡人数"


ROWS = {code: [f"{code},合计,合计,{value}"] for code, value in (("511702", 1), ("511703", 2))}


def states(result):
    return dict(result.delivery.select("path", "state").iter_rows())


def test_the_highest_revision_stands_whatever_its_extension(world):
    world.table("deaths/2024/511702.csv", COUNTS, "511702,合计,合计,1", "注：,,,")
    world.table("deaths/2024/511702_r2.csv", COUNTS, "511702,合计,合计,2")
    world.table("deaths/2024/511702_R10.CSV", COUNTS, "511702,合计,合计,3")
    result = world.whole(world.land("deaths"))
    assert states(result) == {
        "deaths/2024/511702.csv": "superseded",
        "deaths/2024/511702_r2.csv": "superseded",
        "deaths/2024/511702_R10.CSV": "landed",
    }
    assert world.landed(result)["deaths"].to_list() == [3]
    counts = {row["path"]: row for row in result.reconciliation.iter_rows(named=True)}
    assert counts["deaths/2024/511702.csv"] | {"path": ""} == {
        "path": "", "delivered": 2, "landed": 0, "quarantined": 0, "superseded": 1, "ignored": 1,
    }  # fmt: skip


def test_an_unreadable_revision_replaces_too(world):
    world.table("deaths/2024/511702.csv", COUNTS, "511702,合计,合计,1")
    world.put("deaths/2024/511702_r2.xlsx", b"broken")
    result = world.whole(world.land("deaths"))
    assert set(states(result).values()) == {"superseded", "rejected"}
    assert result.rows == 0


def test_a_lower_supplier_replaces_the_rows_of_its_region(world):
    world.table("deaths/2024/511700.csv", COUNTS, *ROWS["511702"], *ROWS["511703"])
    world.table("deaths/2024/511703.csv", COUNTS, "511703,合计,合计,7")
    result = world.whole(world.land("deaths"))
    assert world.landed(result).select("region_code", "deaths").rows() == [("511702", 1), ("511703", 7)]
    counts = {row["path"]: row["superseded"] for row in result.reconciliation.iter_rows(named=True)}
    assert counts == {"deaths/2024/511700.csv": 1, "deaths/2024/511703.csv": 0}


def test_a_nil_return_replaces_and_an_unreadable_file_does_not(world):
    world.table("deaths/2024/511700.csv", COUNTS, *ROWS["511702"], *ROWS["511703"])
    world.table("deaths/2024/511702.csv", COUNTS)
    world.put("deaths/2024/511703.csv", "nothing")
    result = world.whole(world.land("deaths"))
    assert world.landed(result)["region_code"].to_list() == ["511703"]
    assert states(result)["deaths/2024/511702.csv"] == "landed"


def test_a_file_whose_every_row_is_replaced(world):
    world.table("deaths/2024/511700.csv", COUNTS, *ROWS["511702"])
    world.table("deaths/2024/511702.csv", COUNTS, *ROWS["511702"])
    assert states(world.whole(world.land("deaths")))["deaths/2024/511700.csv"] == "superseded"
