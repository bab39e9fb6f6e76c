"""Fitted models: one active per category, the same for every process, and nothing that may not be kept."""

import threading
from datetime import timedelta
from typing import Any

import pytest
import redis
import sqlalchemy as sa
from prometheus_client import REGISTRY

from app.adapters.storage import S3Storage
from app.core.clock import utc_now
from app.core.settings import Settings, get_settings
from app.db.models import Comp, Job, Listing, Model
from app.db.session import Session, transaction
from app.domain.valuation import FORMULA_VERSION
from app.jobs import runner
from app.jobs import value as value_job
from app.ports import Gone, Ports, Unavailable
from app.services import comps, jobs, models
from app.services.markets import Lent, Markets, lend_fitted
from app.services.models import Fitted, Reading
from tests.domain.making import NOW
from tests.services.valuing import (
    CATEGORY,
    MemoryStorage,
    deal_of,
    evidence_of,
    fit_all,
    fit_one,
    listed,
    make_raw,
    make_sale,
    many_sales,
)

LATER = NOW + timedelta(minutes=1)


@pytest.fixture
def storage() -> MemoryStorage:
    return MemoryStorage()


def process_of(storage: Any, *, permitted: bool = True) -> Markets:
    """What one process knows at its start."""
    return Markets(permitted=permitted, storage=storage)


def lend(session: Session, markets: Markets) -> Lent:
    return markets.lend(session, category_id=CATEGORY, currency="USD", now=NOW)


def read(session: Session) -> Reading:
    return models.read(session, category_id=CATEGORY, currency="USD", permitted=True, now=NOW)


def fitted_of(session: Session, storage: MemoryStorage, reading: Reading) -> Fitted:
    """A fit that is stored and not yet active."""
    fitted = models.fit(reading)
    models.announce(session, reading, fitted, now=NOW)
    storage.put(fitted.key, fitted.packed)
    return fitted


def activate(session: Session, reading: Reading, fitted: Fitted) -> bool:
    return models.activate(session, reading, fitted, permitted=True, now=NOW)


def waiting_fits(session: Session) -> list[dict[str, Any]]:
    return list(session.scalars(sa.select(Job.payload).where(Job.kind == "fit_model")))


def test_processes_switch_to_a_new_model_together(session: Session, storage: MemoryStorage) -> None:
    api, worker = process_of(storage), process_of(storage)
    comps.store_sales(session, many_sales(10), now=NOW)
    fit_all(session, storage=storage)
    first = lend(session, api)
    assert first.version == lend(session, worker).version
    assert first.market is not None
    assert first.version == first.market.learned.version
    comps.store_sales(session, [make_sale(1)], now=LATER)
    assert lend(session, api).version == lend(session, worker).version == first.version
    fit_all(session, storage=storage)
    second = lend(session, api)
    assert second.version == lend(session, worker).version != first.version
    assert second.market is not None
    assert len(second.market) == len(first.market) + 1
    row = models.find_active(session, category_id=CATEGORY, currency="USD")
    assert row is not None
    assert (row.version, row.comps, row.kind) == (second.version, len(second.market), "sold")
    assert row.version == f"{FORMULA_VERSION}-{row.sha256[:12]}"
    assert row.bytes == len(storage.objects[row.key])


def test_a_model_is_read_from_the_store_once_per_version(
    session: Session, storage: MemoryStorage
) -> None:
    comps.store_sales(session, many_sales(10), now=NOW)
    fit_all(session, storage=storage)
    markets = process_of(storage)
    first = lend(session, markets)
    storage.failure = Unavailable("away")
    assert lend(session, markets) is first
    with pytest.raises(Unavailable):
        lend(session, process_of(storage))


def test_comparables_are_not_counted_again_while_a_model_is_active(
    session: Session, storage: MemoryStorage
) -> None:
    comps.store_sales(session, many_sales(10), now=NOW)
    fit_all(session, storage=storage)
    markets = process_of(storage)
    first = lend(session, markets)
    assert first.market is not None
    assert first.kinds == {"sold": len(first.market)}
    asked: list[str] = []

    def note(*told: Any) -> None:
        asked.append(told[2])

    sa.event.listen(session.connection(), "before_cursor_execute", note)
    comps.store_sales(session, [make_sale(1)], now=LATER)
    del asked[:]
    assert (
        lend(session, markets) is first
    )  # as many as it was fitted from, not as many as there are
    assert lend(session, process_of(storage)).kinds == first.kinds
    assert asked
    assert not [statement for statement in asked if "FROM comps" in statement]


def test_kinds_that_a_model_does_not_use_are_counted_anew_without_a_fit(
    session: Session, storage: MemoryStorage
) -> None:
    comps.store_sales(session, many_sales(10), now=NOW)
    fit_all(session, storage=storage)
    markets = process_of(storage)
    before = lend(session, markets)
    row = session.scalars(sa.select(Comp).limit(1)).one()
    row.kind, row.licence = "asking", "imported_asking"
    session.flush()
    fit_all(session, storage=storage)
    sold = lend(session, markets)
    assert sold.kinds == {"sold": before.kinds["sold"] - 1, "asking": 1}
    session.execute(
        sa.update(Comp).where(Comp.kind == "asking").values(kind="own_sale", licence="own")
    )
    assert models.refit(session, [CATEGORY], permitted=True, now=NOW) == set()
    now = lend(session, markets)
    assert now.kinds == {"sold": before.kinds["sold"] - 1, "own_sale": 1}
    assert (now.version, now.market) == (sold.version, sold.market)


def test_an_older_fit_never_takes_the_place_of_a_newer_one(
    session: Session, storage: MemoryStorage
) -> None:
    comps.store_sales(session, many_sales(10), now=NOW)
    slow = read(session)
    comps.store_sales(session, [make_sale(1)], now=LATER)
    quick = read(session)
    late, newest = (fitted_of(session, storage, reading) for reading in (slow, quick))
    assert activate(session, quick, newest)
    assert not activate(session, slow, late)
    assert lend(session, process_of(storage)).version == newest.version


def test_a_fit_that_was_overtaken_by_a_deletion_is_not_activated(
    session: Session, storage: MemoryStorage
) -> None:
    comps.store_sales(session, many_sales(10), now=NOW)
    reading = read(session)
    fitted = fitted_of(session, storage, reading)
    assert comps.forget_source(session, "ebay", now=NOW) > 0
    assert not activate(session, reading, fitted)
    assert lend(session, process_of(storage)).market is None


def test_a_fit_repeated_after_a_kill_between_storing_and_activating_is_the_same_model(
    session: Session, storage: MemoryStorage
) -> None:
    comps.store_sales(session, many_sales(10), now=NOW)
    cut_off = fitted_of(session, storage, read(session))
    assert lend(session, process_of(storage)).reason == "no_model_yet"
    reading = read(session)
    again = fitted_of(session, storage, reading)
    assert again.version == cut_off.version
    assert activate(session, reading, again)
    assert activate(session, reading, again)
    assert session.scalars(sa.select(Model.version)).all() == [again.version]
    assert len(storage.objects) == 1


def test_comparables_without_a_model_have_one_fitted_once(
    session: Session, storage: MemoryStorage
) -> None:
    comps.store_sales(session, [make_sale(n) for n in range(3)], now=NOW)
    markets = process_of(storage)
    assert lend(session, markets).reason == "too_few"
    assert waiting_fits(session) == []
    comps.store_sales(session, many_sales(10), now=NOW)
    assert lend(session, markets).reason == "no_model_yet"
    assert lend(session, process_of(storage)).reason == "no_model_yet"
    assert waiting_fits(session) == [{"category_id": CATEGORY, "currency": "USD"}]
    session.execute(sa.update(Job).values(state="running"))
    lend(session, markets)
    assert len(waiting_fits(session)) == 1


@pytest.mark.parametrize("damage", ["lost", "other bytes"])
def test_a_model_whose_artefact_is_lost_or_damaged_is_fitted_again(
    session: Session, storage: MemoryStorage, damage: str
) -> None:
    comps.store_sales(session, many_sales(10), now=NOW)
    fit_all(session, storage=storage)
    whole = dict(storage.objects)
    storage.objects = {} if damage == "lost" else dict.fromkeys(whole, b"PK other")
    assert lend(session, process_of(storage)).reason == "no_model_yet"
    assert len(waiting_fits(session)) == 1
    fit_one(session, storage=storage)
    assert storage.objects == whole
    assert lend(session, process_of(storage)).market is not None


def test_a_model_of_another_formula_is_not_read(session: Session, storage: MemoryStorage) -> None:
    comps.store_sales(session, many_sales(10), now=NOW)
    fit_all(session, storage=storage)
    old = sa.update(Model).values(version="v1-0123456789ab")
    session.execute(old)
    assert lend(session, process_of(storage)).reason == "no_model_yet"
    fit_one(session, storage=storage)
    active = session.scalars(sa.select(Model.version).where(Model.active)).all()
    assert active == [lend(session, process_of(storage)).version]


def test_without_permission_a_model_of_ebay_is_not_lent_though_it_is_active(
    session: Session, storage: MemoryStorage
) -> None:
    comps.store_sales(session, many_sales(10), now=NOW)
    fit_all(session, storage=storage)
    markets = process_of(storage)
    assert lend(session, markets).market is not None
    refused = lend(session, process_of(storage, permitted=False))
    assert (refused.market, refused.reason) == (None, "not_permitted")
    assert models.refit(session, [CATEGORY], permitted=False, now=NOW) == set()
    assert session.scalars(sa.select(Model).where(Model.active)).all() == []
    assert [row.version for row in models.forgettable(session, now=NOW)]  # and may go at once


def test_what_is_forgotten_takes_its_model_with_it(
    session: Session, storage: MemoryStorage
) -> None:
    comps.store_sales(session, many_sales(10), now=NOW)
    fit_all(session, storage=storage)
    markets = process_of(storage)
    lend(session, markets)
    assert comps.forget_source(session, "ebay", now=NOW, limit=10) == 10
    assert lend(session, markets).market is None
    assert len(models.forgettable(session, now=NOW)) == 1


def test_measuring_uses_what_serving_would_use(session: Session, storage: MemoryStorage) -> None:
    comps.store_sales(session, many_sales(10), now=NOW)
    there = {"category_id": CATEGORY, "currency": "USD", "now": NOW}
    assert lend_fitted(session, permitted=False, **there).market is None
    measured = lend_fitted(session, permitted=True, **there)
    fit_all(session, storage=storage)
    assert lend(session, process_of(storage)).version == measured.version


# --- jobs, on committed rows and the real object store ------------------------------------------


@pytest.fixture
def store(
    process: Settings, s3_env: dict[str, str], valkey: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> S3Storage:
    """The run's object store, and a process that may use eBay's content."""
    for name, told in s3_env.items():
        monkeypatch.setenv(name, told)
    monkeypatch.setenv("EBAY_CONTENT_PRICING_PERMITTED", "true")
    get_settings.cache_clear()
    value_job.process_valuer.cache_clear()
    return S3Storage(get_settings())


def recent() -> Any:
    shift = utc_now() - NOW
    return [
        make_sale(n, title=s.title, price_cents=s.price_cents, sold_at=s.sold_at + shift)
        for n, s in enumerate(many_sales())
    ]


def work(storage: Any) -> None:
    """Do all jobs that wait, as workers would."""
    ports = Ports(marketplaces={}, storage=storage)
    for _ in range(20):
        with transaction() as session:
            due = list(jobs.due(session))
        if not due:
            return
        for job_id in due:
            runner.run(job_id, ports)
    raise AssertionError("work never ends")


def request(session: Session) -> Job:
    return models.request_fit(session, category_id=CATEGORY, currency="USD", now=utc_now())


def test_a_fit_values_its_listings_and_their_evidence_names_it(store: S3Storage) -> None:
    with transaction() as session:
        listed(session, [make_raw(1)], [])
        comps.store_sales(session, recent(), now=utc_now())
        job_id = request(session).id
        assert request(session).id == job_id
    work(store)
    with transaction() as session:
        result = jobs.get(session, job_id).result
        assert result is not None
        assert result["active"]
        assert deal_of(session, "v1|91|0").score is not None
        shown = evidence_of(session, "v1|91|0")["estimate"]["model_version"]
        assert shown == result["version"]
        model = session.scalars(sa.select(Model)).one()
        assert len(store.get(model.key)) == model.bytes == result["bytes"]


def test_with_the_store_away_a_fit_waits_and_the_active_model_goes_on(store: S3Storage) -> None:
    with transaction() as session:
        listed(session, [make_raw(1)], [])
        comps.store_sales(session, recent(), now=utc_now())
        request(session)
    work(store)
    with transaction() as session:
        before = evidence_of(session, "v1|91|0")["estimate"]["model_version"]
        comps.store_sales(session, [make_sale(7_000, sold_at=utc_now())], now=utc_now())
        session.execute(sa.update(Listing).values(needs_valuation=True))
        job_id = request(session).id
        jobs.enqueue(session, "value", {}, now=utc_now())

    class Away(MemoryStorage):
        def check(self) -> None:
            raise Unavailable("away")

    value_job.process_valuer.cache_clear()
    valuer = value_job.process_valuer(away := Away())
    with transaction() as session:
        held = models.find_active(session, category_id=CATEGORY, currency="USD")
        assert held is not None
    valuer.markets._storage = store  # loaded while the store was there
    valuer.markets.fetch(held)
    valuer.markets._storage = away
    work(away)
    with transaction() as session:
        job = jobs.get(session, job_id)
        assert (job.state, job.last_error) == ("queued", "Unavailable: away")
        assert evidence_of(session, "v1|91|0")["estimate"]["model_version"] == before
        assert not session.scalars(sa.select(Listing.id).where(Listing.needs_valuation)).all()
        session.execute(sa.update(Job).where(Job.id == job_id).values(next_attempt_at=NOW))
    value_job.process_valuer.cache_clear()
    work(store)
    with transaction() as session:
        assert jobs.get(session, job_id).state == "done"
        assert evidence_of(session, "v1|91|0")["estimate"]["model_version"] != before


def counted(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


def test_fits_are_counted_by_what_came_of_them_and_timed(store: S3Storage) -> None:
    outcomes = ("active", "nothing", "put_off")

    def fits() -> list[float]:
        return [counted("ds_model_fits_total", outcome=outcome) for outcome in outcomes]

    before, timed = fits(), counted("ds_model_fit_duration_seconds_count")
    with transaction() as session:
        request(session)
    work(store)
    assert fits() == [before[0], before[1] + 1, before[2]]
    with transaction() as session:
        comps.store_sales(session, recent(), now=utc_now())
        request(session)
    away = MemoryStorage()
    away.failure = Unavailable("away")
    work(away)
    assert fits() == [before[0], before[1] + 1, before[2] + 1]
    with transaction() as session:
        session.execute(
            sa.update(Job).where(Job.state == "queued").values(next_attempt_at=sa.func.now())
        )
    work(store)
    assert fits() == [before[0] + 1, before[1] + 1, before[2] + 1]
    assert counted("ds_model_fit_duration_seconds_count") == timed + 2


def test_two_workers_do_not_fit_one_category_at_once(store: S3Storage) -> None:
    with transaction() as session:
        comps.store_sales(session, recent(), now=utc_now())
        first = request(session).id
    with transaction() as session:
        held = jobs.claim(session, first, owner="another worker")
        assert held is not None
        second = request(session).id
        assert second != first
    runner.run(second, Ports(marketplaces={}, storage=store))
    with transaction() as session:
        waits = jobs.get(session, second)
        assert (waits.state, waits.attempts) == ("queued", 1)
        assert "another worker is fitting" in (waits.last_error or "")


def test_fits_from_many_workers_leave_one_active_model(store: S3Storage) -> None:
    with transaction() as session:
        comps.store_sales(session, recent(), now=utc_now())
    readings = []
    for n in range(3):
        with transaction() as session:
            comps.store_sales(session, [make_sale(8_000 + n, sold_at=utc_now())], now=utc_now())
        with transaction() as session:
            reading = models.read(
                session, category_id=CATEGORY, currency="USD", permitted=True, now=utc_now()
            )
        readings.append((reading, models.fit(reading)))

    def finish(reading: Reading, fitted: Fitted) -> None:
        with transaction() as session:
            models.announce(session, reading, fitted, now=utc_now())
        with transaction() as session:
            models.activate(session, reading, fitted, permitted=True, now=utc_now())

    threads = [threading.Thread(target=finish, args=each) for each in reversed(readings)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with transaction() as session:
        active = session.scalars(sa.select(Model.version).where(Model.active)).all()
    assert active == [readings[-1][1].version]


def test_housekeeping_deletes_replaced_models_after_a_day(store: S3Storage) -> None:
    ports = Ports(marketplaces={}, storage=store)

    def tidied() -> dict[str, Any]:
        with transaction() as session:
            job_id = jobs.enqueue(session, "housekeeping", {}, now=utc_now()).id
        runner.run(job_id, ports)
        with transaction() as session:
            return jobs.get(session, job_id).result or {}

    with transaction() as session:
        comps.store_sales(session, recent(), now=utc_now())
        request(session)
    work(store)
    with transaction() as session:
        old = session.scalars(sa.select(Model)).one()
        comps.store_sales(session, [make_sale(7_000, sold_at=utc_now())], now=utc_now())
        request(session)
    work(store)
    assert tidied()["models_forgotten"] == 0
    with transaction() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Model)) == 2
        session.execute(
            sa.update(Model)
            .where(Model.delete_after.is_not(None))
            .values(delete_after=utc_now() - timedelta(seconds=1))
        )
    assert tidied()["models_forgotten"] == 1
    with transaction() as session:
        left = session.scalars(sa.select(Model)).one()
        assert left.active
        assert session.scalar(sa.select(sa.func.count()).select_from(Comp)) == left.comps
    assert store.get(left.key)

    with pytest.raises(Gone):
        store.get(old.key)
