"""Runs migrations as the owner of the tables: one at a time (advisory lock), never waiting long for a table lock.

The owner is DATABASE_MIGRATION_URL's user. When DATABASE_URL names another, that role is given its rights
to whatever is there afterwards (app/db/roles.py).
"""

import logging

from alembic import context
from sqlalchemy import Connection, create_engine, make_url, text

from app.core.settings import get_settings
from app.db import models  # noqa: F401 - fills Base.metadata
from app.db.base import Base
from app.db.roles import grant_rows, keep_role, may_make_roles, role_exists
from app.db.types import UtcDateTime

MIGRATION_LOCK = 7_316_402_118  # any fixed number: the same for everybody who migrates

log = logging.getLogger("deal_scout.migrations")


def render_item(kind: str, item: object, _: object) -> str | bool:
    """Write our column types as the plain ones they are, so that migrations do not import the app."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def owner_and_role() -> tuple[str, tuple[str, str] | None]:
    """(address of the owner, the application's role and password when that is another)."""
    url = context.config.get_main_option("sqlalchemy.url")
    if url:  # a database for one piece of work, with nobody else in it
        return url, None
    settings = get_settings()
    if settings.app_role is None:
        log.warning(
            "The application works as the owner of its tables: set DATABASE_MIGRATION_URL to the owner and"
            " DATABASE_URL to a role of its own, and the audit log is out of its reach (DEPLOYMENT.md)"
        )
        return settings.owner_url, None
    return settings.owner_url, (settings.app_role, make_url(settings.database_url).password or "")


def grant(connection: Connection, role: str, password: str) -> None:
    """Give the application's role its rights, in a transaction of their own; make it when it is missing and we may."""
    raw = connection.connection.driver_connection
    assert raw is not None
    if not role_exists(raw, role) and password and may_make_roles(raw):
        keep_role(raw, role, password)
    if role_exists(raw, role):
        grant_rows(raw, role)
    else:
        log.warning("DATABASE_URL's role %s is not there yet: make it, then migrate again", role)
    connection.commit()


def run() -> None:
    """Upgrade or downgrade over one connection that holds the migration lock to its end."""
    url, role = owner_and_role()
    engine = create_engine(url)
    with engine.connect() as connection:
        connection.execute(text("select pg_advisory_lock(:key)"), {"key": MIGRATION_LOCK})
        connection.execute(text("set lock_timeout = '4s'"))
        connection.commit()
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_item=render_item,
            compare_type=True,
            compare_server_default=False,
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            context.run_migrations()
        if role is not None:
            grant(connection, *role)
        connection.execute(text("select pg_advisory_unlock(:key)"), {"key": MIGRATION_LOCK})
        connection.commit()
    engine.dispose()


run()
