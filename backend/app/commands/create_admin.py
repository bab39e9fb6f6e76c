"""`python -m app create-admin`: the first administrator, made by who runs the machine."""

import argparse
import getpass
import sys

from app.core import passwords
from app.core.clock import utc_now
from app.db.session import transaction
from app.errors import AppError
from app.services import accounts, audit
from app.services.audit import Actor

_ABOUT = """\
Makes an account with the roles admin, buyer and seller, or gives them to the account that the address
has already (its password then stays). The password is asked for, or read from standard input's first
line with --password-stdin. Works on the database that DATABASE_URL names.

In production an administrator also needs a second factor: sign in, open Settings, set one up, and sign
in again with its code.
"""
ROLES = ("admin", "buyer", "seller")


def register(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    parser = commands.add_parser(
        "create-admin",
        help="make the first administrator",
        description=_ABOUT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("email")
    parser.add_argument("--name", default="Administrator", help="the name that is shown")
    parser.add_argument("--password-stdin", action="store_true", help="read it from standard input")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Make the account; 0 when there is one with these roles afterwards, 2 when the password will not do."""
    now = utc_now()
    with transaction() as session:
        known = accounts.find_by_email(session, options.email)
        if known is not None:
            accounts.change_roles(session, known.id, {*known.roles, *ROLES}, now=now)
            if known.email_verified_at is None:
                accounts.set_verified(session, known.id, new_email=None, now=now)
            audit.note(
                session,
                "admin.roles_changed",
                Actor(None),
                subject=known.id,
                details={"after": sorted({*known.roles, *ROLES}), "by": "operator"},
                now=now,
            )
            print(f"{options.email} is an administrator now; the password is as it was.")
            return 0
    try:
        password = _password(from_stdin=options.password_stdin)
        passwords.check_new(password, not_like=(options.email, options.name))
    except AppError as error:
        print(f"create-admin: {error.detail}", file=sys.stderr)
        return 2
    hashed = passwords.hash_password(password)
    with transaction() as session:
        created = accounts.register(
            session,
            email=options.email,
            display_name=options.name,
            password_hash=hashed,
            roles=ROLES,
            now=now,
            verified=True,
        )
        if created is None:
            print("create-admin: this address was taken just now; try again.", file=sys.stderr)
            return 1
        audit.note(session, "account.created_by_operator", Actor(None), subject=created.id, now=now)
    print(f"{options.email} is an administrator.")
    return 0


def _password(*, from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\n")
    first = getpass.getpass("Password: ")
    if getpass.getpass("The same again: ") != first:
        raise passwords.weak("The two are not the same.")
    return first
