"""The command line: `python -m app NAME`. Each command lives where its work is; this only finds it."""

import argparse
import sys

from app.stack import command as stack_command


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m app", description="Deal Scout")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    stack_command.register(commands)
    chosen = parser.parse_args(arguments)
    run = chosen.run
    return int(run(chosen))


if __name__ == "__main__":
    sys.exit(main())
