"""死亡人数(地区×性别×年龄组): region x sex x age band."""

from __future__ import annotations

from polars import Expr

from .delivery import Delivery, as_written, band, choice, col, count, region, rule


class Deaths(Delivery):
    """region x sex x age band."""

    source = "deaths"
    title_zh = "死亡人数(地区×性别×年龄组)"
    grain = "region x sex x age band"
    period_form = "year"
    supplier_department = "卫生健康委(疾控)"
    group_rules = ("bands_partition", "sex_pair")

    region_code = region("区划代码", "行政区划代码", "地区代码", key=True, note="死者常住地")
    sex = choice("性别", key=True, values={"男": "male", "女": "female", "合计": "total"}, note="同人口数")
    age_band = band("年龄组", "年龄段", "死亡年龄", key=True, note="同人口数")

    @rule("单岁、区间或开口组")
    def age_band_shape(cls) -> Expr:
        return col("age_from").is_not_null()

    deaths = count("死亡人数", "死亡数", required=True, unit="人", most=100_000_000)
    age_from = as_written("年龄下限", "age_band", part="age_from", unit="岁", note="年龄组下限；合计为0")
    age_to = as_written("年龄上限", "age_band", part="age_to", unit="岁", note="年龄组上限（含）；开口组与合计为空")
