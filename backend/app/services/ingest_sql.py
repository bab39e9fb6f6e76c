"""The statements that merge a batch of listings; `ingest` says in which order and why."""

from typing import Final

import sqlalchemy as sa

STAGE: Final = (
    sa.text("""
create temporary table if not exists incoming_seen (
    number integer, source text, external_id text, digest bigint
) on commit delete rows
"""),
    sa.text("""
create temporary table if not exists incoming_listings (
    id uuid, is_new boolean, seen_now boolean, digest bigint,
    source text, external_id text, title text, url text, image_url text,
    category_id text, condition text, price_cents bigint, shipping_cents bigint, currency text,
    buying_option text, bid_count integer, seller_feedback_percent double precision,
    seller_feedback_score integer, country text, listed_at timestamptz, ends_at timestamptz
) on commit delete rows
"""),
    sa.text("truncate incoming_seen, incoming_listings"),
)

BY_INDEX: Final = sa.text("""
select set_config('enable_hashjoin', :on, true), set_config('enable_mergejoin', :on, true),
    set_config('jit', :on, true)
""")
"""A batch is small against the table, but the planner cannot know: it would read the whole table.
Looking each row up by index took a seventh of the time for 10,000 rows of 200,000."""

COPY_SEEN: Final = "copy incoming_seen (number, source, external_id, digest) from stdin"

COPY_LISTINGS: Final = """
copy incoming_listings (
    id, is_new, seen_now, digest, source, external_id, title, url, image_url, category_id,
    condition, price_cents, shipping_cents, currency, buying_option, bid_count,
    seller_feedback_percent, seller_feedback_score, country, listed_at, ends_at
) from stdin
"""

SEE: Final = sa.text("""
with known as materialized (
    select i.number, l.id as listing_id, s.ctid as place, s.seen_at,
        l.id is null or l.digest is distinct from i.digest or l.state <> 'live' as differs
    from incoming_seen i
    left join listings l on l.source = i.source and l.external_id = i.external_id
    left join listing_sightings s on s.listing_id = l.id
    where s.seen_at is null or s.seen_at <= :now
),
first_seen as (
    insert into listing_sightings (listing_id, seen_at)
    select listing_id, :now from known where listing_id is not null and place is null
),
seen as (
    update listing_sightings s set seen_at = :now from known k where s.ctid = k.place
)
select number, listing_id, coalesce(seen_at = :now, false) as seen_now from known where differs
order by number
""")
"""Notes every row as seen, and gives those that are new or not as they are stored.

Sightings are found again by their place in the table (ctid), which saves a second walk down the
index: only `ingest` writes them, and it holds the source's lock, so none can have moved.
"""

MERGE: Final = sa.text("""
with judged as materialized (
    select i.ctid as place, i.id, i.is_new, i.seen_now,
        i.is_new
            or (l.price_cents, l.shipping_cents, l.currency)
                is distinct from (i.price_cents, i.shipping_cents, i.currency) as repriced,
        not i.is_new and (l.state <> 'live'
            or (l.title, l.url, l.image_url, l.category_id, l.condition, l.price_cents,
                l.shipping_cents, l.currency, l.buying_option, l.ends_at)
                is distinct from (i.title, i.url, i.image_url, i.category_id, i.condition,
                    i.price_cents, i.shipping_cents, i.currency, i.buying_option, i.ends_at))
            as revalue,
        (l.bid_count, l.seller_feedback_percent, l.seller_feedback_score, l.country)
            is distinct from
            (i.bid_count, i.seller_feedback_percent, i.seller_feedback_score, i.country)
            as touched
    from incoming_listings i left join listings l on l.id = i.id
),
inserted as (
    insert into listings (
        id, digest, source, external_id, title, url, image_url, category_id, condition,
        price_cents, shipping_cents, currency, buying_option, bid_count, seller_feedback_percent,
        seller_feedback_score, country, listed_at, ends_at, state, needs_valuation, created_at,
        changed_at)
    select id, digest, source, external_id, title, url, image_url, category_id, condition,
        price_cents, shipping_cents, currency, buying_option, bid_count, seller_feedback_percent,
        seller_feedback_score, country, listed_at, ends_at, 'live', true, :now, :now
    from incoming_listings where is_new
),
changed as (
    update listings l
    set title = i.title, url = i.url, image_url = i.image_url, category_id = i.category_id,
        condition = i.condition, price_cents = i.price_cents, shipping_cents = i.shipping_cents,
        currency = i.currency, buying_option = i.buying_option, bid_count = i.bid_count,
        seller_feedback_percent = i.seller_feedback_percent,
        seller_feedback_score = i.seller_feedback_score, country = i.country,
        ends_at = i.ends_at, state = 'live', digest = i.digest,
        needs_valuation = l.needs_valuation or k.revalue,
        changed_at = case when k.revalue or k.touched then :now else l.changed_at end
    from judged k join incoming_listings i on i.ctid = k.place
    where not k.is_new and l.id = k.id
),
observed as (
    insert into price_history (listing_id, observed_at, price_cents, shipping_cents, currency)
    select k.id, :now, i.price_cents, i.shipping_cents, i.currency
    from judged k join incoming_listings i on i.ctid = k.place
    where k.repriced and not k.seen_now
),
observed_again as (
    insert into price_history (listing_id, observed_at, price_cents, shipping_cents, currency)
    select k.id, :now, i.price_cents, i.shipping_cents, i.currency
    from judged k join incoming_listings i on i.ctid = k.place
    where k.repriced and k.seen_now
    on conflict (listing_id, observed_at) do update
    set price_cents = excluded.price_cents, shipping_cents = excluded.shipping_cents,
        currency = excluded.currency
),
first_seen as (
    insert into listing_sightings (listing_id, seen_at)
    select id, :now from incoming_listings where is_new
)
select count(*) filter (where is_new),
    count(*) filter (where not is_new and (revalue or touched)),
    count(*) filter (where revalue)
from judged
""")
"""Writes what SEE found to differ: new listings, changed ones, and what buyers paid from now on."""
