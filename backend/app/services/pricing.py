"""Suggesting a price to a seller: what the thing is worth, how fast such things sell, what is left.

The estimate is the one that listings are valued by. Where the evidence is too thin, the answer says
what would help instead of a number.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import Final

from app.core.cache import Cache
from app.db.session import Session
from app.domain import pricing
from app.domain.fee_schedules import FeeSchedule
from app.domain.fees import FeeUnknown, net_proceeds, schedule_for
from app.domain.pricing import Goal, Line, Net, NetOf, Outcome, Suggestion
from app.domain.pricing_words import no_estimate_words
from app.domain.selling_speed import SellingSpeed, unknown_speed
from app.domain.source_policy import pricing_licences, pricing_sources
from app.domain.titles import read_title
from app.domain.valuation import Estimate, Item, no_estimate
from app.services import category_guess, selling_speeds
from app.services.markets import Markets
from app.services.valuations import worth_of

MARKETPLACE: Final = "ebay"
CURRENCIES: Final = {
    "EBAY_US": "USD",
    "EBAY_GB": "GBP",
    "EBAY_DE": "EUR",
    "EBAY_CA": "CAD",
    "EBAY_AU": "AUD",
}
"""What is paid with on a marketplace (eBay developer documentation, MarketplaceIdEnum, read 2026-11)."""


@dataclass(frozen=True, slots=True)
class Question:
    """What a seller wants to sell. `attributes` are words about it that the title leaves out."""

    title: str
    condition: str
    goal: Goal
    category_id: str | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)
    cost_cents: int | None = None

    @property
    def words(self) -> str:
        """The title, then what only the attributes say."""
        known = set(read_title(self.title).words)
        more = [
            value
            for _, value in sorted(self.attributes.items())
            if not set(read_title(value).words) <= known
        ]
        return " ".join([self.title, *more])


@dataclass(frozen=True, slots=True)
class NoEstimate:
    """Why there is no number, and what would help.

    `candidates` are the categories that the thing may belong to: (id, name, share of the vote), best first.
    """

    code: str
    explanation: str
    would_help: Sequence[str]
    candidates: Sequence[tuple[str, str, float]] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """A suggestion with everything behind it; `suggested` and `no_estimate` exclude each other."""

    currency: str
    category_id: str | None
    category_name: str | None
    category_guessed: bool
    worth: Estimate
    no_estimate: NoEstimate | None
    suggested: Suggestion | None
    curve: Sequence[Outcome]
    speed: SellingSpeed
    fee_schedule: FeeSchedule | None


class Pricer:
    """What suggesting prices needs besides a session; holds this process's markets. Safe for threads."""

    def __init__(
        self, *, markets: Markets, cache: Cache, permitted: bool, marketplace: str
    ) -> None:
        self._markets = markets
        self._cache = cache
        self._licences = pricing_licences(permitted=permitted)
        self._sources = pricing_sources(permitted=permitted)
        self._currency = CURRENCIES.get(marketplace, "USD")
        self._lock = Lock()

    def suggest(self, session: Session, question: Question, *, now: datetime) -> Answer:
        """The answer to a question; the same store, question and `now` give the same answer."""
        guess = None
        category_id = question.category_id
        if category_id is None:
            guess = category_guess.guess_category(
                session, question.words, licences=self._licences, now=now
            )
            category_id = guess.category_id
        if category_id is None:
            candidates = guess.candidates if guess else ()
            return self._nothing("category_unclear", candidates[:3])
        with self._lock:  # a market is built by one thread; once built it never changes
            lent = self._markets.lend(
                session, category_id=category_id, currency=self._currency, now=now
            )
            speed = selling_speeds.speed_of(
                session,
                self._cache,
                lent,
                category_id=category_id,
                currency=self._currency,
                sources=self._sources,
                now=now,
            )
        worth = worth_of(
            Item(question.words, question.condition, self._currency),
            lent,
            now=now,
            called=question.title,
        )
        names = category_guess.category_names(session, [category_id])
        schedule = schedule_for(MARKETPLACE, now.date())
        net_of, used = _net_of(schedule, self._currency, category_id, lent.usual_shipping)
        missing = worth.reason and NoEstimate(worth.reason, *no_estimate_words(worth.reason))
        return Answer(
            currency=self._currency,
            category_id=category_id,
            category_name=names.get(category_id, category_id),
            category_guessed=question.category_id is None,
            worth=worth,
            no_estimate=missing or None,
            suggested=pricing.suggest(
                question.goal,
                worth,
                speed,
                net_of,
                currency=self._currency,
                cost_cents=question.cost_cents,
            ),
            curve=pricing.curve(worth, speed, net_of),
            speed=speed,
            fee_schedule=used,
        )

    def _nothing(self, code: str, candidates: Sequence[tuple[str, str, float]]) -> Answer:
        """The answer when not even the category is known."""
        return Answer(
            currency=self._currency,
            category_id=None,
            category_name=None,
            category_guessed=False,
            worth=no_estimate(code),
            no_estimate=NoEstimate(
                code,
                *no_estimate_words(code, [name for _, name, _ in candidates]),
                candidates=candidates,
            ),
            suggested=None,
            curve=(),
            speed=unknown_speed(),
            fee_schedule=None,
        )


def _net_of(
    schedule: FeeSchedule | None,
    currency: str,
    category_id: str,
    usual_shipping: float | None,
) -> tuple[NetOf, FeeSchedule | None]:
    """How to work out what a total price leaves, and the schedule used; None where fees are not known.

    The seller pays for the shipping that is in the total: what it usually is in the category.
    """
    if schedule is not None and schedule.currency != currency:
        schedule = None
    if schedule is not None:
        try:
            schedule.rates(category_id)
        except FeeUnknown:
            schedule = None

    def net_of(price_cents: int) -> Net:
        share = usual_shipping or 0.0
        shipping = round(price_cents * share / (1.0 + share))
        lines = [Line("Buyer pays", price_cents, "with shipping")]
        fees = 0
        if schedule is not None:
            proceeds = net_proceeds(
                price_cents,
                currency=currency,
                shipping_charged_cents=0,
                shipping_cost_cents=shipping,
                category_id=category_id,
                schedule=schedule,
            )
            fees = proceeds.fees_cents
            lines += [
                Line(
                    line.name,
                    -line.cents,
                    "per order"
                    if line.rate is None
                    else f"{float(line.rate * 100):g} % of the total; on sales tax it comes on top",
                )
                for line in proceeds.lines
            ]
        else:
            lines.append(Line("Fees", 0, "not known for this category, so not counted"))
        if usual_shipping is None:
            lines.append(Line("Shipping", 0, "not known, so not counted: it is yours to pay"))
        else:
            lines.append(Line("Shipping", -shipping, "what it usually costs in this category"))
        return Net(price_cents - fees - shipping, fees, tuple(lines))

    return net_of, schedule
