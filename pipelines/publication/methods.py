"""What a reader has to know of how the figures are made: the same words in every form."""

from __future__ import annotations

#: status → when it is given
STATUS_RULES = {
    "ACHIEVED": "有期限的目标，评价年的值达到目标（提前达到也是）",
    "MISSED": "到了目标年（含当年）仍未达到",
    "ON_TRACK": "期限未到，线性进度不低于95%",
    "ACCELERATE": "期限未到，线性进度不低于60%，不足95%",
    "LIMITED": "期限未到，线性进度不低于0，不足60%",
    "DETERIORATED": "期限未到，离目标比基期更远",
    "MET": "长期有效、每年须达到的要求和保持类目标，本年符合",
    "NOT_MET": "长期有效、每年须达到的要求和保持类目标，本年不符合",
    "NOT_ASSESSABLE": "按原文或现有的数不能下结论，原因见该行的说明",
    "NOT_PUBLISHED": "结论会透露不公布的人数",
}

#: heading, Chinese, English
NOTES = (
    (
        "怎样计算",
        "指标由分子除以分母得出，定义和算式见工作簿“指标定义”表和数据文件。上级地区的比率由分子之和除以分母之和，"
        "不是下级比率的平均。各文件对同一名称用不同口径的，各按各的口径，不合并。达标占比逐个单位判断：达标的单位数除以有数的单位数；"
        "没有数的单位另计。",
        "A parent's rate is the sum of numerators over the sum of denominators, never a mean of rates. Where documents "
        "define one name differently, each table follows its own document.",
    ),
    (
        "缺数与零",
        "零是一个数，与缺数、不适用是三回事；缺数从不当作零。应报单位未报齐的不公布合计；超出有效范围的数扣留查对。",
        "Zero, missing and not applicable are three things; missing never becomes zero.",
    ),
    (
        "取整",
        "计算不取整，只在显示时取整一次，四舍五入。各部分因此可能与合计相差末位。与目标相比用未取整的值；"
        "取整后会把“未达到”看成“达到”的，多显示几位。",
        "Figures are rounded once, half away from zero, when shown; targets are compared with unrounded values.",
    ),
    (
        "进度与尚差",
        "线性进度等于已完成的路程除以已过的时间：路程从印载的基期值到目标值，时间从基期年到目标年；100%即正在直线路径上。"
        "尚差是在现有分母不变时达到目标还要增加的自然量（张、个、人、元），已达到为0，须减少的为负数。",
        "Linear progress is the share of the way from baseline to target divided by the share of the time elapsed.",
    ),
    (
        "不公布的数",
        "按人计的数为1至4的不公布，以免认出是谁；为使其不能由合计、上下级、别的年份或上一版减出，同时隐去若干别的数，两者不加区别。"
        "与它们同属一个合计的零也隐去。由它们得出的比率、进度、结论和尚差一并隐去。隐去的计划对网页、PDF、工作簿和数据文件是同一份，并经核验。只隐去印出的人数；分母减分子所得的余数、两个口径之差、从往年推想的数不在此列。机构设施的数依法公开。",
        "Counts of one to four persons are suppressed, with as many others as are needed so that they cannot be "
        "recovered; both look alike on purpose.",
    ),
    (
        "版本与更正",
        "公布后不改。更正另出一版，写明理由，前一版照旧保留；与上一版不同的每个数、每个结论列在“变动”中。",
        "Nothing changes once published; a correction is a new edition with its reason.",
    ),
)
