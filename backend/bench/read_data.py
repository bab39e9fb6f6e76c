"""The rows and the questions of the read bench, the same for the same number of rows.

Titles are drawn from 30,000 words whose frequencies follow Zipf and Mandelbrot; words that are not
among the sixty commonest go with the category, as words of real titles do. Score, discount and confidence
go together; 15 % have no score; 5 % of the rows are not shown. The profit is what eBay's fees and the
usual shipping leave of the worth.
"""

import random
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import psycopg

from app.services.deals import Sort

CATEGORIES = [
    "15230",
    "78997",
    "9355",
    "177",
    "171485",
    "111422",
    "31388",
    "3323",
    "30093",
    "139971",
    "14969",
    "112529",
    "175673",
    "38583",
    "180014",
    "67588",
    "166",
    "42428",
    "79720",
    "11700",
]
CONDITIONS = [
    "new",
    "used",
    "good",
    "like_new",
    "excellent",
    "very_good",
    "open_box",
    "refurbished",
    "acceptable",
    "for_parts",
    "unknown",
]
SORTS: tuple[Sort, ...] = ("score", "newest", "discount", "price")
BY_PROFIT: tuple[Sort, ...] = ("profit", "roi")
NOW = datetime.now(UTC)

_RAW = """
create unlogged table bench_raw as
with r as materialized (
  select g, random() a, random() b, random() c, random() d, random() e, random() f, random() h, random() i
  from generate_series(1, {rows}) g)
select g, gen_random_uuid() as listing_id, floor(20 * a * a)::int as cat,
  (select string_agg('w' || case when w < 60 then w else (w + cat.n * 997) % 30000 end, ' ')
   from (select floor(exp(random() * ln(30005.0 / 5) + ln(5.0)) - 5)::int as w
         from generate_series(1, 5 + (h * 7)::int) where g = g) t,
        (select floor(20 * a * a)::int as n) cat) as title,
  ('{{new,used,used,used,good,good,like_new,open_box,refurbished,acceptable,for_parts,unknown}}'::text[])
    [1 + floor(12 * b)::int] as condition,
  exp(ln(500) + c * d * 7)::bigint as price_cents,
  case when e < 0.3 then 0 when e < 0.9 then (400 + e * 2000)::bigint end as shipping_cents,
  now() - f * f * interval '60 days' as listed_at,
  case when h > 0.15 then least(100, floor(100 * power(i, 1.5) + 8 * b))::smallint end as score,
  d as spread
from r"""
_DEALS = """
insert into deals (listing_id, active, source, external_id, title, url, image_url, category_id, condition,
  price_cents, shipping_cents, currency, buying_option, listed_at, fair_value_cents, interval_low_cents,
  interval_high_cents, discount, profit_cents, roi, score, no_score_reason, confidence, evidence_count, evidence_age_days,
  distribution, formula_version, simulated, valued_at)
select listing_id, spread > 0.05, 'ebay', 'v1|' || 110000000000 + g || '|0', title,
  'https://www.ebay.com/itm/' || 110000000000 + g, 'https://i.ebayimg.com/images/g/' || g || '/s-l500.jpg',
  ('{{{categories}}}'::text[])[1 + cat], condition, price_cents, shipping_cents, 'USD', 'fixed_price', listed_at,
  worth, worth * 0.8, worth * 1.25, case when worth is not null then 1 - price_cents / worth end,
  0.8 * worth - 40 - price_cents - shipping_cents,
  (0.8 * worth - 40 - price_cents - shipping_cents) / (price_cents + shipping_cents), score,
  case when score is null then 'no_estimate' end, case when worth is not null then 0.2 + 0.8 * spread end,
  14, 21, case when worth is not null then
    '{{"low_cents":9000,"high_cents":21000,"bins":[1,2,4,6,7,5,3,2,1,1,0,0]}}'::jsonb end, 'v1', true, listed_at
from (select *, case when score is not null then price_cents / (1.05 - score / 130.0 - spread / 10)
                     when spread > 0.5 then price_cents * (0.7 + spread / 2) end as worth from bench_raw) r"""


def fill(dsn: str, rows: int) -> None:
    """Rows straight into the read tables (no listings behind them), indexes built after, statistics taken."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        run = connection.execute
        run(
            "set session_replication_role = replica"
        )  # the bench needs no listings behind its deals
        run("set maintenance_work_mem = '1GB'")
        run("set synchronous_commit = off")
        indexes = run(
            "select indexrelid::regclass::text, pg_get_indexdef(indexrelid) from pg_index"
            " where indrelid = 'deals'::regclass and not indisprimary"
        ).fetchall()
        for name, _ in indexes:
            run(f"drop index {name}".encode())
        run("select setseed(0.42)")
        run(_RAW.format(rows=rows).encode())
        run(
            "insert into categories select 'ebay', id, 'Category ' || id from unnest(%s::text[]) id",
            [CATEGORIES],
        )
        run(
            "insert into listing_sightings select listing_id, now() + interval '1 hour' from bench_raw"
        )
        run(_DEALS.format(categories=",".join(CATEGORIES)).encode())
        run("drop table bench_raw")
        for _, definition in indexes:
            run(definition.encode())
        run("vacuum analyze deals")
        run("vacuum analyze listing_sightings")
        run("checkpoint")


def _filters(rng: random.Random, count: int) -> dict[str, Any]:
    asked: dict[str, Any] = {}
    kinds = (
        "category",
        "condition",
        "price",
        "discount",
        "score",
        "confidence",
        "shipping",
        "since",
    )
    for kind in rng.sample(kinds, count):
        match kind:
            case "category":
                asked["category"] = rng.choice(CATEGORIES[:12])
            case "condition":
                asked["condition"] = rng.choice(CONDITIONS)
            case "price":
                low = rng.choice([500, 2_000, 10_000, 50_000])
                asked["max_price_cents"] = int(low * rng.choice([1.2, 1.5, 3, 10]))
                if rng.random() < 0.7:
                    asked["min_price_cents"] = low
            case "discount":
                asked["min_discount"] = rng.choice([0.1, 0.2, 0.3, 0.5])
            case "score":
                asked["min_score"] = rng.choice([30, 50, 70, 80, 90])
            case "confidence":
                asked["min_confidence"] = rng.choice([0.5, 0.7, 0.9])
            case "shipping":
                asked["free_shipping"] = "true"
            case "since":
                since = NOW - timedelta(hours=rng.choice([24, 72, 240, 480]))
                asked["listed_since"] = since.strftime("%Y-%m-%dT%H:%M:%SZ")
    return asked


def _word(rng: random.Random, kind: str) -> str:
    ranks = {"common": (0, 15), "medium": (60, 1500), "rare": (15_000, 29_999)}
    return f"w{rng.randint(*ranks[kind])}"


def path_of(asked: dict[str, Any]) -> str:
    """The address of a question."""
    return "/buyer/deals?" + urlencode(asked)


def filter_questions() -> list[dict[str, Any]]:
    """None to four filters, every order."""
    rng = random.Random(1)
    return [
        {**_filters(rng, rng.choice([0, 1, 1, 2, 2, 3, 3, 4])), "sort": rng.choice(SORTS)}
        for _ in range(60)
    ]


def text_questions() -> list[dict[str, Any]]:
    """One or two words, common to medium, with none to four filters, every order."""
    rng = random.Random(2)
    kinds = ("common", "medium", "common common", "common medium", "medium medium")
    return [
        {
            "q": " ".join(_word(rng, part) for part in kind.split()),
            **_filters(rng, count),
            "sort": rng.choice(SORTS),
        }
        for kind in kinds
        for count in (0, 0, 1, 1, 2, 2, 3, 4)
        for _ in range(3)
    ]


def rare_questions() -> list[dict[str, Any]]:
    """A rare word, alone or with a filter or two."""
    rng = random.Random(3)
    return [
        {
            "q": _word(rng, "rare"),
            **_filters(rng, rng.choice([0, 0, 1, 2])),
            "sort": rng.choice(SORTS),
        }
        for _ in range(40)
    ]


def profit_questions() -> list[dict[str, Any]]:
    """A least profit, a least return or both, with none to two filters or a word more; every order."""
    rng = random.Random(5)
    questions = []
    for number in range(60):
        asked = _filters(rng, rng.choice([0, 0, 1, 2]))
        if number % 3 != 1:
            asked["min_profit_cents"] = rng.choice([0, 1_000, 5_000, 20_000, 100_000])
        if number % 3 != 0:
            asked["min_roi"] = rng.choice([0.1, 0.25, 0.5, 1.0])
        if number % 5 == 4:
            asked["q"] = _word(rng, rng.choice(["common", "medium"]))
        asked["sort"] = rng.choice([*SORTS, *BY_PROFIT, *BY_PROFIT])
        questions.append(asked)
    return questions


def page_questions() -> list[dict[str, Any]]:
    """What the HTTP part asks: twenty each of a category's best, filters, words, and other orders."""
    rng = random.Random(4)
    best = [{"category": rng.choice(CATEGORIES), "min_score": score} for score in range(20, 60, 2)]
    filtered = [{**_filters(rng, 2), "sort": rng.choice(SORTS)} for _ in range(20)]
    words = [
        {"q": f"{_word(rng, 'medium')} {_word(rng, 'common')}", "sort": rng.choice(SORTS)}
        for _ in range(20)
    ]
    orders = [
        {"sort": rng.choice(SORTS), "max_price_cents": rng.randint(5_000, 200_000)}
        for _ in range(20)
    ]
    return best + filtered + words + orders


def plain(value: Any) -> Any:
    """A value as JSON can hold it."""
    if isinstance(value, datetime):
        return {"time": value.isoformat()}
    return {"uuid": str(value)} if isinstance(value, UUID) else value


def revive(script: dict[str, Any]) -> dict[str, Any]:
    """A script read from JSON, with its times and ids as such."""

    def value(given: Any) -> Any:
        if isinstance(given, dict):
            return datetime.fromisoformat(given["time"]) if "time" in given else UUID(given["uuid"])
        return given

    statements = [
        (text, [value(given) for given in values]) for text, values in script["statements"]
    ]
    return {"statements": statements, "tail": script["tail"].encode()}
