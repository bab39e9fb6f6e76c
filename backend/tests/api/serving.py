"""The application with settings of a test's own, its lifespan running."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from fastapi.testclient import TestClient


@contextmanager
def serve(
    monkeypatch: pytest.MonkeyPatch, *, peer: str = "127.0.0.1", **settings: str
) -> Iterator[TestClient]:
    """A client at the address `peer`; `settings` by their environment names. Needs the fixture `process`."""
    from app.core.settings import get_settings
    from app.main import create_app

    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    get_settings.cache_clear()
    app = create_app(get_settings())
    with TestClient(app, raise_server_exceptions=False, client=(peer, 50_000)) as client:
        yield client


def from_peer(client: TestClient, peer: str) -> TestClient:
    """Another client of the same application, at another address."""
    app: Any = client.app
    made = TestClient(app, raise_server_exceptions=False, client=(peer, 50_000))
    made.portal = client.portal  # the event loop that the application lives in
    return made
