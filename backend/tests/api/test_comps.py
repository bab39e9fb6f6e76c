"""Importing comparables over HTTP: streamed, once each, refused row by row, deleted whole."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient

from app.core.clock import utc_now
from app.db.models import Comp, Job
from app.db.session import transaction
from app.jobs import comps as comps_job
from app.jobs import runner
from app.ports import Ports
from app.services import comp_import, jobs
from tests.services.valuing import CATEGORY, OBJECTS, listed, make_raw

CSV = {"Content-Type": "text/csv"}
NO_PORTS = Ports(marketplaces={}, storage=OBJECTS)


@pytest.fixture
def post(client: TestClient, admin: dict[str, str]) -> Any:
    def send(body: str | bytes | Iterator[bytes], **query: str) -> Any:
        return client.post(
            "/comps/import",
            params=query,
            content=body.encode() if isinstance(body, str) else body,
            headers={**admin, **CSV},
        )

    return send


def counts(answer: Any) -> tuple[int, int, int, int, int]:
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert body["read"] == sum(body[n] for n in ("stored", "updated", "unchanged", "rejected"))
    return tuple(body[n] for n in ("read", "stored", "updated", "unchanged", "rejected"))  # type: ignore[return-value]


def stored() -> list[Comp]:
    with transaction() as session:
        return list(session.scalars(sa.select(Comp).order_by(Comp.title)))


def file_of(count: int, *, extra: str = "") -> str:
    rows = (
        f"Canon AE-1 Program no {i},{140 + i % 20}.50,Used,{CATEGORY},2026-10-04"
        for i in range(count)
    )
    return "title,price,condition,category,sold_at\n" + "\n".join(rows) + "\n" + extra


def test_a_file_is_stored_as_what_it_says_and_where_it_is_from(post: Any) -> None:
    answer = post(
        "Price,title,external_id,category,sold_at,shipping,listed_at,kind\r\n"
        f'"$1,234.50",Leica M6,A1,{CATEGORY},2026-10-04,9.50,,\r\n'
        f"99,Canon AE-1,A2,{CATEGORY},,,2026-10-01,asking\r\n"
        "5,No category,A3,,,,,\r\n",
        name="mine",
    )
    assert counts(answer) == (3, 3, 0, 0, 0)
    canon, leica, bare = stored()
    assert (leica.source, leica.external_id, leica.kind) == ("import:mine", "A1", "imported")
    assert (leica.price_cents, leica.shipping_cents, leica.currency) == (123_450, 950, "USD")
    assert (leica.licence, leica.expires_at) == ("imported", None)
    assert (canon.kind, canon.licence, canon.sold_at) == ("asking", "imported_asking", None)
    assert canon.observed_at.isoformat() == "2026-10-01T00:00:00+00:00"
    assert bare.category_id == ""
    assert utc_now() - bare.observed_at < timedelta(minutes=5)


def test_the_same_file_again_changes_nothing(post: Any) -> None:
    assert counts(post(file_of(50))) == (50, 50, 0, 0, 0)
    again = post(file_of(50))
    assert counts(again) == (50, 0, 0, 50, 0)
    assert again.json()["job"] is None
    assert len(stored()) == 50


def test_equal_rows_are_one_sale_unless_an_id_or_a_date_tells_them_apart(post: Any) -> None:
    header = "title,price,sold_at,external_id\n"
    same = "Canon AE-1,150,2026-10-04,\n"
    other_day = "Canon AE-1,150,2026-10-05,\n"
    named = "Canon AE-1,150,2026-10-04,X1\n"
    assert counts(post(header + same + same + other_day + named)) == (4, 3, 0, 1, 0)


def test_a_row_with_an_id_is_corrected_by_a_later_one(post: Any) -> None:
    header = "title,price,external_id\n"
    assert counts(post(f"{header}Canon AE-1,150,X1\nCanon AE-1,160,X1\n")) == (2, 1, 1, 0, 0)
    assert [comp.price_cents for comp in stored()] == [16_000]
    first = stored()[0]
    assert counts(post(f"{header}Canon AE-1,170,X1\n")) == (1, 0, 1, 0, 0)
    (comp,) = stored()
    assert (comp.id, comp.price_cents, comp.observed_at) == (first.id, 17_000, first.observed_at)
    assert comp.changed_at > first.changed_at


def test_two_imports_do_not_touch_each_other(
    post: Any, client: TestClient, admin: dict[str, str]
) -> None:
    post("title,price,external_id\nCanon,1,X1\n", name="a")
    assert counts(post("title,price,external_id\nCanon,2,X1\n", name="b")) == (1, 1, 0, 0, 0)
    reply = client.delete("/comps/import", params={"name": "a"}, headers=admin)
    assert reply.status_code == 202
    runner.run(reply.json()["job"]["id"], NO_PORTS)
    job = client.get(reply.json()["job"]["address"], headers=admin).json()
    assert (job["state"], job["result"]) == ("done", {"deleted": 1})
    assert [comp.source for comp in stored()] == ["import:b"]
    gone = client.delete("/comps/import", params={"name": "a"}, headers=admin)
    assert gone.status_code == 404


def test_bad_rows_are_named_and_the_good_ones_kept(post: Any) -> None:
    body = b'title,price\nCanon AE-1,150\nLeica,"1.234,50"\ncaf\xe9,5\nNikon,\n"Pentax,9\nYashica,380\n'
    answer = post(body)
    assert counts(answer) == (6, 2, 0, 0, 4)
    errors = answer.json()["errors"]
    assert [(e["line"], e["column"], e["code"]) for e in errors] == [
        (3, "price", "decimal_comma"),
        (4, "title", "encoding"),
        (5, "price", "missing"),
        (6, None, "quotes"),
    ]
    assert errors[0]["value"] == "1.234,50"
    assert [comp.title for comp in stored()] == ["Canon AE-1", "Yashica"]


def test_only_the_first_thousand_errors_are_told(post: Any) -> None:
    answer = post("title,price\n" + "x,free\n" * 1_200)
    assert counts(answer) == (1_200, 0, 0, 0, 1_200)
    assert len(answer.json()["errors"]) == comp_import.MAX_ERRORS


@pytest.mark.parametrize(
    ("body", "says"),
    [(b"", "empty"), (b"name;price\nx;1\n", "commas"), (b"\xff\xfet\x00i\x00", "lacks")],
)
def test_a_file_without_a_usable_header_is_refused(post: Any, body: bytes, says: str) -> None:
    answer = post(body)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")
    assert says in answer.json()["detail"]
    assert answer.json()["errors"][0]["type"] == "unusable_header"


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "application/json"},
        {"Content-Type": "text/csv; charset=latin-1"},
        {"Content-Type": "text/csv", "Content-Encoding": "gzip"},
    ],
)
def test_other_media_are_refused(
    client: TestClient, admin: dict[str, str], headers: dict[str, str]
) -> None:
    answer = client.post("/comps/import", content=b"x", headers={**admin, **headers})
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")


def test_names_currencies_and_keys_are_checked(client: TestClient, post: Any) -> None:
    assert post("title,price\nx,1\n", name="No Spaces").status_code == 422
    assert post("title,price\nx,1\n", currency="usd").status_code == 422
    assert post("title,price\nx,1\n", colour="red").status_code == 422
    assert client.post("/comps/import", content="x", headers=CSV).status_code == 401
    assert client.get("/comps").status_code == 401
    assert client.delete("/comps/import", params={"name": "x"}).status_code == 401


def test_the_general_limit_of_bodies_does_not_hold_but_the_imports_own(
    post: Any, client: TestClient
) -> None:
    limit = client.app.state.settings.max_body_bytes  # type: ignore[attr-defined]
    line = b"Canon AE-1," + b"1" * 9 + b"\n"

    def pieces(size: int) -> Iterator[bytes]:
        yield b"title,price\n"
        for _ in range(size // (len(line) * 1000) + 1):
            yield line * 1000

    assert post(pieces(limit + 1)).status_code == 200


def test_a_body_over_the_imports_limit_is_refused(
    process: Any, monkeypatch: pytest.MonkeyPatch, admin: dict[str, str]
) -> None:
    from app.core.settings import get_settings
    from app.main import create_app

    monkeypatch.setenv("COMPS_IMPORT_MAX_BYTES", "20000")
    get_settings.cache_clear()
    with TestClient(create_app(get_settings()), raise_server_exceptions=False) as client:
        for body in (b"x" * 20_001, iter([b"title,price\n", *[b"Canon,1\n" * 500] * 10])):
            answer = client.post("/comps/import", content=body, headers={**admin, **CSV})
            assert (answer.status_code, answer.json()["code"]) == (413, "payload_too_large")


def test_a_cut_upload_keeps_whole_batches_and_the_next_one_finishes(
    monkeypatch: pytest.MonkeyPatch, client: TestClient
) -> None:
    monkeypatch.setattr(comp_import, "BATCH", 10)
    lines = file_of(25).splitlines(keepends=True)

    def cut() -> Iterator[str]:
        yield from lines[:24]
        raise ConnectionError("gone")

    def load(source: Any) -> comp_import.ImportReport:
        return comp_import.import_rows(source, name="csv", currency="USD", now=utc_now())

    with pytest.raises(ConnectionError):
        load(cut())
    assert len(stored()) == 20
    with transaction() as session:
        job = session.scalars(sa.select(Job).where(Job.kind == "revalue")).one()
        assert job.payload == {"categories": [CATEGORY]}
        assert job.next_attempt_at > utc_now() + timedelta(seconds=60)
        assert list(jobs.due(session)) == []
    report = load(iter(lines))
    assert (report.read, report.stored, report.unchanged) == (25, 5, 20)
    assert len(stored()) == 25


def test_one_job_values_again_what_an_import_touched(
    monkeypatch: pytest.MonkeyPatch, post: Any, client: TestClient, admin: dict[str, str]
) -> None:
    monkeypatch.setattr(comp_import, "BATCH", 10)
    with transaction() as session:
        listed(session, [make_raw(1), make_raw(2, category_id="177")])
        session.execute(sa.text("update listings set needs_valuation = false"))
    answer = post(file_of(25))
    with transaction() as session:
        assert len(session.scalars(sa.select(Job).where(Job.kind == "revalue")).all()) == 1
    runner.run(answer.json()["job"]["id"], NO_PORTS)
    job = client.get(answer.json()["job"]["address"], headers=admin).json()
    assert (job["state"], job["result"]) == ("done", {"revalued": 0, "fitting": [CATEGORY]})
    for kind in ("fit_model", "revalue"):
        with transaction() as session:
            waiting = sa.select(Job.id).where(Job.kind == kind, Job.state == "queued")
            (job_id,) = session.scalars(waiting).all()
        runner.run(job_id, NO_PORTS)
    with transaction() as session:
        marked = session.scalars(
            sa.text("select category_id from listings where needs_valuation")
        ).all()
    assert list(marked) == [CATEGORY]


def test_a_row_that_moves_has_both_categories_valued_again(post: Any) -> None:
    post("title,price,external_id,category\nCanon,1,X1,177\n")
    post(f"title,price,external_id,category\nCanon,1,X1,{CATEGORY}\n")
    with transaction() as session:
        newest = session.scalars(
            sa.select(Job).where(Job.kind == "revalue").order_by(Job.created_at.desc()).limit(1)
        ).one()
    assert newest.payload == {"categories": [CATEGORY, "177"]}


def test_two_uploads_of_one_import_at_once_store_each_row_once(client: TestClient) -> None:
    reports: list[comp_import.ImportReport] = []

    def load() -> None:
        lines = file_of(300).splitlines(keepends=True)
        reports.append(comp_import.import_rows(lines, name="csv", currency="USD", now=utc_now()))

    threads = [threading.Thread(target=load) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted((r.stored, r.unchanged) for r in reports) == [(0, 300), (0, 300), (300, 0)]


def test_the_store_is_told_by_source_kind_and_category(
    post: Any, client: TestClient, admin: dict[str, str]
) -> None:
    post(file_of(3), name="mine")
    post("title,price,kind\nCanon,1,asking\n", name="mine", category="177")
    post("title,price\nNowhere,1\n", name="other")
    body = client.get("/comps", headers=admin).json()
    assert (body["total"], body["comps"], body["next"]) == (3, 5, None)
    told = [
        (
            i["source"],
            i["kind"],
            i["category"],
            i["comps"],
            i["licence"]["id"],
            i["may_feed_pricing"],
        )
        for i in body["items"]
    ]
    assert told == [
        ("import:mine", "asking", "177", 1, "imported_asking", True),
        ("import:mine", "imported", CATEGORY, 3, "imported", True),
        ("import:other", "imported", "", 1, "imported", False),
    ]
    assert body["items"][1]["newest_at"] == "2026-10-04T00:00:00Z"


def test_an_import_is_deleted_in_pieces_that_can_be_interrupted(
    monkeypatch: pytest.MonkeyPatch, post: Any, client: TestClient, admin: dict[str, str]
) -> None:
    from app.services import comps

    post(file_of(12), name="mine")
    with transaction() as session:
        session.execute(sa.delete(Job))
        assert comps.forget_source(session, "import:mine", now=utc_now(), limit=5) == 5
        assert session.scalars(sa.select(Job)).all() == []  # not before the category is empty
    reply = client.delete("/comps/import", params={"name": "mine"}, headers=admin)
    with transaction() as session:
        claimed = jobs.claim(session, reply.json()["job"]["id"], owner="test")
    assert claimed is not None
    assert comps_job.forget_import(claimed, NO_PORTS) == {"deleted": 7}
    assert stored() == []
    with transaction() as session:
        revalue = session.scalars(sa.select(Job).where(Job.kind == "revalue")).one()
    assert revalue.payload == {"categories": [CATEGORY]}
