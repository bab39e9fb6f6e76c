"""Small rules of the parts."""

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from app.core.secrecy import MIN_SECRET_LENGTH
from app.stack.logs import MAX_BYTES, rotate, tail
from app.stack.part import ROOT
from app.stack.ports import FIRST, GRPC_OFFSET, LAST, Ports, is_free
from app.stack.programs import newest_revision
from app.stack.secrets import load_secrets, read_env_file
from app.stack.signing import signed_headers


def test_the_newest_revision_is_the_one_that_alembic_names(stack_env: dict[str, str]) -> None:
    words = [sys.executable, "-m", "alembic", "-c", str(ROOT / "alembic.ini"), "heads"]
    told = subprocess.run(words, capture_output=True, text=True, cwd=ROOT, check=True, timeout=60)
    assert f"{newest_revision(ROOT / 'alembic/versions')} (head)" == told.stdout.strip()


def test_two_heads_are_left_to_alembic(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text('revision: str = "1"\ndown_revision = None\n')
    assert newest_revision(tmp_path) == "1"
    (tmp_path / "b.py").write_text("revision = '2'\ndown_revision = '1'\n")
    assert newest_revision(tmp_path) == "2"
    (tmp_path / "c.py").write_text('revision = "3"\ndown_revision: str | None = "1"\n')
    assert newest_revision(tmp_path) is None


def test_secrets_are_made_once_and_what_a_person_adds_stays(tmp_path: Path) -> None:
    first = load_secrets(tmp_path)
    path = tmp_path / "secrets.env"
    path.write_text(path.read_text() + "# mine\nSMTP_PASSWORD='quoted'\n")
    path.chmod(0o644)
    assert load_secrets(tmp_path) == {**first, "SMTP_PASSWORD": "quoted"}
    assert path.stat().st_mode & 0o777 == 0o600
    path.write_text("".join(f"{k}={v}\n" for k, v in first.items() if k != "SESSION_KEY"))
    again = load_secrets(tmp_path)
    assert again["SESSION_KEY"] != first["SESSION_KEY"]
    assert {**again, "SESSION_KEY": ""} == {**first, "SESSION_KEY": ""}
    for name in ("SESSION_KEY",):
        assert len(again[name]) >= MIN_SECRET_LENGTH


def test_env_files_are_read_as_people_write_them(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_text("# A=1\n\nexport B=two words\nC='three'\nnonsense\nD=a=b\n")
    assert read_env_file(path) == {"B": "two words", "C": "three", "D": "a=b"}
    assert read_env_file(tmp_path / "absent") == {}


def test_ports_are_kept_while_they_are_free(tmp_path: Path) -> None:
    import socket

    ports = Ports(tmp_path / "ports.json")
    s3 = ports.take("s3", with_grpc=True)
    redis = ports.take("redis")
    assert FIRST <= s3 < LAST
    assert is_free(s3 + GRPC_OFFSET)
    ports.save(["s3", "redis"])
    assert Ports(tmp_path / "ports.json").take("redis") == redis
    with socket.create_server(("127.0.0.1", redis)):
        moved = Ports(tmp_path / "ports.json").take("redis")
    assert moved not in (redis, s3)


def test_signatures_are_those_of_the_sdk() -> None:
    keys = {"region": "us-east-1", "key_id": "DSKEY", "secret": "hush/hush"}
    url = "http://127.0.0.1:12345/deal-scout"
    request = AWSRequest("PUT", url)
    S3SigV4Auth(Credentials("DSKEY", "hush/hush"), "s3", "us-east-1").add_auth(request)
    now = datetime.strptime(request.context["timestamp"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    ours = signed_headers("PUT", url, **keys, now=now)
    assert ours["authorization"] == request.headers["Authorization"]


def test_logs_are_cut_and_the_writer_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "api.log"
    with path.open("ab") as writer:
        writer.write(b"x" * MAX_BYTES + b"\nlast line\n")
        writer.flush()
        rotate(tmp_path)
        assert path.stat().st_size == 0
        assert tail(tmp_path / "api.log.1", 1) == "last line"
        writer.write(b"first of the new\n")
    assert path.read_text() == "first of the new\n"
