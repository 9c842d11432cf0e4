"""A private PostgreSQL cluster for small offices and for tests: TLS, scram, loopback unless told, bounded memory."""

from __future__ import annotations

import getpass
import os
import pwd
import secrets
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from pipelines.serving.server import VARIABLE

DATABASE = "carestat"
ADMINISTRATOR = "carestat_admin"
#: where Debian and its relatives put the programs, the newest first
BINARIES = "/usr/lib/postgresql"

CONFIGURATION = """\
# written by carestat serve init
listen_addresses = '{listen}'
port = {port}
unix_socket_directories = '{folder}'
unix_socket_permissions = 0700
max_connections = {connections}
superuser_reserved_connections = 5
password_encryption = 'scram-sha-256'
ssl = on
ssl_cert_file = '{folder}/server.crt'
ssl_key_file = '{folder}/server.key'
ssl_min_protocol_version = 'TLSv1.2'
authentication_timeout = '10s'
tcp_keepalives_idle = 60
shared_buffers = '256MB'
work_mem = '16MB'
hash_mem_multiplier = 2.0
maintenance_work_mem = '128MB'
max_parallel_workers_per_gather = 0
temp_file_limit = '2GB'
max_locks_per_transaction = 512
jit = off
wal_level = minimal
max_wal_senders = 0
max_wal_size = '1GB'
dynamic_library_path = '$libdir'
log_destination = 'stderr'
log_connections = on
log_disconnections = on
log_min_duration_statement = '10s'
log_parameter_max_length = 0
log_parameter_max_length_on_error = 0
timezone = 'Asia/Shanghai'
log_timezone = 'UTC'
default_text_search_config = 'pg_catalog.simple'
"""
ACCESS = """\
# written by carestat serve init: passwords always, TLS always but on the socket, which only the owner can reach
local   all         all               scram-sha-256
hostssl {database}  all  {network}    scram-sha-256
host    all         all  all          reject
"""
LOOPBACK = "127.0.0.1/32"


class NoCluster(Exception):
    """The programs are missing, the folder is not fit, or one of the programs failed."""


@dataclass(frozen=True)
class Cluster:
    """`folder` holds everything; its owner runs the server, which is never root. `process_megabytes` bounds the
    address space of each of its processes.
    """

    folder: Path
    port: int = 5432
    listen: str = "127.0.0.1"
    network: str = LOOPBACK
    connections: int = 100
    process_megabytes: int = 2048

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def log(self) -> Path:
        return self.folder / "server.log"

    @property
    def admin_dsn(self) -> Path:
        return self.folder / "admin.dsn"

    def init(self, user: str | None = None, certificate: Path | None = None, key: Path | None = None) -> None:
        """Make the cluster and the administrator's connection string (mode 600). Raises NoCluster."""
        if self.data.exists():
            raise NoCluster(f"已有集群 · there is a cluster already: {self.data}")
        user = user or ("postgres" if os.geteuid() == 0 else getpass.getuser())
        if user == "root":
            raise NoCluster("PostgreSQL 不能以 root 运行 · PostgreSQL does not run as root: --user")
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._hand_over(self.folder, user, 0o700)
        if not self._reaches(user):
            raise NoCluster(
                f"用户 {user} 进不了 {self.folder.parent}：请以服务用户运行，或用已有的服务器（{VARIABLE}）"
                f" · {user} cannot enter it: run as the service's user, not as root, or use a PostgreSQL that is there"
            )
        password = secrets.token_urlsafe(32)
        given = self.folder / ".password"
        self._write(given, password, user)
        try:
            self._run(
                user,
                [
                    *(program("initdb"), "--pgdata", self.data, "--username", ADMINISTRATOR, "--pwfile", given),
                    *("--encoding", "UTF8", "--locale", "C.UTF-8", "--auth", "scram-sha-256", "--data-checksums"),
                ],
            )
        finally:
            given.unlink()
        self._certificate(user, certificate, key)
        written = {"folder": self.folder, "listen": self.listen, "port": self.port, "connections": self.connections}
        self._write(self.data / "postgresql.conf", CONFIGURATION.format(**written), user)
        self._write(self.data / "pg_hba.conf", ACCESS.format(database=DATABASE, network=self.network), user)
        self._write(
            self.admin_dsn,
            f"host={self.folder} port={self.port} dbname={DATABASE} user={ADMINISTRATOR} password={password}\n",
            user=None,
        )

    def start(self) -> None:
        """Start the server and make the database, if it is the first time. Raises NoCluster."""
        self._run(self.owner, [program("pg_ctl"), "start", "-w", "-D", self.data, "-l", self.log], bounded=True)
        self._make_database()

    @property
    def is_running(self) -> bool:
        """Whether a server runs on it; one that was killed leaves its pid file."""
        try:
            pid = (self.data / "postmaster.pid").read_text(encoding="utf-8").split()[0]
        except (FileNotFoundError, IndexError):
            return False
        return Path("/proc", pid).exists()

    def stop(self) -> None:
        """Stop the server; what is connected is cut off."""
        self._run(self.owner, [program("pg_ctl"), "stop", "-w", "-m", "fast", "-D", self.data])

    @property
    def owner(self) -> str:
        return pwd.getpwuid(self.data.stat().st_uid).pw_name

    def _make_database(self) -> None:
        dsn = self.admin_dsn.read_text(encoding="utf-8").replace(f"dbname={DATABASE}", "dbname=postgres")
        with psycopg.connect(dsn, autocommit=True) as connection:
            if not connection.execute("select 1 from pg_database where datname = %s", [DATABASE]).fetchone():
                connection.execute(sql.SQL("create database {} template template0").format(sql.Identifier(DATABASE)))

    def _certificate(self, user: str, certificate: Path | None, key: Path | None) -> None:
        crt, private = self.folder / "server.crt", self.folder / "server.key"
        if certificate and key:
            shutil.copyfile(certificate, crt)
            shutil.copyfile(key, private)
        else:
            name = self.listen if self.listen not in ("*", "0.0.0.0") else "localhost"
            _checked(
                [
                    *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"),
                    *("-days", "825", "-subj", f"/CN={name}", "-keyout", private, "-out", crt),
                ]
            )
        self._hand_over(private, user, 0o600)
        self._hand_over(crt, user, 0o644)

    def _reaches(self, user: str) -> bool:
        """Whether the owner of the server can enter its folder: var/ is closed to others."""
        try:
            self._run(user, ["test", "-w", self.folder])
        except NoCluster:
            return False
        return True

    def _run(self, user: str, command: Sequence[str | Path], bounded: bool = False) -> None:
        limit = ["prlimit", f"--as={self.process_megabytes * 2**20}", "--core=0"] if bounded else []
        switch = ["setpriv", f"--reuid={user}", f"--regid={pwd.getpwnam(user).pw_gid}", "--init-groups"]
        _checked([*limit, *(switch if os.geteuid() == 0 else ()), *command])

    def _write(self, path: Path, text: str, user: str | None) -> None:
        """For the owner of the server; without `user` for whoever calls."""
        path.touch(mode=0o600)
        path.write_text(text, encoding="utf-8")
        path.chmod(0o600)
        if user:
            self._hand_over(path, user, 0o600)

    def _hand_over(self, path: Path, user: str, mode: int) -> None:
        path.chmod(mode)
        if os.geteuid() == 0:
            shutil.chown(path, user)


def program(name: str) -> str:
    """initdb, pg_ctl or postgres. Raises NoCluster where PostgreSQL is not installed."""
    newest = sorted(Path(BINARIES).glob(f"*/bin/{name}"), key=lambda path: int(path.parts[-3]))
    found = str(newest[-1]) if newest else shutil.which(name)
    if not found:
        raise NoCluster(f"没有安装 PostgreSQL（缺 {name}）· PostgreSQL is not installed: no {name}")
    return found


def _checked(command: Sequence[str | Path]) -> None:
    done = subprocess.run(
        list(map(str, command)), capture_output=True, text=True, check=False, cwd="/", env={**os.environ, "LC_ALL": "C"}
    )
    if done.returncode:
        raise NoCluster(f"{Path(command[0]).name}：{(done.stderr or done.stdout).strip()}")
