"""Contract tests need files that are not in this repository; without them the run says so, loudly."""

from collections.abc import Iterator

import pytest

from tests.contract.openapi_contract import AVAILABLE, MISSING
from tests.ebay_sim.serving import Served, serve


@pytest.fixture(scope="session")
def sim() -> Iterator[Served]:
    with serve() as served:
        yield served


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if not AVAILABLE:
        terminalreporter.section("CONTRACT TESTS DID NOT RUN", yellow=True, bold=True)
        terminalreporter.line(MISSING)
