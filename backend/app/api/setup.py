"""GET /setup: what has been chosen about prices, in plain words. Facts for everybody, no secret."""

from typing import Final

from app.api.deps import SessionDep, SettingsDep
from app.api.idempotent import Router
from app.api.marketplaces import Kept
from app.api.problems import declared
from app.api.schemas.setup import InsightsAccess, KindHeld, LicenceSource, PricingChoice, Setup
from app.db.models import Source
from app.domain import pricing_choice
from app.services import setup

router = Router(tags=["set-up"])

kept_setup: Final[Kept[Setup]] = Kept()


@router.get("/setup", operation_id="get_setup", name="get_setup", responses=declared(422, 503))
def get_setup(session: SessionDep, settings: SettingsDep) -> Setup:
    """What this Deal Scout may estimate prices from, why, and how to change that."""

    def make() -> Setup:
        permitted = bool(settings.ebay_content_pricing_permitted)
        source = pricing_choice.SOURCE
        access = setup.sales_access(session.get(Source, "ebay"), settings)
        return Setup(
            simulated=settings.demo_mode,
            pricing=PricingChoice(
                setting=pricing_choice.PRICING_SETTING,
                permitted=permitted,
                now=pricing_choice.now_on(permitted=permitted, simulated=settings.demo_mode),
                meanings=list(pricing_choice.MEANINGS),
                how_to_change=pricing_choice.HOW_TO_CHANGE,
                source=LicenceSource(
                    title=source.title,
                    url=source.url,
                    read_on=source.read_on,
                    how_read=source.how_read,
                    rules=list(pricing_choice.RULES),
                ),
            ),
            insights=InsightsAccess.model_validate(
                {
                    "setting": pricing_choice.INSIGHTS_SETTING,
                    "state": access.state,
                    "now": pricing_choice.insights_words(access.state),
                    "reason": access.reason,
                    "since": access.since,
                }
            ),
            comparables=[
                KindHeld.model_validate(
                    {"kind": held.kind, "comps": held.comps, "newest_at": held.newest_at}
                )
                for held in setup.count_kinds(session)
            ],
            how_to_import=pricing_choice.HOW_TO_IMPORT,
        )

    return kept_setup.get(make)
