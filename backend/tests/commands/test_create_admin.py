"""`python -m app create-admin`: the first administrator, by whoever runs the machine."""

import io

import pytest
import sqlalchemy as sa

from app.__main__ import main
from app.core import passwords
from app.core.settings import Settings
from app.db.session import transaction
from app.services import accounts
from tests.people import PASSWORD, make_person


def create(monkeypatch: pytest.MonkeyPatch, email: str, password: str = PASSWORD) -> int:
    monkeypatch.setattr("sys.stdin", io.StringIO(password + "\n"))
    return main(["create-admin", email, "--password-stdin"])


def test_an_administrator_is_made_verified_and_noted(
    process: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert create(monkeypatch, "Root@ops.example") == 0
    assert PASSWORD not in capsys.readouterr().out
    with transaction() as session:
        user = accounts.find_by_email(session, "root@ops.example")
        assert user
        assert (user.roles, user.email_verified_at is not None) == (
            ["admin", "buyer", "seller"],
            True,
        )
        assert passwords.is_password(PASSWORD, user.password_hash)
        kinds = session.scalars(sa.text("select kind from audit_events")).all()
        assert list(kinds) == ["account.created_by_operator"]


def test_an_account_that_is_there_gets_the_roles_and_keeps_its_password(
    process: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = make_person("buyer")
    assert create(monkeypatch, person.email, "quite another password") == 0
    with transaction() as session:
        user = accounts.get(session, person.id)
        assert "admin" in user.roles
        assert passwords.is_password(PASSWORD, user.password_hash)


@pytest.mark.parametrize("password", ["", "short", "password123"])
def test_a_weak_password_is_refused_and_nothing_is_made(
    process: Settings,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    password: str,
) -> None:
    assert create(monkeypatch, "root@ops.example", password) == 2
    assert "create-admin:" in capsys.readouterr().err
    with transaction() as session:
        assert accounts.find_by_email(session, "root@ops.example") is None
