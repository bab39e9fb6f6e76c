"""The only place that chooses adapters."""

from app.adapters.ebay.marketplace import EbayMarketplace
from app.adapters.smtp import SmtpMailer
from app.adapters.storage import S3Storage
from app.core.cache import Cache
from app.core.settings import Settings
from app.ports import NoMail, Ports
from app.services import quotas


def build_ports(settings: Settings) -> Ports:
    """The adapters that these settings ask for."""
    ebay = EbayMarketplace.from_settings(
        settings,
        cache=Cache.from_settings(settings),
        spend=quotas.spender(settings),
    )
    return Ports(
        marketplaces={ebay.source: ebay},
        storage=S3Storage(settings),
        mailer=SmtpMailer.from_settings(settings) if settings.smtp_host else NoMail(),
    )
