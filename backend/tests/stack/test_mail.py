"""The stack's mail sink: what is sent through the product's settings can be read, and stays."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.message import Message
from pathlib import Path
from typing import Any

import pytest

from app.adapters.smtp import SmtpMailer
from app.core.settings import Settings
from app.ports import Mail, OutcomeUnknown, Rejected, Unavailable
from app.stack import Stack
from app.stack.assembly import assemble, public_settings
from app.stack.part import Plan
from app.stack.ports import Ports
from app.stack.secrets import load_secrets
from mail_sink.faults import Faults
from mail_sink.store import MailStore

LETTER = Mail(
    "ann@example.com",
    "<b>Verify</b>",
    "Open https://deals.example.com/verify#token=a&b\n<script>alert(1)</script>\n",
    "<p>Hello <script>alert(1)</script></p>\n",
)


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    made = Stack(tmp_path_factory.mktemp("mail"), {"mail"}, {"API_PORT": "0", "WEB_PORT": "0"})
    with made:
        yield made
    made.destroy()


def sender(stack: Stack) -> SmtpMailer:
    names = ("SMTP_HOST", "SMTP_PORT", "SMTP_STARTTLS", "MAIL_FROM")
    told = {name.lower(): stack.env[name] for name in names}
    return SmtpMailer.from_settings(Settings(**told))  # type: ignore[arg-type]


def ask(
    stack: Stack,
    path: str,
    body: object = None,
    *,
    method: str | None = None,
    **headers: str,
) -> tuple[int, bytes, Message]:
    data = None if body is None else json.dumps(body).encode()
    sent = {
        "Content-Type": "application/json",
        **{k.replace("_", "-"): v for k, v in headers.items()},
    }
    request = urllib.request.Request(f"{stack.address('mail')}{path}", data, sent, method=method)
    try:
        with urllib.request.urlopen(request, timeout=10) as reply:
            return reply.status, reply.read(), reply.headers
    except urllib.error.HTTPError as refusal:
        return refusal.code, refusal.read(), refusal.headers


def items(stack: Stack, to: str = "") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(ask(stack, f"/messages{to and '?to='}{to}")[1])[
        "items"
    ]
    return found


def test_a_letter_can_be_read_by_programs_and_people_and_runs_no_script(stack: Stack) -> None:
    sender(stack).send(LETTER)
    [summary] = items(stack, "ann@example.com")
    assert items(stack, "eve@example.com") == []
    assert (summary["subject"], summary["to"]) == (LETTER.subject, [LETTER.to])
    whole = json.loads(ask(stack, f"/messages/{summary['id']}")[1])
    age = datetime.now(UTC) - datetime.fromisoformat(whole["received_at"])
    assert timedelta() <= age < timedelta(minutes=1)
    assert (whole["text"], whole["html"]) == (LETTER.text, LETTER.html)
    assert ["From", "Deal Scout <deals@deal-scout.example>"] in whole["headers"]

    _, listed, _ = ask(stack, "/")
    assert b"&lt;b&gt;Verify&lt;/b&gt;" in listed
    _, page, headers = ask(stack, f"/messages/{summary['id']}/page")
    link = b"https://deals.example.com/verify#token=a&amp;b"
    assert b'<a href="' + link + b'"' in page
    assert b"<script" not in page
    assert "script-src" not in headers["Content-Security-Policy"]
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    _, html, headers = ask(stack, f"/messages/{summary['id']}/html")
    assert html.decode() == LETTER.html
    assert "allow-scripts" not in headers["Content-Security-Policy"]
    assert headers["Content-Security-Policy"].startswith("sandbox ")


def test_links_of_a_formatted_letter_open_beside_the_page_and_not_in_its_frame(
    stack: Stack,
) -> None:
    html = (
        "<html><head><title>x</title></head><body><a href='https://a.example'>a</a></body></html>\n"
    )
    sender(stack).send(Mail("bea@example.com", "Hello", "a\n", html))
    [summary] = items(stack, "bea@example.com")
    _, shown, headers = ask(stack, f"/messages/{summary['id']}/html")
    assert shown.decode() == html.replace("<head>", '<head><base target="_blank">')
    assert "allow-popups-to-escape-sandbox" in headers["Content-Security-Policy"]


def test_letters_stay_when_the_sink_is_killed(stack: Stack) -> None:
    sender(stack).send(LETTER)
    before = [item["id"] for item in items(stack)]
    pid = stack.pid("mail")
    stack.kill("mail")
    stack.wait_ready("mail", other_than=pid)
    assert [item["id"] for item in items(stack)] == before
    files = sorted((stack.data_dir / "mail").glob("*.eml"))
    assert {path.stem for path in files} == set(before)
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}


def test_faults_are_scripted_over_http_and_befall_one_letter_each(stack: Stack) -> None:
    mailer, before = sender(stack), len(items(stack))
    for fault, error in (
        ({"kind": "451"}, Unavailable),
        ({"kind": "550", "at": "rcpt"}, Rejected),
        ({"kind": "drop"}, OutcomeUnknown),
    ):
        assert json.loads(ask(stack, "/faults", fault)[1]) == {"waiting": 1}
        with pytest.raises(error):
            mailer.send(LETTER)
    mailer.send(LETTER)
    assert len(items(stack)) == before + 2  # the dropped one was taken
    ask(stack, "/faults", {"kind": "hang", "count": 3})
    assert json.loads(ask(stack, "/faults", method="DELETE")[1]) == {"waiting": 0}


@pytest.mark.parametrize(
    "fault",
    [{"kind": "999"}, {"kind": "451", "count": 0}, {"kind": "451", "at": "quit"}, {}, [], 7, "451"],
)
def test_a_fault_that_there_is_not_is_refused(stack: Stack, fault: object) -> None:
    status, _, _ = ask(stack, "/faults", fault)
    assert status == 422
    assert json.loads(ask(stack, "/faults")[1]) == {"waiting": 0}


def test_pages_of_other_sites_get_nothing(stack: Stack) -> None:
    assert ask(stack, "/messages", Host="evil.example")[0] == 400
    simple = {"Content_Type": "text/plain"}  # what a foreign page may send without asking
    assert ask(stack, "/faults", {"kind": "451"}, **simple)[0] == 415
    for path in ("/messages/..%2F..%2Fsecrets.env/raw", "/messages/none", "/messages/none/raw"):
        assert ask(stack, path)[0] == 404


def test_only_the_newest_letters_are_kept(tmp_path: Path) -> None:
    store = MailStore(tmp_path, keep=3)
    names = [
        store.add("a@example.com", ["b@example.com"], b"Subject: x\r\n\r\nx") for _ in range(5)
    ]
    assert [letter.id for letter in store.newest()] == names[:1:-1]
    assert {path.stem for path in tmp_path.iterdir()} == set(names[2:])
    assert [letter.id for letter in MailStore(tmp_path, keep=2).newest()] == names[:2:-1]


def test_faults_come_in_their_order_each_at_its_step() -> None:
    faults = Faults()
    faults.script("451", 2)
    faults.script("550", at="rcpt")
    taken = [faults.take("rcpt"), faults.take("data"), faults.take("rcpt"), faults.take("data")]
    assert taken == [None, "451", None, "451"]
    assert [faults.take("rcpt"), faults.take("rcpt")] == ["550", None]


def test_a_mail_server_of_ones_own_replaces_the_sink_and_its_password_is_not_written_down(
    tmp_path: Path,
) -> None:
    (tmp_path / "run").mkdir()
    plan = Plan(tmp_path, load_secrets(tmp_path))
    given = {"SMTP_HOST": "mx.example.com", "SMTP_PASSWORD": "hush", "MAIL_FROM": "a@example.com"}
    parts, elsewhere = assemble(plan, {"mail"}, given, Ports(tmp_path / "run/ports.json"))
    assert [part.name for part in parts] == []
    assert elsewhere == {"mail": "mx.example.com"}
    assert plan.settings["SMTP_HOST"] == "mx.example.com"
    assert "SMTP_PASSWORD" not in public_settings(plan.settings)
    assert "hush" not in str(public_settings(plan.settings))
