"""The embedded stack: every process of Deal Scout under one supervisor, without Docker and without root rights.

`Stack` is the door for `make up`, the tests and the benches. The rest of the package is its parts.
"""

from app.stack.errors import StackError
from app.stack.supervisor import ALL_PARTS, Stack

__all__ = ["ALL_PARTS", "Stack", "StackError"]
