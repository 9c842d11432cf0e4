"""What `carestat check` tells before a delivery: the same as the landing afterwards; nothing is written."""

import hashlib
import json
import zipfile

import fastexcel
import pytest
from click.testing import CliRunner

from pipelines.cli import main

FACILITIES = (
    "设施编码,机构名称,县区代码,乡镇街道代码,城乡属性,机构类型,所有制性质,运营主体,是否普惠,床位数,护理型床位数,状态"
)
ROSTER = "身份证号,姓名,出生日期,县区代码,救助类别,自理能力,供养方式,供养机构编码"
PERSON = "{},张三丰,1949-12-31,511702,特困,{},集中,{}"
COUNTS = "区划代码,性别,年龄组,死亡人数"
ITEMS = "区划代码,指标代码,数值,单位"
FIRST, SECOND, THIRD = "11010519491231002X", "110105194912310038", "110105194912310054"


def facility(number, county="511702", beds=20, nursing=5, owner="公办"):
    return f"F{number:03},一院,{county},511702001,城市,养老院,{owner},企业,是,{beds},{nursing},运营"


DELIVERIES = {
    "elderly_facilities/2024-03/511702.csv": [
        FACILITIES, facility(1), facility(2, beds="约20"), facility(1), facility(3, nursing=21, owner="甲"), "F9,x",
    ],
    "assistance_roster/2024-03/511702.csv": [
        ROSTER, PERSON.format(FIRST, "全护理", "F001"), PERSON.format(FIRST, "半护理", "F001"),
        PERSON.format(SECOND, "全护理", "F999"), PERSON.format(THIRD, "半护里", ""),
    ],
    "agency_returns/2024/511700.csv": [
        ITEMS, "511700,pension_insured,5,人", "511700,没有,1,人", "511799,pension_base,5,人",
        "510000,medical_base,5,人",
    ],
    "deaths/2024/511702.csv": [
        COUNTS, "511702,男,0岁,1", "511702,男,5+,2", "511702,女,0岁,1", "合计,,,4", "511703,合计,合计,x",
    ],
    "regions/2024-06-30/000000.csv": [
        "区划代码,区划名称,级别,上级区划代码,县级类型,是否国标代码,是否单独报送,生效日期",
        "000000,全国,全国,000000,,是,否,1949-10-01", "511702,通川区,县级,511700,,是,否,1999-01-01",
        "51,x,县级,5,县,是,否,x",
    ],
}  # fmt: skip


@pytest.fixture
def delivered(world):
    """The registers that others refer to: regions, and one facility of the year."""
    world.table("elderly_facilities/2024-01/511702.csv", FACILITIES, facility(1))
    return world


def tree(*folders):
    """Every file below, with its content's digest."""
    files = sorted(path for folder in folders for path in folder.rglob("*") if path.is_file())
    return [(str(path), hashlib.sha256(path.read_bytes()).hexdigest()) for path in files]


def check(world, file, source, period, *options):
    place = ["--source", source, "--period", period, "--raw", str(world.raw)]
    return CliRunner().invoke(main, ["check", str(file), *place, *options])


def as_json(world, file, source, period, *options):
    done = check(world, file, source, period, "--format", "json", *options)
    return done.exit_code, json.loads(done.stdout)


@pytest.mark.parametrize("path", DELIVERIES)
def test_the_check_says_what_the_landing_does(delivered, tmp_path, path):
    source, period, name = path.split("/")
    file = tmp_path / "desk" / name
    file.parent.mkdir()
    file.write_text("\n".join(DELIVERIES[path]) + "\n", encoding="utf-8")
    code, told = as_json(delivered, file, source, period)

    delivered.table(path, *DELIVERIES[path])
    landed = delivered.whole(delivered.land(source))
    refused = landed.quarantine.filter(landed.quarantine["path"] == path)
    assert refused.height > 0
    by_row = {}
    for row in told["rows"]:
        by_row.setdefault(row["row_number"], []).append(row["reason"])
    assert {number: list(dict.fromkeys(reasons)) for number, reasons in by_row.items()} == {
        number: reasons.split("|") for number, reasons in refused.select("row_number", "all_reasons").iter_rows()
    }
    counts = landed.reconciliation.filter(landed.reconciliation["path"] == path).row(0, named=True)
    assert {"path": path} | told["counts"] == counts
    assert (code, told["clean"]) == (1, False)
    assert all(row["what"] and row["remedy"] for row in told["rows"])


def test_nothing_is_written_and_no_key_is_made(delivered, tmp_path, monkeypatch):
    monkeypatch.setenv("CARESTAT_KEY_FILE", str(tmp_path / "none" / "key"))
    monkeypatch.setenv("CARESTAT_VAR", str(delivered.var))
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()
    (delivered.var / "landing").mkdir(parents=True)
    (delivered.var / "landing" / "stat.json").write_text("{}")
    file = delivered.table(
        "elderly_facilities/2024-03/511702.csv", *DELIVERIES["elderly_facilities/2024-03/511702.csv"]
    )
    before = tree(tmp_path)
    assert check(delivered, file, "elderly_facilities", "2024-03").exit_code == 1
    assert tree(tmp_path) == before
    assert not (tmp_path / "none").exists()


def test_a_clean_file(delivered, tmp_path):
    file = tmp_path / "511702.csv"
    file.write_text("\n".join([FACILITIES + ",备用", facility(1) + ",x"]) + "\n", encoding="utf-8")
    done = check(delivered, file, "elderly_facilities", "2024-03", "--answer", str(tmp_path / "answer.xlsx"))
    assert done.exit_code == 0
    assert "可以报送，没有拒收" in done.stdout
    assert "备用：约定中没有这一列，未读入" in done.stdout
    assert "共 1 行：接收 1，拒收 0，被替代 0，不计入（合计、注等）0" in done.stdout
    assert not (tmp_path / "answer.xlsx").exists()
    assert "没有拒收，不写回执" in done.stderr


def test_bad_rows_with_line_column_value_and_remedy(delivered, tmp_path):
    file = tmp_path / "511702.csv"
    file.write_text(
        "\n".join([FACILITIES, facility(1), facility(2, beds="约20"), facility(1)]) + "\n", encoding="utf-8"
    )
    answer = tmp_path / "answer.xlsx"
    done = check(delivered, file, "elderly_facilities", "2024-03", "--answer", str(answer))
    assert done.exit_code == 1
    lines = done.stdout.splitlines()
    at = lines.index("第 3 行 · row 3")
    assert lines[at + 1] == "  床位数“约20”不是整数 [bad_type]"
    assert lines[at + 2].startswith("    → 只填整数")
    assert "  设施编码（F001）与第 2 行重复，保留在先的一行 [duplicate_key]" in lines
    assert fastexcel.read_excel(answer.read_bytes()).sheet_names == ["说明", "拒收行", "原因汇总"]


def test_nothing_of_a_person_is_printed(delivered, tmp_path):
    file = tmp_path / "511702.csv"
    rows = DELIVERIES["assistance_roster/2024-03/511702.csv"]
    file.write_text("\n".join(rows) + "\n", encoding="utf-8")
    for form in ("text", "json"):
        told = check(delivered, file, "assistance_roster", "2024-03", "--format", form).output
        assert "duplicate_key" in told
        assert not any(secret in told for secret in (FIRST, SECOND, THIRD, "张三丰", "半护里"))


@pytest.mark.parametrize(
    ("name", "options", "reasons", "rows"),
    [
        ("通川.csv", [], ["bad_filename"], 0),
        ("通川.csv", ["--supplier", "511702"], [], 1),
        ("通川.csv", ["--supplier", "999999"], ["bad_filename"], 0),
        ("511702_r1.csv", [], ["bad_filename"], 0),
        ("999999.csv", [], ["bad_filename"], 0),
        ("511702.xls", ["--supplier", "511702"], ["bad_filename"], 0),
        (".511702.csv", [], ["bad_filename"], 0),
        ("511702.csv", ["--supplier", "511703"], [], 1),
    ],
)
def test_the_name_is_judged_too(delivered, tmp_path, name, options, reasons, rows):
    file = tmp_path / name
    file.write_text("\n".join([FACILITIES, facility(1, beds="x")]) + "\n", encoding="utf-8")
    code, told = as_json(delivered, file, "elderly_facilities", "2024-03", *options)
    assert code == 1
    assert [refusal["reason"] for refusal in told["file_refusals"]] == reasons
    assert len(told["rows"]) == rows


def test_a_name_of_no_delivery_is_no_fault_where_the_supplier_is_said(delivered, tmp_path):
    file = tmp_path / "通川.csv"
    file.write_text("\n".join([FACILITIES, facility(1)]) + "\n", encoding="utf-8")
    code, told = as_json(delivered, file, "elderly_facilities", "2024-03", "--supplier", "511702")
    assert (code, told["clean"]) == (0, True)
    assert {note["finding"]: note["text"] for note in told["notes"]}["to_be_named"].startswith(
        "报送时请命名为 511702.csv"
    )
    code, told = as_json(delivered, file, "elderly_facilities", "2024-03")
    assert (code, told["file_refusals"][0]["reason"]) == (1, "bad_filename")
    assert "--supplier" in told["file_refusals"][0]["remedy"]
    assert "如 511702.xlsx；" in told["file_refusals"][0]["remedy"]


def test_where_another_name_would_not_help_no_supplier_is_asked_for(delivered, tmp_path):
    for name in ("999999.csv", "511702.xls", ".511702.csv"):
        file = tmp_path / name
        file.write_text("x")
        _, told = as_json(delivered, file, "elderly_facilities", "2024-03")
        assert "--supplier" not in told["file_refusals"][0]["remedy"]


@pytest.mark.parametrize(
    ("name", "options", "rows", "verdict", "remedy"),
    [
        ("511702.csv", [], [facility(1, beds="x"), facility(2)], "1 行会被拒收", "改好后以 511702.csv 报送"),
        ("通川.csv", ["--supplier", "511702"], [facility(1, beds="x")], "1 行会被拒收", "改好后以 511702.csv 报送"),
        ("511700.csv", [], None, "整份不会被接收：没有可识别的表头", "改好后以 511700.csv 报送"),
        ("通川.csv", [], [facility(1)], "整份不会被接收：文件名", "--supplier"),
        ("999999.csv", [], [facility(1)], "整份不会被接收：文件名", "文件名为6位区划代码"),
    ],
)
def test_the_answer_of_a_check_is_no_receipt(delivered, tmp_path, name, options, rows, verdict, remedy):
    file, answer = tmp_path / name, tmp_path / "answer.xlsx"
    file.write_text("\n".join(["x"] if rows is None else [FACILITIES, *rows]) + "\n", encoding="utf-8")
    done = check(delivered, file, "elderly_facilities", "2024-03", *options, "--answer", str(answer))
    assert done.exit_code == 1
    book = fastexcel.read_excel(answer.read_bytes())
    cover = book.load_sheet("说明", header_row=None, dtypes="string").to_polars()
    assert cover.row(0)[1] == "自查结果（尚未报送）"
    told = "\n".join(text or "" for row in cover.rows() for text in row)
    assert verdict in told
    assert remedy in told
    assert ("改好后以" in told) == ("改好后以" in remedy)
    assert not any(word in told for word in ("_r2.csv", "重报", "未接收", "部分接收", "回执", "替代本文件"))


def test_the_answer_of_a_check_names_the_revision_where_a_delivery_lies_there(delivered, tmp_path):
    delivered.table("elderly_facilities/2024-03/511702_r2.csv", FACILITIES, facility(1))
    file, answer = tmp_path / "通川.csv", tmp_path / "answer.xlsx"
    file.write_text("\n".join([FACILITIES, facility(1, beds="x")]) + "\n", encoding="utf-8")
    done = check(delivered, file, "elderly_facilities", "2024-03", "--supplier", "511702", "--answer", str(answer))
    assert "报送时请命名为 511702_r3.csv" in done.stdout
    cover = fastexcel.read_excel(answer.read_bytes()).load_sheet("说明", header_row=None, dtypes="string").to_polars()
    assert "改好后以 511702_r3.csv 报送。" in cover.to_series(1).to_list()


def test_the_row_that_a_person_repeats_is_named_and_the_person_is_not(delivered, tmp_path):
    file, answer = tmp_path / "511702.csv", tmp_path / "answer.xlsx"
    person = "{},张三丰,511702,511702001,独居,4"
    rows = [person.format(number) for number in (FIRST, SECOND, THIRD, SECOND)]
    file.write_text(
        "\n".join(["身份证号,姓名,县区代码,乡镇街道代码,特殊困难类别,探访次数", *rows]) + "\n", encoding="utf-8"
    )
    done = check(delivered, file, "care_contacts", "2024-03", "--answer", str(answer))
    assert "身份证号与第 3 行重复，保留在先的一行 [duplicate_key]" in done.stdout
    with zipfile.ZipFile(answer) as parts:
        written = "".join(parts.read(part).decode("utf-8", "replace") for part in parts.namelist())
    assert "与第 3 行重复" in written
    assert not any(secret in done.output + written for secret in (FIRST, SECOND, THIRD, "张三丰"))


@pytest.mark.parametrize(
    ("source", "period", "options"),
    [
        ("weather", "2024-03", []), ("elderly_facilities", "2024", []), ("elderly_facilities", "2024-13", []),
        ("elderly_facilities", "2024-03", ["--supplier", "5117"]),
    ],
)  # fmt: skip
def test_wrong_usage(delivered, tmp_path, source, period, options):
    file = tmp_path / "511702.csv"
    file.write_text("x")
    assert check(delivered, file, source, period, *options).exit_code == 2
    assert check(delivered, tmp_path / "none.csv", "deaths", "2024").exit_code == 2


def test_a_file_that_cannot_be_read_and_a_period_to_come(delivered, tmp_path):
    file = tmp_path / "511702.xlsx"
    file.write_bytes(b"PK\x03\x04broken")
    code, told = as_json(delivered, file, "deaths", "2024")
    assert (code, [refusal["reason"] for refusal in told["file_refusals"]]) == (1, ["unreadable_file"])
    code, told = as_json(delivered, file, "deaths", "2999")
    assert (code, [refusal["reason"] for refusal in told["file_refusals"]]) == (1, ["bad_filename"])
    assert "时期在将来" in told["file_refusals"][0]["what"]


def test_without_a_register_codes_are_not_judged_and_that_is_said(world, tmp_path):
    world.raw = tmp_path / "nowhere"
    file = tmp_path / "511702.csv"
    rows = [
        facility(1),
        facility(2, beds="x"),
        facility(3).replace("511702001", "511702999"),
        facility(4, county="5101"),
    ]
    file.write_text("\n".join([FACILITIES, *rows]) + "\n", encoding="utf-8")
    code, told = as_json(world, file, "elderly_facilities", "2024-03")
    assert code == 1
    # whose row it is can be told from its digits alone
    assert [(row["row_number"], row["reason"]) for row in told["rows"]] == [(3, "bad_type"), (5, "out_of_jurisdiction")]
    assert told["notes"][0]["finding"] == "no_register"
    assert "没有可用的行政区划名录" in told["notes"][0]["text"]


def test_notes_on_what_lies_there_and_what_is_missing(world, tmp_path):
    world.table("assistance_roster/2024-03/511702_r2.csv", ROSTER)
    file = tmp_path / "511702.csv"
    file.write_text("\n".join([ROSTER, PERSON.format(FIRST, "全护理", "F001")]) + "\n", encoding="utf-8")
    _, told = as_json(world, file, "assistance_roster", "2024-03")
    notes = {note["finding"]: note["text"] for note in told["notes"]}
    assert "请命名为 511702_r3.csv" in notes["already_delivered"]
    assert notes["no_reference"].startswith("2024年还没有可用的养老机构与设施名册")
    assert [row["reason"] for row in told["rows"]] == ["unknown_facility"]
    file.write_text(ROSTER + "\n", encoding="utf-8")
    code, told = as_json(world, file, "assistance_roster", "2024-03")
    assert code == 0
    assert "零报送" in {note["finding"]: note["text"] for note in told["notes"]}["nil_return"]
