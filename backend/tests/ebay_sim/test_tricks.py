"""What frauds do on the simulated market, and that honest sellers do not."""

import re

import numpy as np
import pytest

from ebay_sim import ids
from ebay_sim.tricks import closing, photo_of
from ebay_sim.world.clock import Clock, parse_stamp
from ebay_sim.world.economy import HOUR, Kind
from ebay_sim.world.world import World

NOON = parse_stamp("2026-11-20T12:00:00Z")
LURE = re.compile(r"555-01|555 01|Zelle or Cash App only|wire transfer|@gmail\.com")


@pytest.fixture(scope="module")
def world() -> World:
    return World(seed=7, listings=4_000, clock=Clock(NOON, speed=0.0))


def test_a_third_of_frauds_show_an_honest_sellers_photo_of_the_same_thing(world: World) -> None:
    rows = world.live.rows
    frauds = np.flatnonzero((rows.kind == Kind.SCAM) & world.on_market())
    stolen = 0
    for at in frauds:
        serial = ids.find_serial(photo_of(world, rows, int(at)))
        assert serial is not None
        if serial == rows.serial[at]:
            continue
        stolen += 1
        found = world.find(serial)
        assert found is not None
        owner, _ = found
        assert owner.kind[0] == Kind.NORMAL
        assert owner.seller[0] != rows.seller[at]
        assert owner.variant[0] == rows.variant[at]
        assert owner.ends[0] > world.now
    assert 0.1 < stolen / len(frauds) < 0.4


def test_a_stolen_photo_stays_the_same_while_time_goes_on(world: World) -> None:
    later = World(seed=7, listings=4_000, clock=Clock(NOON + 2 * HOUR, speed=0.0))

    def shown(world: World) -> dict[int, int]:
        rows = world.live.rows
        frauds = np.flatnonzero((rows.kind == Kind.SCAM) & world.on_market())
        return {int(rows.serial[at]): photo_of(world, rows, int(at)) for at in frauds}

    before, after = shown(world), shown(later)
    both = before.keys() & after.keys()
    assert len(both) > 20
    assert {s: before[s] for s in both} == {s: after[s] for s in both}


def test_only_frauds_lead_off_the_marketplace_and_honest_people_have_their_own_words(
    world: World,
) -> None:
    rows = world.live.rows
    texts = {kind: set[str]() for kind in Kind}
    led = dict.fromkeys(Kind, 0)
    for at in range(len(rows)):
        kind = Kind(int(rows.kind[at]))
        text = closing(rows, at)
        texts[kind].add(text)
        led[kind] += LURE.search(text) is not None
    frauds = int((rows.kind == Kind.SCAM).sum())
    assert 0.2 < led[Kind.SCAM] / frauds < 0.4
    assert led[Kind.NORMAL] == 0
    assert len(texts[Kind.NORMAL]) > 40
    assert any("No Zelle" in text for text in texts[Kind.NORMAL])
