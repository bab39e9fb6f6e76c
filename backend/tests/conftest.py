"""Real data services for the tests: one embedded stack per run, shared by all xdist workers.

It starts when the first test asks for it and ends with the run, however that ends. Each worker has
a database of its own, cloned from a template that Alembic has migrated.
"""

import contextlib
import fcntl
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import psycopg
import pytest
import redis
from hypothesis import HealthCheck
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.core.queue import bell, broker
from app.core.settings import Settings, get_settings
from app.db.session import engine_from, get_engine, session_factory
from app.services.callers import sessions_cache
from app.stack.part import ROOT
from app.stack.postgres import database_urls
from app.stack.secrets import MARK, marked, read_env_file
from tests import canary

# The short form of a property is the same every time, also on a busy machine; `make test-long` looks further.
_CALM = hypothesis.settings(
    deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None
)
hypothesis.settings.register_profile("short", _CALM, derandomize=True)
hypothesis.settings.register_profile("long", _CALM, max_examples=1000)
hypothesis.settings.load_profile("short")

RUN_DIR = "DEAL_SCOUT_TEST_RUN"
TEMPLATE = "template_app"


def pytest_configure(config: pytest.Config) -> None:
    """The process that was started by a person makes the run's directory; workers inherit its name."""
    if not hasattr(config, "workerinput") and RUN_DIR not in os.environ:
        directory = tempfile.mkdtemp(prefix="deal-scout-tests-")
        Path(directory).chmod(0o711)  # the database server may run as another user
        os.environ[RUN_DIR] = directory
        config.add_cleanup(lambda: _end_run(Path(directory)))
    canary.install()
    if not hasattr(config, "workerinput") and config.getoption("--resume"):
        config.pluginmanager.register(_Memory(config, config.getoption("--resume")))


def pytest_sessionfinish() -> None:
    """What this process has counted is searched too."""
    canary.keep_metrics()


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--resume FILE`: leave out the tests that FILE says have passed, and note there those that pass."""
    parser.addoption("--resume", type=Path, help="file that remembers which tests have passed")


def _passed_before(config: pytest.Config) -> set[str]:
    path: Path | None = config.getoption("--resume")
    return set(json.loads(path.read_text())) if path and path.exists() else set()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what has passed in an earlier run."""
    passed = _passed_before(config)
    left_out = [item for item in items if item.nodeid in passed]
    if left_out:
        items[:] = [item for item in items if item.nodeid not in passed]
        config.hook.pytest_deselected(items=left_out)


class _Memory:
    """Notes passed tests as they pass, so that an interrupted run can be resumed."""

    def __init__(self, config: pytest.Config, path: Path) -> None:
        self._path = path
        self._passed = _passed_before(config)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" and report.passed:
            self._passed.add(report.nodeid.partition("@")[0])
            self._path.parent.mkdir(parents=True, exist_ok=True)
            draft = self._path.with_suffix(".new")
            draft.write_text(json.dumps(sorted(self._passed), indent=1))
            draft.replace(self._path)


def _end_run(directory: Path) -> None:
    """End the holders of this run and remove its directory."""
    for note in directory.glob("*.holder"):
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(note.read_text()), 15)
    deadline = time.monotonic() + 15
    while list(directory.glob("*/stack.json")) and time.monotonic() < deadline:
        time.sleep(0.05)
    os.environ.pop(RUN_DIR, None)
    for home in (directory, *directory.iterdir()):
        if home.is_dir():
            canary.keep_logs(home, "run")
    shutil.rmtree(directory, ignore_errors=True)


@contextlib.contextmanager
def _alone(name: str) -> Iterator[Path]:
    """Hold the run's lock `name`; gives the run's directory."""
    directory = Path(os.environ[RUN_DIR])
    with (directory / f"{name}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield directory


def _held_stack(name: str, parts: str) -> dict[str, str]:
    """The settings of the run's stack `name`; the first who asks starts it in a process of its own."""
    with _alone(name) as directory:
        home = directory / name
        state = home / "stack.json"
        if not state.exists():
            _start_holder(directory, name, parts)
        secrets = read_env_file(home / "secrets.env")
        told = json.loads(state.read_text())
    env: dict[str, str] = told["env"]
    addresses = {part: entry["address"] for part, entry in told["parts"].items()}
    if "postgres" in addresses:
        env |= database_urls(secrets, addresses["postgres"])
    if "redis" in addresses:
        env["REDIS_URL"] = f"redis://:{secrets['REDIS_PASSWORD']}@{addresses['redis']}/0"
    for secret in ("S3_ACCESS_KEY_ID", "S3_SECRET_ACCESS_KEY", "SESSION_KEY", "ENCRYPTION_KEYS"):
        env[secret] = secrets[secret]
    if "ebay_sim" in addresses:
        env["EBAY_APP_ID"] = "demo-app"
        env["EBAY_CLIENT_SECRET"] = secrets["EBAY_CLIENT_SECRET"]
    return env


def _start_holder(directory: Path, name: str, parts: str) -> None:
    owner = os.getppid() if "PYTEST_XDIST_WORKER" in os.environ else os.getpid()
    settings = {name.upper() for name in Settings.model_fields}
    env = {name: value for name, value in os.environ.items() if name not in settings}
    env["SIM_LISTINGS"] = "2000"
    log = directory / f"{name}.out"
    with log.open("wb") as output:
        holder = subprocess.Popen(
            [
                *(sys.executable, "-m", "app", "up", "--fast", "--only", parts),
                *("--data-dir", str(directory / name), "--with-pid", str(owner)),
            ],
            env={**env, "PYTHONPATH": str(ROOT / "backend")},
            cwd=ROOT,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    (directory / f"{name}.holder").write_text(str(holder.pid))
    deadline = time.monotonic() + 120
    while not (directory / name / "stack.json").exists():
        if holder.poll() is not None or time.monotonic() > deadline:
            pytest.fail(f"the test stack ({parts}) did not start:\n{log.read_text()[-3000:]}")
        time.sleep(0.05)


def _execute(url: str, *statements: str) -> None:
    dsn = url.replace("postgresql+psycopg://", "postgresql://")
    with psycopg.connect(dsn, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def _named(url: str, database: str) -> str:
    return url.rpartition("/")[0] + "/" + database


@pytest.fixture(scope="session", autouse=True)
def _logs_are_kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Of stacks that tests have started as processes of their own; those of this process are seen to when they stop."""
    yield
    canary.keep_logs(tmp_path_factory.getbasetemp(), "up")


@pytest.fixture(scope="session")
def worker_name() -> str:
    """This xdist worker's name; "main" without xdist."""
    return os.environ.get("PYTEST_XDIST_WORKER", "main")


@pytest.fixture(scope="session")
def stack_env() -> dict[str, str]:
    """Settings of the run's Postgres and Valkey by environment name. The database in it is not migrated: take `settings`."""
    return _held_stack("data", "postgres,redis")


@pytest.fixture(scope="session")
def template_database(stack_env: dict[str, str]) -> str:
    """The name of a database that Alembic has brought to the newest version; never connect to it."""
    with _alone("template") as directory:
        done = directory / "template.done"
        if not done.exists():
            url = stack_env["DATABASE_MIGRATION_URL"]
            _execute(url, f"create database {TEMPLATE}")
            migrated = subprocess.run(
                [
                    sys.executable,
                    "-m",
                    "alembic",
                    "-c",
                    str(ROOT / "alembic.ini"),
                    "upgrade",
                    "head",
                ],
                env={**os.environ, "PYTHONPATH": str(ROOT / "backend"), **stack_env}
                | _both_on(stack_env, TEMPLATE),
                cwd=ROOT,
                capture_output=True,
                text=True,
                timeout=300,
            )
            if migrated.returncode != 0:
                _execute(url, f"drop database {TEMPLATE} with (force)")
                pytest.fail(f"alembic upgrade head failed:\n{migrated.stderr[-4000:]}")
            done.touch()
    return TEMPLATE


def _both_on(stack_env: dict[str, str], database: str) -> dict[str, str]:
    names = ("DATABASE_URL", "DATABASE_MIGRATION_URL")
    return {name: _named(stack_env[name], database) for name in names}


@contextlib.contextmanager
def _clone(stack_env: dict[str, str], template: str, name: str) -> Iterator[dict[str, str]]:
    """The addresses of a copy of `template`: the owner's, who makes it, and that of the product's role."""
    url = stack_env["DATABASE_MIGRATION_URL"]
    with _alone("template"):  # a template may be copied by one at a time
        _execute(
            url,
            f"drop database if exists {name} with (force)",
            f"create database {name} template {template}",
        )
    try:
        yield _both_on(stack_env, name)
        canary.keep_rows(_named(url, name))
    finally:
        _execute(url, f"drop database if exists {name} with (force)")


@pytest.fixture(scope="session")
def worker_database(
    stack_env: dict[str, str], template_database: str, worker_name: str
) -> Iterator[dict[str, str]]:
    """DATABASE_URL and DATABASE_MIGRATION_URL of this worker's own database."""
    with _clone(stack_env, template_database, f"test_{worker_name}") as urls:
        yield urls


def _settings_with(env: dict[str, str], urls: dict[str, str], database_number: int) -> Settings:
    address = _named(env["REDIS_URL"], str(database_number))
    cache = _named(env["REDIS_URL"], str(database_number + 1))
    told = {**env, **urls, "REDIS_URL": address, "CACHE_URL": cache}
    # the test client's name for the host; tests of the rate limit set one, the others would meet it
    told |= {"TRUSTED_HOSTS": "testserver,127.0.0.1,localhost", "RATE_LIMIT_ANONYMOUS": "0"}
    told |= {"RATE_LIMIT_SIGNED_IN": "0"}
    if mark := os.environ.get(MARK):
        told["SMTP_PASSWORD"] = f"{marked(mark, 'SMTP_PASSWORD')}-{uuid.uuid4().hex}"
    fields = {name.lower(): value for name, value in told.items() if name.isupper()}
    known = {name: fields[name] for name in Settings.model_fields if name in fields}
    known.pop("ebay_app_id", None)
    return Settings(**known, EBAY_APP_ID=told.get("EBAY_APP_ID", ""))  # type: ignore[arg-type]


def _valkey_number(worker: str) -> int:
    """Each worker has two of the 64 databases: broker and cache."""
    return 2 + 2 * (int(worker.removeprefix("gw")) if worker.startswith("gw") else 0)


@pytest.fixture(scope="session")
def settings(
    stack_env: dict[str, str], worker_database: dict[str, str], worker_name: str
) -> Settings:
    """Settings of this worker: its own migrated database and its own Valkey databases. Rows are for `session` only.

    The product's code works in it as the product's role, as everywhere; `owner_dsn` is for what takes the owner.
    """
    return _settings_with(stack_env, worker_database, _valkey_number(worker_name))


@pytest.fixture(scope="session")
def engine(settings: Settings) -> Iterator[Engine]:
    """An engine on this worker's database."""
    made = engine_from(settings, pool_size=4)
    yield made
    made.dispose()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    """A session whose commits are savepoints: everything is rolled back after the test."""
    with engine.connect() as connection:
        outer = connection.begin()
        with Session(
            connection, expire_on_commit=False, join_transaction_mode="create_savepoint"
        ) as made:
            yield made
        outer.rollback()


@pytest.fixture
def database(
    stack_env: dict[str, str], template_database: str, worker_name: str
) -> Iterator[Settings]:
    """Settings of a database made for this test and dropped after it: what is committed there is seen by all connections."""
    name = f"test_{worker_name}_{uuid.uuid4().hex[:12]}"
    with _clone(stack_env, template_database, name) as urls:
        yield _settings_with(stack_env, urls, _valkey_number(worker_name))


@pytest.fixture
def empty_database(stack_env: dict[str, str], worker_name: str) -> Iterator[Settings]:
    """Settings of a database without any table, dropped after the test: for migrations."""
    name = f"test_{worker_name}_{uuid.uuid4().hex[:12]}"
    with _clone(stack_env, "template0", name) as urls:
        yield _settings_with(stack_env, urls, _valkey_number(worker_name))


@pytest.fixture
def valkey(stack_env: dict[str, str], worker_name: str) -> Iterator[redis.Redis]:
    """This worker's cache database, empty before and after; the same that `settings.cache_url` names."""
    number = _valkey_number(worker_name)
    clients = [
        redis.Redis.from_url(_named(stack_env["REDIS_URL"], str(n)), socket_timeout=5)
        for n in (number, number + 1)
    ]
    for client in clients:
        client.flushdb()
    yield clients[1]
    for client in clients:
        client.flushdb()
        client.close()


@pytest.fixture(scope="session")
def s3_env() -> dict[str, str]:
    """S3_ENDPOINT_URL, S3_BUCKET and keys of the run's object store."""
    env = _held_stack("objects", "s3")
    return {name: value for name, value in env.items() if name.startswith("S3_")}


@pytest.fixture(scope="session")
def sim_env() -> dict[str, str]:
    """EBAY_APP_ID, EBAY_CLIENT_SECRET and the EBAY_*_BASE addresses of the run's small simulated marketplace."""
    env = _held_stack("marketplace", "ebay_sim")
    return {name: value for name, value in env.items() if name.startswith("EBAY_")}


@pytest.fixture(scope="session")
def sim_url(sim_env: dict[str, str]) -> str:
    """The address of a small simulated marketplace that all workers share: do not move its clock, do not script faults."""
    return sim_env["EBAY_API_BASE"]


@pytest.fixture
def sim(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A simulated marketplace of this test's own as a running Stack (`sim.env`, `sim.address("ebay_sim")`): move its clock, break it."""
    from app.stack import Stack

    stack = Stack(tmp_path_factory.mktemp("sim"), {"ebay_sim"}, {"SIM_LISTINGS": "2000"})
    with stack:
        yield stack
    stack.destroy()


@pytest.fixture
def process(database: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """Make `get_settings()` and `transaction()` of this process those of a database of the test's own."""
    for name in Settings.model_fields:
        value = getattr(database, name)
        if value is None:
            monkeypatch.delenv(name.upper(), raising=False)
        elif hasattr(value, "get_secret_value"):
            monkeypatch.setenv(name.upper(), value.get_secret_value())
        else:
            monkeypatch.setenv(name.upper(), str(value))
    caches = (get_settings, get_engine, session_factory, bell, broker, sessions_cache)
    for cache in caches:
        cache.cache_clear()
    yield get_settings()
    get_engine().dispose()
    for cache in caches:
        cache.cache_clear()
