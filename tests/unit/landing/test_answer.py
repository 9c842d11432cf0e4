"""The answer to a supplier: which cells to mend and how; nothing of a person, no formula."""

import re
import zipfile

import fastexcel
import polars as pl
import pytest

from pipelines.contracts import contract_of
from pipelines.landing.answer import write_answer
from pipelines.landing.letter import next_name
from pipelines.landing.results import QUARANTINE

FACILITIES = (
    "设施编码,机构名称,县区代码,乡镇街道代码,城乡属性,机构类型,所有制性质,运营主体,是否普惠,"
    "床位数（张）,护理型床位数,状态"
)
ROSTER = "身份证号,姓名,出生日期,县区代码,救助类别,自理能力,供养方式,银行账号,联系电话"
PERSON = "11010519491231002X,张三丰,1949-12-31,511702,特困,{},集中,6222020200012345678,13800001234"
NO_FAULTS = pl.DataFrame(schema=QUARANTINE).select("path", "row_number", "reason", "column")


def facility(number, name="一院", county="511702", beds=20, nursing=5, owner="公办"):
    return f"F{number:03},{name},{county},511702001,城市,养老院,{owner},企业,是,{beds},{nursing},运营"


@pytest.fixture
def answered(world):
    """Lands one delivery and writes the answer to it: the workbook's path."""

    def answer(path, content=None, source=None):
        if content is not None:
            world.put(path, content)
        source = source or path.split("/")[0]
        landed = world.whole(world.land(source))
        kept = world.var.glob(f"quarantine/{source}/*/*.fault.parquet")
        faults = pl.concat([NO_FAULTS, *(pl.read_parquet(part).select(NO_FAULTS.columns) for part in kept)])
        account = landed.reconciliation.row(0, named=True) | landed.delivery.row(0, named=True)
        detail = landed.finding.filter(pl.col("finding") == "file_rejected")["detail"].to_list()
        account["detail"] = detail[0].partition(": ")[2] if detail else ""
        target = world.var / "quarantine" / f"{path}.answer.xlsx"
        kind = path.rpartition(".")[2]
        write_answer(world.raw / path, kind, account, landed.quarantine, faults, contract_of(source), target)
        return target

    return answer


def cells(target, sheet):
    rows = fastexcel.read_excel(target.read_bytes()).load_sheet(sheet, header_row=None, dtypes="string").to_polars()
    return [["" if cell is None else cell for cell in row] for row in rows.rows()]


def comments(target):
    """Cell → the comment on it."""
    with zipfile.ZipFile(target) as parts:
        xml = parts.read("xl/comments2.xml" if "xl/comments2.xml" in parts.namelist() else "xl/comments1.xml").decode()
    found = re.findall(r'<comment ref="([A-Z]+\d+)".*?</comment>', xml, re.DOTALL)
    bodies = re.findall(r"<comment .*?</comment>", xml, re.DOTALL)
    return dict(
        zip(found, ("".join(re.findall(r"<t[^>]*>(.*?)</t>", body, re.DOTALL)) for body in bodies), strict=True)
    )


def everything(target):
    """All text of the workbook and of the short answer."""
    with zipfile.ZipFile(target) as parts:
        texts = [parts.read(name).decode("utf-8", "replace") for name in parts.namelist()]
    return "\n".join([*texts, target.with_suffix(".txt").read_text(encoding="utf-8")])


def messy():
    rows = [
        facility(1), facility(2, beds="约20"), facility(3, nursing=21), facility(4, owner="公建"), facility(1),
        facility(6, county="511799"),
    ]  # fmt: skip
    return "通川区名册,,,,,,,,,,,\n" + "\n".join([FACILITIES, *rows]) + "\n"


def test_refused_rows_with_their_numbers_reasons_and_cells(answered):
    target = answered("elderly_facilities/2024-03/511702.csv", messy())
    warning, header, *rows = cells(target, "拒收行")
    assert "不要把本表当作修订交来" in warning[0]
    assert header == ["原文件行号", "拒收原因", "怎样改", *FACILITIES.split(",")]
    assert [(row[0], row[1]) for row in rows[:4]] == [
        ("4", "床位数（张）“约20”不是整数。"),
        ("5", "不符合“护理型床位不超过床位数”：护理型床位数 21，床位数（张） 20。"),
        ("6", "所有制性质“公建”不在可填范围：公办、政府、公办公营、公建民营、国有企业、集体、民办、社会办、民办公助。"),
        ("7", "设施编码（F001）与第 3 行重复，保留在先的一行。"),
    ]
    assert rows[0][3:] == facility(2, beds="约20").split(",")
    assert len(rows) == 4  # 511799 became 511702, by the finer code of its row


def test_the_failing_cells_are_marked_and_commented(answered):
    found = comments(answered("elderly_facilities/2024-03/511702.csv", messy()))
    # sheet rows 3 to 6 are the refused ones; three columns stand before the supplier's own
    assert set(found) == {"M3", "M4", "N4", "J5", "D6"}
    assert "床位数（张）“约20”不是整数" in found["M3"]
    assert "护理型床位不超过床位数" in found["N4"]


def test_reasons_by_frequency(answered):
    rows = "\n".join([FACILITIES, facility(1, owner="甲"), facility(2, owner="乙"), facility(3, beds="")]) + "\n"
    target = answered("elderly_facilities/2024-03/511702.csv", rows)
    assert [row[:4] for row in cells(target, "原因汇总")[1:]] == [
        ["不在可填范围", "所有制性质", "2", "2、3"], ["必填单元格空白", "床位数（张）", "1", "4"],
    ]  # fmt: skip
    text = target.with_suffix(".txt").read_text(encoding="utf-8")
    assert "行数：共 3 行：接收 0，拒收 3，被替代 0，不计入（合计、注等）0" in text
    assert "2 处 不在可填范围（所有制性质），第 2、3 行" in text
    assert "文件名为 511702_r2.csv" in text
    assert "carestat check 511702_r2.csv --source elderly_facilities --period 2024-03" in text


def test_a_rule_is_told_as_what_does_not_hold(answered):
    target = answered("elderly_facilities/2024-03/511702.csv", messy())
    header, *rows = cells(target, "原因汇总")
    assert header[3] == "所在行（先列几行）"
    assert [row[4] for row in rows if row[0] == "不符合：护理型床位不超过床位数"] == [
        "核对护理型床位数、床位数（张）：护理型床位不超过床位数。"
    ]


def test_the_day_on_which_a_code_must_be_valid_is_told(answered):
    target = answered("deaths/2024/511702.csv", "区划代码,性别,年龄组,死亡人数\n999999,合计,合计,1\n")
    assert "不是本期末（2024-12-31）有效的区划代码" in cells(target, "拒收行")[2][1]


def test_nothing_of_a_person_is_in_the_answer(answered):
    # refused for a choice, for shifted cells, for a number that Excel spoiled; a name in a column of codes is no code
    rows = [PERSON.format("半护里"), PERSON.format("全护理").replace("集中", "集中,多"), PERSON.format("全护理")[1:]]
    target = answered("assistance_roster/2024-03/511702.csv", "\n".join([ROSTER, *rows]) + "\n")
    told = everything(target)
    for secret in (
        "张三丰",
        "11010519491231002",
        "1010519491231002X",
        "6222020200012345678",
        "13800001234",
        "1949-12-31",
    ):
        assert secret not in told
    shown = cells(target, "拒收行")[2:]
    assert shown[0][3:7] == ["***", "***", "***", "511702"]
    assert set(shown[1][3:12]) == {"***"}
    assert [row[0] for row in shown] == ["2", "3", "4"]


def test_no_text_becomes_a_formula(answered):
    evil = ['=HYPERLINK("http://x")', "+1+cmd|' /C calc'!A0", "@SUM(A1)", "-2+3", "-5"]
    rows = [facility(n, name=f'"{name.replace(chr(34), chr(34) * 2)}"', owner="x") for n, name in enumerate(evil)]
    target = answered("elderly_facilities/2024-03/511702.csv", "\n".join([FACILITIES, *rows]) + "\n")
    with zipfile.ZipFile(target) as parts:
        assert not any(b"<f>" in parts.read(name) for name in parts.namelist() if "worksheets/" in name)
    assert [row[4] for row in cells(target, "拒收行")[2:]] == [f"'{name}" for name in evil[:4]] + ["-5"]


def test_the_same_refusals_give_the_same_bytes(answered):
    target = answered("elderly_facilities/2024-03/511702.csv", messy())
    first = target.read_bytes()
    assert answered("elderly_facilities/2024-03/511702.csv").read_bytes() == first


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("511702.xlsx", b"PK\x03\x04broken", ["整份未接收：文件打不开", "511702_r2.xlsx"]),
        ("511702_r3.csv", b"\xff\xff\xff,1\n", ["整份未接收：文字编码不对", "511702_r4.csv"]),
        ("511702.csv", b"a,b\n1,2\n", ["整份未接收：没有可识别的表头", "511702_r2.csv"]),
        ("511702.csv", "区划代码,性别,年龄组\n", ["整份未接收：表头缺必填列（第1行）：死亡人数", "511702_r2.csv"]),
        ("5117.csv", b"x", ["整份未接收：文件名或所在文件夹不对", "文件名为6位区划代码，如 511702.xlsx；"]),
    ],
)
def test_a_file_refused_as_a_whole(answered, name, content, said):
    target = answered(f"deaths/2024/{name}", content)
    assert fastexcel.read_excel(target.read_bytes()).sheet_names == ["说明"]
    cover = "\n".join(" ".join(row) for row in cells(target, "说明"))
    text = target.with_suffix(".txt").read_text(encoding="utf-8")
    for words in said:
        assert words in cover
        assert words in text


def test_many_refused_rows_are_counted_and_the_first_ones_copied(answered):
    rows = [f"511702,男,{age},约1" for age in range(10_050)]
    target = answered("deaths/2024/511702.csv", "\n".join(["区划代码,性别,年龄组,死亡人数", *rows]) + "\n")
    assert len(cells(target, "拒收行")) == 10_002
    assert "拒收行共 10050 行，这里抄录前 10000 行" in "\n".join(row[1] for row in cells(target, "说明"))
    assert ["内容读不出", "死亡人数", "10050", "2、3、4、5、6…"] in [row[:4] for row in cells(target, "原因汇总")]


def test_the_short_text_stays_short(answered):
    titles = (
        "床位数,护理型床位数,兜底保障床位数,在院老年人数,失能老年人数,本区户籍入住人数,适老化改造床位数,工作人员数,"
        "养老护理员数,社会工作者数,建筑面积,占地面积,月收费标准,投入运营日期,关停日期,经度,纬度,等级评定,质量整治情况,"
        "消防整改情况,是否普惠,是否标准化,运营状态,城乡属性,机构类型,所有制性质,运营主体,设施编码,机构名称,县区代码,乡镇街道代码"
    )
    row = ",".join("约" for _ in titles.split(","))
    target = answered("elderly_facilities/2024-03/511702.csv", f"{titles}\n{row}\n")
    text = target.with_suffix(".txt").read_text(encoding="utf-8").splitlines()
    assert 20 < len(text) <= 30
    assert any("见同名 .xlsx" in line for line in text)


def test_the_answer_to_a_wide_workbook_marks_the_cells_that_cannot_be_read(answered, world):
    header = ["地区代码", "地区", "男_0岁", "男_1到4岁", "男_5岁及以上", "女_0岁", "女_1到4岁", "女_5岁及以上"]
    world.sheet("population/2020/000000.xlsx", [header, ["511702", "通川区", 1, "约2", 3, 4, 5, 6]])
    target = answered("population/2020/000000.xlsx")
    assert set(comments(target)) == {"G3"}
    assert "人口数" in comments(target)["G3"]


@pytest.mark.parametrize(
    ("name", "following"),
    [
        ("511702.csv", "511702_r2.csv"), ("511702_R9.XLSX", "511702_r10.xlsx"),
        ("511702_r2.parquet", "511702_r3.parquet"), ("通川.csv", ""), ("511702.xls", ""),
    ],
)  # fmt: skip
def test_the_name_of_the_next_revision(name, following):
    assert next_name(name) == following
