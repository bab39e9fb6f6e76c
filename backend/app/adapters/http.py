"""How the product calls services over HTTP: one policy for time limits, size limits and retries.

A service's adapter passes `read`, which turns an answer into a value or raises: a PortError that is
final, or TryAgain for what may pass. Only GETs are repeated, with full jitter, inside one deadline.
Every call is counted, timed and carries the correlation id of the request or job it serves.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from time import monotonic
from typing import Final, TypeVar

import httpx
import structlog
from tenacity import RetryCallState, Retrying, retry_if_exception_type, wait_random_exponential

from app.adapters.deadline import DeadlineTransport, deadline_in
from app.core.clock import utc_now
from app.core.logging import correlation_id
from app.core.metrics import EXTERNAL_DURATION, EXTERNAL_REQUESTS, app_version
from app.ports import PortError, RateLimited, Unavailable

log = structlog.get_logger(__name__)

T = TypeVar("T")

TRANSIENT_STATUSES: Final = frozenset({500, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class Policy:
    """Limits of one call. `deadline_s` covers all tries and the pauses between them."""

    connect_s: float = 5.0
    read_s: float = 20.0
    attempt_s: float = 25.0
    deadline_s: float = 60.0
    max_attempts: int = 3
    max_body_bytes: int = 8 * 1024 * 1024
    pause_s: float = 0.5
    longest_pause_s: float = 8.0


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer, read within the limits."""

    status: int
    headers: httpx.Headers
    body: bytes


class TryAgain(Exception):
    """A failure that may pass. `error` is what the caller gets when it does not."""

    def __init__(self, error: PortError, *, retry_after_s: float | None = None) -> None:
        super().__init__(str(error))
        self.error = error
        self.retry_after_s = retry_after_s


class HttpClient:
    """Calls one service. Threads may share it; a forked child makes its own."""

    def __init__(self, service: str, policy: Policy | None = None) -> None:
        self.service = service
        self.policy = policy or Policy()
        limits = httpx.Limits(max_connections=16, max_keepalive_connections=8)
        self._client = httpx.Client(
            transport=DeadlineTransport(limits=limits),
            timeout=httpx.Timeout(self.policy.read_s, connect=self.policy.connect_s),
            headers={"User-Agent": f"DealScout/{app_version()}", "Accept": "application/json"},
            follow_redirects=False,
            trust_env=False,
        )

    def close(self) -> None:
        """Close the kept connections."""
        self._client.close()

    def call(
        self,
        operation: str,
        method: str,
        url: str,
        *,
        read: Callable[[Answer], T],
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
        before: Callable[[], None] = lambda: None,
    ) -> T:
        """Send, read within the limits, and give what `read` makes of the answer.

        `before` runs before each try that is sent, so that a budget can count it. Raises the
        PortErrors of `read` and `before`; Unavailable for everything that happens to a connection.
        """
        ends_at = monotonic() + self.policy.deadline_s
        attempts = self.policy.max_attempts if method == "GET" else 1
        retrying = Retrying(
            stop=lambda state: self._gives_up(state, attempts, ends_at),
            wait=self._pause,
            retry=retry_if_exception_type(TryAgain),
            reraise=True,
        )
        try:
            value: T = retrying(
                self._try, operation, method, url, read, headers, content, before, ends_at
            )
        except TryAgain as failure:
            raise failure.error from failure
        return value

    def _pause(self, state: RetryCallState) -> float:
        """Retry-After where the other side gave one, else full jitter."""
        asked = _failure(state).retry_after_s
        if asked is not None:
            return asked
        jitter = wait_random_exponential(
            multiplier=self.policy.pause_s, max=self.policy.longest_pause_s
        )
        return jitter(state)

    def _gives_up(self, state: RetryCallState, attempts: int, ends_at: float) -> bool:
        """After the last try, or when waiting as asked would pass the deadline."""
        return state.attempt_number >= attempts or monotonic() + state.upcoming_sleep >= ends_at

    def _try(
        self,
        operation: str,
        method: str,
        url: str,
        read: Callable[[Answer], T],
        headers: Mapping[str, str] | None,
        content: bytes | None,
        before: Callable[[], None],
        ends_at: float,
    ) -> T:
        before()
        started = monotonic()
        outcome = "error"
        try:
            answer = self._exchange(method, url, headers, content, ends_at - started)
            value = read(answer)
            outcome = "ok"
        except TryAgain as failure:
            outcome = _outcome(failure.error)
            log.warning(
                "external.try_failed",
                service=self.service,
                operation=operation,
                error=str(failure.error),
                retry_after_s=failure.retry_after_s,
            )
            raise
        except PortError as error:
            outcome = _outcome(error)
            raise
        finally:
            EXTERNAL_REQUESTS.labels(self.service, operation, outcome).inc()
            EXTERNAL_DURATION.labels(self.service, operation).observe(monotonic() - started)
        return value

    def _exchange(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        content: bytes | None,
        left_s: float,
    ) -> Answer:
        sent = dict(headers or {})
        correlation = correlation_id()
        if correlation is not None:
            sent["X-Request-Id"] = correlation
        try:
            with (
                deadline_in(min(self.policy.attempt_s, left_s)),
                self._client.stream(method, url, headers=sent, content=content) as response,
            ):
                return Answer(response.status_code, response.headers, self._body(response))
        except httpx.TimeoutException as exc:
            raise TryAgain(Unavailable(f"{self.service} did not answer in time")) from exc
        except httpx.RequestError as exc:
            # connection refused or reset, a protocol broken, an encoding that does not decode
            reason = f"{self.service} cannot be reached ({type(exc).__name__})"
            raise TryAgain(Unavailable(reason)) from exc

    def _body(self, response: httpx.Response) -> bytes:
        body = bytearray()
        for chunk in response.iter_bytes():
            body += chunk
            if len(body) > self.policy.max_body_bytes:
                raise TryAgain(Unavailable(f"{self.service} sent more than we read in one answer"))
        return bytes(body)


def retry_after_s(answer: Answer) -> float | None:
    """The Retry-After header in seconds: a number or an HTTP date (RFC 9110 section 10.2.3)."""
    value = answer.headers.get("retry-after")
    if value is None:
        return None
    if value.strip().isdigit():
        return float(min(int(value.strip()[:9]), 86_400))
    try:
        at = parsedate_to_datetime(value)
    except ValueError:
        return None
    if at.tzinfo is None:
        return None
    return min(max(0.0, (at - utc_now()).total_seconds()), 86_400.0)


def refuse_transient(service: str, answer: Answer) -> None:
    """Raise TryAgain for the statuses that may pass: 429 and the transient server errors."""
    if answer.status == 429:
        asked = retry_after_s(answer)
        error = RateLimited(
            f"{service} asks us to wait", retry_after_s=60.0 if asked is None else asked
        )
        raise TryAgain(error, retry_after_s=asked)
    if answer.status in TRANSIENT_STATUSES:
        raise TryAgain(
            Unavailable(f"{service} answered {answer.status}"), retry_after_s=retry_after_s(answer)
        )


def _failure(state: RetryCallState) -> TryAgain:
    failure = state.outcome.exception() if state.outcome else None
    if not isinstance(failure, TryAgain):
        raise TypeError("only TryAgain is retried")
    return failure


def _outcome(error: PortError) -> str:
    """A metric label: unavailable, rate_limited, quota_exhausted, rejected, …"""
    name = type(error).__name__
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name).lstrip("_")
