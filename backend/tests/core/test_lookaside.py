"""The look-aside cache: what is taken back is never served again, whoever was reading meanwhile."""

import redis

from app.core.lookaside import TTL_S, Lookaside
from app.core.settings import Settings


def cache(settings: Settings) -> Lookaside:
    return Lookaside.from_settings(settings, "things")


def test_what_is_filled_in_is_found_for_a_short_time(
    settings: Settings, valkey: redis.Redis
) -> None:
    things = cache(settings)
    assert things.get("a") is None
    things.fill("a", b"1")
    assert things.get("a") == b"1"
    assert 0 < valkey.ttl("ds:things:a") <= TTL_S


def test_a_reader_who_was_too_early_cannot_bring_back_what_was_taken(
    settings: Settings, valkey: redis.Redis
) -> None:
    reader, writer = cache(settings), cache(settings)
    # the reader has read the row; then it is taken back; then the reader fills in what it read
    writer.forbid(["a", "b"])
    reader.fill("a", b"old")
    assert reader.get("a") is None
    assert writer.get("b") is None
    assert valkey.ttl("ds:things:a") > TTL_S


def test_what_was_there_before_is_gone_at_once(settings: Settings, valkey: redis.Redis) -> None:
    things = cache(settings)
    things.fill("a", b"old")
    things.forbid(["a"])
    assert things.get("a") is None


def test_without_valkey_every_look_up_is_a_miss_and_nothing_fails(settings: Settings) -> None:
    away = settings.model_copy(update={"cache_url": "redis://127.0.0.1:1/0"})
    things = cache(away)
    things.fill("a", b"1")
    things.forbid(["a"])
    assert things.get("a") is None
