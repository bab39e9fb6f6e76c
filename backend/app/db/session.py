"""Engines, sessions and the one way to commit.

Services receive a Session and never commit. The edge (a request, a job) opens `transaction()`;
what must happen only once it is durable is handed to `on_commit`.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache

from sqlalchemy import Engine, create_engine
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import SQLAlchemyError as DatabaseError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session, sessionmaker

from app.core.settings import Settings, get_settings
from app.db.observe import observe

__all__ = [
    "DATABASE_AWAY",
    "DatabaseError",
    "Session",
    "engine_from",
    "forget_engine",
    "get_engine",
    "on_commit",
    "run_commit_hooks",
    "session_factory",
    "transaction",
]

DATABASE_AWAY = (OperationalError, InterfaceError, PoolTimeout)
"""What it looks like when Postgres cannot be reached or does not answer in time."""

_HOOKS = "deal_scout_on_commit"


def engine_from(settings: Settings, *, pool_size: int | None = None) -> Engine:
    """An engine with bounded waits: 5 s to connect or to get a connection, then an error."""
    engine = create_engine(
        settings.database_url,
        pool_size=pool_size or settings.database_pool_size,
        max_overflow=0,
        pool_timeout=5,
        pool_pre_ping=True,
        connect_args={
            "connect_timeout": 5,
            "application_name": "deal-scout",
            "options": f"-c statement_timeout={settings.database_statement_timeout_ms}"
            " -c idle_in_transaction_session_timeout=60000 -c timezone=UTC",
        },
    )
    observe(engine, pool="orm")
    return engine


@lru_cache
def get_engine() -> Engine:
    """The process's engine; a forked child calls `forget_engine` first."""
    return engine_from(get_settings())


def forget_engine() -> None:
    """Drop what a fork inherited without closing the parent's sockets."""
    if get_engine.cache_info().currsize:
        get_engine().dispose(close=False)
    get_engine.cache_clear()
    session_factory.cache_clear()


@lru_cache
def session_factory() -> sessionmaker[Session]:
    """Sessions on the process's engine."""
    return sessionmaker(get_engine(), expire_on_commit=False)


def on_commit(session: Session, hook: Callable[[], None]) -> None:
    """Run `hook` once the surrounding `transaction()` is durable; never when it rolls back."""
    session.info.setdefault(_HOOKS, []).append(hook)


def run_commit_hooks(session: Session) -> None:
    """Run and forget the hooks of a session whose transaction has just been committed."""
    hooks: list[Callable[[], None]] = session.info.pop(_HOOKS, [])
    for hook in hooks:
        hook()


@contextmanager
def transaction(factory: sessionmaker[Session] | None = None) -> Iterator[Session]:
    """One transaction: committed at the end of the block, rolled back when it raises."""
    session = (factory or session_factory())()
    try:
        yield session
        session.commit()
    except BaseException:
        session.info.pop(_HOOKS, None)
        session.rollback()
        raise
    finally:
        session.close()
    run_commit_hooks(session)
