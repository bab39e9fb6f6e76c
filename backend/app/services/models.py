"""Fitted models: read comparables, fit, keep the artefact in the object store, make it the active one.

The steps are apart because fitting takes seconds of CPU and storing leaves the house: neither may hold
a transaction. A row stands before its object does, so that nothing in the store is without a name.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import perf_counter
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from app.core.ids import new_id
from app.db.models import Comp, Job, Model
from app.db.session import Session
from app.domain import artefact, comparables, valuation, weighing
from app.domain.comparables import Market
from app.domain.source_policy import LICENCES, pricing_licences
from app.domain.valuation import FORMULA_VERSION
from app.ports import Storage
from app.services import jobs, revaluing
from app.services.market_comps import StoreState, read_comps, state_of

KIND: Final = "fit_model"
KEEP_REPLACED: Final = timedelta(days=1)
"""How long a replaced model's artefact stays: whoever still holds its version may have to read it again."""
ENOUGH_TO_FIT: Final = weighing.MIN_USED
"""Fewer comparables than this give no estimate, so that nobody waits for their model."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A category's comparables as the store stood at `read_at`, by the database's clock."""

    category_id: str
    currency: str
    state: StoreState
    licences: tuple[str, ...]
    comps: Sequence[comparables.Comp]
    read_at: datetime


@dataclass(frozen=True, slots=True)
class Fitted:
    """A fitted market and its artefact; `market` is what the artefact gives, not what was packed."""

    market: Market
    packed: bytes
    version: str
    sha256: str
    fit_s: float

    @property
    def key(self) -> str:
        """Where the artefact is kept."""
        return f"models/{self.sha256}.npz"


def read(
    session: Session, *, category_id: str, currency: str, permitted: bool, now: datetime
) -> Reading:
    """What there is to fit from; without comparables when nothing may be used."""
    licences = pricing_licences(permitted=permitted)
    read_at = session.scalars(sa.select(sa.func.clock_timestamp())).one()
    state = state_of(
        session, category_id=category_id, currency=currency, licences=licences, now=now
    )
    comps: Sequence[comparables.Comp] = ()
    used: Sequence[str] = ()
    if state.kind is not None:
        comps, used = read_comps(
            session, category_id=category_id, kind=state.kind, licences=licences, now=now
        )
    return Reading(category_id, currency, state, tuple(used), comps, read_at)


def fit(reading: Reading) -> Fitted:
    """Fit and pack; seconds of CPU where there are thousands of comparables. The reading has some."""
    started = perf_counter()
    days = min(LICENCES[name].use_for for name in reading.licences) / timedelta(days=1)
    packed = artefact.pack(
        valuation.fitted(reading.comps, currency=reading.currency, use_for_days=days)
    )
    return Fitted(
        market=artefact.unpack(packed),
        packed=packed,
        version=artefact.version_of(packed),
        sha256=hashlib.sha256(packed).hexdigest(),
        fit_s=round(perf_counter() - started, 3),
    )


def fit_market(
    session: Session, *, category_id: str, currency: str, permitted: bool, now: datetime
) -> Market | None:
    """The market that a fit would make active now, for use in this process alone; None without comparables.

    Fits while the caller's transaction is open: for measuring, not for serving.
    """
    reading = read(
        session, category_id=category_id, currency=currency, permitted=permitted, now=now
    )
    return fit(reading).market if reading.comps else None


def announce(session: Session, reading: Reading, fitted: Fitted, *, now: datetime) -> None:
    """Write the model's row, not active yet, before its object is stored.

    A worker that dies in between leaves a row that housekeeping finds, and an object with it.
    """
    known = session.scalar(
        sa.select(Model).where(Model.version == fitted.version).with_for_update()
    )
    if known is not None:
        if not known.active:
            known.delete_after = now + KEEP_REPLACED
        return
    learned = fitted.market.learned
    session.add(
        Model(
            id=new_id(),
            version=fitted.version,
            sha256=fitted.sha256,
            key=fitted.key,
            category_id=reading.category_id,
            currency=reading.currency,
            kind=reading.state.kind,
            licences=",".join(reading.licences),
            store_version=reading.state.version,
            comps=len(reading.comps),
            kinds=dict(reading.state.kinds),
            errors=learned.calibration.errors,
            metrics={
                "fit_s": fitted.fit_s,
                "spread": round(learned.effects.spread, 4),
                "networks": 0 if learned.model is None else len(learned.model.networks),
                "odd": int(learned.effects.odd.sum()),
            },
            bytes=len(fitted.packed),
            read_at=reading.read_at,
            fitted_at=now,
            active=False,
            delete_after=now + KEEP_REPLACED,
        )
    )
    session.flush()


def activate(
    session: Session, reading: Reading, fitted: Fitted, *, permitted: bool, now: datetime
) -> bool:
    """Make it the model of its category and have the listings valued again; False when a newer one is.

    A fit from an older state of the store gives way to the active one, unless that state has come back. So
    does a fit from comparables some of which have been deleted since: the next one is queued already.
    """
    if not _all_there(session, reading.comps):
        return False
    active = _lock_active(session, reading.category_id, reading.currency)
    if active is not None and active.read_at > reading.read_at:
        current = state_of(
            session,
            category_id=reading.category_id,
            currency=reading.currency,
            licences=pricing_licences(permitted=permitted),
            now=now,
        )
        if current.version != reading.state.version:
            return False
    if active is not None and active.version != fitted.version:
        _retire(active, delete_after=now + KEEP_REPLACED)
        session.flush()
    model = session.scalars(sa.select(Model).where(Model.version == fitted.version)).one()
    model.active, model.delete_after = True, None
    model.store_version, model.read_at = reading.state.version, reading.read_at
    model.kinds = dict(reading.state.kinds)
    session.flush()
    revaluing.request(session, {reading.category_id}, now=now)
    return True


def find_active(session: Session, *, category_id: str, currency: str) -> Model | None:
    """The model that values a category's listings; None when there is none that this release can read."""
    return session.scalar(
        sa.select(Model).where(
            Model.category_id == category_id,
            Model.currency == currency,
            Model.active,
            Model.version.startswith(f"{FORMULA_VERSION}-", autoescape=True),
        )
    )


def load(storage: Storage, model: Model) -> Market:
    """The market from its artefact. Raises Gone, Unavailable, and InvalidArtefact when it is not what it was."""
    packed = storage.get(model.key)
    if hashlib.sha256(packed).hexdigest() != model.sha256:
        raise artefact.InvalidArtefact(f"{model.key} is not the object that was stored")
    return artefact.unpack(packed)


def withdraw(
    session: Session, *, category_id: str, currency: str | None = None, now: datetime
) -> None:
    """Leave a category without a model, because of what it was fitted from; its artefact may go at once."""
    chosen = [Model.category_id == category_id]
    if currency is not None:
        chosen.append(Model.currency == currency)
    for model in session.scalars(sa.select(Model).where(Model.active, *chosen).with_for_update()):
        _retire(model, delete_after=now)
    session.flush()


def refit(
    session: Session, categories: Iterable[str], *, permitted: bool, now: datetime
) -> set[str]:
    """Have the models of some categories follow the store; gives the categories that a fit is queued for.

    Those are valued again when it is done. A category that has nothing to fit from any more loses its model;
    where only kinds that its model does not use have changed, it is told how many there are now.
    """
    wanted = sorted(set(categories))
    markets = sa.union(
        sa.select(Comp.category_id, Comp.currency).where(Comp.category_id.in_(wanted)),
        sa.select(Model.category_id, Model.currency).where(
            Model.category_id.in_(wanted), Model.active
        ),
    ).subquery()
    licences = pricing_licences(permitted=permitted)
    fitting = set()
    for category_id, currency in session.execute(
        sa.select(markets).order_by(markets.c.category_id, markets.c.currency)
    ).all():
        state = state_of(
            session, category_id=category_id, currency=currency, licences=licences, now=now
        )
        active = find_active(session, category_id=category_id, currency=currency)
        if state.kind is None:
            withdraw(session, category_id=category_id, currency=currency, now=now)
        elif active is None or active.store_version != state.version:
            request_fit(session, category_id=category_id, currency=currency, now=now)
            fitting.add(category_id)
        elif active.kinds != state.kinds:  # of kinds that are known and not used
            active.kinds = dict(state.kinds)
    return fitting


def request_fit(session: Session, *, category_id: str, currency: str, now: datetime) -> Job:
    """Queue a fit of what the store holds after this transaction; asked for twice, it stays one."""
    return jobs.enqueue_once(session, KIND, _payload(category_id, currency), now=now)


def request_missing(session: Session, *, category_id: str, currency: str, now: datetime) -> None:
    """Queue a fit for a category that has comparables and no model, unless one is queued or under way."""
    payload = _payload(category_id, currency)
    underway = sa.select(Job.id).where(
        Job.kind == KIND, Job.payload == payload, Job.state.in_(("queued", "running"))
    )
    if session.scalar(underway.limit(1)) is None:
        jobs.enqueue_once(session, KIND, payload, now=now)


def other_fit(session: Session, claimed: jobs.ClaimedJob) -> bool:
    """Whether an earlier job for the same category is being worked on now, by the leases."""
    other = sa.select(Job.id).where(
        Job.kind == KIND,
        Job.payload == claimed.payload,
        Job.state == "running",
        Job.lease_until > sa.func.now(),
        Job.id < claimed.id,
    )
    return session.scalar(other.limit(1)) is not None


def forgettable(session: Session, *, now: datetime, limit: int = 100) -> Sequence[Model]:
    """Models that nobody needs any longer."""
    return session.scalars(
        sa.select(Model)
        .where(Model.active.is_(False), Model.delete_after <= now)
        .order_by(Model.delete_after)
        .limit(limit)
    ).all()


def forget(session: Session, version: str, *, now: datetime) -> bool:
    """Delete the row of a model whose object is gone; False when it is needed again by now."""
    gone = session.execute(
        sa.delete(Model)
        .where(Model.version == version, Model.active.is_(False), Model.delete_after <= now)
        .returning(Model.id)
        .execution_options(synchronize_session=False)
    ).first()
    return gone is not None


def _payload(category_id: str, currency: str) -> dict[str, Any]:
    return {"category_id": category_id, "currency": currency}


def _retire(model: Model, *, delete_after: datetime) -> None:
    model.active, model.delete_after = False, delete_after


def _all_there(session: Session, comps: Sequence[comparables.Comp]) -> bool:
    ids = sa.cast([comp.id for comp in comps], ARRAY(sa.Uuid()))
    found = session.scalar(sa.select(sa.func.count()).where(Comp.id == sa.any_(ids)))
    return found == len(comps)


def _lock_active(session: Session, category_id: str, currency: str) -> Model | None:
    """The active model, whatever release fitted it; nobody else changes which it is until this transaction ends."""
    name = f"model|{category_id}|{currency}"
    session.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(name, 0))))
    return session.scalar(
        sa.select(Model)
        .where(Model.category_id == category_id, Model.currency == currency, Model.active)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
