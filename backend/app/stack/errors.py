"""What the supervisor tells people when it cannot do its work: one line, no traceback."""


class StackError(Exception):
    """The stack cannot start or a part of it cannot be had; the message is written for people."""
