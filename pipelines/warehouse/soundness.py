"""Whether what is in service still is what was released: release.json holds the SHA-256 of every file beside it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pipelines.landing.store import all_sha256_of
from pipelines.settings import Settings

STATE = "release.json"
#: what release.json says at least
SAID = ("release_id", "released_at", "fingerprint", "code_version")


def digests(folder: Path) -> dict[str, str]:
    """Path below the folder of a release → SHA-256, of every file but release.json."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != STATE)
    names = [path.relative_to(folder).as_posix() for path in files]
    return dict(zip(names, all_sha256_of(files), strict=True))


def state_of(folder: Path) -> dict[str, Any] | None:
    """What a release says of itself; None where that cannot be read or is not all there."""
    try:
        state = json.loads((folder / STATE).read_bytes())
    except (OSError, ValueError):
        return None
    return state if isinstance(state, dict) and all(isinstance(state.get(name), str) for name in SAID) else None


def damaged(folder: Path) -> list[str]:
    """Files of a release that are not what was released, by path below its folder."""
    state = state_of(folder)
    if state is None or not (folder / "marts.duckdb").exists():
        return [STATE if state is None else "marts.duckdb"]
    written: dict[str, str] = state.get("sha256", {})
    found = all_sha256_of(folder / name for name in written)
    return [name for (name, sha256), now in zip(written.items(), found, strict=True) if now != sha256]


def damage_in_service(settings: Settings) -> str | None:
    """What is wrong with what readers are given (zh · en), None if nothing is, or if nothing was released yet."""
    link = settings.warehouse / "current"
    kept = any((settings.warehouse / "releases").glob("*/"))
    if not link.is_dir():
        lost = "没有在用的发布，链接 current 不通 · the link to the release in service leads nowhere"
        return lost if kept or link.is_symlink() else None
    broken = damaged(link)
    broken += [name for name in ("marts.duckdb", "parquet", STATE) if not (settings.warehouse / name).exists()]
    if broken:
        names = "、".join(dict.fromkeys(broken[:5]))
        return f"在用发布的文件已损坏：{names} · files of the release in service are damaged"
    if not _opens(settings.ops):
        return f"{settings.ops.name} 打不开 · cannot be opened"
    return None


def comparable(settings: Settings) -> Path | None:
    """The folder of the release to compare with: the one in service, or, where that is damaged, the newest that is not.

    None before the first release.
    """
    link = settings.warehouse / "current"
    earlier = sorted((settings.warehouse / "releases").glob("*/"), reverse=True)
    candidates = [link.resolve(), *earlier] if link.is_dir() else earlier
    return next((folder for folder in candidates if not damaged(folder)), None)


def _opens(database: Path) -> bool:
    import duckdb  # what is looked at while a command is imported should not wait for it

    try:
        duckdb.connect(str(database), read_only=True).close()
    except duckdb.Error:
        return False
    return True
