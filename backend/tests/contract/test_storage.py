"""What every Storage promises: the object store that ships, and the one of the tests."""

from collections.abc import Iterator

import pytest

from app.adapters import storage as adapter
from app.adapters.storage import S3Storage
from app.core.ids import new_id
from app.core.settings import Settings
from app.ports import Gone, Rejected, Storage, Unavailable
from tests.services.valuing import MemoryStorage


@pytest.fixture
def s3_settings(settings: Settings, s3_env: dict[str, str]) -> Settings:
    """Settings with the run's object store."""
    fields = {name.lower(): value for name, value in s3_env.items()}
    return Settings(**{**settings.model_dump(by_alias=True), **fields})


@pytest.fixture(params=["s3", "memory"])
def storage(request: pytest.FixtureRequest) -> Iterator[Storage]:
    """Each implementation."""
    if request.param == "memory":
        yield MemoryStorage()
        return
    yield S3Storage(request.getfixturevalue("s3_settings"))


def test_an_object_is_given_back_as_it_was_stored_last(storage: Storage) -> None:
    storage.check()
    key = f"models/{new_id().hex}.npz"
    with pytest.raises(Gone):
        storage.get(key)
    storage.put(key, b"first")
    content = bytes(range(256)) * 10_000
    storage.put(key, content)
    assert storage.get(key) == content
    storage.delete(key)
    storage.delete(key)
    with pytest.raises(Gone):
        storage.get(key)


def test_a_bucket_that_does_not_exist_holds_nothing_and_is_made_by_storing(
    s3_settings: Settings,
) -> None:
    fresh = S3Storage(s3_settings.model_copy(update={"s3_bucket": f"bucket-{new_id().hex[:12]}"}))
    with pytest.raises(Gone):
        fresh.get("models/none")
    fresh.put("models/one", b"1")
    assert fresh.get("models/one") == b"1"


def test_a_store_that_is_away_is_unavailable(s3_settings: Settings) -> None:
    away = S3Storage(s3_settings.model_copy(update={"s3_endpoint_url": "http://127.0.0.1:1"}))
    for act in (
        lambda: away.put("a", b"1"),
        lambda: away.get("a"),
        lambda: away.delete("a"),
    ):
        with pytest.raises(Unavailable):
            act()


def test_what_is_too_large_is_neither_stored_nor_read(
    s3_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage = S3Storage(s3_settings)
    key = f"large/{new_id().hex}"
    storage.put(key, b"x" * 2_000)
    monkeypatch.setattr(adapter, "MAX_OBJECT", 1_000)
    with pytest.raises(Rejected):
        storage.get(key)
    with pytest.raises(Rejected):
        storage.put(key, b"x" * 1_001)
