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


def told(result):
    columns = ("path", "state", "standing", "supplier_code")
    return {path: rest for path, *rest in result.delivery.select(columns).iter_rows()}


def test_a_standing_file_counts_whatever_became_of_its_rows(world):
    world.table("deaths/2024/511700.csv", COUNTS, *ROWS["511702"])
    world.table("deaths/2024/511702.csv", COUNTS, "511702,合计,合计,x")
    world.put("deaths/2024/511703.csv", "nothing")
    world.table("deaths/2024/510000.csv", COUNTS, "511702,合计,合计,1")
    world.put("deaths/2024/510000_r2.csv", "nothing")
    assert told(world.whole(world.land("deaths"))) == {
        "deaths/2024/510000.csv": ["superseded", False, "510000"],
        "deaths/2024/510000_r2.csv": ["rejected", False, "510000"],
        "deaths/2024/511700.csv": ["superseded", True, "511700"],
        "deaths/2024/511702.csv": ["rejected", True, "511702"],
        "deaths/2024/511703.csv": ["rejected", False, "511703"],
    }


def test_the_supplier_is_told_as_of_the_period_end(world):
    world.table("deaths/2024/511721.csv", COUNTS)
    world.table("deaths/2010/511721.csv", COUNTS)
    world.table("deaths/2024/511799.csv", COUNTS)
    world.table("deaths/2024/999999.csv", COUNTS)
    world.table("deaths/2024/000000.csv", COUNTS)
    assert {path: code for path, (_, _, code) in told(world.land("deaths")).items()} == {
        "deaths/2010/511721.csv": "511721",
        "deaths/2024/511721.csv": "511703",
        "deaths/2024/511799.csv": None,
        "deaths/2024/999999.csv": None,
        "deaths/2024/000000.csv": "000000",
    }


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
