"""The only place that chooses adapters."""

from app.adapters.storage import S3Storage
from app.core.settings import Settings
from app.ports import Ports


def build_ports(settings: Settings) -> Ports:
    """The adapters that these settings ask for."""
    return Ports(marketplaces={}, storage=S3Storage(settings))
