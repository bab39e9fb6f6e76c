"""Twins: the same photo in any size, the same words in any dress, and never two things by accident."""

import pytest

from app.domain.twins import key_of, photo_key, words_key

TITLE = "Canon AE-1 Program 35mm film camera with 50mm lens"


@pytest.mark.parametrize(
    "url",
    [
        "https://i.ebayimg.com/images/g/aB~x9/s-l225.jpg",
        "https://i.ebayimg.com/images/g/aB~x9/s-l1600.webp",
        "https://i.ebayimg.com/thumbs/images/g/aB~x9/s-l500.jpg",
        "http://thumbs1.ebaystatic.com/images/g/aB~x9/s-l64.jpg?set_id=1",
        "https://i.ebayimg.com/00/s/MTYwMFgxMjAw/z/aB~x9/$_57.JPG",
    ],
)
def test_a_photo_has_one_key_in_every_size(url: str) -> None:
    assert photo_key(url) == photo_key("https://i.ebayimg.com/images/g/aB~x9/s-l500.jpg")
    assert photo_key(url) != photo_key("https://i.ebayimg.com/images/g/aB~x8/s-l500.jpg")


def test_other_addresses_are_taken_whole_but_for_their_query() -> None:
    assert photo_key("https://a.example/1.svg?v=1") == photo_key("https://a.example/1.svg")
    assert photo_key("https://a.example/1.svg") != photo_key("https://b.example/1.svg")
    assert photo_key(None) is None


def test_only_words_that_tell_things_apart_have_a_key() -> None:
    assert words_key(TITLE, None) == words_key(f"  {TITLE.upper()} !!", "")
    assert words_key(TITLE, "a") != words_key(TITLE, "b")
    assert words_key(TITLE, "a") != words_key(f"{TITLE} black", "a")
    assert words_key("Canon AE-1 Program", "a long description that says it all") is None


def test_a_secret_makes_another_key_and_every_key_fits_eight_bytes() -> None:
    assert key_of(b"joe", b"one") != key_of(b"joe", b"two") != key_of(b"joe")
    assert all(-(2**63) <= key_of(bytes([i])) < 2**63 for i in range(100))
