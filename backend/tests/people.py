"""People of the tests: accounts that are there, and the headers with which they speak to the API."""

from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from uuid import UUID, uuid4

import httpx
from pydantic import SecretStr

from app.api.access import cookie_name, csrf_token
from app.core import passwords
from app.core.clock import utc_now
from app.core.settings import Settings, get_settings
from app.db.session import transaction
from app.services import accounts, api_keys, sessions
from app.services.sessions import Origin

PASSWORD = "correct horse battery staple"


@dataclass(frozen=True)
class Person:
    """An account with an open session."""

    id: UUID
    email: str
    session_id: UUID
    token: str

    @property
    def headers(self) -> dict[str, str]:
        """What a page of ours sends for this person."""
        settings = get_settings()
        return {
            "Cookie": f"{cookie_name(settings)}={self.token}",
            "X-CSRF-Token": csrf_token(settings, self.session_id),
        }


def make_person(*roles: str, email: str | None = None, second_factor: bool = False) -> Person:
    """An account with these roles, verified, its password PASSWORD, signed in. Committed."""
    address = email or f"{uuid4().hex[:12]}@people.example"
    now = utc_now()
    with transaction() as session:
        user = accounts.register(
            session,
            email=address,
            display_name="A person",
            password_hash=_hashed(),
            roles=roles,
            now=now,
            verified=True,
        )
        assert user is not None
        opened, token = sessions.open_session(
            session,
            user.id,
            origin=Origin("127.0.0.1", "a test's browser"),
            second_factor=second_factor,
            now=now,
        )
    return Person(user.id, address, opened.id, token)


def make_key(person: Person, *scopes: str) -> dict[str, str]:
    """The headers of a machine with a key of this person's. Committed."""
    with transaction() as session:
        _, text = api_keys.make_key(
            session,
            accounts.get(session, person.id),
            name="a machine",
            scopes=scopes,
            lifetime=timedelta(days=1),
            now=utc_now(),
        )
    return {"Authorization": f"Bearer {text}"}


@lru_cache
def signed_in(api: str, session_key: str, role: str) -> dict[str, str]:
    """The headers of a running demo's account of this role, signed in over HTTP."""
    told = Settings(demo_mode=True, session_key=SecretStr(session_key))
    account = next(one for one in told.demo_accounts if one.email.startswith(role))
    reply = httpx.post(
        f"{api}/auth/login", json={"email": account.email, "password": account.password}
    )
    reply.raise_for_status()
    return {
        "Cookie": f"{cookie_name(told)}={reply.cookies[cookie_name(told)]}",
        "X-CSRF-Token": reply.json()["csrf_token"],
    }


@lru_cache
def _hashed() -> str:
    return passwords.hash_password(PASSWORD)
