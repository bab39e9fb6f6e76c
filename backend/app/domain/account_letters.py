"""The words of letters about an account: what happened, what to do, and what if it was not you.

Anybody can make us write to any address, so nothing that a stranger typed stands in a letter: a name
only where the mailbox is known to be its owner's, and only a name that could be nothing else.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import Final

LONGEST_NAME: Final = 40
_NAME: Final = re.compile(r"\w[\w'’-]*\.?( \w[\w'’-]*\.?)*")


@dataclass(frozen=True, slots=True)
class AccountLetter:
    """One kind of letter. With `has_token` its link does the thing, else it only leads to a page."""

    subject: str
    paragraphs: tuple[str, ...]
    path: str
    action: str
    has_token: bool
    not_you: str
    greets_by_name: bool = True


_NOTICE_NOT_YOU: Final = (
    "If this was not you, somebody else may have got in. Choose a new password at once with"
    " “Forgot the password?” on the sign-in page: that ends every session. Then look at your"
    " sessions and keys under Settings."
)

ACCOUNT_LETTERS: Final[Mapping[str, AccountLetter]] = MappingProxyType(
    {
        "verify_email": AccountLetter(
            subject="Verify your address for Deal Scout",
            paragraphs=(
                "Somebody, probably you, made a Deal Scout account with this address.",
                "Open the link to show that this mailbox is yours. Then you can sign in.",
            ),
            path="/verify",
            action="Verify this address",
            has_token=True,
            not_you="If you did not ask for an account, do nothing: without this link it cannot be used.",
            greets_by_name=False,
        ),
        "change_email": AccountLetter(
            subject="Confirm your new address for Deal Scout",
            paragraphs=(
                "Somebody, probably you, wants to use this address for a Deal Scout account.",
                "Open the link to confirm it. Until then the account keeps the address it has.",
            ),
            path="/verify",
            action="Use this address",
            has_token=True,
            not_you="If this was not you, do nothing: without this link nothing changes.",
            greets_by_name=False,
        ),
        "reset_password": AccountLetter(
            subject="Choose a new password for Deal Scout",
            paragraphs=(
                "Somebody, probably you, asked for a new password for your Deal Scout account.",
                "Open the link to choose one. It ends every session of the account.",
            ),
            path="/reset",
            action="Choose a new password",
            has_token=True,
            not_you="If you did not ask, do nothing: your password stays as it is.",
        ),
        "password_changed": AccountLetter(
            subject="Your Deal Scout password was changed",
            paragraphs=(
                "The password of your Deal Scout account was changed, and its other sessions were ended.",
                "If that was you, there is nothing to do.",
            ),
            path="/settings",
            action="See your account",
            has_token=False,
            not_you=_NOTICE_NOT_YOU,
        ),
        "second_factor_changed": AccountLetter(
            subject="The second factor of your Deal Scout account was changed",
            paragraphs=(
                "The second factor of your Deal Scout account was set up, replaced or taken away.",
                "If that was you, there is nothing to do.",
            ),
            path="/settings",
            action="See your account",
            has_token=False,
            not_you=_NOTICE_NOT_YOU,
        ),
        "email_in_use": AccountLetter(
            subject="You have a Deal Scout account already",
            paragraphs=(
                "Somebody, probably you, tried to make a Deal Scout account with this address.",
                "There is one already, so nothing was changed.",
                "Sign in with the password you have, or have a new one sent from the sign-in page.",
            ),
            path="/login",
            action="Sign in",
            has_token=False,
            not_you="If this was not you, do nothing: whoever it was learnt nothing and changed nothing.",
        ),
        "account_deleted": AccountLetter(
            subject="Your Deal Scout account was deleted",
            paragraphs=(
                "Your Deal Scout account and everything that belonged to it were deleted.",
                "It was asked for with your password. This is the last letter about it.",
            ),
            path="/",
            action="Deal Scout",
            has_token=False,
            not_you=(
                "If this was not you, somebody knows your password. Change it wherever else you use it."
                " What was deleted cannot be brought back."
            ),
            greets_by_name=False,
        ),
    }
)


def greeting(letter: AccountLetter, display_name: str) -> str:
    """“Hello Ann,” where the name is one beyond doubt, else “Hello,”."""
    name = unicodedata.normalize("NFKC", display_name).strip()
    is_name = (
        len(name) <= LONGEST_NAME and _NAME.fullmatch(name) and not any(map(str.isdigit, name))
    )
    return f"Hello {name}," if letter.greets_by_name and is_name else "Hello,"


def lasting(time: timedelta) -> str:
    """“2 days”, “1 hour”: a span in its largest whole unit."""
    minutes = int(time.total_seconds()) // 60
    for unit, size in (("day", 1440), ("hour", 60)):
        if minutes >= size and minutes % size == 0:
            count = minutes // size
            return f"{count} {unit}{'s' * (count != 1)}"
    return f"{minutes} minute{'s' * (minutes != 1)}"
