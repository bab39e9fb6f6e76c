"""What every Mailer promises, shown on the one that ships against a real SMTP server on the loopback address."""

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.adapters.smtp import SmtpMailer
from app.core.settings import Settings
from app.ports import AuthExpired, Mail, NoMail, OutcomeUnknown, Rejected, Unavailable
from app.wiring import build_ports
from tests.adapters.certificate import contexts
from tests.adapters.mailbox import PASSWORD, USERNAME, Mailbox, mailbox

ANN = "ann@example.com"
LETTER = Mail(
    ANN,
    "Grüße: 5 € below",
    "Dear Ann,\n.a line that begins with a dot\n\nÄpfel & Birnen\n",
    "<p>Äpfel &amp; Birnen</p>\n",
)


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Mailbox]:
    with mailbox(tmp_path / "mail") as served:
        yield served


def mailer(port: int, *, total_s: float = 5.0, **words: Any) -> SmtpMailer:
    known: dict[str, Any] = {
        "sender": "Deal Scout <deals@example.com>",
        "security": "none",
        **words,
    }
    return SmtpMailer("127.0.0.1", port, total_s=total_s, **known)


def test_a_letter_arrives_whole_in_both_forms(box: Mailbox) -> None:
    mailer(box.port).send(LETTER)
    [got] = box.letters
    assert (got.sender, got.to, got.subject) == ("deals@example.com", (ANN,), LETTER.subject)
    assert str(got.message["From"]) == "Deal Scout <deals@example.com>"
    assert got.message["To"] == ANN
    assert got.body("plain") == LETTER.text
    assert got.body("html") == LETTER.html
    assert got.message.get_content_type() == "multipart/alternative"
    assert got.message["Date"].datetime.tzinfo is not None
    assert got.message["Message-ID"].endswith("@example.com>")


def test_a_given_message_id_and_long_links_stay_as_they_are(box: Mailbox) -> None:
    link = "https://deals.example.com/api/unsubscribe?token=" + "Ab3_-" * 60
    headers = {
        "Message-ID": "<0192f1c2.1@example.com>",
        "List-Unsubscribe": f"<{link}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    mailer(box.port).send(Mail(ANN, "Hello", "a\n", "<p>a</p>\n", headers))
    [got] = box.letters
    raw = box.store.raw(got.id)
    for name, value in headers.items():
        assert f"{name}: {value}\r\n".encode() in raw


@pytest.mark.parametrize(
    "letter",
    [
        Mail(ANN, "Hello\r\nBcc: eve@example.com", "a", "a"),
        Mail(ANN, "Hello\nBcc: eve@example.com", "a", "a"),
        Mail("ann@example.com\r\nRCPT TO:<eve@example.com>", "Hello", "a", "a"),
        Mail("ann@example.com>,<eve@example.com", "Hello", "a", "a"),
        Mail("ann@example.com, eve@example.com", "Hello", "a", "a"),
        Mail("no address", "Hello", "a", "a"),
        Mail("", "Hello", "a", "a"),
        Mail(ANN, "Hello", "a", "a", {"X-Note": "a\r\nBcc: eve@example.com"}),
        Mail(ANN, "Hello", "a", "a", {"X-Note\r\nBcc": "eve@example.com"}),
        Mail(ANN, "Hello", "a", "a", {"Bcc": "eve@example.com"}),
        Mail(ANN, "Hello", "a", "a", {"To": "eve@example.com"}),
        Mail(ANN, "Hello\x00", "a", "a"),
        Mail(ANN, "Hello \ud800", "a", "a"),
        Mail(ANN, "Hello", "\ud800", "a"),
    ],
)
def test_what_would_make_another_header_or_address_is_refused_unsent(
    box: Mailbox, letter: Mail
) -> None:
    with pytest.raises(Rejected):
        mailer(box.port).send(letter)
    assert box.letters == []


def test_451_passes_and_the_next_try_arrives_once(box: Mailbox) -> None:
    sending = mailer(box.port)
    for step in ("data", "rcpt"):
        box.faults.script("451", at=step)
        with pytest.raises(Unavailable, match="451"):
            sending.send(LETTER)
    assert box.letters == []
    sending.send(LETTER)
    assert len(box.letters) == 1


@pytest.mark.parametrize("step", ["rcpt", "data"])
def test_550_is_for_good_and_carries_the_servers_code(box: Mailbox, step: str) -> None:
    box.faults.script("550", at=step)
    with pytest.raises(Rejected, match="No such mailbox") as refusal:
        mailer(box.port).send(LETTER)
    assert refusal.value.code == "550"
    assert box.letters == []


def test_a_line_cut_before_the_letter_means_that_it_was_not_sent(box: Mailbox) -> None:
    box.faults.script("drop", at="rcpt")
    with pytest.raises(Unavailable):
        mailer(box.port).send(LETTER)
    assert box.letters == []


def test_a_line_cut_after_the_letter_means_that_nobody_knows(box: Mailbox) -> None:
    box.faults.script("drop")
    with pytest.raises(OutcomeUnknown):
        mailer(box.port).send(LETTER)
    assert len(box.letters) == 1  # it was in fact taken: resending blindly would double it


def test_a_server_that_hangs_after_the_letter_is_left_at_the_deadline(box: Mailbox) -> None:
    box.faults.script("hang")
    begun = time.monotonic()
    with pytest.raises(OutcomeUnknown, match=r"in time|timed out"):
        mailer(box.port, total_s=0.6).send(LETTER)
    assert 0.5 < time.monotonic() - begun < 2.0


def test_a_server_that_hangs_before_the_letter_has_not_got_it(box: Mailbox) -> None:
    box.faults.script("hang", at="rcpt")
    begun = time.monotonic()
    with pytest.raises(Unavailable):
        mailer(box.port, total_s=0.6).send(LETTER)
    assert 0.5 < time.monotonic() - begun < 2.0


def test_a_server_that_drips_does_not_outlast_the_deadline() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def drip() -> None:
            connection, _ = listener.accept()
            with connection:
                try:
                    while True:
                        connection.sendall(b"2")
                        time.sleep(0.05)
                except OSError:
                    return

        dripping = threading.Thread(target=drip)
        dripping.start()
        begun = time.monotonic()
        with pytest.raises(Unavailable):
            mailer(listener.getsockname()[1], total_s=0.6).send(LETTER)
        assert time.monotonic() - begun < 2.0
        dripping.join()


def test_no_server_at_all_is_unavailable() -> None:
    with pytest.raises(Unavailable, match="cannot be reached"):
        mailer(1).send(LETTER)


def test_a_server_without_starttls_gets_no_letter(box: Mailbox) -> None:
    with pytest.raises(Unavailable, match="STARTTLS"):
        mailer(box.port, security="starttls").send(LETTER)
    assert box.letters == []


@pytest.mark.parametrize("implicit", [True, False])
def test_encryption_names_and_passwords(tmp_path: Path, implicit: bool) -> None:
    server, trust = contexts(tmp_path)
    security = "tls" if implicit else "starttls"
    with mailbox(tmp_path / "mail", tls=server, implicit=implicit, with_names=True) as box:

        def send(**words: Any) -> None:
            mailer(box.port, **{"security": security, "trust": trust, **words}).send(LETTER)

        with pytest.raises(Unavailable, match=r"(?i)certificate"):
            send(trust=None, username=USERNAME, password=PASSWORD)
        with pytest.raises(AuthExpired, match="SMTP_PASSWORD") as refusal:
            send(username=USERNAME, password="wrong pony")
        assert "wrong pony" not in str(refusal.value)
        assert box.letters == []
        send(username=USERNAME, password=PASSWORD)
        assert len(box.letters) == 1
        if not implicit:
            with pytest.raises(Rejected, match="refused the sender: 530"):
                send()
            with pytest.raises(Rejected, match="refused the sender: 530"):
                send(security="none")


def test_a_server_that_knows_no_names_is_told_none(box: Mailbox) -> None:
    with pytest.raises(AuthExpired, match="SMTP_USERNAME"):
        mailer(box.port, username=USERNAME, password=PASSWORD).send(LETTER)
    assert box.letters == []


def test_without_a_mail_server_sending_says_what_to_set(settings: Settings) -> None:
    chosen = build_ports(settings.model_copy(update={"smtp_host": ""})).mailer
    assert isinstance(chosen, NoMail)
    with pytest.raises(Rejected, match="mail is not configured: set SMTP_HOST"):
        chosen.send(LETTER)


def test_the_settings_choose_the_server_and_the_encryption(
    settings: Settings, box: Mailbox
) -> None:
    told = {"smtp_host": "127.0.0.1", "smtp_port": box.port, "mail_from": "deals@example.com"}
    chosen = build_ports(settings.model_copy(update={**told, "smtp_starttls": False})).mailer
    chosen.send(LETTER)
    assert box.letters[0].sender == "deals@example.com"
    encrypted = build_ports(settings.model_copy(update={**told, "smtp_starttls": True})).mailer
    with pytest.raises(Unavailable, match="STARTTLS"):
        encrypted.send(LETTER)


@pytest.mark.parametrize(
    ("told", "fault"),
    [
        ({"smtp_host": "mx.example.com"}, "MAIL_FROM"),
        ({"smtp_host": "mx.example.com", "mail_from": "nobody"}, "MAIL_FROM"),
        (
            {
                "smtp_host": "mx.example.com",
                "mail_from": "a@example.com",
                "smtp_username": "a",
                "smtp_starttls": False,
            },
            "SMTP_STARTTLS",
        ),
    ],
)
def test_settings_that_cannot_send_or_would_tell_a_password_are_refused(
    told: dict[str, object], fault: str
) -> None:
    with pytest.raises(ValueError, match=fault):
        Settings(**told)  # type: ignore[arg-type]
    Settings(smtp_host="mx.example.com", mail_from="A <a@example.com>", smtp_username="a")
    Settings(
        smtp_host="mx.example.com",
        mail_from="a@example.com",
        smtp_username="a",
        smtp_port=465,
        smtp_starttls=False,
    )
