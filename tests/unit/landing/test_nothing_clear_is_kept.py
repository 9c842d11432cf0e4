"""Numbers, accounts and names are planted in every place of a delivery about persons; landing keeps none of them.

Every file below var/ is searched: as bytes, and Parquet, workbooks and JSON also by what is written in them.
"""

from __future__ import annotations

import io
import re
import stat
import traceback
import unicodedata
import zipfile
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter

from pipelines.landing.land import Landing

#: every invented number below begins with this place and year, but for the accounts
BORN = "110105194912"
PERSONS = {
    "right": "11010519491231002X",
    "lower case": "11010519491231002x",
    "wrong check digit": "110105194912310021",
    "old": "110105491231002",
    "spaces": "110105 19491231 002X",
    "full width": "１１０１０５１９４９１２３１００２Ｘ",
    "zero width": "110105\u200b19491231\u200b002X",
    "hyphens": "110105-1949-1231-002X",
    "glued": "身份证号110105194912310021李四光",
    "in words": "见110105194912310021、11010519491231002X两人",
    "account": "6222021001116245702",
    "short account": "6217000010001234",
    "grouped account": "6222 0210 0111 6245 702",
    "name": "张三丰",
    "double name": "欧阳锋",
}
CLEAR = (BORN, "110105491231002", "6222021001116245702", "6217000010001234", "张三丰", "欧阳锋", "李四光")
SOUND = {
    "assistance_roster": {
        "身份证号": "", "姓名": "张三丰", "性别": "男", "出生日期": "1950-03-01", "家庭编号": "",
        "县区代码": "511702", "乡镇街道代码": "511702001", "救助类别": "特困", "是否符合条件": "是",
        "自理能力": "全护理", "是否残疾": "否", "供养方式": "分散", "集中供养意愿": "否", "供养机构编码": "",
        "基本养老服务": "是",
        "适老化改造日期": "2023-05-01", "纳入日期": "2020-01-01", "退出日期": "",
        "开户账号": "6222021001116245702", "监护人": "欧阳锋", "监护人电话": "13800138000",
    },
    "care_contacts": {
        "身份证号": "", "姓名": "张三丰", "县区代码": "511702", "乡镇街道代码": "511702001", "村社区代码": "",
        "人员类别": "独居", "探访次数": "2", "探访方式": "上门", "探访日期": "2024-03-05",
        "探访人": "欧阳锋", "卡号": "6217000010001234",
    },
    "subsidy_ledger": {
        "流水号": "", "项目代码": "BANAN-S5", "县区代码": "511702", "对象类型": "个人", "机构编码": "", "身份证号": "",
        "补贴数量": "1", "单价": "50", "金额": "50", "所属期": "2024-03", "发放日期": "2024-03-05", "状态": "已发放",
        "领款人": "张三丰", "开户账号": "6222021001116245702",
    },
}  # fmt: skip


def rows(source, first):
    """A sound row and, for every column and plant, one that has the plant there; persons and vouchers differ."""
    sound = SOUND[source]
    plants = [(column, what, plant) for column in sound for what, plant in PERSONS.items()]
    # the number of a voucher may look like an account's: nobody can tell them apart
    told = [(column, plant) for column, what, plant in plants if column != "流水号" or "account" not in what]
    planted = [sound] + [sound | {column: plant} for column, plant in told]
    for number, row in enumerate(planted, first):
        given = {"身份证号": f"{BORN}{number:06d}", "流水号": f"P{number}"}
        yield [row[column] or given.get(column, "") for column in sound]


def header(source, plant):
    return [*SOUND[source], plant]


def csv_text(*lines):
    return "\n".join(",".join([*line]) for line in lines) + "\n"


def sheet(name, *lines):
    content = io.BytesIO()
    with xlsxwriter.Workbook(content) as book:
        page = book.add_worksheet(name)
        for number, line in enumerate(lines):
            page.write_row(number, 0, line)
    return content.getvalue()


def deliver(world, source):
    """The same plants in every format, with plants in headers, above them, in sheet names and in names of files."""
    person, account, name = PERSONS["right"], PERSONS["account"], PERSONS["name"]
    folder = f"{source}/2024-0{{}}"
    title, foot = [f"经办人{person}", account, name], [f"填报人：{name}", person]
    parts = (("utf-8", "csv"), ("gb18030", "csv"), ("xlsx", "xlsx"), ("parquet", "parquet"))
    for month, (encoding, kind) in enumerate(parts, 1):
        lines = [[*line, name] for line in rows(source, month * 10_000)]
        path = f"{folder.format(month)}/511702.{kind}"
        if kind == "csv":
            text = csv_text(title, header(source, f"联系人{person}"), *lines, foot)
            world.put(path, text.encode(encoding))
        elif kind == "xlsx":
            world.put(path, sheet(name, title, header(source, account), *lines, foot))
        else:
            frame = pl.DataFrame(lines, schema=header(source, PERSONS["spaces"]), orient="row")
            frame.write_parquet(world.put(path, b""))
    # shifted by a cell, ragged, no header, a header that is a person's row, two headers for one column
    line = next(rows(source, 90_000))
    shifted = [[*line[1:], line[0]], [name, *line[:-1]], [*line, person, account], line[:4]]
    world.put(f"{folder.format(5)}/511702.csv", csv_text(list(SOUND[source]), *shifted))
    world.put(f"{folder.format(6)}/511702.csv", csv_text(title, line, line))
    world.put(f"{folder.format(6)}/511703.csv", csv_text([*SOUND[source], "公民身份号码"], [*line, person]))
    world.put(f"{folder.format(7)}/511702.xlsx", sheet(person, list(SOUND[source]), *rows(source, 70_000)))
    world.put(f"{folder.format(7)}/511703.xlsx", f"{person},{account},{name}".encode())
    world.put(f"{folder.format(8)}/511702.parquet", f"{person},{account},{name}".encode())
    # names of files and folders
    for number, plant in PERSONS.items():
        if "name" not in number:
            world.put(f"{folder.format(9)}/{plant}.csv", "x")
            world.put(f"{source}/{plant}/511702.csv", "x")
            world.put(f"{plant}/2024/511702.csv", "x")
            world.put(f"{folder.format(9)}/511702_{plant}.part", "x")


@pytest.fixture(scope="module")
def landed(tmp_path_factory, world_in):
    """All that was told of the deliveries, and the folder of everything generated."""
    with pytest.MonkeyPatch.context() as patch:
        key = tmp_path_factory.mktemp("key") / "key"
        key.write_bytes(bytes(range(32)))
        key.chmod(0o600)
        patch.setenv("CARESTAT_KEY_FILE", str(key))
        world = world_in(tmp_path_factory.mktemp("planted"))
        for source in SOUND:
            deliver(world, source)
        landing = Landing(world.raw, world.var)
        results = {source: landing.land(source) for source in SOUND}
        return world, results | {"": landing.strays()}


def squeezed(text):
    """`text` as a search for numbers and names must see it: half width, without what may stand between digits."""
    return re.sub(r"[\s\-_.·—\u200b-\u200f\ufeff]", "", unicodedata.normalize("NFKC", text)).upper()


def written_in(path: Path):
    """Everything that a file says: its bytes as text, and what its format hides."""
    content = path.read_bytes()
    yield content.decode("utf-8", "ignore")
    yield content.decode("gb18030", "ignore")
    yield content.decode("utf-16-le", "ignore")
    if path.suffix == ".parquet":
        frame = pl.read_parquet(path)
        yield " ".join([*frame.columns, str(pl.read_parquet_metadata(path))])
        for column in frame.select(pl.col(pl.String, pl.Categorical, pl.Enum).cast(pl.String)):
            yield "\n".join(column.drop_nulls())
    if path.suffix == ".xlsx":
        with zipfile.ZipFile(path) as parts:
            for name in parts.namelist():
                yield name + parts.read(name).decode("utf-8", "ignore")


def found(text):
    """The plants in `text`; the account and the old number only where no other digit joins them."""
    seen = squeezed(text)
    return [clear for clear in CLEAR if clear in seen]


def test_the_search_itself_sees_every_plant(tmp_path):
    for plant in PERSONS.values():
        assert found(plant), plant
    pl.DataFrame({"a": [PERSONS["full width"]]}).write_parquet(tmp_path / "a.parquet")
    (tmp_path / "a.xlsx").write_bytes(sheet("表", [PERSONS["name"]]))
    for path in tmp_path.iterdir():
        assert [hit for text in written_in(path) for hit in found(text)], path


def test_no_file_of_landing_keeps_any(landed):
    world, _ = landed
    files = [path for path in world.var.rglob("*") if path.is_file()]
    assert len(files) > 60 and any("quarantine" in path.parts for path in files)
    leaks = {}
    for path in files:
        hits = found(path.relative_to(world.var).as_posix()) + [hit for text in written_in(path) for hit in found(text)]
        if hits:
            leaks[path.relative_to(world.var).as_posix()] = sorted(set(hits))
    assert leaks == {}


def test_only_owner_and_group_may_look_at_rows_of_persons(landed):
    world, _ = landed
    for folder in ("landing", "quarantine"):
        assert stat.S_IMODE((world.var / folder).stat().st_mode) == 0o750


def test_an_unforeseen_error_names_no_number(world, monkeypatch):
    world.put("deaths/2024/511702.csv", "区划代码,性别,年龄组,死亡人数\n511702,合计,合计,1\n")

    def broken(*arguments, **options):
        try:
            pl.Series([PERSONS["right"]]).cast(pl.Int64)
        except pl.exceptions.PolarsError as error:
            assert PERSONS["right"] in str(error)
            raise ValueError(f"row of {PERSONS['account']}") from error

    monkeypatch.setattr("pipelines.landing.parsed.parsed_file", broken)
    with pytest.raises(ValueError) as failed:
        world.land("deaths")
    assert found("".join(traceback.format_exception(failed.value))) == []


def test_nothing_told_of_the_files_holds_any(landed):
    _, results = landed
    for source, result in results.items():
        for frame in (result.delivery, result.reconciliation, result.quarantine, result.finding):
            for column in frame.select(pl.col(pl.String)):
                assert found("\n".join(column.drop_nulls())) == [], (source, column.name)


@pytest.mark.parametrize("source", list(SOUND))
def test_good_rows_landed_and_bad_ones_were_refused(landed, source):
    """The plants passed through landing, quarantine and findings: the search had something to search."""
    world, results = landed
    result = world.whole(results[source])
    rows_of = dict(result.reconciliation.select("path", "landed").rows())
    refused = dict(result.reconciliation.select("path", "quarantined").rows())
    for month, kind in enumerate(("csv", "csv", "xlsx", "parquet"), 1):
        path = f"{source}/2024-0{month}/511702.{kind}"
        assert rows_of[path] > 40 and refused[path] > 50
    reasons = set(result.quarantine["reason"])
    assert {"bad_type", "bad_enum", "unknown_region", "ragged_row"} <= reasons
    assert {"unparsable_header", "unreadable_file", "bad_filename"} <= set(result.delivery["reason"].drop_nulls())
    told = set(result.finding["finding"])
    assert {"unmatched_column", "id_check_digit", "still_being_written", "file_rejected"} <= told
    people = world.landed(result)["person_id"]
    assert people.str.contains("^[0-9a-f]{32}$").all() and people.n_unique() > 150


REGISTER = {
    "设施编码": "", "机构名称": "一院", "县区代码": "511702", "乡镇街道代码": "511702001", "城乡属性": "城市",
    "机构类型": "养老院", "所有制性质": "公办", "运营主体": "企业", "是否普惠": "是", "床位数": "20",
    "护理型床位数": "5", "状态": "运营",
}  # fmt: skip


def test_registers_keep_no_citizens_number_either(world):
    """In a name, a code or any other cell of a source that is not about persons."""
    plants = [plant for kind, plant in PERSONS.items() if "name" not in kind]
    planted = [REGISTER | {column: plant} for column in REGISTER for plant in plants]
    lines = [[row["设施编码"] or f"F{number}", *list(row.values())[1:]] for number, row in enumerate(planted)]
    world.put("elderly_facilities/2024-03/511702.csv", csv_text(REGISTER, *lines))
    result = world.whole(world.land("elderly_facilities"))
    assert result.rows > 10 and result.quarantine.height > 50
    files = [path for path in world.var.rglob("*") if path.is_file()]
    leaks = {hit for path in files for text in written_in(path) for hit in found(text)}
    # a register's own codes may be as long as an account: they keep them; a name beside a number is a name's place
    assert leaks <= {"6222021001116245702", "6217000010001234", "李四光"}
    accounts = world.landed(result).filter(pl.col("facility_id").str.contains("^6[0-9]{15}"))
    assert accounts.height == 2 and result.rows - accounts.height > 10
