"""Which category a title belongs to, by a vote of the past sales that resemble it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from app.db.models import Category, Comp
from app.db.session import Session
from app.domain.source_policy import Licence
from app.domain.titles import read_title
from app.services.market_comps import usable_comps

VOTERS: Final = 40
LEAST_SIMILARITY: Final = 0.2
POWER: Final = 3.0
CLEAR_MAJORITY: Final = 0.6
ENOUGH_VOTERS: Final = 3


@dataclass(frozen=True, slots=True)
class CategoryGuess:
    """The category that won clearly, or none; `candidates` are (id, name, share of the vote), best first."""

    category_id: str | None
    candidates: tuple[tuple[str, str, float], ...]


def guess_category(
    session: Session, title: str, *, licences: Sequence[Licence], now: datetime
) -> CategoryGuess:
    """Let the VOTERS sales whose titles are nearest by trigrams vote, each by its similarity cubed.

    No winner with less than CLEAR_MAJORITY of the vote or with fewer than ENOUGH_VOTERS voters.
    """
    words = read_title(title).text
    if not words:
        return CategoryGuess(None, ())
    session.execute(
        sa.select(sa.func.set_config("pg_trgm.similarity_threshold", str(LEAST_SIMILARITY), True))
    )
    similarity = sa.func.similarity(Comp.title, words)
    nearest = (
        sa.select(Comp.category_id, similarity.label("similarity"))
        .where(
            Comp.title.op("%")(words),
            *usable_comps(licences, now),
        )
        .order_by(sa.desc("similarity"), Comp.id)
        .limit(VOTERS)
        .subquery()
    )
    weight = sa.func.sum(sa.func.power(nearest.c.similarity, POWER))
    votes = session.execute(
        sa.select(nearest.c.category_id, weight.label("weight"), sa.func.count())
        .group_by(nearest.c.category_id)
        .order_by(sa.desc("weight"), nearest.c.category_id)
    ).all()
    if not votes:
        return CategoryGuess(None, ())
    total = sum(weight for _, weight, _ in votes)
    names = category_names(session, [category_id for category_id, *_ in votes])
    candidates = tuple(
        (category_id, names.get(category_id, category_id), round(float(weight / total), 3))
        for category_id, weight, _ in votes
    )
    is_clear = candidates[0][2] >= CLEAR_MAJORITY and votes[0][2] >= ENOUGH_VOTERS
    return CategoryGuess(candidates[0][0] if is_clear else None, candidates)


def category_names(session: Session, ids: list[str]) -> dict[str, str]:
    """The names that marketplaces give these categories; those without a known name are left out."""
    rows = session.execute(
        sa.select(Category.id, sa.func.min(Category.name))
        .where(Category.id.in_(ids))
        .group_by(Category.id)
    )
    return dict(rows.all())
