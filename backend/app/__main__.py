"""The command line: `python -m app NAME`. Each command lives where its work is; this only finds it."""

import argparse
import json
import sys

from app.commands import create_admin, evaluate_valuation, keep_demo_accounts, rotate_keys
from app.stack import command as stack_command


def openapi_command(options: argparse.Namespace) -> int:
    """Print the API's description, as the web client is generated from it."""
    from app.main import create_app  # only this command needs the whole application

    print(json.dumps(create_app().openapi(), indent=1, ensure_ascii=False))
    return 0


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m app", description="Deal Scout")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    stack_command.register(commands)
    evaluate_valuation.register(commands)
    create_admin.register(commands)
    keep_demo_accounts.register(commands)
    rotate_keys.register(commands)
    openapi = commands.add_parser("openapi", help="print the API's OpenAPI description")
    openapi.set_defaults(run=openapi_command)
    chosen = parser.parse_args(arguments)
    run = chosen.run
    return int(run(chosen))


if __name__ == "__main__":
    sys.exit(main())
