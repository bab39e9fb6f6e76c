"""What people copy and run in production says what the product reads, and keeps its data services to itself."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.core.settings import Settings
from app.stack.part import ROOT

SECRETS = (
    "POSTGRES_PASSWORD",
    "POSTGRES_APP_PASSWORD",
    "REDIS_PASSWORD",
    "S3_ACCESS_KEY_ID",
    "S3_SECRET_ACCESS_KEY",
    "SESSION_KEY",
    "ENCRYPTION_KEYS",
)
COMPOSE_ONLY = {"POSTGRES_PASSWORD", "POSTGRES_APP_PASSWORD", "REDIS_PASSWORD", "NETWORK_SUBNET"}


def names_in(path: Path) -> set[str]:
    """Variables that a file sets or shows commented out."""
    lines = [line.removeprefix("# ").partition("=") for line in path.read_text().splitlines()]
    return {name for name, sign, _ in lines if sign and name.isupper() and " " not in name}


def compose(*words: str, env: dict[str, str], file: Path) -> "subprocess.CompletedProcess[str]":
    """docker-compose on our file, with exactly these variables: the checkout's own .env is not read."""
    binary = Path(sys.executable).with_name("docker-compose")
    return subprocess.run(
        [str(binary), "--env-file", os.devnull, "-f", str(file), *words],
        env={"PATH": os.environ.get("PATH", ""), "HOME": "/nonexistent", **env},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize("name", [".env.example", ".env.production"])
def test_env_files_name_every_setting_and_nothing_else(name: str) -> None:
    settings = {field.upper() for field in Settings.model_fields}
    assert names_in(ROOT / name) == settings | COMPOSE_ONLY


def test_env_files_hold_no_secret() -> None:
    for name in (".env.example", ".env.production"):
        lines = (ROOT / name).read_text().splitlines()
        for secret in (*SECRETS, "EBAY_CLIENT_SECRET"):
            assert f"{secret}=" in lines, f"{secret} in {name} must be there, and empty"


def test_compose_file_is_valid_with_its_secrets_set() -> None:
    filled = dict.fromkeys(SECRETS, "x" * 32)
    done = compose("config", "-q", env=filled, file=ROOT / "docker-compose.yml")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("missing", SECRETS)
def test_compose_refuses_to_start_without_a_secret(missing: str) -> None:
    filled = dict.fromkeys((name for name in SECRETS if name != missing), "x" * 32)
    done = compose("config", "-q", env=filled, file=ROOT / "docker-compose.yml")
    assert done.returncode != 0
    assert missing in done.stderr


def test_compose_publishes_only_the_two_doors_and_only_on_loopback() -> None:
    filled = dict.fromkeys(SECRETS, "x" * 32)
    done = compose("config", "--format", "json", env=filled, file=ROOT / "docker-compose.yml")
    services = json.loads(done.stdout)["services"]
    published = {name: service["ports"] for name, service in services.items() if "ports" in service}
    assert set(published) == {"backend", "frontend"}
    for ports in published.values():
        assert [port["host_ip"] for port in ports] == ["127.0.0.1"]


def test_compose_believes_the_proxies_of_its_own_network_only() -> None:
    filled = dict.fromkeys(SECRETS, "x" * 32)
    done = compose("config", "--format", "json", env=filled, file=ROOT / "docker-compose.yml")
    told = json.loads(done.stdout)
    backend = told["services"]["backend"]["environment"]
    assert backend["TRUSTED_PROXIES"] == told["networks"]["default"]["ipam"]["config"][0]["subnet"]
    assert backend["METRICS_PORT"] not in ("0", "8000")


def test_compose_tells_only_the_migrations_who_owns_the_tables() -> None:
    filled = dict.fromkeys(SECRETS, "x" * 32)
    filled["POSTGRES_PASSWORD"] = owner = "o" * 32
    done = compose("config", "--format", "json", env=filled, file=ROOT / "docker-compose.yml")
    services = json.loads(done.stdout)["services"]
    told = {
        name
        for name, service in services.items()
        if owner in json.dumps(service.get("environment", {}))
    }
    assert told == {"postgres", "migrate"}
    urls = services["migrate"]["environment"]
    assert ("dealscout:" in urls["DATABASE_MIGRATION_URL"], "dealscout_app:" in urls["DATABASE_URL"]) == (True, True)  # fmt: skip


def test_compose_migrates_a_database_of_ones_own_by_its_own_address() -> None:
    mine = "postgresql://me:hush@db.test/deals"
    filled = {**dict.fromkeys(SECRETS, "x" * 32), "DATABASE_URL": mine}
    done = compose("config", "--format", "json", env=filled, file=ROOT / "docker-compose.yml")
    assert (
        json.loads(done.stdout)["services"]["migrate"]["environment"]["DATABASE_MIGRATION_URL"]
        == mine
    )


def test_whose_forwarded_headers_are_believed_is_not_left_to_the_server() -> None:
    """Uvicorn believes every proxy on the loopback address, and every peer is that behind one."""
    assert '"--no-proxy-headers"' in (ROOT / "backend/Dockerfile").read_text()


def test_compose_runs_every_part_that_the_supervisor_runs() -> None:
    filled = dict.fromkeys(SECRETS, "x" * 32)
    done = compose("config", "--services", env=filled, file=ROOT / "docker-compose.yml")
    assert set(done.stdout.split()) == {
        *("postgres", "valkey", "objects", "migrate"),
        *("backend", "worker", "beat", "frontend"),
    }


def test_images_hold_the_same_versions_as_the_tests_use() -> None:
    def pins(name: str) -> set[str]:
        lines = (ROOT / name).read_text().splitlines()
        return {line.partition(" ")[0] for line in lines if "==" in line and line[0] not in " #"}

    images = pins("requirements.image.lock")
    assert len(images) > 20
    assert images <= pins("requirements.lock")


def test_locks_have_hashes_and_no_addresses() -> None:
    for name in ("requirements.lock", "requirements.image.lock", "frontend/package-lock.json"):
        text = (ROOT / name).read_text()
        assert "https://registry" not in text
        assert "files." not in text
        assert '"resolved"' not in text
