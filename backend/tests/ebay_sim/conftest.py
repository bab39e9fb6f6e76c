"""One small market for all tests here; tests that script faults or limits clear them again."""

from collections.abc import Iterator

import pytest

from tests.ebay_sim.serving import Served, serve


@pytest.fixture(scope="session")
def _served() -> Iterator[Served]:
    with serve() as served:
        yield served


@pytest.fixture
def sim(_served: Served) -> Iterator[Served]:
    yield _served
    _served.http.delete("/sim/faults")
    _served.http.post("/sim/limits", json={"browse": 5_000, "clear": True})
