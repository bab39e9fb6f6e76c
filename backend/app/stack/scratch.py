"""A migrated database for the time of one piece of work: an embedded one, or one of its own on a given server."""

import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from psycopg import sql

from app.core.settings import with_driver
from app.stack.errors import StackError
from app.stack.part import ROOT
from app.stack.supervisor import Stack


@contextmanager
def scratch_database(server_url: str | None = None) -> Iterator[str]:
    """The URL of an empty, migrated database that is gone afterwards. StackError when none can be had.

    Without `server_url` a server is started in a temporary folder. With it, a database with a new name is
    made on that server, which takes the right to create databases; its others are not touched.
    """
    made = _embedded() if server_url is None else _on_server(server_url)
    with made as url:
        _migrate(url)
        yield url


@contextmanager
def _embedded() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="deal-scout-", ignore_cleanup_errors=True) as home:
        Path(home).chmod(0o711)  # the database server may run as another user
        stack = Stack(Path(home) / "data", {"postgres"}, {}, durable=False)
        try:
            with stack:
                yield stack.env["DATABASE_MIGRATION_URL"]
        finally:
            stack.destroy()


@contextmanager
def _on_server(server_url: str) -> Iterator[str]:
    url = _readable(server_url)
    name = f"deal_scout_scratch_{secrets.token_hex(6)}"
    _execute(url, sql.SQL("create database {}").format(sql.Identifier(name)))
    try:
        yield url.set(database=name).render_as_string(hide_password=False)
    finally:
        _execute(
            url, sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name))
        )


def _readable(server_url: str) -> sa.URL:
    """The address as DATABASE_URL is read."""
    try:
        return sa.make_url(with_driver(server_url))
    except sa.exc.ArgumentError as error:
        raise StackError("this is not the address of a database") from error


def _execute(url: sa.URL, statement: sql.Composed) -> None:
    dsn = url.set(drivername="postgresql").render_as_string(hide_password=False)
    try:
        with psycopg.connect(dsn, autocommit=True, connect_timeout=5) as connection:
            connection.execute(statement)
    except psycopg.Error as error:
        where = f"{url.host or 'localhost'}:{url.port or 5432}"
        raise StackError(
            f"no database of its own can be had on {where}: {str(error).splitlines()[0]}"
        ) from error


def _migrate(url: str) -> None:
    """Alembic upgrade head, in this process: it needs the address and none of the product's settings."""
    config = Config(ROOT / "alembic.ini")
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    command.upgrade(config, "head")
