"""What people may lean on: parts come back, data stays, nothing is left running, messages are one clear line."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from app.db.roles import grant_rows, has_rows_granted
from app.stack import Stack, StackError
from app.stack.assembly import assemble
from app.stack.part import ROOT, Part, Plan
from app.stack.ports import Ports
from app.stack.postgres import remove_cluster
from app.stack.processes import MARK, Launch, end_all, orphans_of, start_time
from app.stack.secrets import load_secrets
from app.stack.supervisor import running_database

STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"


class Sleeper(Part):
    """A part that sleeps until it is told to leave, or runs the code given."""

    name = "sleeper"
    stop_grace_s = 1.0
    code = "import time; time.sleep(600)"

    @property
    def address(self) -> str:
        return "nowhere"

    def prepare(self) -> Launch:
        return Launch((sys.executable, "-c", self.code), self.plan.environment(), ROOT)


class Stubborn(Sleeper):
    """Takes no notice of SIGTERM."""

    code = STUBBORN


class Broken(Sleeper):
    """Dies at once."""

    name = "broken"
    code = "print('no such thing as a free lunch'); raise SystemExit(3)"
    settle_s = 5.0


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A data directory; whatever still runs on it after the test is a failure, and is ended."""
    directory = tmp_path / "data"
    yield directory
    left = processes_of(directory)
    remove_cluster(directory)
    end_all({pid: (start_time(pid) or 0, signal.SIGKILL) for pid in left}, grace_s=1)
    assert left == []


def processes_of(data_dir: Path) -> list[int]:
    """Living processes that carry this data directory's mark, or that stand in it (servers overwrite their environment)."""
    mark = f"{MARK}={data_dir}".encode()
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and (
                mark in (entry / "environ").read_bytes().split(b"\0")
                or (entry / "cwd").readlink().is_relative_to(data_dir)
            ):
                found.append(int(entry.name))
        except OSError:
            continue  # it has ended, or is not ours to read
    return [pid for pid in found if start_time(pid) is not None]


def sleeping(home: Path, part: type[Part] = Sleeper, said: list[str] | None = None) -> Stack:
    stack = Stack(home, [], say=(said if said is not None else []).append)
    stack.extra_parts.append(part)
    return stack


def up(home: Path, *words: str, **env: str) -> "subprocess.Popen[str]":
    """`python -m app up` as a person starts it."""
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    tied = () if "--with-pid" in words else ("--with-pid", str(os.getpid()))
    return subprocess.Popen(
        [sys.executable, "-m", "app", "up", "--data-dir", str(home), *tied, *words],
        env={**inherited, "PYTHONPATH": str(ROOT / "backend"), **env},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_for(path: Path, process: "subprocess.Popen[str]", timeout_s: float = 60) -> None:
    deadline = time.monotonic() + timeout_s
    while not path.exists():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline, f"{path} did not appear"
        time.sleep(0.05)


def test_a_part_that_dies_is_restarted_and_says_so(home: Path) -> None:
    said: list[str] = []
    with sleeping(home, said=said) as stack:
        first = stack.pid("sleeper")
        stack.kill("sleeper")
        stack.wait_ready("sleeper", other_than=first, timeout_s=10)
        second = stack.pid("sleeper")
        begun = time.monotonic()
        stack.kill("sleeper")
        stack.wait_ready("sleeper", other_than=second, timeout_s=10)
        assert time.monotonic() - begun > 0.9, "the second death waits longer than the first"
        assert json.loads((home / "stack.json").read_text())["parts"]["sleeper"][
            "pid"
        ] == stack.pid("sleeper")
    assert "sleeper ended by SIGKILL; starting it again in 0.3 s" in said[0]
    assert str(home / "logs/sleeper.log") in said[0]
    assert "sleeper is back" in said


def test_a_part_that_cannot_start_stops_everything_and_shows_its_last_words(home: Path) -> None:
    stack = sleeping(home, Broken)
    with pytest.raises(StackError, match=r"broken ended with code 3(?s:.*)free lunch"):
        stack.start()
    assert processes_of(home) == []
    assert not (home / "stack.json").exists()


def test_a_part_that_does_not_want_to_leave_is_killed_after_its_grace(home: Path) -> None:
    stack = sleeping(home, Stubborn)
    stack.start()
    time.sleep(0.3)
    begun = time.monotonic()
    stack.stop()
    assert time.monotonic() - begun < 3
    assert processes_of(home) == []


def test_a_part_can_be_kept_away_and_comes_back(home: Path) -> None:
    with sleeping(home) as stack:
        stack.stop_part("sleeper")
        with pytest.raises(StackError, match="not running now"):
            stack.pid("sleeper")
        stack.start_part("sleeper", timeout_s=10)
        assert start_time(stack.pid("sleeper")) is not None


def test_data_is_found_again_after_kill_9_of_the_supervisor(home: Path) -> None:
    process = up(home, "--only", "postgres,redis")
    wait_for(home / "stack.json", process)
    url = running_database(home)["DATABASE_MIGRATION_URL"]
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        connection.execute("create table kept (number int)")
        connection.execute("insert into kept values (42)")
    secrets = (home / "secrets.env").read_text()

    process.kill()
    process.communicate()

    with Stack(home, {"postgres", "redis"}) as stack:
        with psycopg.connect(
            stack.env["DATABASE_MIGRATION_URL"].replace("+psycopg", "")
        ) as connection:
            assert connection.execute("select number from kept").fetchall() == [(42,)]
        assert (home / "secrets.env").read_text() == secrets

        for part in ("postgres", "redis"):
            pid = stack.pid(part)
            stack.kill(part)
            stack.wait_ready(part, other_than=pid, timeout_s=30)
        with psycopg.connect(
            stack.env["DATABASE_MIGRATION_URL"].replace("+psycopg", "")
        ) as connection:
            assert connection.execute("select number from kept").fetchall() == [(42,)]
        client = redis.Redis.from_url(stack.env["REDIS_URL"], socket_timeout=5)
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
        client.close()


def test_orphans_of_a_killed_supervisor_are_ended_by_the_next_start(home: Path) -> None:
    # a child that outlives its supervisor, as when the kernel cannot tie them together
    home.mkdir()
    orphan = subprocess.Popen(
        [sys.executable, "-c", STUBBORN], env={MARK: str(home)}, start_new_session=True
    )
    stranger = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    try:
        time.sleep(0.3)
        born = start_time(orphan.pid)
        assert born is not None
        (home / "run").mkdir()
        recorded = [
            {"name": "sleeper", "pid": orphan.pid, "started": born, "signal": 15},
            {"name": "other", "pid": stranger.pid, "started": 1, "signal": 15},
        ]
        (home / "run/pids.json").write_text(json.dumps(recorded))
        assert set(orphans_of({entry["pid"]: entry["started"] for entry in recorded}, home)) == {  # type: ignore[misc]
            orphan.pid
        }
        with sleeping(home):
            assert orphan.wait(10) == -signal.SIGKILL
            assert stranger.poll() is None, "the same pid with another start time is a stranger"
    finally:
        for process in (orphan, stranger):
            process.kill()
            process.wait()


def test_a_taken_port_is_one_line_that_names_the_port_and_the_variable(home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        process = up(home, "--only", "postgres,api", API_PORT=str(port))
        out, error = process.communicate(timeout=30)
    assert process.returncode == 1
    assert out == ""
    assert len(error.strip().splitlines()) == 1
    assert str(port) in error
    assert "API_PORT" in error
    assert processes_of(home) == []


def test_a_second_start_on_the_same_data_is_one_line(home: Path) -> None:
    with sleeping(home):
        process = up(home, "--only", "redis")
        _, error = process.communicate(timeout=30)
    assert process.returncode == 1
    assert len(error.strip().splitlines()) == 1
    assert "already running" in error
    assert str(os.getpid()) in error


def test_sigterm_ends_every_process_within_ten_seconds(home: Path) -> None:
    process = up(home, "--only", "postgres,redis,s3")
    wait_for(home / "stack.json", process)
    assert len(processes_of(home)) == 3
    begun = time.monotonic()
    process.send_signal(signal.SIGTERM)
    out, error = process.communicate(timeout=20)
    assert time.monotonic() - begun < 10
    assert (process.returncode, error) == (0, "")
    assert "Deal Scout is up" in out
    assert processes_of(home) == []
    assert not (home / "stack.json").exists()


def test_the_stack_ends_with_the_process_it_was_tied_to(home: Path) -> None:
    owner = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    process = up(home, "--only", "redis", "--with-pid", str(owner.pid))
    wait_for(home / "stack.json", process)
    owner.kill()
    owner.wait()
    process.communicate(timeout=15)
    assert process.returncode == 0
    assert processes_of(home) == []


def test_secrets_are_private_and_not_in_what_others_may_read(home: Path) -> None:
    with Stack(home, {"redis"}) as stack:
        assert (home / "secrets.env").stat().st_mode & 0o777 == 0o600
        state = (home / "stack.json").read_text()
        table = str(stack.table())
        values = [
            line.partition("=")[2] for line in (home / "secrets.env").read_text().splitlines()
        ]
        assert len(values) >= 7
        for value in values:
            assert len(value) >= 16
            assert value not in state + table
        commands = [Path(f"/proc/{pid}/cmdline").read_text() for pid in processes_of(home)]
        assert commands
        assert not [text for text in commands if stack.env["REDIS_URL"].split("@")[0][9:] in text]


def test_an_address_of_ones_own_replaces_the_embedded_part(home: Path) -> None:
    mine = "postgresql://me:hush@db.example.test:6543/deals"
    with Stack(home, {"postgres", "redis"}, {"DATABASE_URL": mine}) as stack:
        assert stack.names == ["redis"]
        assert stack.address("postgres") == "db.example.test:6543"
        assert stack.env["DATABASE_URL"] == mine
        assert "hush" not in (home / "stack.json").read_text()


def test_a_data_directory_from_before_there_were_two_roles_gets_the_second(home: Path) -> None:
    with Stack(home, {"postgres"}) as stack:
        owner = stack.env["DATABASE_MIGRATION_URL"].replace("+psycopg", "")
        with psycopg.connect(owner, autocommit=True) as connection:
            connection.execute("create table listings (id int)")
            connection.execute("create table audit_events (id int)")
            connection.execute("drop role dealscout_app")
    secrets = home / "secrets.env"
    lines = secrets.read_text().splitlines(keepends=True)
    secrets.write_text("".join(line for line in lines if "POSTGRES_APP_PASSWORD" not in line))

    with Stack(home, {"postgres"}) as stack:
        urls = (stack.env["DATABASE_MIGRATION_URL"], stack.env["DATABASE_URL"])
        owner, app = (url.replace("+psycopg", "") for url in urls)
        with psycopg.connect(owner) as connection:
            assert not has_rows_granted(connection, "dealscout_app")
            grant_rows(connection, "dealscout_app")
        with psycopg.connect(app) as connection:
            connection.execute("insert into audit_events values (1)")
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute("delete from audit_events")
        log = (home / "logs/postgres.log").read_text()
        assert "SCRAM" not in log
        assert load_secrets(home)["POSTGRES_APP_PASSWORD"] not in log


def test_only_the_migrations_are_told_who_owns_the_tables(home: Path) -> None:
    settings = {"DATABASE_URL": "postgresql://app:a@db.test/x", "DATABASE_MIGRATION_URL": "postgresql://me:b@db.test/x", "API_PORT": "0", "WEB_PORT": "0"}  # fmt: skip
    home.mkdir()
    plan = Plan(home, load_secrets(home))
    parts, _ = assemble(
        plan, ("postgres", "api", "worker", "beat"), settings, Ports(home / "ports")
    )
    told = {part.name: part.prepare().env for part in parts}
    assert told["migrations"]["DATABASE_MIGRATION_URL"] == settings["DATABASE_MIGRATION_URL"]
    for name in ("api", "worker", "beat"):
        assert "DATABASE_MIGRATION_URL" not in told[name]
        assert plan.secrets["POSTGRES_PASSWORD"] not in "".join(told[name].values())
