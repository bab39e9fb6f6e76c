"""What the simulator received: the last 10,000 effects and counters over all of them."""

from collections import Counter, deque
from dataclasses import asdict, dataclass
from typing import Any

KEPT = 10_000
ROUTES: tuple[tuple[str, str, str], ...] = (
    ("oauth.token", "POST", "/identity/v1/oauth2/token"),
    ("browse.search", "GET", "/buy/browse/v1/item_summary/search"),
    ("browse.legacy", "GET", "/buy/browse/v1/item/get_item_by_legacy_id"),
    ("browse.item", "GET", "/buy/browse/v1/item/"),
    ("insights.search", "GET", "/buy/marketplace_insights/v1_beta/item_sales/search"),
    ("taxonomy", "GET", "/commerce/taxonomy/v1/"),
    ("analytics.rate_limit", "GET", "/developer/analytics/v1_beta/rate_limit"),
    ("images", "GET", "/sim/images/"),
)


def route_name(method: str, path: str) -> str:
    """The short name of an eBay path, as the ledger and the faults call it; the path itself for any other."""
    for name, verb, prefix in ROUTES:
        if method == verb and path.startswith(prefix):
            return name
    return path


@dataclass(slots=True)
class Effect:
    """One call received; `status` is a word when there was no answer, `fault` the scripted failure it met."""

    number: int
    time: str
    real_time: float
    method: str
    path: str
    route: str
    params: dict[str, str]
    marketplace: str | None
    status: int | str
    fault: str | None = None


class Ledger:
    """A ring of effects, and counters that never forget until they are cleared."""

    def __init__(self) -> None:
        self._effects: deque[Effect] = deque(maxlen=KEPT)
        self._calls: Counter[str] = Counter()
        self._statuses: Counter[str] = Counter()
        self._events: Counter[str] = Counter()
        self._number = 0

    def record(self, effect: Effect) -> None:
        """Numbers and keeps the effect."""
        self._number += 1
        effect.number = self._number
        self._effects.append(effect)
        self._calls[effect.route] += 1
        self._statuses[f"{effect.route} {effect.status}"] += 1

    def count(self, event: str) -> None:
        """Counts what is not a call of its own, such as a minted token."""
        self._events[event] += 1

    def clear(self) -> None:
        """Forgets effects and counters; numbers go on."""
        self._effects.clear()
        self._calls.clear()
        self._statuses.clear()
        self._events.clear()

    def as_json(
        self, *, since: int = 0, route: str | None = None, limit: int = KEPT
    ) -> dict[str, Any]:
        """Effects after number `since`, at most the last `limit`, with the counters of all."""
        chosen = [asdict(e) for e in self._effects if e.number > since and route in (None, e.route)]
        counters = {
            "calls": dict(self._calls),
            "statuses": dict(self._statuses),
            "events": dict(self._events),
        }
        return {"effects": chosen[-limit:], "counters": counters, "last": self._number}
