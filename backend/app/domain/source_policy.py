"""What each marketplace's terms allow, as data that queries, jobs and pages obey.

eBay's rows state the API licence agreement as its readers quote it (read 2026-11): shown at most
6 hours old, other content 24 hours, deleted when no longer public, not mixed with other sources in
one list, and no price modelling without written permission.
"""

from collections.abc import Mapping
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
        " eBay's written permission; with it, an ended listing's price and days on the market are"
        " kept for 60 days."
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


@dataclass(frozen=True, slots=True)
class Licence:
    """On what terms comparables are kept and used; every comparable names its own.

    `pricing_needs_permission` as in SourcePolicy. `keep_for`: deleted so long after the sale, None =
    until whoever owns it deletes it. `use_for`: older ones feed no estimate.
    """

    id: str
    name: str
    summary: str
    pricing_needs_permission: bool
    keep_for: timedelta | None
    use_for: timedelta

    def may_feed_pricing(self, *, permitted: bool) -> bool:
        """Whether such comparables may feed an estimate, given the owner's `permitted`."""
        return permitted or not self.pricing_needs_permission


IMPORT_PREFIX: Final = "import:"
OWN: Final = "own"

_LICENCES: Final = (
    Licence(
        id=EBAY.source,
        name="eBay content",
        summary=(
            "Sales read from eBay: kept up to 90 days after the sale, used only with eBay's written"
            " permission, deleted when that ends."
        ),
        pricing_needs_permission=EBAY.pricing_needs_permission,
        keep_for=EBAY.comps_max_age,
        use_for=EBAY.comps_max_age,
    ),
    Licence(
        id=OWN,
        name="Own sales",
        summary="What users of this Deal Scout sold themselves; theirs to use and to delete.",
        pricing_needs_permission=False,
        keep_for=None,
        use_for=timedelta(days=365),
    ),
    Licence(
        id="imported",
        name="Imported sales",
        summary=(
            "Sales that an admin has uploaded and answers for. They belong to whoever uploaded them and"
            " stay until deleted."
        ),
        pricing_needs_permission=False,
        keep_for=None,
        use_for=timedelta(days=365),
    ),
    Licence(
        id="imported_asking",
        name="Imported asking prices",
        summary=(
            "Prices that were asked, not paid, uploaded by an admin who answers for them. Used for 90"
            " days after they were seen, only where no sales are known, and trusted little."
        ),
        pricing_needs_permission=False,
        keep_for=None,
        use_for=timedelta(days=90),
    ),
)

LICENCES: Final[Mapping[str, Licence]] = {licence.id: licence for licence in _LICENCES}
"""Every licence a comparable can have; one with any other is never used."""


def licence_of(source: str, kind: str) -> Licence:
    """The licence of a source's comparables of a kind. Raises KeyError where nobody wrote one."""
    if source.startswith(IMPORT_PREFIX):
        return LICENCES["imported_asking" if kind == "asking" else "imported"]
    return LICENCES[source]


def pricing_licences(*, permitted: bool) -> list[Licence]:
    """The licences whose comparables may feed an estimate, given the owner's `permitted`."""
    return [lic for lic in _LICENCES if lic.may_feed_pricing(permitted=permitted)]


def pricing_sources(*, permitted: bool) -> list[str]:
    """The sources whose listings may feed an estimate, sorted."""
    return sorted(
        source
        for source, policy in POLICIES.items()
        if policy.may_feed_pricing(permitted=permitted)
    )
