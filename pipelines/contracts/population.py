"""人口数(地区×性别×年龄组): region x basis x ref_point x sex x age band."""

from __future__ import annotations

from polars import Expr

from .delivery import Delivery, WideLayout, as_written, band, choice, col, count, flag, region, rule


class Population(Delivery):
    """region x basis x ref_point x sex x age band."""

    source = "population"
    title_zh = "人口数(地区×性别×年龄组)"
    grain = "region x basis x ref_point x sex x age band"
    period_form = "year"
    supplier_department = "统计局"
    group_rules = ("bands_partition", "sex_pair")
    #: census yearbooks (spec §7): one row a region, one column per sex and age band;
    #: 男_5到9岁 in that of 2020, 5-9岁(男) in that of 2010
    wide_layout = WideLayout(
        headers=(
            r"(?P<sex>男|女)_(?P<age_band>\d+(?:到\d+)?岁(?:及?以上)?)",
            r"(?P<age_band>\d+(?:-\d+)?岁(?:及?以上)?)\((?P<sex>男|女)\)",
        ),
        key="region_code",
        value="population",
        constants={"basis": "常住", "ref_point": "普查"},
    )

    region_code = region("区划代码", "行政区划代码", "地区代码", key=True, note="可填任一级；本级数优先于下级之和")
    basis = choice(
        "人口口径",
        "口径",
        key=True,
        values={"常住": "resident", "常住人口": "resident", "户籍": "registered", "户籍人口": "registered"},
    )
    ref_point = choice(
        "时点",
        "统计时点",
        key=True,
        values={"年末": "year_end", "普查": "census", "年中": "mid_year"},
        note="普查 = 普查年11月1日零时",
    )
    sex = choice(
        "性别",
        key=True,
        values={"男": "male", "女": "female", "合计": "total", "男女合计": "total"},
        note="已有男、女两行时，合计行不计入",
    )
    age_band = band("年龄组", "年龄段", "年龄", key=True, note="规范为 n、n-m、n+；合计 = 0岁及以上，已有分组时不计入")

    @rule("单岁、区间或开口组")
    def age_band_shape(cls) -> Expr:
        return col("age_from").is_not_null()

    population = count("人口数", "人数", "人口", required=True, unit="人", most=1_500_000_000)
    is_estimated = flag("是否推算", "推算", blank=False, note="空白 = 否")
    age_from = as_written("年龄下限", "age_band", part="age_from", unit="岁", note="年龄组下限；合计为0")
    age_to = as_written("年龄上限", "age_band", part="age_to", unit="岁", note="年龄组上限（含）；开口组与合计为空")
