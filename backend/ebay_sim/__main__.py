"""python -m ebay_sim --host --port --listings --seed --state: serves the simulated marketplace until it is stopped."""

import argparse
from pathlib import Path

import uvicorn

from ebay_sim.asgi import create_app
from ebay_sim.simulator import Options


def main() -> None:
    """Reads the command line and serves."""
    parser = argparse.ArgumentParser(
        prog="ebay_sim", description="A simulated eBay for demos and tests."
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8900)
    parser.add_argument(
        "--listings", type=int, help="live listings (default: SIM_LISTINGS or 20000)"
    )
    parser.add_argument("--seed", type=int, help="which market (default: SIM_SEED or 7)")
    parser.add_argument(
        "--state", type=Path, help="a file that keeps the market's clock over restarts"
    )
    parser.add_argument("--speed", type=float, default=1.0, help="virtual seconds a second")
    given = parser.parse_args()
    options = Options.from_env(
        listings=given.listings, seed=given.seed, state=given.state, speed=given.speed
    )
    uvicorn.run(
        create_app(options),
        host=given.host,
        port=given.port,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=2,
    )


main()
