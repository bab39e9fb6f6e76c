"""Letters about an account: the right words to the right mailbox, and no token or address left behind."""

import base64
import re
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from pydantic import SecretStr

from app.adapters.smtp import SmtpMailer
from app.core.clock import utc_now
from app.core.crypto import Sealer
from app.core.settings import Settings
from app.db.models import Job, User
from app.db.session import transaction
from app.domain.account_letters import ACCOUNT_LETTERS
from app.jobs import mail, runner
from app.ports import NoMail, Ports
from app.services import account_mail, account_tokens, accounts, jobs
from app.services.account_tokens import LIFETIME
from app.stack.part import ROOT
from mail_sink import inlet
from mail_sink.store import Letter
from tests.adapters.mailbox import Mailbox, mailbox

ORIGIN = "https://deals.example.com"
LINK = re.compile(rf"{re.escape(ORIGIN)}/(\w+)#token=([\w-]{{43}})")


@pytest.fixture
def box(process: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Mailbox]:
    told = process.model_copy(
        update={"public_origin": ORIGIN, "mail_from": "Deal Scout <deals@example.com>"}
    )
    monkeypatch.setattr(mail, "get_settings", lambda: told)
    with mailbox(tmp_path / "mail") as served:
        yield served


def person(name: str = "Ann O'Neil", *, verified: bool = True) -> User:
    with transaction() as session:
        user = accounts.register(
            session,
            email=f"{uuid4().hex[:8]}@people.example",
            display_name=name,
            password_hash="x",
            roles=("buyer",),
            now=utc_now(),
            verified=verified,
        )
        assert user is not None
        return user


def queue(purpose: str, user_id: UUID) -> UUID:
    payload = {"purpose": purpose, "user_id": str(user_id)}
    with transaction() as session:
        return jobs.enqueue(session, account_mail.KIND, payload, now=utc_now()).id


def work(job_id: UUID, box: Mailbox | None) -> Job:
    """One attempt, due or not; gives the row that it leaves."""
    with transaction() as session:
        session.execute(
            sa.update(Job).where(Job.state == "queued").values(next_attempt_at=sa.func.now())
        )
    sending = SmtpMailer(
        "127.0.0.1",
        box.port if box else 1,
        sender="Deal Scout <deals@example.com>",
        security="none",
    )
    runner.run(job_id, Ports(marketplaces={}, storage=None, mailer=sending if box else NoMail()))  # type: ignore[arg-type]
    with transaction() as session:
        return jobs.get(session, job_id)


def token_in(letter: Letter) -> str:
    found = LINK.search(letter.body("plain"))
    assert found is not None
    return found.group(2)


@pytest.mark.parametrize(
    "purpose", sorted(set(ACCOUNT_LETTERS) - {"account_deleted", "change_email"})
)
def test_every_purpose_says_what_happened_and_what_to_do_in_both_forms(
    box: Mailbox, purpose: str
) -> None:
    user = person(verified=purpose != "verify_email")
    done = work(queue(purpose, user.id), box)
    assert (done.state, done.result) == ("done", {"sent": True})
    [got] = box.letters
    kind = ACCOUNT_LETTERS[purpose]
    assert (got.to, got.subject) == ((user.email,), kind.subject)
    text, html = got.body("plain"), got.body("html")
    plain = " ".join(text.split())
    for sentence in (*kind.paragraphs, kind.not_you, kind.action):
        assert sentence in plain
        assert sentence in html
    assert max(len(line) for line in text.splitlines() if "http" not in line) <= 78
    assert ("Hello Ann O'Neil," in text) == kind.greets_by_name
    assert f"{ORIGIN}{kind.path}" in text
    assert ("#token=" in text) == ("#token=" in html) == kind.has_token
    assert got.message["Auto-Submitted"] == "auto-generated"
    assert "<img" not in html
    assert "{" not in text + html


def test_the_token_works_once_and_is_in_the_letter_alone(box: Mailbox) -> None:
    user = person(verified=False)
    done = work(queue("verify_email", user.id), box)
    [got] = box.letters
    token = token_in(got)
    assert "2 days" in got.body("plain")
    assert f'href="{ORIGIN}/verify#token={token}"' in got.body("html")
    assert token not in f"{done.payload} {done.result} {done.last_error} {done.progress}"
    assert user.email not in f"{done.payload} {done.result}"
    with transaction() as session:
        used = account_tokens.use_token(session, token, ("verify_email",), now=utc_now())
        assert used.user_id == user.id


def test_a_new_address_is_written_to_itself(box: Mailbox) -> None:
    user = person()
    with transaction() as session:
        account_tokens.make_token(
            session, user.id, "change_email", now=utc_now(), new_email="new@people.example"
        )
    work(queue("change_email", user.id), box)
    [got] = box.letters
    assert got.to == ("new@people.example",)
    with transaction() as session:
        used = account_tokens.use_token(session, token_in(got), ("change_email",), now=utc_now())
        assert used.new_email == "new@people.example"


@pytest.mark.parametrize("purpose", ["reset_password", "password_changed", "verify_email"])
def test_nobody_is_written_to_where_there_is_no_account(box: Mailbox, purpose: str) -> None:
    done = work(queue(purpose, uuid4()), box)
    assert (done.state, done.result, box.letters) == ("done", {"sent": False}, [])


def test_an_address_that_is_verified_already_gets_no_link(box: Mailbox) -> None:
    assert work(queue("verify_email", person().id), box).result == {"sent": False}
    assert box.letters == []


def test_451_is_tried_again_with_a_fresh_token(box: Mailbox) -> None:
    job_id = queue("reset_password", person().id)
    box.faults.script("451")
    waiting = work(job_id, box)
    assert (waiting.state, waiting.attempts) == ("queued", 1)
    assert "451" in (waiting.last_error or "")
    assert work(job_id, box).state == "done"
    [got] = box.letters
    with transaction() as session:
        account_tokens.use_token(session, token_in(got), ("reset_password",), now=utc_now())


def test_a_mailbox_that_does_not_exist_ends_it_with_the_reason_but_not_the_address(
    box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = person()
    monkeypatch.setitem(inlet.ANSWERS, "550", f"550 5.1.1 <{user.email}>: no such mailbox")
    box.faults.script("550", at="rcpt")
    failed = work(queue("password_changed", user.id), box)
    assert (failed.state, failed.attempts) == ("failed", 1)
    assert "550 5.1.1 <(address)>: no such mailbox" in (failed.last_error or "")


def test_without_a_mail_server_it_fails_with_what_to_set(box: Mailbox) -> None:
    failed = work(queue("password_changed", person().id), None)
    assert failed.state == "failed"
    assert "set SMTP_HOST and MAIL_FROM" in (failed.last_error or "")


def test_an_answer_that_is_lost_is_tried_again_but_not_for_ever(box: Mailbox) -> None:
    job_id = queue("password_changed", person().id)
    box.faults.script("drop", 5)
    states = [work(job_id, box) for _ in range(3)]
    assert [job.state for job in states] == ["queued", "queued", "done"]
    assert states[-1].result == {"sent": None}
    ids = {str(letter.message["Message-ID"]) for letter in box.letters}
    assert ids == {f"<{job_id}@example.com>"}  # the same notice, which mail programs show once


def test_letters_with_different_tokens_are_different_letters(box: Mailbox) -> None:
    job_id = queue("reset_password", person().id)
    box.faults.script("drop")
    work(job_id, box)
    work(job_id, box)
    ids = [str(letter.message["Message-ID"]) for letter in box.letters]
    assert ids == [f"<{job_id}.2@example.com>", f"<{job_id}.1@example.com>"]


HOSTILE = "<script>alert(1)</script>\r\nBcc: eve@example.com {{ 7777*7777 }} \u202eevil.example"


@pytest.mark.parametrize("purpose", ["verify_email", "reset_password"])
def test_a_hostile_name_leaves_no_trace(box: Mailbox, purpose: str) -> None:
    work(queue(purpose, person(HOSTILE, verified=purpose != "verify_email").id), box)
    [got] = box.letters
    whole = box.store.raw(got.id).decode() + got.body("plain") + got.body("html")
    for piece in ("script", "eve@", "evil", "60481729", "7777*7777", "\u202e"):
        assert piece not in re.sub(
            r"#token=[\w-]+|Message-ID: \S+|boundary=\S+|--=+\d+==", "", whole
        )
    assert isinstance(got.message, EmailMessage)
    assert got.message.get_all("Bcc") is None


KEYS = "one:" + base64.urlsafe_b64encode(bytes(32)).decode()


@pytest.fixture
def sealer(process: Settings, box: Mailbox, monkeypatch: pytest.MonkeyPatch) -> Sealer:
    made = Sealer.from_settings(Settings(encryption_keys=SecretStr(KEYS)))
    monkeypatch.setattr(mail.Sealer, "from_settings", lambda settings: made)
    return made


def farewell(sealer: Sealer) -> tuple[UUID, str]:
    user = person()
    with transaction() as session:
        account_mail.request_farewell(session, user, sealer, now=utc_now())
        accounts.delete(session, user.id)
    with transaction() as session:
        return session.scalars(sa.select(Job.id)).one(), user.email


def payloads() -> list[dict[str, str]]:
    with transaction() as session:
        return list(session.scalars(sa.select(Job.payload)))


def test_a_deleted_account_is_told_and_its_sealed_address_goes_with_the_letter(
    box: Mailbox, sealer: Sealer
) -> None:
    job_id, address = farewell(sealer)
    assert address not in str(payloads())
    box.faults.script("451")
    assert work(job_id, box).state == "queued"
    assert "sealed_address" in payloads()[0]
    assert work(job_id, box).state == "done"
    assert [letter.to for letter in box.letters] == [(address,)]
    assert set(payloads()[0]) == {"purpose", "user_id"}


@pytest.mark.parametrize("fault", ["550", "451", "drop"])
def test_the_address_goes_however_the_letter_fares(
    box: Mailbox, sealer: Sealer, fault: str
) -> None:
    job_id, _ = farewell(sealer)
    with transaction() as session:
        session.execute(sa.update(Job).values(max_attempts=2))
    box.faults.script(fault, 2)
    while work(job_id, box).state == "queued":
        assert "sealed_address" in payloads()[0]
    assert set(payloads()[0]) == {"purpose", "user_id"}


def test_the_address_goes_also_when_a_worker_was_killed(box: Mailbox, sealer: Sealer) -> None:
    farewell(sealer)
    with transaction() as session:
        account_mail.forget_addresses_of_ended(session)
    assert "sealed_address" in payloads()[0]
    with transaction() as session:
        session.execute(sa.update(Job).values(state="dead"))
        account_mail.forget_addresses_of_ended(session)
    assert set(payloads()[0]) == {"purpose", "user_id"}


def test_without_a_key_to_seal_with_there_is_no_farewell(box: Mailbox) -> None:
    user = person()
    with transaction() as session:
        account_mail.request_farewell(session, user, Sealer({}), now=utc_now())
    assert payloads() == []


def test_every_letter_that_is_asked_for_is_known() -> None:
    known: set[str] = set(ACCOUNT_LETTERS)
    assert set(LIFETIME) <= known
    assert {p for p in known if ACCOUNT_LETTERS[p].has_token} == set(LIFETIME)


def test_every_letter_leads_to_a_page_that_is_there() -> None:
    pages = ROOT / "frontend" / "app"
    for purpose, letter in ACCOUNT_LETTERS.items():
        assert (pages / letter.path.strip("/") / "page.tsx").is_file(), purpose
