"""The whole application as shipped, on a database of the test's own, spoken to in process."""

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from app.core.settings import Settings

ADMIN_KEY = "test-admin-key-0123456789abcdef"


@pytest.fixture
def client(process: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    """A client of the application, its lifespan running."""
    from app.core.settings import get_settings
    from app.main import create_app

    monkeypatch.setenv("ADMIN_API_KEY", ADMIN_KEY)
    get_settings.cache_clear()
    with TestClient(create_app(get_settings()), raise_server_exceptions=False) as made:
        yield made


@pytest.fixture
def admin() -> dict[str, str]:
    """The header that makes a request an admin's."""
    return {"Authorization": f"Bearer {ADMIN_KEY}"}
