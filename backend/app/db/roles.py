"""What the application's database role may do: read and write rows, and nothing to the tables themselves.

The owner (DATABASE_MIGRATION_URL) makes and changes tables, and after every migration gives the role of
DATABASE_URL exactly these rights. Each `COPY`, temporary table and advisory lock of the product is covered
by them; statistics and dead rows are autovacuum's work.
"""

from typing import Any, Final

from psycopg import Connection
from psycopg.sql import SQL, Composed, Identifier

APPEND_ONLY: Final = ("audit_events",)
"""Tables whose rows the application adds and reads, and never changes or deletes."""
READ_ONLY: Final = ("alembic_version",)

# what an extension brings along is its own affair, and what others own is theirs to grant
_OURS: Final = """
select c.relname, c.relkind
from pg_class c
where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'S')
  and pg_has_role(c.relowner, 'usage')
  and not exists (
    select from pg_depend d
    where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e'
  )
order by c.relname
"""
_HELD: Final = """
select coalesce(array_agg(lower(held.privilege_type) order by lower(held.privilege_type)), '{}')
from pg_class c, aclexplode(c.relacl) held
where c.oid = %s::regclass and held.grantee = %s::regrole
"""


def role_exists(connection: Connection[Any], role: str) -> bool:
    """Whether the server knows this role."""
    found = connection.execute("select 1 from pg_roles where rolname = %s", [role]).fetchone()
    return found is not None


def may_make_roles(connection: Connection[Any]) -> bool:
    """Whether we are somebody who can make the application's role."""
    found = connection.execute(
        "select rolsuper or rolcreaterole from pg_roles where rolname = current_user"
    ).fetchone()
    return found is not None and bool(found[0])


def keep_role(connection: Connection[Any], role: str, password: str) -> None:
    """Make `role`, or give it this password. It is hashed here: a statement may be logged."""
    hashed = connection.pgconn.encrypt_password(
        password.encode(), role.encode(), b"scram-sha-256"
    ).decode()
    verb = SQL("alter") if role_exists(connection, role) else SQL("create")
    connection.execute(
        SQL("{} role {} login nocreatedb nocreaterole password {}").format(
            verb, Identifier(role), hashed
        )
    )


def grant_rows(connection: Connection[Any], role: str) -> None:
    """Give `role` its rights to all that is there, and take any other. The caller commits."""
    name = Identifier(role)
    database = Identifier(connection.info.dbname)
    for statement in (
        SQL("grant connect, temporary on database {} to {}").format(database, name),
        SQL("grant usage on schema public to {}").format(name),
        SQL("revoke create on schema public from public, {}").format(name),
        *_by_default(name),
    ):
        connection.execute(statement)
    for relation, rights in _rights(connection).items():
        table = SQL("public.{}").format(Identifier(relation))
        connection.execute(SQL("revoke all on {} from {}").format(table, name))
        granted = SQL(", ").join(SQL(right) for right in rights)
        connection.execute(SQL("grant {} on {} to {}").format(granted, table, name))


def has_rows_granted(connection: Connection[Any], role: str) -> bool:
    """Whether `role` holds exactly what `grant_rows` gives."""
    if not role_exists(connection, role):
        return False
    for relation, rights in _rights(connection).items():
        quoted = (SQL("public.{}").format(Identifier(relation))).as_string(connection)
        found = connection.execute(
            _HELD, [quoted, Identifier(role).as_string(connection)]
        ).fetchone()
        if found is None or found[0] != sorted(rights):
            return False
    return True


def _rights(connection: Connection[Any]) -> dict[str, tuple[str, ...]]:
    """Each of our relations and what the application may do with it."""
    found: dict[str, tuple[str, ...]] = {}
    for relation, kind in connection.execute(_OURS).fetchall():
        if kind == "S":
            found[relation] = ("select", "usage")
        elif relation in READ_ONLY:
            found[relation] = ("select",)
        elif relation in APPEND_ONLY:
            found[relation] = ("insert", "select")
        else:
            found[relation] = ("delete", "insert", "select", "update")
    return found


def _by_default(name: Identifier) -> tuple[Composed, ...]:
    """For tables that are made later: whoever uses one that a migration makes anew need not wait for its end."""
    later = SQL("alter default privileges in schema public grant {} to {}")
    return (
        later.format(SQL("select, insert, update, delete on tables"), name),
        later.format(SQL("usage, select on sequences"), name),
    )
