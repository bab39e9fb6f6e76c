"""Markets on loan: a category's active model, in memory for valuing in.

Every process reads which model is active and loads that one from the object store, so that all switch
together. Comparable sets by title are shared between processes in the cache.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import sqlalchemy as sa
import structlog

from app.core.cache import Cache
from app.db.models import Listing, Model
from app.db.session import Session
from app.domain.artefact import InvalidArtefact
from app.domain.comparables import Market, Matches
from app.domain.source_policy import POLICIES, pricing_licences, pricing_sources
from app.domain.titles import read_title
from app.domain.valuation import CANDIDATES
from app.ports import Gone, Storage
from app.services import models
from app.services.market_comps import MAX_MARKET, MIN_MARKET, TRUST, state_of

__all__ = [
    "MAX_MARKET",
    "MIN_MARKET",
    "TRUST",
    "Lent",
    "Markets",
    "find_matches",
    "lend_fitted",
]

log = structlog.get_logger(__name__)

CACHE_SPACE = "comparables"
MAX_HELD = 120_000
NO_VERSION = "none"


@dataclass(frozen=True, slots=True)
class Lent:
    """A market, or none with the reason; `version` names the fitted model.

    `kinds`: how many comparables of each kind the store had for it when the model was fitted, of which only
    one kind is used; as it has them now where there is no model.
    """

    market: Market | None
    version: str
    reason: str | None = None
    usual_shipping: float | None = None
    kinds: Mapping[str, int] = field(default_factory=dict)


class Markets:
    """This process's markets by category and currency, each the active model's.

    At most MAX_HELD comparables are held; the longest unused market goes first. Only models of
    comparables that may feed pricing are lent, and only listings that may are read: what is not known
    to be allowed is left out.
    """

    def __init__(self, *, permitted: bool, storage: Storage) -> None:
        self._licences = pricing_licences(permitted=permitted)
        self._sources = pricing_sources(permitted=permitted)
        self._is_blocked = len(self._sources) < len(POLICIES)
        self._storage = storage
        self._held: OrderedDict[tuple[str, str], Lent] = OrderedDict()

    def lend(self, session: Session, *, category_id: str, currency: str, now: datetime) -> Lent:
        """The market of the category's active model; where none is, a fit is queued if it would help.

        Raises Unavailable when the model is not in memory and the object store does not answer.
        """
        key = (category_id, currency)
        model = self._usable_model(session, key)
        held = None if model is None else self._hold(key, model)
        if model is None or held is None:
            self._held.pop(key, None)
            return self._nothing(session, key, now)
        if held.kinds != model.kinds:
            held = self._held[key] = replace(held, kinds=dict(model.kinds))
        if held.usual_shipping is None:
            shipping = _usual_shipping(session, self._sources, category_id, currency)
            if shipping is not None:
                held = self._held[key] = replace(held, usual_shipping=shipping)
        self._held.move_to_end(key)
        while len(self._held) > 1 and self._size() > MAX_HELD:
            self._held.popitem(last=False)
        return held

    def not_held(
        self, session: Session, category_id: str, currencies: Iterable[str]
    ) -> list[Model]:
        """The active models of a category that `lend` would have to load: `fetch` them without a transaction."""
        found = []
        for currency in currencies:
            model = models.find_active(session, category_id=category_id, currency=currency)
            held = self._held.get((category_id, currency))
            if model is not None and (held is None or held.version != model.version):
                session.expunge(model)
                found.append(model)
        return found

    def fetch(self, model: Model) -> None:
        """Load a model into memory. Raises Unavailable."""
        self._hold((model.category_id, model.currency), model)

    def _usable_model(self, session: Session, key: tuple[str, str]) -> Model | None:
        """The active model, if all it was fitted from may be used. Who deletes that withdraws the model."""
        category_id, currency = key
        model = models.find_active(session, category_id=category_id, currency=currency)
        if model is None:
            return None
        permitted = {licence.id for licence in self._licences}
        return model if set(model.licences.split(",")) <= permitted else None

    def _hold(self, key: tuple[str, str], model: Model) -> Lent | None:
        """The model's market, loaded unless it is in memory; None when its artefact is lost or damaged."""
        held = self._held.get(key)
        if held is not None and held.version == model.version:
            return held
        try:
            market = models.load(self._storage, model)
        except (Gone, InvalidArtefact) as error:
            log.warning("model.unreadable", version=model.version, error=str(error))
            return None
        log.info("model.loaded", version=model.version, category=model.category_id)
        held = self._held[key] = Lent(market, model.version, kinds=dict(model.kinds))
        return held

    def _nothing(self, session: Session, key: tuple[str, str], now: datetime) -> Lent:
        """No market, with the reason: only here are the category's comparables counted."""
        category_id, currency = key
        state = state_of(
            session, category_id=category_id, currency=currency, licences=self._licences, now=now
        )
        reason = "too_few"
        if state.comps >= models.ENOUGH_TO_FIT:
            reason = "no_model_yet"
            models.request_missing(session, category_id=category_id, currency=currency, now=now)
        elif state.kind is None and self._is_blocked:
            reason = "not_permitted"
        return Lent(None, NO_VERSION, reason, kinds=state.kinds)

    def _size(self) -> int:
        return sum(len(lent.market) for lent in self._held.values() if lent.market)


def lend_fitted(
    session: Session, *, category_id: str, currency: str, permitted: bool, now: datetime
) -> Lent:
    """What `Markets.lend` would give after a fit of the store as it stands, fitted here and kept nowhere."""
    market = models.fit_market(
        session, category_id=category_id, currency=currency, permitted=permitted, now=now
    )
    if market is None:
        return Lent(None, NO_VERSION, "too_few")
    licences, sources = pricing_licences(permitted=permitted), pricing_sources(permitted=permitted)
    state = state_of(
        session, category_id=category_id, currency=currency, licences=licences, now=now
    )
    return Lent(
        market,
        market.learned.version or NO_VERSION,
        usual_shipping=_usual_shipping(session, sources, category_id, currency),
        kinds=state.kinds,
    )


def _usual_shipping(
    session: Session, sources: Sequence[str], category_id: str, currency: str
) -> float | None:
    """The share of the price that shipping adds in a category, by the listings that state it.

    Past sales often come without it, though their buyers paid it. None while few listings are known,
    and where no source of listings may feed pricing.
    """
    if not sources:
        return None
    uplift = sa.func.avg(
        sa.func.ln(1.0 + sa.cast(Listing.shipping_cents, sa.Double) / Listing.price_cents)
    )
    count, share = session.execute(
        sa.select(sa.func.count(), sa.func.exp(uplift) - 1.0).where(
            Listing.source.in_(sources),
            Listing.category_id == category_id,
            Listing.currency == currency,
            Listing.shipping_cents.is_not(None),
            Listing.shipping_cents < Listing.price_cents,
        )
    ).one()
    return round(float(share), 3) if count >= MIN_MARKET else None


def find_matches(
    cache: Cache, lent: Lent, titles: Iterable[str], *, category_id: str, ttl_s: int
) -> dict[str, Matches]:
    """The comparable sets of titles: from the cache, else searched and cached. Empty without a market."""
    market = lent.market
    if market is None:
        return {}
    prefix = f"{category_id}|{market.currency}|{lent.version}|"
    keys = {title: _key(prefix + read_title(title).text) for title in titles}
    wanted = sorted(set(keys.values()))
    sets = {
        key: Matches.from_bytes(packed)
        for key, packed in zip(wanted, cache.get_many(CACHE_SPACE, wanted), strict=True)
        if packed is not None
    }
    searched: dict[str, bytes] = {}
    for title, key in keys.items():
        known = sets.get(key)
        if known is None or (len(known.rows) and int(known.rows.max()) >= len(market)):
            sets[key] = market.search(read_title(title), limit=CANDIDATES)
            searched[key] = sets[key].to_bytes()
    cache.set_many(CACHE_SPACE, searched, ttl_s)
    return {title: sets[key] for title, key in keys.items()}


def _key(name: str) -> str:
    return hashlib.blake2b(name.encode(), digest_size=16).hexdigest()
