"""The words of letters about an account."""

from datetime import timedelta

import pytest

from app.domain.account_letters import ACCOUNT_LETTERS, greeting, lasting


@pytest.mark.parametrize(
    "name", ["Ann", "Ann O'Neil", "Jean-Luc", "J. R. Smith", "Łukasz Żółć", "李 明"]
)
def test_a_name_is_greeted(name: str) -> None:
    assert greeting(ACCOUNT_LETTERS["reset_password"], name) == f"Hello {name},"


@pytest.mark.parametrize(
    "name",
    [
        "",
        "<b>Ann</b>",
        "evil.example",
        "Visit https://evil.example",
        "ann@evil.example",
        "Ann\r\nBcc: eve@example.com",
        "Ann\u202egpj",
        "call 555 0100",
        "A" * 41,
        "{{ 7 * 7 }}",
        "Ann, you won. Open",
    ],
)
def test_what_could_be_anything_else_is_not_repeated(name: str) -> None:
    assert greeting(ACCOUNT_LETTERS["reset_password"], name) == "Hello,"


def test_who_has_not_shown_that_the_mailbox_is_theirs_puts_no_word_into_it() -> None:
    for purpose in ("verify_email", "change_email"):
        assert greeting(ACCOUNT_LETTERS[purpose], "Ann") == "Hello,"


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(days=2), "2 days"),
        (timedelta(days=1), "1 day"),
        (timedelta(hours=1), "1 hour"),
        (timedelta(hours=36), "36 hours"),
        (timedelta(minutes=90), "90 minutes"),
        (timedelta(minutes=1), "1 minute"),
    ],
)
def test_how_long_is_told_in_whole_units(span: timedelta, words: str) -> None:
    assert lasting(span) == words
