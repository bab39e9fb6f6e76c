"""The whole application as shipped, on a database of the test's own, spoken to in process."""

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from app.core.settings import Settings
from tests.people import Person, make_person


@pytest.fixture
def client(process: Settings) -> Iterator[TestClient]:
    """A client of the application, its lifespan running."""
    from app.core.settings import get_settings
    from app.main import create_app

    with TestClient(create_app(get_settings()), raise_server_exceptions=False) as made:
        yield made


@pytest.fixture
def administrator(process: Settings) -> Person:
    """An admin who is signed in."""
    return make_person("admin", "buyer", "seller")


@pytest.fixture
def admin(administrator: Person) -> dict[str, str]:
    """The headers that make a request an admin's."""
    return administrator.headers
