"""The accounts that a demo comes with, made when the API starts; elsewhere the list is empty."""

from app.core import passwords
from app.core.clock import utc_now
from app.core.settings import Settings
from app.db.session import transaction
from app.services import accounts


def keep(settings: Settings) -> None:
    """Make those accounts of `settings.demo_accounts` that are missing. Several processes may do so at once.

    Opens transactions of its own, as hashing takes tenths of a second and must hold no connection.
    """
    for account in settings.demo_accounts:
        with transaction() as session:
            if accounts.find_by_email(session, account.email) is not None:
                continue
        hashed = passwords.hash_password(account.password)
        with transaction() as session:
            accounts.register(
                session,
                email=account.email,
                display_name=account.display_name,
                password_hash=hashed,
                roles=account.roles,
                now=utc_now(),
                verified=True,
            )
