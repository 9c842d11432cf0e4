"""Codes of the published tables in words, Chinese and English."""

from __future__ import annotations

from pipelines.dictionary.wording import WORDS as REGISTRY

#: column → code → (Chinese, English); what is not listed is worded by the registry, or stands for itself
WORDS: dict[str, dict[str, tuple[str, str]]] = {
    "status": {
        "ACHIEVED": ("已达到", "Achieved"),
        "ON_TRACK": ("进展顺利", "On track"),
        "ACCELERATE": ("须加快", "Needs to accelerate"),
        "LIMITED": ("进展有限", "Limited progress"),
        "DETERIORATED": ("倒退", "Deteriorated"),
        "MISSED": ("未达到", "Missed"),
        "MET": ("符合", "Met"),
        "NOT_MET": ("不符合", "Not met"),
        "NOT_ASSESSABLE": ("不能评价", "Not assessable"),
        "NOT_PUBLISHED": ("不公布", "Not published"),
    },
    "obs_status": {
        "A": ("正常", "Normal value"),
        "E": ("推算", "Estimated value"),
        "P": ("初步", "Provisional value"),
        "L": ("未报送", "Missing value; not delivered"),
        "O": ("报送不全或已扣留", "Missing value; incomplete or withheld"),
        "M": ("不适用", "Not applicable"),
        "Q": ("人数过少，不公布", "Missing value; suppressed"),
        "B": ("口径有变", "Time series break"),
    },
    "conf_status": {
        "F": ("可公布", "Free for publication"),
        "C": ("保密：人数过少，或为保护他处人数", "Confidential statistical information"),
    },
    "region_level": {
        "nation": ("全国", "Nation"),
        "province": ("省级", "Province"),
        "prefecture": ("地级", "Prefecture"),
        "county": ("县级", "County"),
        "town": ("乡级", "Town"),
    },
    "task_status": {
        "done": ("已完成", "Done"),
        "in_progress": ("进行中", "In progress"),
        "not_started": ("未开始", "Not started"),
        "not_reported": ("未报告", "Not reported"),
    },
    "finding": {
        "CONSISTENT": ("一致", "Consistent"),
        "INCONSISTENT": ("不一致", "Inconsistent"),
        "NOT_CHECKABLE": ("不能核对", "Not checkable"),
    },
    "check_kind": {
        "parts_sum": ("部分与合计", "Parts and their sum"),
        "printed_twice": ("同一数字印两次", "One figure printed twice"),
        "two_documents": ("两份文件之间", "Between two documents"),
        "own_figures": ("文件自身的数字", "Figures within a document"),
    },
    "comparability": {
        "same": ("可比", "Comparable"),
        "partial": ("部分可比", "Partly comparable"),
        "not_comparable": ("不可比", "Not comparable"),
    },
    "state": {
        "landed": ("全部接收", "Landed"),
        "partly": ("部分拒收", "Partly refused"),
        "superseded": ("被取代", "Superseded"),
        "rejected": ("拒收", "Rejected"),
    },
    "origin": {
        "real": ("真实", "Real"),
        "synthetic": ("合成", "Synthetic"),
        "mixed": ("真实与合成兼有", "Real and synthetic"),
        "not_stated": ("未注明", "Not stated"),
    },
    "payee": {"facility": ("机构", "Facility"), "person": ("个人", "Person"), "government": ("政府", "Government")},
    "severity": {"critical": ("阻断", "Critical"), "warning": ("警告", "Warning")},
}


def zh(column: str, code: str | None) -> str:
    """The Chinese words for a code; empty for none."""
    if code is None:
        return ""
    if code in WORDS.get(column, {}):
        return WORDS[column][code][0]
    return REGISTRY.get(column, {}).get(code, code)


def en(column: str, code: str | None) -> str:
    """The English words for a code; empty for none, the code where only Chinese words are known."""
    return "" if code is None else WORDS.get(column, {}).get(code, ("", code))[1]
