"""The Mailer port on SMTP through the standard library, one connection a letter.

smtplib bounds single reads only; here every wait of a delivery ends at one deadline (name resolution
is the system's and keeps to its own). Content is handed over in steps of ours, because what a lost
connection means depends on the step: before the last byte is sent nothing was delivered, after it
nobody knows.
"""

import re
import smtplib
import socket
import ssl
from contextlib import suppress
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as WIRE
from email.utils import format_datetime, make_msgid, parseaddr
from io import BufferedReader, RawIOBase
from time import monotonic
from typing import Final, Literal, Self

from app.core.clock import utc_now
from app.core.metrics import EXTERNAL_DURATION, EXTERNAL_REQUESTS
from app.core.settings import IMPLICIT_TLS_PORT, MAIL_ADDRESS, Settings
from app.ports import AuthExpired, Mail, OutcomeUnknown, PortError, Rejected, Unavailable

TOTAL_S: Final = 15.0
GOODBYE_S: Final = 1.0

Security = Literal["none", "starttls", "tls"]

_POLICY: Final = WIRE.clone(
    max_line_length=998
)  # RFC 5322's own limit: long links stay in one piece
_OURS: Final = frozenset({"from", "to", "cc", "bcc", "subject", "date", "mime-version"})
_HEADER_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")


class SmtpMailer:
    """Sends through one mail server."""

    def __init__(
        self,
        host: str,
        port: int,
        *,
        sender: str,
        security: Security,
        username: str = "",
        password: str = "",
        trust: ssl.SSLContext | None = None,
        total_s: float = TOTAL_S,
    ) -> None:
        """`sender` is an address, with a name or without; `trust` says which certificates are believed."""
        self._server = (host, port)
        self._sender_name, self._sender = parseaddr(sender)
        self._security = security
        self._credentials = (username, password)
        self._trust = trust
        self._total_s = total_s

    @classmethod
    def from_settings(cls, settings: Settings) -> Self:
        """The mail server of SMTP_HOST."""
        implicit = settings.smtp_port == IMPLICIT_TLS_PORT
        password = settings.smtp_password
        return cls(
            settings.smtp_host,
            settings.smtp_port,
            sender=settings.mail_from,
            security="tls" if implicit else "starttls" if settings.smtp_starttls else "none",
            username=settings.smtp_username,
            password=password.get_secret_value() if password else "",
        )

    def send(self, message: Mail) -> None:
        """Hand a letter to the mail server."""
        recipient = _mailbox(message.to)
        content = self._content(message, recipient)
        started = monotonic()
        outcome = "ok"
        try:
            self._deliver(recipient, content, deadline=started + self._total_s)
        except PortError as error:
            outcome = _label(error)
            raise
        finally:
            EXTERNAL_REQUESTS.labels("smtp", "send", outcome).inc()
            EXTERNAL_DURATION.labels("smtp", "send").observe(monotonic() - started)

    def _content(self, mail: Mail, recipient: str) -> bytes:
        """The letter as it goes over the wire. Rejected when a header could not be told from two."""
        letter = EmailMessage(policy=_POLICY)
        try:
            letter["From"] = Address(self._sender_name, addr_spec=self._sender)
            letter["To"] = Address(addr_spec=recipient)
            letter["Subject"] = _one_line("Subject", mail.subject)
            letter["Date"] = format_datetime(utc_now())
            for name, value in mail.headers.items():
                if not _HEADER_NAME.fullmatch(name) or name.lower() in _OURS:
                    raise Rejected(f"{name!r} is no header that a letter may add", code="header")
                letter[name] = _one_line(name, value)
            if "Message-ID" not in letter:
                letter["Message-ID"] = make_msgid(domain=self._sender.rpartition("@")[2])
            letter.set_content(mail.text, cte="quoted-printable")
            letter.add_alternative(mail.html, subtype="html", cte="quoted-printable")
            return letter.as_bytes()
        except (MessageError, ValueError, UnicodeError) as fault:
            raise Rejected(f"the letter cannot be written: {fault}", code="letter") from fault

    def _deliver(self, recipient: str, content: bytes, *, deadline: float) -> None:
        host, port = self._server
        try:
            link = _Link(
                host,
                port,
                local_hostname=self._sender.rpartition("@")[2],
                deadline=deadline,
                wrap=self._context() if self._security == "tls" else None,
            )
        except (OSError, smtplib.SMTPException) as fault:
            raise Unavailable(f"the mail server cannot be reached: {_words(fault)}") from fault
        try:
            self._converse(link, recipient, content)
        finally:
            link.close()

    def _converse(self, link: "_Link", recipient: str, content: bytes) -> None:
        try:
            self._introduce(link)
            _expect(link.mail(self._sender), "the sender")
            _expect(link.rcpt(recipient), "the address")
            _expect(link.docmd("DATA"), "the letter", good=(354,))
            # sendall returns once the kernel has every byte: if it fails, the final dot was not among them
            link.send(_dotted(content))
        except (OSError, smtplib.SMTPException) as fault:
            raise Unavailable(f"the mail server broke off: {_words(fault)}") from fault
        try:
            reply = link.getreply()
        except (OSError, smtplib.SMTPException) as fault:
            raise OutcomeUnknown(
                f"the mail server did not say whether it took the letter: {_words(fault)}"
            ) from fault
        _expect(reply, "the letter")
        link.leave()

    def _introduce(self, link: "_Link") -> None:
        """EHLO, encryption, name and password."""
        link.ehlo_or_helo_if_needed()
        if self._security == "starttls":
            if not link.has_extn("starttls"):
                raise Unavailable(
                    "the mail server offers no STARTTLS, which SMTP_STARTTLS asks for"
                )
            link.encrypt(self._context())
            link.ehlo_or_helo_if_needed()
        username, password = self._credentials
        if username:
            try:
                link.login(username, password)
            except smtplib.SMTPAuthenticationError as refusal:
                if refusal.smtp_code < 500:
                    raise
                raise AuthExpired(
                    f"the mail server does not accept SMTP_USERNAME and SMTP_PASSWORD"
                    f" ({refusal.smtp_code})"
                ) from refusal
            except smtplib.SMTPNotSupportedError as fault:
                raise AuthExpired(
                    "the mail server takes no user names; unset SMTP_USERNAME"
                ) from fault

    def _context(self) -> ssl.SSLContext:
        return self._trust or ssl.create_default_context()


class _Link(smtplib.SMTP):
    """smtplib's conversation, with every wait cut at one deadline."""

    def __init__(
        self,
        host: str,
        port: int,
        *,
        local_hostname: str,
        deadline: float,
        wrap: ssl.SSLContext | None,
    ) -> None:
        self._deadline = deadline
        self._wrap = wrap
        super().__init__(host, port, local_hostname=local_hostname, timeout=self._left())

    def _left(self) -> float:
        left = self._deadline - monotonic()
        if left <= 0:
            raise TimeoutError("it did not answer in time")
        return left

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        made = self._connect_any(host, port)
        if self._wrap is None:
            return made
        made.settimeout(self._left())
        return self._wrap.wrap_socket(made, server_hostname=host)

    def _connect_any(self, host: str, port: int) -> socket.socket:
        """The first of the host's addresses that answers, all of them within the deadline."""
        fault: OSError = OSError(f"{host} has no address")
        for family, kind, protocol, _, address in socket.getaddrinfo(
            host, port, 0, socket.SOCK_STREAM
        ):
            candidate = socket.socket(family, kind, protocol)
            try:
                candidate.settimeout(self._left())
                candidate.connect(address)
            except OSError as error:
                candidate.close()
                fault = error
            else:
                return candidate
        raise fault

    def send(self, s: object) -> None:
        """Hand over all of it before the deadline."""
        if self.sock is not None:
            self.sock.settimeout(self._left())
        super().send(s)  # type: ignore[arg-type]  # bytes or str, as smtplib has it

    def getreply(self) -> tuple[int, bytes]:
        """The server's next reply, read whole before the deadline."""
        if self.file is None and self.sock is not None:
            self.file = BufferedReader(_Reading(self.sock, self))
        return super().getreply()

    def encrypt(self, context: ssl.SSLContext) -> None:
        """Switch to TLS within what is left of the time."""
        if self.sock is not None:
            self.sock.settimeout(self._left())
        self.starttls(context=context)

    def leave(self) -> None:
        """Say goodbye; the letter is delivered whatever comes back."""
        self._deadline = min(self._deadline, monotonic() + GOODBYE_S)
        with suppress(OSError, smtplib.SMTPException):
            self.docmd("QUIT")


class _Reading(RawIOBase):
    """A socket's incoming bytes, each wait of which is cut at the link's deadline."""

    def __init__(self, sock: socket.socket, link: _Link) -> None:
        self._sock = sock
        self._link = link

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: "memoryview | bytearray") -> int:  # type: ignore[override]
        """What has come, at least a byte; 0 when the server has closed."""
        self._sock.settimeout(self._link._left())
        return self._sock.recv_into(buffer)


def _mailbox(address: str) -> str:
    """The address in ASCII. Rejected when it is none that SMTP could deliver to."""
    if not MAIL_ADDRESS.fullmatch(address):
        raise Rejected("this is not an address that mail can be sent to", code="address")
    local, _, domain = address.rpartition("@")
    try:
        return f"{local.encode('ascii').decode()}@{domain.encode('idna').decode()}"
    except UnicodeError as fault:
        raise Rejected("this address cannot be written in ASCII", code="address") from fault


def _one_line(name: str, value: str) -> str:
    """The value of a header. Rejected with a control character in it: it could begin another header."""
    if _CONTROL.search(value):
        raise Rejected(f"{name} holds a line break or another control character", code="header")
    return value


def _dotted(content: bytes) -> bytes:
    """Content with lines that begin with a dot escaped, and the final dot (RFC 5321 section 4.5.2)."""
    escaped = re.sub(rb"(?m)^\.", b"..", content)
    return escaped + (b"" if escaped.endswith(b"\r\n") else b"\r\n") + b".\r\n"


def _expect(
    reply: tuple[int, bytes], what: str, *, good: tuple[int, ...] = (250, 251, 252)
) -> None:
    """Raise what a reply means: 4xx passes by itself, 5xx does not (RFC 5321 section 4.2.1)."""
    code, text = reply
    if code in good:
        return
    words = f"the mail server refused {what}: {code} {_plain(text)}"
    if 500 <= code < 600:
        raise Rejected(words, code=str(code))
    raise Unavailable(words)


def _plain(text: bytes) -> str:
    """A server's words in a line, without addresses: what they are about is kept and logged, whom not."""
    return MAIL_ADDRESS.sub("(address)", _CONTROL.sub(" ", text.decode("utf-8", "replace")))[:200]


def _words(fault: Exception) -> str:
    """A fault in a line: what a server said may have several, and what it is told may hold a password."""
    if isinstance(fault, smtplib.SMTPResponseException):
        error = fault.smtp_error
        said = error if isinstance(error, bytes) else str(error).encode()
        return f"{fault.smtp_code} {_plain(said)}"
    return f"{type(fault).__name__}: {_plain(str(fault).encode())}"


def _label(error: PortError) -> str:
    name = type(error).__name__
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name).lstrip("_")
