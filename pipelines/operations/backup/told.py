"""What the commands do and say; their exit codes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from pipelines.operations.backup.folder import Damaged, Manifest, NoBackup, damage, find, read
from pipelines.operations.backup.restoring import NotEmpty, restore, wrong_key
from pipelines.operations.backup.taking import Bytes, Refused, prune, take
from pipelines.operations.backup.tree import PARTS
from pipelines.operations.status import status_lines, status_of
from pipelines.progress import PROGRESS, say
from pipelines.settings import Settings
from pipelines.warehouse.lock import AnotherRun, Unwritable

#: what a run goes on from: the key and the version of the project matter
RUN_FROM = (None, "generated", "releases")
#: damaged files that are named, at most
NAMED = 20


def run_backup(settings: Settings, folder: Path, now: datetime, keep: int | None, afresh: bool) -> int:
    """0 made · 1 not made, or something has to be looked at."""
    PROGRESS.start()
    try:
        taken = take(settings, folder, now, afresh)
    except (Refused, AnotherRun, Unwritable, OSError) as failed:
        PROGRESS.stop()
        say(f"没有备份，较早的备份不变 · no backup was made, earlier ones are as they were: {failed}")
        return 1
    PROGRESS.stop()
    facts = taken.manifest.facts
    say(
        f"已备份 · backed up: {taken.folder}\n"
        f"发布 · release: {facts['release_id'] or '无 · none'}；密钥编号 · key: {facts['key_id'] or '无 · none'}；"
        f"{facts['files']} 个文件 · files，{facts['bytes'] / 1e6:,.1f} MB，"
        f"其中新复制 · copied {facts['copied_files']}，{facts['copied_bytes'] / 1e6:,.1f} MB"
    )
    for path, why in taken.manifest.left_out.items():
        say(f"未存 · not copied: {path.encode('utf-8', 'backslashreplace').decode()}：{why}")
    for alarm in taken.alarms:
        say(f"!! {alarm}")
    if keep and taken.alarms:
        say("有上述问题，较早的备份都留着 · earlier backups are all kept because of the above")
    elif keep:
        for name in prune(folder, keep):
            say(f"已删去 · removed: {name}")
    return 1 if taken.alarms else 0


def run_verify(named: Path) -> int:
    """0 every file is as it was · 1 not, or no such backup."""
    PROGRESS.start()
    try:
        backup = find(named)
        manifest = read(backup)
        PROGRESS.step("verifying", manifest.facts["bytes"])
        damaged = list(damage(backup, manifest, Bytes()))
    except NoBackup as missing:
        say(str(missing))
        return 1
    except Damaged as broken:
        return _damaged(broken)
    finally:
        PROGRESS.stop()
    if damaged:
        return _damaged(Damaged(backup, damaged))
    say(f"完好 · as it was made: {backup}，{manifest.facts['files']} 个文件 · files")
    return 0


def run_restore(settings: Settings, named: Path, to: Path | None, only: str | None) -> int:
    """Restore into the folders of `settings`, or below `to`: 0 restored · 1 nothing put in place, or the person key
    does not match."""
    PROGRESS.start()
    try:
        backup = find(named)
        manifest = read(backup)
        settings = _within(settings, to, manifest) if to else settings
        PROGRESS.step("copying", manifest.facts["bytes"])
        restore(settings, backup, manifest, only, Bytes())
    except Damaged as broken:
        PROGRESS.stop()
        return _damaged(broken)
    except (NoBackup, NotEmpty, AnotherRun, Unwritable, OSError) as refused:
        PROGRESS.stop()
        say(f"没有恢复，什么都没有动 · nothing restored, nothing touched: {refused}")
        return 1
    PROGRESS.stop()
    say(f"已恢复 · restored: {backup}（{only or '全部 · all'}）")
    touched = [PARTS[only].partition("/")[0]] if only else manifest.facts["from"]
    for name in touched:
        say(f"  CARESTAT_{name.upper()}={getattr(settings, name)}")
    return _after_restore(settings, manifest) if only in RUN_FROM else 0


def _within(settings: Settings, folder: Path, manifest: Manifest) -> Settings:
    """The same project, with all that a backup restores below one folder."""
    return replace(settings, **{name: folder / name for name in manifest.facts["from"]})


def _after_restore(settings: Settings, manifest: Manifest) -> int:
    facts = manifest.facts
    if facts["code_version"] != settings.code_version():
        say(
            f"程序与备份时不同（当时的版本：{facts['revision'] or '未知'}），下次运行会重新计算"
            " · another version of the project than then: the next run computes everything anew"
        )
    if told := wrong_key(settings, facts["key_id"]):
        say(told)
        return 1
    if not settings.raw.is_dir():
        return 0
    for line in status_lines(settings, status_of(settings, datetime.now(UTC))):
        say(line)
    return 0


def _damaged(broken: Damaged) -> int:
    say(str(broken))
    for line in broken.paths[:NAMED]:
        say(f"  {line}")
    if len(broken.paths) > NAMED:
        say(f"  …… 共 {len(broken.paths)} 处 · in all")
    say(
        "没有用它恢复任何内容。请改用较早的一份或另一介质上的一份；安装尚在时，用 carestat backup DIR --afresh 另做一份"
        " · nothing was restored from it: take an earlier one or another medium; while the installation lives,"
        " make a complete new one with --afresh"
    )
    return 1
