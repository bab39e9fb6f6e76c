"""Accounts from the outside: registering, signing in, links by mail, the second factor, sessions and keys."""

import io
import json
import re
import zipfile
from datetime import timedelta
from typing import Any
from uuid import UUID

import pyotp
import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient

from app.core.clock import utc_now
from app.db.session import transaction
from app.services import account_tokens, callers
from tests.people import PASSWORD, Person, make_key, make_person

NEW = "a new and longer password"


@pytest.fixture(autouse=True)
def _mail_can_be_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMTP_HOST", "127.0.0.1")
    monkeypatch.setenv("MAIL_FROM", "deals@deal-scout.example")


def sign_in(client: TestClient, email: str, password: str = PASSWORD, **more: Any) -> Any:
    client.cookies.clear()
    return client.post("/auth/login", json={"email": email, "password": password, **more})


def link_for(email: str, purpose: str) -> str:
    """The token that a mail to this address would carry."""
    with transaction() as session:
        user_id = session.execute(
            sa.text("select id from users where email_key = :key"), {"key": email}
        ).scalar_one()
        token = account_tokens.mail_token(session, user_id, purpose, now=utc_now())
    assert token is not None
    return token


def mails() -> list[tuple[str, str]]:
    """The mails that wait to be sent: purpose and account."""
    with transaction() as session:
        rows = session.execute(
            sa.text("select payload from jobs where kind = 'send_account_mail' order by id")
        )
        return [(row.payload["purpose"], row.payload["user_id"]) for row in rows]


def kinds(person_id: UUID) -> list[str]:
    with transaction() as session:
        return list(
            session.scalars(
                sa.text("select kind from audit_events where actor_id = :id order by id"),
                {"id": person_id},
            )
        )


def test_who_registers_can_sign_in_once_the_mail_was_read(client: TestClient) -> None:
    who = {"email": "Ada@People.example", "password": PASSWORD, "display_name": "Ada"}
    assert client.post("/auth/register", json=who).status_code == 202
    early = sign_in(client, "ada@people.example")
    assert (early.status_code, early.json()["code"]) == (403, "email_not_verified")
    token = link_for("ada@people.example", "verify_email")
    assert client.post("/auth/verify", json={"token": token}).status_code == 204
    reply = sign_in(client, "ada@people.example")
    assert reply.status_code == 200
    assert reply.json()["user"]["roles"] == ["buyer", "seller"]
    assert client.get("/account").json()["email"] == "Ada@People.example"


def test_registering_twice_looks_the_same_and_tells_only_the_mailbox(client: TestClient) -> None:
    there = make_person("buyer")
    answers = [
        client.post(
            "/auth/register",
            json={"email": email, "password": PASSWORD, "display_name": "Eve"},
        )
        for email in (there.email, there.email.upper(), "nobody-yet@people.example")
    ]
    assert {(reply.status_code, reply.text) for reply in answers} == {
        (202, answers[0].text),
    }
    assert [purpose for purpose, _ in mails()] == ["email_in_use", "verify_email"]
    assert sign_in(client, there.email).status_code == 200  # its password is as it was


def test_nobody_makes_themselves_an_admin(client: TestClient) -> None:
    who = {"email": "eve@people.example", "password": PASSWORD, "display_name": "Eve"}
    for more in ({"roles": ["admin"]}, {"is_admin": True}, {"email_verified_at": "2026-01-01"}):
        assert client.post("/auth/register", json={**who, **more}).status_code == 422


@pytest.mark.parametrize(
    "password", ["short", "password", "iloveyou1", "aaaaaaaaaaaa", "eve@people.example", "x" * 1001]
)
def test_weak_passwords_are_refused_with_the_reason(client: TestClient, password: str) -> None:
    who = {"email": "eve@people.example", "password": password, "display_name": "Eve"}
    reply = client.post("/auth/register", json=who)
    assert reply.status_code == 422
    assert reply.json()["errors"][0]["loc"] == ["body", "password"]
    assert password not in reply.text or len(password) < 9


def test_long_passwords_count_to_their_last_letter(client: TestClient) -> None:
    person = make_person("buyer")
    long = "x1y2" * 50
    change = {"current_password": PASSWORD, "password": long}
    assert client.post("/account/password", json=change, headers=person.headers).status_code == 204
    assert sign_in(client, person.email, long[:-1] + "z").status_code == 401
    assert sign_in(client, person.email, long).status_code == 200


def test_wrong_and_unknown_look_the_same(client: TestClient) -> None:
    person = make_person("buyer")
    wrong = sign_in(client, person.email, "not the password")
    unknown = sign_in(client, "nobody@people.example", "not the password")
    for reply in (wrong, unknown):
        assert (reply.status_code, reply.json()["code"]) == (401, "wrong_credentials")
        assert "set-cookie" not in reply.headers
    assert wrong.json()["detail"] == unknown.json()["detail"]


def test_a_changed_password_holds_and_ends_the_other_sessions(client: TestClient) -> None:
    person = make_person("buyer")
    other = sign_in(client, person.email)
    cookie = other.headers["set-cookie"].split(";")[0]
    reply = client.post(
        "/account/password",
        json={"current_password": PASSWORD, "password": NEW},
        headers=person.headers,
    )
    assert reply.status_code == 204
    client.cookies.clear()
    assert client.get("/account", headers={"Cookie": cookie}).status_code == 401
    assert client.get("/account", headers=person.headers).status_code == 200
    assert sign_in(client, person.email, PASSWORD).status_code == 401
    assert sign_in(client, person.email, NEW).status_code == 200
    assert ("password_changed", str(person.id)) in mails()


def test_a_password_is_changed_only_by_who_knows_it(client: TestClient) -> None:
    person = make_person("buyer")
    for path, body in (
        ("/account/password", {"password": NEW}),
        ("/account/email", {"email": "other@people.example"}),
        ("/account/delete", {}),
        ("/account/second-factor", {}),
    ):
        reply = client.post(
            path, json={"current_password": "a wrong one", **body}, headers=person.headers
        )
        assert (reply.status_code, reply.json()["code"]) == (401, "wrong_credentials"), path


def test_a_lost_password_is_replaced_once_and_ends_every_session(client: TestClient) -> None:
    person = make_person("buyer")
    for email in (person.email, "nobody@people.example"):
        reply = client.post("/auth/reset-request", json={"email": email})
        assert reply.status_code == 202
    token = link_for(person.email, "reset_password")
    body = {"token": token, "password": NEW}
    assert client.post("/auth/reset", json=body).status_code == 204
    again = client.post("/auth/reset", json={**body, "password": "yet another password"})
    assert (again.status_code, again.json()["code"]) == (422, "link_not_valid")
    assert client.get("/account", headers=person.headers).status_code == 401
    assert sign_in(client, person.email, NEW).status_code == 200


def test_only_the_newest_link_works_and_only_for_its_time(client: TestClient) -> None:
    person = make_person("buyer")
    first, second = (link_for(person.email, "reset_password") for _ in range(2))
    assert client.post("/auth/reset", json={"token": first, "password": NEW}).status_code == 422
    with transaction() as session:
        session.execute(sa.text("update account_tokens set expires_at = now()"))
    assert client.post("/auth/reset", json={"token": second, "password": NEW}).status_code == 422


def test_a_token_is_nothing_but_what_it_is_for(client: TestClient) -> None:
    """Token confusion: a link is no session, a session is no link, a key is no session."""
    person = make_person("buyer", "seller")
    with transaction() as session:
        session.execute(sa.text("update users set email_verified_at = null"))
    tokens = {
        "verify": link_for(person.email, "verify_email"),
        "session": person.token,
        "key": make_key(person, "read")["Authorization"].split()[1],
    }
    with transaction() as session:
        session.execute(sa.text("update users set email_verified_at = now()"))
    tokens["reset"] = link_for(person.email, "reset_password")
    client.cookies.clear()
    for name, token in tokens.items():
        as_session = client.get("/account", headers={"Cookie": f"ds_session={token}"})
        assert (as_session.status_code == 200) == (name == "session"), name
        as_key = client.get("/account", headers={"Authorization": f"Bearer {token}"})
        assert as_key.status_code == (403 if name == "key" else 401), name
        if name != "verify":
            assert client.post("/auth/verify", json={"token": token}).status_code == 422, name
        if name != "reset":
            body = {"token": token, "password": NEW}
            assert client.post("/auth/reset", json=body).status_code == 422, name


def test_a_throttled_account_is_closed_to_its_right_password_too(client: TestClient) -> None:
    person = make_person("buyer")
    for _ in range(10):
        assert sign_in(client, person.email, "not the password").status_code == 401
    reply = sign_in(client, person.email)
    assert (reply.status_code, reply.json()["code"]) == (429, "too_many_requests")
    assert 0 < int(reply.headers["retry-after"]) <= 900
    assert sign_in(client, make_person("buyer").email).status_code == 200


def test_a_session_is_new_at_each_sign_in_and_the_old_one_ends(client: TestClient) -> None:
    person = make_person("buyer")
    first = sign_in(client, person.email)
    cookie = first.headers["set-cookie"]
    assert re.search(r"ds_session=[\w-]{43};", cookie)
    for attribute in ("HttpOnly", "SameSite=lax", "Path=/"):
        assert attribute in cookie
    headers = {"Cookie": cookie.split(";")[0], "X-CSRF-Token": first.json()["csrf_token"]}
    client.cookies.clear()
    second = client.post(
        "/auth/login", json={"email": person.email, "password": PASSWORD}, headers=headers
    )
    assert second.status_code == 200
    client.cookies.clear()
    assert client.get("/account", headers=headers).status_code == 401


def test_under_https_the_cookie_is_bound_to_this_host(
    process: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.core.settings import get_settings
    from app.main import create_app

    person = make_person("buyer")
    monkeypatch.setenv("PUBLIC_ORIGIN", "https://deals.example.com")
    monkeypatch.setenv("TRUSTED_HOSTS", "deals.example.com")
    get_settings.cache_clear()
    with TestClient(create_app(get_settings()), base_url="https://deals.example.com") as secure:
        reply = sign_in(secure, person.email)
        assert reply.status_code == 200, reply.text
        cookie = reply.headers["set-cookie"]
    assert cookie.startswith("__Host-ds_session=")
    assert "Secure" in cookie
    assert "Domain" not in cookie


def test_signing_out_ends_the_session_on_the_server(client: TestClient) -> None:
    person = make_person("buyer")
    assert client.get("/account", headers=person.headers).status_code == 200  # now it is cached
    assert client.post("/auth/logout", headers=person.headers).status_code == 204
    assert client.get("/account", headers=person.headers).status_code == 401
    assert client.post("/auth/logout").status_code == 204


def test_an_ended_session_is_out_at_once_though_it_was_cached(client: TestClient) -> None:
    person = make_person("buyer")
    reply = sign_in(client, person.email)
    cookie = {"Cookie": reply.headers["set-cookie"].split(";")[0]}
    client.cookies.clear()
    assert client.get("/account", headers=cookie).status_code == 200
    listed = client.get("/account/sessions", headers=person.headers).json()["items"]
    foreign = next(item for item in listed if not item["current"])
    address = f"/account/sessions/{foreign['id']}"
    assert client.delete(address, headers=person.headers).status_code == 204
    assert client.get("/account", headers=cookie).status_code == 401


@pytest.mark.parametrize("past", [callers.IDLE, callers.ABSOLUTE])
def test_sessions_end_by_themselves(client: TestClient, past: timedelta) -> None:
    person = make_person("buyer")
    column = "last_seen_at" if past == callers.IDLE else "expires_at"
    shift = past if past == callers.IDLE else timedelta(days=31)
    with transaction() as session:
        session.execute(
            sa.text(f"update user_sessions set {column} = now() - :shift"), {"shift": shift}
        )
    assert client.get("/account", headers=person.headers).status_code == 401


def test_roles_and_bars_hold_for_open_sessions_at_once(
    client: TestClient, admin: dict[str, str]
) -> None:
    person = make_person("seller")
    ask = {"title": "Canon AE-1", "condition": "used", "goal": "fast"}

    def status() -> int:
        reply = client.post("/seller/pricing/suggest", json=ask, headers=person.headers)
        return reply.status_code

    assert status() == 200
    address = f"/admin/users/{person.id}"
    assert client.patch(address, json={"roles": ["buyer"]}, headers=admin).status_code == 200
    assert status() == 403
    assert client.patch(address, json={"disabled": True}, headers=admin).status_code == 200
    assert status() == 401
    assert sign_in(client, person.email).status_code == 401


def test_the_last_admin_stays(client: TestClient, administrator: Person) -> None:
    headers = administrator.headers
    address = f"/admin/users/{administrator.id}"
    for body in ({"roles": ["buyer"]}, {"disabled": True}):
        assert client.patch(address, json=body, headers=headers).status_code == 409
    gone = client.post("/account/delete", json={"current_password": PASSWORD}, headers=headers)
    assert gone.status_code == 409


def test_the_second_factor_is_asked_for_once_confirmed(client: TestClient) -> None:
    person = make_person("buyer")
    begun = client.post(
        "/account/second-factor", json={"current_password": PASSWORD}, headers=person.headers
    ).json()
    assert begun["address"].startswith("otpauth://totp/Deal%20Scout:")
    assert sign_in(client, person.email).status_code == 200  # not confirmed yet
    client.cookies.clear()
    totp = pyotp.TOTP(begun["secret"])
    step = int(utc_now().timestamp()) // 30
    wrong = client.post(
        "/account/second-factor/confirm", json={"code": "000000"}, headers=person.headers
    )
    assert (wrong.status_code, wrong.json()["code"]) == (422, "wrong_code")
    confirmed = client.post(
        "/account/second-factor/confirm",
        json={"code": totp.generate_otp(step - 1)},
        headers=person.headers,
    )
    codes = confirmed.json()["recovery_codes"]
    assert len(codes) == 10
    without = sign_in(client, person.email)
    assert (without.status_code, without.json()["code"]) == (401, "second_factor_required")
    used = sign_in(client, person.email, code=totp.generate_otp(step - 1))
    assert (used.status_code, used.json()["code"]) == (422, "wrong_code")
    right = sign_in(client, person.email, code=totp.generate_otp(step))
    assert (right.status_code, right.json()["second_factor"]) == (200, True)
    assert sign_in(client, person.email, code=codes[0]).status_code == 200
    assert sign_in(client, person.email, code=codes[0]).status_code == 422
    headers = {"X-CSRF-Token": sign_in(client, person.email, code=codes[1]).json()["csrf_token"]}
    removed = client.post(
        "/account/second-factor/remove",
        json={"current_password": PASSWORD, "code": codes[2]},
        headers=headers,
    )
    assert removed.status_code == 204
    assert sign_in(client, person.email).status_code == 200
    assert "account.recovery_code_used" in kinds(person.id)


def test_in_production_administering_takes_a_second_factor(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.core.settings import Settings

    monkeypatch.setattr(Settings, "admins_need_second_factor", property(lambda _: True))
    plain, strong = make_person("admin"), make_person("admin", second_factor=True)
    refused = client.get("/admin/users", headers=plain.headers)
    assert (refused.status_code, refused.json()["code"]) == (403, "second_factor_needed")
    assert client.get("/admin/users", headers=strong.headers).status_code == 200
    key = {"name": "scanner", "scopes": ["admin:tasks"]}
    by_password_alone = client.post("/account/keys", json=key, headers=plain.headers)
    assert by_password_alone.json()["code"] == "second_factor_needed"
    assert client.post("/account/keys", json=key, headers=strong.headers).status_code == 201
    assert client.get("/account", headers=plain.headers).status_code == 200


def test_keys_are_shown_once_scoped_rotated_and_revoked(client: TestClient) -> None:
    person = make_person("seller")
    made = client.post(
        "/account/keys",
        json={"name": "pricer", "scopes": ["seller"], "expires_in_days": 1},
        headers=person.headers,
    )
    assert made.status_code == 201
    key = {"Authorization": f"Bearer {made.json()['text']}"}
    listed = client.get("/account/keys", headers=person.headers)
    assert made.json()["text"] not in listed.text
    ask = {"title": "Canon AE-1", "condition": "used", "goal": "fast"}
    assert client.post("/seller/pricing/suggest", json=ask, headers=key).status_code == 200
    assert client.get("/account", headers=key).status_code == 403
    address = f"/account/keys/{made.json()['key']['id']}"
    rotated = client.post(
        f"{address}/rotate", json={"overlap_hours": 1}, headers=person.headers
    ).json()
    newer = {"Authorization": f"Bearer {rotated['text']}"}
    for both in (key, newer):
        assert client.post("/seller/pricing/suggest", json=ask, headers=both).status_code == 200
    assert client.delete(address, headers=person.headers).status_code == 204
    assert client.post("/seller/pricing/suggest", json=ask, headers=key).status_code == 401
    assert client.post("/seller/pricing/suggest", json=ask, headers=newer).status_code == 200
    with transaction() as session:
        session.execute(sa.text("update api_keys set expires_at = now()"))
    assert client.post("/seller/pricing/suggest", json=ask, headers=newer).status_code == 401


def test_a_key_can_do_no_more_than_its_account(client: TestClient) -> None:
    person = make_person("buyer")
    for scope in ("seller", "admin:tasks", "metrics"):
        reply = client.post(
            "/account/keys", json={"name": "x", "scopes": [scope]}, headers=person.headers
        )
        assert reply.status_code == 403, scope


@pytest.mark.parametrize(
    "sent",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"X-CSRF-Token": ""},
        {"X-CSRF-Token": "0" * 43},
    ],
)
def test_another_sites_page_changes_nothing(client: TestClient, sent: dict[str, str]) -> None:
    person = make_person("buyer")
    reply = client.patch(
        "/account", json={"display_name": "Owned"}, headers={**person.headers, **sent}
    )
    assert (reply.status_code, reply.json()["code"]) == (403, "foreign_page")
    assert client.get("/account", headers=person.headers).json()["display_name"] == "A person"


def test_another_persons_token_is_none(client: TestClient) -> None:
    person, other = make_person("buyer"), make_person("buyer")
    mixed = {**person.headers, "X-CSRF-Token": other.headers["X-CSRF-Token"]}
    reply = client.patch("/account", json={"display_name": "Owned"}, headers=mixed)
    assert (reply.status_code, reply.json()["code"]) == (403, "foreign_page")


def test_a_foreign_page_signs_nobody_in(client: TestClient) -> None:
    person = make_person("buyer")
    reply = client.post(
        "/auth/login",
        json={"email": person.email, "password": PASSWORD},
        headers={"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"},
    )
    assert (reply.status_code, reply.json()["code"]) == (403, "foreign_page")


def test_a_copy_of_ones_data_holds_what_is_kept_and_no_secret(client: TestClient) -> None:
    person = make_person("buyer")
    make_key(person, "read")
    reply = client.post("/account/export", headers=person.headers)
    assert reply.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(reply.content)) as archive:
        held = {name: json.loads(archive.read(name)) for name in archive.namelist()}
    assert held["account.json"][0]["email"] == person.email
    assert len(held["sessions.json"]) == 1
    assert held["api_keys.json"][0]["scopes"] == ["read"]
    assert not re.search(r"hash|sealed|secret_|argon2", json.dumps(held))


def test_every_table_with_an_owner_is_in_the_copy_or_named_as_secret() -> None:
    from app.db import models  # noqa: F401 - fills the metadata
    from app.db.base import Base
    from app.services.account_export import HOLDINGS, NOT_HANDED_OUT

    owned = {
        table.name
        for table in Base.metadata.tables.values()
        for key in table.foreign_keys
        if key.column.table.name == "users"
    }
    held = {"user_sessions": "sessions", "api_keys": "api_keys"}
    assert {name for name in owned if held.get(name) not in HOLDINGS} == set(NOT_HANDED_OUT)
    assert all(
        key.ondelete == "CASCADE"
        for table in Base.metadata.tables.values()
        for key in table.foreign_keys
        if key.column.table.name == "users"
    )


def test_a_deleted_account_leaves_no_trace_of_who_it_was(client: TestClient) -> None:
    person = make_person("buyer", "seller")
    make_key(person, "read")
    sign_in(client, person.email)
    client.cookies.clear()
    reply = client.post(
        "/account/delete", json={"current_password": PASSWORD}, headers=person.headers
    )
    assert reply.status_code == 204
    assert client.get("/account", headers=person.headers).status_code == 401
    assert sign_in(client, person.email).status_code == 401
    with transaction() as session:
        tables = session.scalars(
            sa.text("select tablename from pg_tables where schemaname = 'public'")
        ).all()
        for table in tables:
            found = session.execute(
                sa.text(f"select count(*) from {table} t where to_jsonb(t)::text like :email"),
                {"email": f"%{person.email}%"},
            ).scalar_one()
            assert found == 0, table
    assert "account.deleted" in kinds(person.id)


def test_what_was_done_is_in_the_log_and_only_admins_read_it(
    client: TestClient, admin: dict[str, str]
) -> None:
    person = make_person("buyer")
    sign_in(client, person.email, "not the password")
    sign_in(client, person.email)
    client.cookies.clear()
    events = client.get("/admin/audit", params={"actor": str(person.id)}, headers=admin).json()
    assert [event["kind"] for event in events["items"]] == [
        "account.signed_in",
        "account.sign_in_refused",
    ]
    assert events["items"][1]["details"] == {"reason": "password"}
    assert events["items"][0]["actor"] == person.email
    assert events["items"][0]["request_id"]
    first = client.get("/admin/audit", params={"limit": 1}, headers=admin).json()
    following = client.get(
        "/admin/audit", params={"limit": 1, "cursor": first["next"]}, headers=admin
    ).json()
    assert first["items"][0]["id"] > following["items"][0]["id"]


def test_accounts_are_listed_page_by_page_and_found_by_part_of_a_name(
    client: TestClient, admin: dict[str, str]
) -> None:
    people = [make_person("buyer", email=f"p{i}@list.example") for i in range(3)]
    first = client.get("/admin/users", params={"q": "LIST.ex", "limit": 2}, headers=admin).json()
    assert first["total"] == 3
    rest = client.get(
        "/admin/users", params={"q": "LIST.ex", "cursor": first["next"]}, headers=admin
    ).json()
    assert rest["next"] is None
    found = [item["id"] for item in [*first["items"], *rest["items"]]]
    assert found == [str(person.id) for person in reversed(people)]
    assert client.get("/admin/users", params={"q": "%"}, headers=admin).json()["total"] == 0
