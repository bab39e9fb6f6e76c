"""What each marketplace's terms allow, as data that queries, jobs and pages obey.

eBay's rows state the API licence agreement as its readers quote it (read 2026-11): shown at most
6 hours old, other content 24 hours, deleted when no longer public, not mixed with other sources in
one list, and no price modelling without written permission.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final


@dataclass(frozen=True, slots=True)
class SourcePolicy:
    """What may be done with a source's content.

    `max_shown_age` counts from the last sighting. `mixable`: may share one ranked list with other
    sources. `pricing_needs_permission`: feeds valuation only when the owner has said that written
    permission exists. `delete_when_ended`: nothing of an ended listing is kept; one that a
    well-read source has not shown for `forget_unseen_after` counts as ended. Comparable sales
    are used up to `comps_max_age` after the sale and refreshed after `comps_refresh_after`.
    """

    source: str
    name: str
    summary: str
    max_shown_age: timedelta
    mixable: bool
    pricing_needs_permission: bool
    delete_when_ended: bool
    forget_unseen_after: timedelta
    comps_max_age: timedelta
    comps_refresh_after: timedelta

    def may_feed_pricing(self, *, permitted: bool) -> bool:
        """Whether this source's content may feed an estimate, given the owner's `permitted`."""
        return permitted or not self.pricing_needs_permission


EBAY: Final = SourcePolicy(
    source="ebay",
    name="eBay",
    summary=(
        "eBay listings are shown at most 6 hours after they were last seen, apart from other"
        " marketplaces, and are deleted when they end. Their prices feed estimates only with"
        " eBay's written permission."
    ),
    max_shown_age=timedelta(hours=6),
    mixable=False,
    pricing_needs_permission=True,
    delete_when_ended=True,
    forget_unseen_after=timedelta(hours=24),
    comps_max_age=timedelta(days=90),
    comps_refresh_after=timedelta(hours=24),
)

POLICIES: Final = {EBAY.source: EBAY}
"""Every source the product knows."""


def policy_of(source: str) -> SourcePolicy:
    """The policy of a source. Raises KeyError for one nobody wrote a policy for: it may not be used."""
    return POLICIES[source]
