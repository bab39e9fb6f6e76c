"""The product's database role: it may change rows, and neither tables nor what is written down for good."""

from collections.abc import Iterator
from uuid import uuid4

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege
from sqlalchemy import make_url

from app.core.settings import Settings
from app.db.roles import APPEND_ONLY, grant_rows, has_rows_granted, keep_role, role_exists
from app.stack.postgres import APP_USER
from tests.db.test_migrations import alembic


@pytest.fixture
def app(database: Settings) -> Iterator[psycopg.Connection]:
    """A connection as the product has it."""
    with psycopg.connect(database.database_dsn, autocommit=True) as connection:
        yield connection


@pytest.fixture
def owner(database: Settings) -> Iterator[psycopg.Connection]:
    with psycopg.connect(database.owner_dsn, autocommit=True) as connection:
        yield connection


def test_the_tests_themselves_work_as_that_role(app: psycopg.Connection) -> None:
    found = app.execute(
        "select rolname, rolsuper, rolcreatedb, rolcreaterole, rolbypassrls, rolreplication"
        " from pg_roles where rolname = current_user"
    ).fetchone()
    assert found == (APP_USER, False, False, False, False, False)
    assert app.execute("select pg_has_role('dealscout', 'member')").fetchone() == (False,)


@pytest.mark.parametrize(
    "statement",
    [
        "create table mine (a int)",
        "create schema mine",
        "create function mine() returns int language sql as 'select 1'",
        "create extension citext",
        "create database mine",
        "create role mine",
        "alter table listings add column mine int",
        "alter table listings disable trigger all",
        "create index mine on listings (id)",
        "drop table deals",
        "truncate listings",
        "update alembic_version set version_num = '0'",
        "delete from alembic_version",
        "set role dealscout",
        "alter role dealscout_app superuser",
        "select rolpassword from pg_authid",
        "copy listings to program 'cat'",
        "copy listings from '/etc/passwd'",
        "select pg_read_file('/etc/passwd')",
        "alter default privileges for role dealscout grant all on tables to dealscout_app",
        *(f"update {table} set id = id" for table in APPEND_ONLY),
        *(f"delete from {table}" for table in APPEND_ONLY),
        *(f"truncate {table}" for table in APPEND_ONLY),
        *(f"select * from {table} for update" for table in APPEND_ONLY),
    ],
)
def test_it_may_not(app: psycopg.Connection, statement: str) -> None:
    with pytest.raises(InsufficientPrivilege):
        app.execute(statement.encode())


def test_it_may_add_to_the_audit_log_and_read_it(app: psycopg.Connection) -> None:
    app.execute(
        "insert into audit_events (id, at, kind, details)"
        " values (gen_random_uuid(), now(), 'x', '{}')"
    )
    assert app.execute("select kind from audit_events").fetchall() == [("x",)]


def test_every_append_only_table_is_there(owner: psycopg.Connection) -> None:
    for table in APPEND_ONLY:
        assert owner.execute("select to_regclass(%s)", [table]).fetchone() != (None,)


def test_a_table_that_a_migration_adds_is_covered_and_rights_are_put_right(
    database: Settings, owner: psycopg.Connection, app: psycopg.Connection
) -> None:
    owner.execute("create table later (id bigint generated always as identity, a int)")
    app.execute("insert into later (a) values (1)")  # by default
    owner.execute("revoke all on later from dealscout_app")
    owner.execute("grant update, truncate on audit_events to dealscout_app")
    assert not has_rows_granted(owner, APP_USER)
    alembic(database, "upgrade", "head")
    assert has_rows_granted(owner, APP_USER)
    app.execute("update later set a = 2")
    for statement in ("update audit_events set kind = 'y'", "truncate audit_events"):
        with pytest.raises(InsufficientPrivilege):
            app.execute(statement.encode())


def test_what_an_extension_brings_is_left_alone(owner: psycopg.Connection) -> None:
    owner.execute("create extension pg_stat_statements")
    owner.execute("revoke all on pg_stat_statements from dealscout_app")
    grant_rows(owner, APP_USER)
    held = owner.execute(
        "select relacl::text from pg_class where relname = 'pg_stat_statements'"
    ).fetchone()
    assert held is not None
    assert APP_USER not in held[0]


def test_with_one_role_all_still_works_and_the_migration_says_so_once(
    empty_database: Settings,
) -> None:
    alone = empty_database.model_copy(
        update={"database_url": empty_database.owner_url, "database_migration_url": ""}
    )
    told = alembic(alone, "upgrade", "head")
    assert told.count("works as the owner of its tables") == 1
    assert empty_database.owner_url not in told
    with psycopg.connect(alone.database_dsn) as connection:
        assert connection.execute("select count(*) from listings").fetchone() == (0,)


def test_a_role_that_is_missing_is_made_by_who_may_and_named_by_who_may_not(
    empty_database: Settings,
) -> None:
    role, password = f"role_{uuid4().hex}", "a-pass/word:of@its%own"
    owner = make_url(empty_database.owner_url)
    named = owner.set(username=role, password=password).render_as_string(hide_password=False)
    plain = owner.set(username=f"{role}_owner").render_as_string(hide_password=False)
    with psycopg.connect(empty_database.owner_dsn, autocommit=True) as connection:
        keep_role(connection, f"{role}_owner", owner.password or "")
        connection.execute(f"alter database {owner.database} owner to {role}_owner".encode())
        connection.execute("create extension pg_trgm; create extension btree_gin")
        try:
            two = {"database_url": named, "database_migration_url": plain}
            told = alembic(empty_database.model_copy(update=two), "upgrade", "head")
            assert f"role {role} is not there yet" in told
            assert not role_exists(connection, role)
            connection.execute(f"alter role {role}_owner createrole".encode())
            alembic(empty_database.model_copy(update=two), "upgrade", "head")
            with psycopg.connect(named.replace("+psycopg", "")) as app:
                assert app.execute("select count(*) from listings").fetchone() == (0,)
        finally:
            connection.execute(f"reassign owned by {role}_owner to dealscout".encode())
            for name in (role, f"{role}_owner"):
                if role_exists(connection, name):
                    connection.execute(f"drop owned by {name}".encode())
                    connection.execute(f"drop role {name}".encode())
