"""How well each source is read, judged once per scan cycle from rates and never from single answers.

A source whose rows stop being readable, whose answers thin out, or that does not answer at all is
`degraded` after two bad cycles in a row, with the reason in plain words; one good cycle heals it.
Nothing here touches a listing: a bad answer never means that listings are gone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median
from typing import Any, Final

import sqlalchemy as sa
import structlog

from app.core.metrics import SOURCE_UP
from app.db.models import Source
from app.db.session import Session

log = structlog.get_logger(__name__)

MIN_PARSE_RATE: Final = 0.8
MIN_ITEM_RATE: Final = 0.3
MAX_FAILED_RATE: Final = 0.5
MIN_ROWS: Final = 20
"""Rates of fewer rows than this say nothing."""

BAD_CYCLES: Final = 2
KEPT_CYCLES: Final = 24


@dataclass(slots=True)
class CycleReport:
    """What one cycle asked and got. `asked` and `got` count answered searches and their rows by kind."""

    calls: int = 0
    failed: int = 0
    rows: int = 0
    parsed: int = 0
    asked: dict[str, int] = field(default_factory=dict)
    got: dict[str, int] = field(default_factory=dict)
    reject_reasons: dict[str, int] = field(default_factory=dict)
    error: str | None = None
    stopped: str | None = None
    sweep_entry: str | None = None

    def answered(self, kind: str, *, parsed: int, reasons: Sequence[str]) -> None:
        """Count a page that arrived."""
        self.calls += 1
        self.rows += parsed + len(reasons)
        self.parsed += parsed
        self.asked[kind] = self.asked.get(kind, 0) + 1
        self.got[kind] = self.got.get(kind, 0) + parsed + len(reasons)
        for reason in reasons:
            self.reject_reasons[reason] = self.reject_reasons.get(reason, 0) + 1

    def not_answered(self, error: str) -> None:
        """Count a call that gave nothing to use."""
        self.calls += 1
        self.failed += 1
        self.error = self.error or error


def judge(report: CycleReport, recent: Sequence[Mapping[str, Any]], *, name: str) -> str | None:
    """What is wrong with a cycle in plain words; None when nothing is.

    Answers are compared with the median of recent good cycles, kind by kind, so that a cycle of
    other questions is not mistaken for a thinner source.
    """
    if report.stopped is not None:
        return report.stopped
    if report.calls and report.failed == report.calls:
        return f"{name} gives no usable answer: {report.error}"
    if report.failed > report.calls * MAX_FAILED_RATE:
        return f"{report.failed} of {report.calls} calls to {name} failed: {report.error}"
    if report.rows >= MIN_ROWS and report.parsed < report.rows * MIN_PARSE_RATE:
        share = 100 * report.parsed // report.rows
        reason = max(report.reject_reasons, key=lambda r: report.reject_reasons[r])
        return f"only {share} % of the rows from {name} can be read (most often: {reason})"
    expected = sum(calls * _usual(kind, recent) for kind, calls in report.asked.items())
    if expected >= MIN_ROWS and report.rows < expected * MIN_ITEM_RATE:
        return (
            f"{name} sends far fewer listings than usual: {report.rows} where {expected:.0f} came"
        )
    wide = report.asked.get("first", 0) + report.asked.get("sweep", 0)
    if wide and report.rows == 0:
        return f"{name} sends no listings at all"
    return None


def record_cycle(
    session: Session, source_id: str, report: CycleReport, *, name: str, now: datetime
) -> str:
    """Judge a finished cycle and store what it means for the source; gives the source's state."""
    source = session.get_one(Source, source_id, with_for_update=True)
    source.last_scan_at = now
    if report.calls == 0 and report.stopped is None:
        return source.state
    problem = judge(report, source.recent_cycles, name=name)
    cycle = {
        "at": now.isoformat(),
        "calls": report.calls,
        "failed": report.failed,
        "rows": report.rows,
        "parsed": report.parsed,
        "asked": report.asked,
        "got": report.got,
        "problem": problem,
        "sweep_entry": report.sweep_entry,
    }
    source.recent_cycles = [*source.recent_cycles, cycle][-KEPT_CYCLES:]
    if problem is None:
        source.last_success_at = now
        _become(source, "healthy", None, now)
    elif all(c["problem"] for c in source.recent_cycles[-BAD_CYCLES:]) and (
        len(source.recent_cycles) >= BAD_CYCLES
    ):
        _become(source, "degraded", problem, now)
    SOURCE_UP.labels(source_id).set(0 if source.state == "degraded" else 1)
    session.flush()
    return source.state


def last_sweep_entry(session: Session, source_id: str) -> str | None:
    """The plan entry that the last recorded cycle was sweeping."""
    cycles = session.scalar(sa.select(Source.recent_cycles).where(Source.id == source_id)) or []
    entry: str | None = cycles[-1].get("sweep_entry") if cycles else None
    return entry


def is_healthy(session: Session, source_id: str) -> bool:
    """Whether the last cycles read the source well."""
    state = session.scalar(sa.select(Source.state).where(Source.id == source_id))
    return state == "healthy"


def _usual(kind: str, recent: Sequence[Mapping[str, Any]]) -> float:
    """The median of rows per call of a kind over recent good cycles; 0 when there were none."""
    rates = [
        cycle["got"].get(kind, 0) / cycle["asked"][kind]
        for cycle in recent
        if cycle["problem"] is None and cycle["asked"].get(kind)
    ]
    return float(median(rates)) if rates else 0.0


def _become(source: Source, state: str, reason: str | None, now: datetime) -> None:
    if source.state != state:
        log.info(
            "source.state_changed", source=source.id, was=source.state, state=state, reason=reason
        )
        source.state = state
        source.state_since = now
    source.reason = reason
