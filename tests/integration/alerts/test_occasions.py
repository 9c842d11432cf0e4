"""Alerts as they arrive at a real mail server and a real web server, over TLS: when, and what they say."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from collections.abc import Callable

import pytest

from pipelines.operations import alerts
from pipelines.operations.outcome import Failure, State
from pipelines.settings import Settings
from tests.integration.alerts.receivers import PASSWORD, MailServer, WebServer
from tests.integration.alerts.scene import BROKEN, CALENDAR, GOOD, HOUR, NIGHT, QUIET, SECRET, TOKEN, box, hook, night


def test_a_failed_night_arrives_by_mail_and_by_signed_webhook(
    settings: Settings, mail: MailServer, web: WebServer, configure: Callable[..., None]
) -> None:
    configure('name = "某省"', QUIET, box(mail), hook(web))
    page = settings.var / "reports" / "20261121T181400Z-failed.html"
    page.parent.mkdir()
    page.write_text("<p>运行报告</p>", encoding="utf-8")

    told = alerts.tell(settings, BROKEN, NIGHT)

    assert (len(told.sent), told.unsent) == (2, ())
    [message] = mail.received
    assert mail.logins == [(PASSWORD, True)]
    assert mail.recipients == [["duty@example.org", "head@example.org"]]
    assert message["Subject"] == "【carestat】夜间运行出错（某省）"
    assert message["From"].addresses[0].display_name == "养老托育统计"
    assert [one.addr_spec for one in message["To"].addresses] == ["duty@example.org", "head@example.org"]
    assert message["Date"].datetime.isoformat() == "2026-11-22T02:14:00+08:00"
    text = message.get_body(("plain",)).get_content()
    assert "时间：2026-11-22 02:00 至 2026-11-22 02:14（北京时间），定时启动" in text
    assert "landing/deaths：磁盘写不了 · no space left" in text
    assert "在用：尚无任何发布" in text
    assert "下一步：carestat status" in text
    assert "磁盘写不了" in message.get_body(("html",)).get_content()
    [report] = message.iter_attachments()
    assert report.get_filename() == "运行报告-20261121T181400Z-failed.html"
    assert report.get_content() == "<p>运行报告</p>"

    [posted] = web.received
    assert posted.headers["Authorization"] == f"Bearer {TOKEN}"
    signed = posted.headers["X-Carestat-Timestamp"].encode() + b"." + posted.body
    expected = hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()
    assert posted.headers["X-Carestat-Signature"] == f"sha256={expected}"
    assert posted.json["installation"] == "某省"
    assert posted.json["kind"] == "alert"
    assert posted.json["occasions"] == ["night"]
    assert posted.json["headline"] == "夜间运行出错"
    assert posted.json["at_beijing"] == "2026-11-22 02:14"
    assert posted.headers["X-Carestat-Id"] == posted.json["id"] in str(message["Message-ID"])


def test_one_alert_until_it_changes_or_a_day_passes_and_one_when_all_is_well(
    settings: Settings, mail: MailServer, configure: Callable[..., None]
) -> None:
    configure(QUIET, box(mail))
    alerts.tell(settings, BROKEN, NIGHT)
    alerts.tell(settings, BROKEN, NIGHT + HOUR)
    alerts.watch(settings, NIGHT + 2 * HOUR)
    assert len(mail.received) == 1, "nothing changed"

    other = night(State.FAILED, Failure("models", "内存不足 · out of memory"), ended=NIGHT + 3 * HOUR)
    alerts.tell(settings, other, NIGHT + 3 * HOUR)
    assert len(mail.received) == 2, "another failure is another alert"
    alerts.watch(settings, NIGHT + 25 * HOUR)
    assert len(mail.received) == 2, "22 hours later"
    alerts.watch(settings, NIGHT + 27 * HOUR)
    alerts.tell(settings, night(State.RELEASED, ended=NIGHT + 28 * HOUR), NIGHT + 28 * HOUR)
    alerts.watch(settings, NIGHT + 29 * HOUR)

    subjects = [message["Subject"] for message in mail.received]
    assert subjects == [
        "【carestat】夜间运行出错",
        "【carestat】夜间运行出错",
        "【carestat】仍未解决：夜间运行出错",
        "【carestat】夜间运行已恢复正常，一切正常",
    ]
    first, second, third, last = mail.received
    assert first["References"] is None
    assert second["In-Reply-To"] == first["Message-ID"]
    assert third["References"].split() == [first["Message-ID"], second["Message-ID"]]
    assert last["In-Reply-To"] == third["Message-ID"]


@pytest.mark.parametrize(
    ("state", "headline"),
    [
        (State.CHECKS_FAILED, "检查未通过，新结果没有发布"),
        (State.KILLED, "夜间运行中断（进程被终止、内存不足或断电）"),
        (State.WAITED, "夜间运行没有开始：另一次运行一直占用"),
    ],
)
def test_every_bad_end_of_a_night_is_told(
    state: State, headline: str, settings: Settings, web: WebServer, configure: Callable[..., None]
) -> None:
    configure(QUIET, hook(web))
    (settings.warehouse).mkdir()
    settings.released.touch()
    release = {
        "release_id": "20261120T180000Z-0123abcd",
        "released_at": "2026-11-20T18:00:00+00:00",
        "fingerprint": "f",
        "code_version": "c",
    }
    (settings.warehouse / "release.json").write_text(json.dumps(release))
    alerts.tell(settings, night(state), NIGHT)
    [posted] = web.received
    assert posted.json["headline"] == headline
    assert "在用：20261120T180000Z-0123abcd 继续服务，查询照常" in posted.json["text"]
    assert "下一步：" in posted.json["text"]


def test_good_nights_are_not_told(settings: Settings, web: WebServer, configure: Callable[..., None]) -> None:
    configure(QUIET, hook(web))
    alerts.tell(settings, night(State.RELEASED), NIGHT)
    alerts.tell(settings, night(State.NOTHING_NEW), NIGHT)
    assert web.received == []


def test_marts_are_stale_when_no_night_was_good_for_thirty_hours(
    settings: Settings, web: WebServer, configure: Callable[..., None]
) -> None:
    configure(QUIET, hook(web))
    alerts.tell(settings, night(State.NOTHING_NEW), NIGHT)
    alerts.watch(settings, NIGHT + 30 * HOUR)
    assert web.received == []
    alerts.watch(settings, NIGHT + 31 * HOUR)
    [stale] = web.received
    assert stale.json["headline"] == "数据已 31 小时没有经过正常的夜间运行（上限 30 小时）"
    assert "最近一次正常的夜间运行：2026-11-22 02:14（北京时间）" in stale.json["text"]
    alerts.tell(settings, night(State.NOTHING_NEW, ended=NIGHT + 32 * HOUR), NIGHT + 32 * HOUR)
    assert web.received[-1].json["headline"] == "数据更新已恢复正常，一切正常"


def test_a_disk_nearly_full_is_told_by_share_and_by_bytes(
    settings: Settings, web: WebServer, configure: Callable[..., None]
) -> None:
    disk = os.statvfs(settings.var)
    free = disk.f_bavail * disk.f_frsize / 1024**3
    configure(f"[when]\ndisk_used_percent = 100\ndisk_free_gib = {free * 2}\n", hook(web))
    alerts.watch(settings, NIGHT)
    configure("[when]\ndisk_used_percent = 0.000001\ndisk_free_gib = 0\n", hook(web))
    alerts.watch(settings, NIGHT + HOUR)
    configure(QUIET, hook(web))
    alerts.watch(settings, NIGHT + 2 * HOUR)
    first, last = web.received
    assert first.json["headline"].startswith("磁盘将满：var/ 可用 ")
    assert last.json["headline"] == "磁盘已恢复正常，一切正常"


def test_late_deliveries_come_in_one_message_and_again_only_when_one_joins(
    settings: Settings, web: WebServer, configure: Callable[..., None]
) -> None:
    configure(QUIET, hook(web))
    calendar = settings.expectations / "delivery_calendar.csv"
    # both delivered something years ago: who never did is not asked
    for code in ("500113", "500112"):
        first = settings.raw / "deaths" / "2020" / f"{code}.csv"
        first.parent.mkdir(parents=True, exist_ok=True)
        first.write_text("行政区划代码\n", encoding="utf-8")
        os.utime(first, (1_600_000_000, 1_600_000_000))
    asked = "".join(f"elderly_facilities,{code},12,1,15,5,2025-12,2025-12,\n" for code in ("500113", "500112"))
    calendar.write_text(CALENDAR + asked)
    alerts.watch(settings, NIGHT)
    alerts.watch(settings, NIGHT + HOUR)
    [posted] = web.received
    assert posted.json["headline"] == "2 份交付逾期未到（1 个来源）"
    assert "2025-12：500112、500113，应于 2026-01-15 前，最久逾期 311 天" in posted.json["text"]

    calendar.write_text(CALENDAR + asked + "deaths,500113,,3,31,0,2025,2025,\n")
    alerts.watch(settings, NIGHT + 2 * HOUR)
    assert web.received[1].json["headline"] == "3 份交付逾期未到（2 个来源），其中新增 1 份"
    assert web.received[1].json["text"].split("\n")[1].startswith("· 【新增】")

    delivered = settings.raw / "elderly_facilities" / "2025-12" / "500113.csv"
    delivered.parent.mkdir(parents=True)
    delivered.write_text("机构编号\n", encoding="utf-8")
    alerts.watch(settings, NIGHT + 3 * HOUR)
    assert len(web.received) == 2, "one less is no new alert"

    calendar.write_text("source\n")
    alerts.watch(settings, NIGHT + 4 * HOUR)
    assert len(web.received) == 2, "a calendar that cannot be read says nothing is well"
    calendar.write_text(CALENDAR)
    alerts.watch(settings, NIGHT + 5 * HOUR)
    assert web.received[2].json["headline"] == "逾期交付已恢复正常，一切正常"


def test_a_channel_hears_only_of_its_occasions(
    settings: Settings, web: WebServer, mail: MailServer, configure: Callable[..., None]
) -> None:
    configure(QUIET, hook(web), box(mail) + 'occasions = ["late", "disk"]\n')
    alerts.tell(settings, BROKEN, NIGHT)
    alerts.tell(settings, GOOD, NIGHT + 25 * HOUR)
    assert (len(web.received), len(mail.received)) == (2, 0)
