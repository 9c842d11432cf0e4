"""Landing at the rim: files and caches. `Landing.land(source)` gives everything the warehouse needs of a source.

A file is parsed once per content, contract and key; a source × period is settled again only when its files, the
region register or the facilities it refers to changed. An unchanged run reads small JSON only, and imports no more
than polars.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.contracts import SOURCES, contract_of

from .code_version import CODE, code_digests, digest_of, version_of
from .correction_file import Corrections, load, unclaimed
from .discover import SHANGHAI, ChangedMeanwhile, DeliveredFile, discover, period_bounds, unknown_supplier
from .hash_key import key_id, load_key
from .masking import masked_errors
from .references import facility_ids, newest_files, newest_registers, newest_snapshots, outline, six_digit_codes
from .region_register import NATION, REGISTER_COLUMNS, Register
from .results import Landed, as_it_was, assemble, fault_findings, rejected, told, waiting_sidecar
from .sidecar import InForce, sidecar_path, whole_sidecar
from .store import alone_in, close_to_others, read_sealed, write_sealed

PARSERS = 2  # polars leaves the interpreter lock, the rest of parsing does not


@dataclass(frozen=True)
class Discovery:
    """What lies in raw/, and a fingerprint of everything landing depends on. `waiting`: left for the next run."""

    files: list[DeliveredFile]
    fingerprint: str
    waiting: list[DeliveredFile]


class Landing:
    """The deliveries in `raw`, landed under `var`. `progress(what, done, total)` is told of every file parsed;
    `backwards` takes the newest period first. A check gives a `key` of its own, and where regions were not delivered a
    `register` to judge by. Approved corrections lie in `expectations`."""

    SOURCES = SOURCES

    def __init__(
        self,
        raw: Path,
        var: Path,
        progress: Callable[[str, int, int], None] | None = None,
        today: date | None = None,
        backwards: bool = False,
        key: bytes | None = None,
        register: Register | None = None,
        expectations: Path | None = None,
    ) -> None:
        self.raw, self.var = Path(raw), Path(var)
        self._expectations = expectations or CODE.parent / "expectations"
        self._home = self.var / "landing"
        self._progress = progress or (lambda what, done, total: None)
        self._today = today or datetime.now(SHANGHAI).date()
        self._backwards = backwards
        self._key = key or load_key(self.raw, self.var)
        for folder in (self._home, self.var / "quarantine"):
            close_to_others(folder)
        self._discovery: Discovery | None = None
        self._landed: dict[str, Landed] = {}
        self._register = self._given_register = register
        self._digest_of_register = ""
        self._known_corrections: dict[str, Corrections] = {}

    def discover(self) -> Discovery:
        """Every file in raw/, by path; unchanged files are not read again."""
        found = discover(self.raw, self._period_forms, self._home / "stat.json", self._today, self._key)
        state = [[file.shown, file.sha256, file.fault or file.waits or ""] for file in found]
        fingerprint = digest_of([state, self.code_version(*SOURCES), key_id(self._key)])
        # content that was landed before stands until the new one is complete
        files, waiting = [file for file in found if file.sha256], [file for file in found if file.waits]
        self._discovery = Discovery(files, fingerprint, waiting)
        self._landed, self._register = {}, self._given_register
        return self._discovery

    @property
    def arriving(self) -> bool:
        """Whether something that lies in raw/ is still being written."""
        return bool(self._waiting())

    @masked_errors()
    def land(self, source: str) -> Landed:
        """Land every period of `source`; see `Landed`. Never raises for what a supplier may have sent."""
        if source not in self._landed:
            files = [file for file in self._files() if file.source == source]
            form = self._period_forms[source]
            well_named = [file for file in files if not file.fault]
            if source == "regions":
                self._register = self._delivered_register(well_named)
            elif well_named:
                known = self._known_suppliers()
                files = [file if file.fault or file.supplier in known else unknown_supplier(file) for file in files]
            periods: dict[str, list[DeliveredFile]] = {}
            for file in files:
                periods.setdefault(file.period, []).append(file)
            order = sorted(periods, reverse=self._backwards)
            in_force = InForce(self.var, source)
            settled = {period: self._settled(source, form, period, periods[period], in_force) for period in order}
            sidecars = [settled[period] for period in sorted(settled)]
            if not self._backwards:  # the process that lands ahead may see later deliveries than its run
                in_force.keep()
            if source == "regions":
                self._register = None
            waiting = waiting_sidecar([file for file in self._waiting() if file.source == source])
            notes = told(self._corrections(source).left_over({file.period for file in files if not file.fault}))
            self._landed[source] = assemble(source, files, [*sidecars, waiting, notes], self.var)
        return self._landed[source]

    def strays(self) -> Landed:
        """Files in folders of no known source: all rejected as bad_filename, with the remedy."""
        files = [file for file in self._files() if file.source not in SOURCES]
        sidecar = {"files": [rejected(file) for file in files], "rows": 0, "finding": fault_findings(files)}
        waiting = waiting_sidecar([file for file in self._waiting() if file.source not in SOURCES])
        return assemble("", files, [sidecar, waiting, told(unclaimed(self._expectations, SOURCES))], self.var)

    def empty(self, source: str) -> pl.DataFrame:
        """A typed frame without rows, for a source with nothing landed."""
        from .settle import landed_schema

        return pl.DataFrame(schema=landed_schema(contract_of(source)))

    # what the results depend on

    @cached_property
    def _sources(self) -> dict[str, dict[str, Any]]:
        """Period form and references per source, remembered by version: importing the contracts takes a second."""
        path, version = self._home / "sources.json", self.code_version(*SOURCES)
        known = read_sealed(path)
        if known is None or known["version"] != version:
            known = {"version": version, "sources": {source: outline(source) for source in SOURCES}}
            with contextlib.suppress(OSError):  # a full or read-only disk: found out again next time
                write_sealed(path, known)
        return known["sources"]

    @property
    def _period_forms(self) -> dict[str, str]:
        return {source: outline["period_form"] for source, outline in self._sources.items()}

    @cached_property
    def _code(self) -> dict[str, str]:
        return code_digests()

    def code_version(self, *sources: str) -> str:
        """Version of the landing of `sources`: their contracts and all that contracts share."""
        return version_of(self._code, sources)

    def _files(self) -> list[DeliveredFile]:
        return (self._discovery or self.discover()).files

    def _waiting(self) -> list[DeliveredFile]:
        return (self._discovery or self.discover()).waiting

    # parsing

    def _parse_path(self, file: DeliveredFile) -> Path:
        version = f"{file.sha256}-{self.code_version(file.source)}-{key_id(self._key)}"
        # the same bytes under another extension are read another way
        return self._home / "parsed" / file.source / f"{version}-{file.kind}.parquet"

    def _parsed(self, source: str, files: list[DeliveredFile]) -> list[Any]:
        from .parsed import parsed_file

        contract = contract_of(source)
        parsed = []
        with ThreadPoolExecutor(PARSERS) as pool:
            one = partial(self._parsed_one, parsed_file, contract)
            for done, result in enumerate(pool.map(one, files), 1):
                self._progress(source, done, len(files))
                parsed.append(result)
        return parsed

    def _parsed_one(self, parsed_file: Callable[..., Any], contract: Any, file: DeliveredFile) -> Any:
        return parsed_file(self._parse_path(file), file, self.raw / file.path, contract, self._key)

    # settling

    def _settled(
        self, source: str, form: str, period: str, files: list[DeliveredFile], in_force: InForce
    ) -> dict[str, Any]:
        """The sidecar of a source × period, settled anew only if what it depends on changed, or if it is damaged."""
        misnamed = [file for file in files if file.fault]
        files = [file for file in files if not file.fault]
        # a misnamed file decides nothing, and its name may hold what must not be stored
        rest = {"files": [rejected(file) for file in misnamed], "finding": fault_findings(misnamed)}
        if not files:
            return {"rows": 0} | rest
        registers = self._facility_registers(source, period)
        key = digest_of(
            [
                self.code_version(source),
                key_id(self._key),
                [[file.path, file.sha256] for file in files],
                self._register_digest(),
                [[[path.name for path in files], newest] for files, newest in registers],
                self._corrections(source).digest(period),
            ]
        )[:24]
        path = sidecar_path(self.var, source, period, key)
        in_force.stands(period, key)
        sidecar = self._found(path, source)
        if sidecar is None:
            with alone_in(path.parent):
                sidecar = self._found(path, source)  # the other process may have settled it meanwhile
                if sidecar is None:
                    known = facility_ids(registers) if self._sources[source]["references"] else None
                    try:
                        sidecar = self._settle(source, form, period, files, known, key)
                        write_sealed(path, sidecar)
                    except ChangedMeanwhile as changed:
                        sidecar = as_it_was(in_force.stands_on(period), changed)
        return sidecar | {part: sidecar[part] + rest[part] for part in rest}

    def _found(self, path: Path, source: str) -> dict[str, Any] | None:
        """The sidecar at `path`, None where something has to be settled anew."""
        if self._backwards and source not in self._read_for_others:
            return read_sealed(path)  # whether its files are whole is for the run to see
        return whole_sidecar(path, self.var, source)

    @cached_property
    def _read_for_others(self) -> set[str]:
        return {"regions"}.union(*(outline["references"] for outline in self._sources.values()))

    def _settle(
        self, source: str, form: str, period: str, files: list[DeliveredFile], known: pl.Series | None, key: str
    ) -> dict[str, Any]:
        from .kept import Kept
        from .settle import settle

        contract, bounds = contract_of(source), period_bounds(form, period)
        kept = Kept(self.var, source, period, key)
        regions = self._landed_register().on(bounds[1])
        corrections = self._corrections(source).of(period)
        settled = settle(self._parsed(source, files), contract, bounds, regions, known, corrections, kept)
        return kept.sidecar() | {"files": settled.accounts, "finding": settled.finding}

    def _corrections(self, source: str) -> Corrections:
        if source not in self._known_corrections:
            self._known_corrections[source] = load(source, self._expectations)
        return self._known_corrections[source]

    def _facility_registers(self, source: str, period: str) -> list[tuple[list[Path], dict[str, str]]]:
        """Of each register `source` may refer to: files landed in the year so far, and each supplier's newest month."""
        registers = []
        for referred in self._sources[source]["references"]:
            landed = self.land(referred)
            files = [p for p in landed.files if period[:4] == p.parent.name[:4] and p.parent.name <= period]
            registers.append((files, newest_registers(landed.delivery, period)))
        return registers

    # the region register

    def _delivered_register(self, files: list[DeliveredFile]) -> Register:
        """The register as delivered, to decide over the deliveries of regions themselves."""
        newest = newest_files(files)
        self._digest_of_register = digest_of([[file.path, file.sha256] for file in newest])
        return Register(lambda: self._register_rows(newest))

    def _register_rows(self, files: list[DeliveredFile]) -> pl.DataFrame:
        from .parsed import all_parts

        level = pl.col("level").cast(pl.String)
        parts = [part for parsed in self._parsed("regions", files) for part in all_parts(parsed)]
        rows = [part.select(REGISTER_COLUMNS).with_columns(level) for part in parts]
        empty = self.empty("regions").select(REGISTER_COLUMNS)
        return pl.concat([empty, *rows]).drop_nulls(["region_code", "parent_code", "valid_from"])

    def _landed_register(self) -> Register:
        if self._register is None:
            files = self.land("regions").files
            self._digest_of_register = digest_of([path.name for path in files])
            self._register = Register(lambda: newest_snapshots(files, self.empty("regions")))
        return self._register

    def _register_digest(self) -> str:
        self._landed_register()
        return self._digest_of_register

    def _known_suppliers(self) -> set[str]:
        path, digest = self._home / "suppliers.json", self._register_digest()
        return {NATION} | six_digit_codes(path, digest, lambda: self._landed_register().rows)
