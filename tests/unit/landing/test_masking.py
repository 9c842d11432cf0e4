"""Which texts lose a number, and which keep what only looks like one. All numbers are invented."""

import polars as pl
import pytest

from pipelines.landing.masking import SUSPECT, SUSPECT_CELL, masked, masked_code, masked_name, masked_path

KEY = b"k" * 32
#: the example of GB 11643, with its check digit X; the same person with a wrong one
RIGHT, WRONG, OLD = "11010519491231002X", "110105194912310021", "110105491231002"


def suspect(text, pattern=SUSPECT):
    return pl.Series([text]).str.contains(pattern)[0]


@pytest.mark.parametrize(
    "number",
    [
        RIGHT,
        WRONG,
        OLD,
        RIGHT.lower(),
        "１１０１０５１９４９１２３１００２Ｘ",
        "①①0105194912310021",
        "١١٠١٠٥١٩٤٩١٢٣١٠٠٢١",
        "110105 19491231 002X",
        "110105　1949 1231 002 x",
        "1 1 0 1 0 5 1 9 4 9 1 2 3 1 0 0 2 X",
        "110105-19491231-0021",
        "110105—1949—1231—0021",
        "110105.491231.002",
        "110105\u200b19491231\u200d002X",
        "1\ufeff10105194912310021",
        "1101051949\n12310021",
        "6222021001116245702",
        "6222 0210 0111 6245 702",
        "6222-0210-0111-6245",
        "6217000010001234567",
        "4563510001112223334",
        "12345678901234567",
        RIGHT + WRONG,
        WRONG + WRONG,
        OLD + RIGHT,
    ],
)
@pytest.mark.parametrize("text", ["{}", "张三{}李四", "ID:{}.", "{}ab", "（{}）", "13800138000 {}", "{} 13800138000"])
def test_a_persons_number_is_blotted_out(number, text):
    written = text.format(number)
    assert suspect(written)
    clean = masked(written)
    before, _, after = text.partition("{}")
    assert clean.replace("******", "***") == f"{before}***{after}"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "达州市通川区第1养老服务中心",
        "511702001000",
        "2019 2020 2021 2022 2023",
        "2023-01-01 2023-12-31",
        "2024-03-05 00:00:00",
        "13800138000 13900139000",
        "0818-2123456 0818-2123457",
        "0.30000000000000004",
        "-85.49999999999999",
        "91500113MA5U12345X",
        "2104-500113-04-01-123456",
        "川府发〔2021〕14号 2021 12 31",
        "12345678901234",
        "1,234,567,890,123,456",
        "v1.2.3.4.5.6.7.8.9.10.11.12",
    ],
)
def test_what_is_no_persons_number_stays(text):
    assert masked(text) == text
    assert masked_code(text, KEY) == text
    assert masked_path(text, KEY) == text


def test_nothing_stays_nothing():
    assert masked(None) is None


def test_a_decimal_fraction_that_is_a_citizens_number_is_none():
    assert RIGHT[:17] not in masked("1." + WRONG)


@pytest.mark.parametrize(
    "code",
    [
        "511702202403050001",  # region, day and serial: no right check digit
        "500113201503050012",
        "52500113123456789X",  # organisations: region and number, no day
        "915001130000012345",
        "500113000012345",
        "6222021001116245702",  # a number of vouchers may be as long as an account
    ],
)
def test_codes_of_registers_stay_usable(code):
    assert masked_code(code, KEY) == code


@pytest.mark.parametrize(
    "code", [RIGHT, WRONG, OLD, RIGHT.lower(), f"张三{RIGHT}", f"{RIGHT}-1", "110105 19491231 002X"]
)
def test_a_citizens_number_is_no_code(code):
    clean = masked_code(code, KEY)
    assert RIGHT[:14] not in clean.replace(" ", "") and OLD not in clean and "***-" in clean
    assert suspect(code)


def test_young_peoples_numbers_with_their_check_digit_are_no_codes():
    assert masked_code("511702202001010011", KEY) == "511702202001010011"
    # 7·5+9·1+10·1+5·7+8·0+4·2+2·2+1·0+6·2+3·0+7·0+9·1+10·0+5·1+8·0+4·0+2·1 = 129, 129 mod 11 = 8: check digit 4
    assert masked_code("511702202001010014", KEY).startswith("***-")


def test_masked_codes_still_join_and_stay_apart():
    same = {
        masked_code(code, KEY)
        for code in (RIGHT, RIGHT.lower(), "１１０１０５１９４９１２３１００２Ｘ", f"{RIGHT[:6]} {RIGHT[6:]}")
    }
    assert len(same) == 1
    assert masked_code(WRONG, KEY) not in same
    assert masked_code(RIGHT, b"another key of some length" * 2) not in same


def test_paths_are_masked_name_by_name():
    assert masked_path("elderly_facilities/2024-03/511702_r2.csv", KEY) == "elderly_facilities/2024-03/511702_r2.csv"
    clean = masked_path(f"{RIGHT}/2024/{WRONG}.csv", KEY)
    one, two = clean.split("/2024/")
    assert one != two.removesuffix(".csv") and one.startswith("***-") and two.startswith("***-")


@pytest.mark.parametrize("name", ["张三", "李四光", " 王 五 ", "欧阳修", "司马相如", "诸葛亮"])
def test_a_text_that_is_a_name_is_blotted_out(name):
    assert suspect(name, SUSPECT_CELL)
    assert masked_name(name) == "***"


@pytest.mark.parametrize(
    "text",
    [
        "集中供养",
        "半失能",
        "寄养",
        "独居",
        "上门",
        "微信",
        "通川区",
        "万州区",
        "金额",
        "高龄",
        "张家坝养老院",
        "511702",
        "",
        "张",
    ],
)
def test_a_text_that_is_none_stays(text):
    assert masked_name(text) == text


def test_what_the_search_passes_over_would_come_back_unchanged():
    digits = "1234567890" * 2
    for length in range(1, 20):
        for gap in ("", " ", "-", "\u200b", "\u200b -"):
            text = f"第{gap.join(digits[:length])}号"
            assert suspect(text) or masked(text) == text == masked_code(text, KEY)
            assert suspect(text) == (length >= 15)
