"""`python -m app keep-demo-accounts`: have the accounts of `settings.demo_accounts`, which only a demo lists."""

import argparse

from app.core.settings import get_settings
from app.services import demo_accounts


def register(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    parser = commands.add_parser("keep-demo-accounts", help="make a demo's accounts if missing")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Make what is missing."""
    demo_accounts.keep(get_settings())
    return 0
