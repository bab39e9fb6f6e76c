"""The market: the same for one seed and time, however it is reached; believable; with truths that add up."""

import time
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest

from ebay_sim import ids
from ebay_sim.world import catalog
from ebay_sim.world.clock import Clock, parse_stamp
from ebay_sim.world.economy import DAY, HOUR, MEAN_LIFE_S, Kind
from ebay_sim.world.generator import stream_listings
from ebay_sim.world.search_index import SearchIndex, words_of_query
from ebay_sim.world.titles import MAX_TITLE, titles
from ebay_sim.world.world import World

NOON = parse_stamp("2026-11-20T12:00:00Z")


def make_world(now: float = NOON, *, seed: int = 7, listings: int = 2_000) -> World:
    return World(seed=seed, listings=listings, clock=Clock(now, speed=0.0))


@pytest.fixture(scope="module")
def world() -> World:
    started = time.process_time()
    demo = make_world(listings=20_000)
    assert time.process_time() - started < 10, (
        "the demo market must stand within 20 s on a busy machine"
    )
    return demo


def on_market(world: World) -> list[tuple[int, str]]:
    live = world.on_market()
    return sorted(
        (int(s), t)
        for s, t, on in zip(world.live.rows.serial, world.live.titles, live, strict=True)
        if on
    )


def on_record(world: World) -> list[tuple[int, int]]:
    kept = world.on_record()
    return sorted(
        zip(
            world.sales.rows.serial[kept].tolist(),
            world.sales.rows.sold_cents[kept].astype(int).tolist(),
            strict=True,
        )
    )


def test_the_demo_market_is_as_big_as_promised(world: World) -> None:
    assert 19_000 < int(world.on_market().sum()) < 21_500
    assert int(world.on_record().sum()) > 60_000
    assert len(catalog.CATEGORIES) >= 12
    assert len(catalog.MODELS) >= 250


def test_one_seed_and_time_is_one_market_however_the_clock_got_there() -> None:
    stepped = make_world(NOON - HOUR)
    for _ in range(4):
        stepped.clock.set(advance_s=900)
        stepped.refresh()
    back = make_world(NOON + DAY)
    back.clock.set(now=NOON)
    back.refresh()
    fresh = make_world()
    assert on_market(stepped) == on_market(fresh) == on_market(back)
    assert on_record(stepped) == on_record(fresh) == on_record(back)


def test_another_seed_is_another_market() -> None:
    assert set(on_market(make_world())).isdisjoint(on_market(make_world(seed=8)))


def test_the_market_keeps_its_size_while_everything_on_it_changes() -> None:
    world = make_world()
    before = on_market(world)
    world.clock.set(advance_s=4 * DAY)
    world.refresh()
    after = on_market(world)
    assert set(before).isdisjoint(after)
    assert abs(len(after) - len(before)) < 0.15 * len(before)


def test_an_id_means_the_same_item_for_ever() -> None:
    serial = on_market(make_world())[0][0]
    later = make_world(NOON + 30 * DAY)
    assert ids.find_serial_of_item(ids.item_id(serial)) == serial
    found = later.find(serial)
    assert found is not None
    assert found[1] == dict(on_market(make_world()))[serial]


def test_ids_that_were_never_given_out_are_unknown() -> None:
    known = {ids.legacy_id(serial) for serial in range(3_000)}
    assert len(known) == 3_000
    assert all(
        ids.find_serial(number) is None
        for number in range(ids.ORIGIN, ids.ORIGIN + 9_000)
        if number not in known
    )
    assert make_world().truth(10**9) is None


def test_kinds_come_in_believable_shares(world: World) -> None:
    serials = world.live.rows.serial[world.on_market()][::4].tolist()
    kinds = Counter(truth.kind for truth in map(world.truth, serials) if truth)
    share = {kind: count / len(serials) for kind, count in kinds.items()}
    assert set(share) == {"normal", "deal", "scam", "lot", "accessory"}
    assert 0.08 <= share["deal"] <= 0.15
    assert 0.015 <= share["scam"] <= 0.04
    assert 0.02 <= share["lot"] <= 0.045
    assert 0.05 <= share["accessory"] <= 0.08


def test_a_deal_is_honest_and_a_fifth_under_its_value(world: World) -> None:
    rows = world.live.rows
    for row in range(0, len(rows), 61):
        truth = world.truth(int(rows.serial[row]))
        one = rows.take(np.array([row]))
        total = float(world.economy.total(one, min(world.now, float(one.ends[0])))[0])
        assert truth is not None
        if truth.kind in ("deal", "normal"):
            assert (truth.kind == "deal") == (
                total
                <= 0.8 * float(world.economy.value(one, min(world.now, float(one.ends[0])))[0])
            )
        if truth.kind == "scam":
            assert total < 0.5 * truth.value_cents
            assert world.economy.sellers.feedback_score[rows.seller[row]] < 10


def test_things_sell_for_what_they_are_worth(world: World) -> None:
    sales = world.sales.rows.take(world.on_record() & (world.sales.rows.kind == Kind.NORMAL))
    ratio = (sales.sold_cents + sales.shipping_cents) / world.economy.value(sales, sales.ends)
    assert 0.93 < float(np.median(ratio)) < 1.05
    live = world.live.rows.take(
        world.on_market() & (world.live.rows.kind == Kind.NORMAL) & ~world.live.rows.auction
    )
    asked = world.economy.total(live, world.now) / world.economy.value(live, world.now)
    assert float(np.median(asked)) > float(np.median(ratio))


def test_listings_stay_as_long_as_the_arrivals_assume(world: World) -> None:
    rows = world.economy.draw(np.arange(50_000, 110_000, dtype=np.int64))
    assert float((rows.ends - rows.listed).mean()) == pytest.approx(MEAN_LIFE_S, rel=0.05)


def test_prices_are_cut_some_after_a_fake_raise(world: World) -> None:
    rows = world.live.rows.take(~world.live.rows.auction)
    first = world.economy.price(rows, rows.listed)
    raised = rows.cut_to > 1
    assert 0.1 < float((world.economy.price(rows, rows.ends) < first).mean()) < 0.35
    assert 0.01 < float(raised.mean()) < 0.08
    assert (world.economy.price(rows, rows.cut_at)[raised] > first[raised]).all()


def test_items_are_relisted_and_listed_twice(world: World) -> None:
    rows = world.live.rows
    relisted = rows.origin < rows.listed - DAY
    twice = (rows.item != rows.serial) & ~relisted
    assert relisted.sum() > 100
    assert twice.sum() > 50
    row = int(np.flatnonzero(relisted)[0])
    original = world.economy.draw(np.array([rows.item[row]]))
    if original.item[0] == original.serial[0]:
        assert titles(original)[0] == world.live.titles[row]


def test_auctions_climb_to_their_end(world: World) -> None:
    rows = world.live.rows.take(world.live.rows.auction)
    climbing = [
        world.economy.price(rows, rows.listed + share * (rows.ends - rows.listed))
        for share in (0, 0.3, 0.6, 0.9, 1.0)
    ]
    assert all((later >= earlier).all() for earlier, later in pairwise(climbing))


def test_titles_are_short_and_name_what_they_sell(world: World) -> None:
    assert all(3 < len(title) <= MAX_TITLE for title in world.live.titles)
    rows = world.live.rows
    accessories = [
        t for t, k in zip(world.live.titles, rows.kind, strict=True) if k == Kind.ACCESSORY
    ]
    names = {model.name.lower() for model in catalog.MODELS}
    named = sum(any(name in title.lower() for name in names) for title in accessories)
    assert named / len(accessories) > 0.95


def test_the_words_of_a_query_are_those_of_a_title() -> None:
    index = SearchIndex()
    index.add(["Canon AE-1 Program", "canon ae 1 lens", "Pentax K1000 cameras", "AE-1 strap"])
    assert index.find_all(words_of_query("canon ae-1")).tolist() == [0]
    assert index.find_all(words_of_query("ae 1")).tolist() == [0, 1, 3]
    assert index.find_all(words_of_query("camera")).tolist() == [2]
    assert index.find_all(words_of_query("leica")).tolist() == []


def test_an_index_that_grew_row_by_row_finds_what_a_fresh_one_finds() -> None:
    world = make_world()
    texts = world.live.titles[:400]
    whole, grown = SearchIndex(), SearchIndex()
    whole.add(texts)
    for text in texts:
        grown.add([text])
    for word in ("canon", "black", "apple", "64gb", "for"):
        assert grown.find(word).tolist() == whole.find(word).tolist()


def test_the_stream_for_benches_is_the_same_economy_and_repeats() -> None:
    first, again = list(stream_listings(6_000, 7)), list(stream_listings(6_000, 7))
    assert first == again
    assert len({row.item_id for row in first}) == 6_000
    assert {row.category_id for row in first} == set(catalog.CATEGORY_BY_ID)
    assert next(stream_listings(500, 7, first=100)).item_id == first[100].item_id


def test_search_words_in_a_market_of_20000_take_milliseconds(world: World) -> None:
    started = time.process_time()
    for _ in range(50):
        world.live.index.find_all(["canon", "camera"])
    assert (time.process_time() - started) / 50 < 0.005
