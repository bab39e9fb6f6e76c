"""Runs migrations on DATABASE_URL: one at a time (advisory lock), never waiting long for a table lock."""

from alembic import context
from sqlalchemy import create_engine, text

from app.core.settings import get_settings
from app.db import models  # noqa: F401 - fills Base.metadata
from app.db.base import Base
from app.db.types import UtcDateTime

MIGRATION_LOCK = 7_316_402_118  # any fixed number: the same for everybody who migrates


def render_item(kind: str, item: object, _: object) -> str | bool:
    """Write our column types as the plain ones they are, so that migrations do not import the app."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def run() -> None:
    """Upgrade or downgrade over one connection that holds the migration lock to its end."""
    url = context.config.get_main_option("sqlalchemy.url") or get_settings().database_url
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
        connection.execute(text("select pg_advisory_unlock(:key)"), {"key": MIGRATION_LOCK})
        connection.commit()
    engine.dispose()


run()
