"""How good the ranking is, against the simulated marketplace's truth, through the product's own code.

Everything for sale is read, stored, valued against the sales that the marketplace reports, and scored;
then the simulator is asked what each thing is really worth. "Truly under" = total cost ≤ 0.8 × value.
"""

import json
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa

from app.adapters.ebay.marketplace import EbayMarketplace
from app.core.cache import Cache
from app.core.clock import utc_now
from app.core.settings import Settings, get_settings
from app.db.models import Deal, Job
from app.db.session import transaction
from app.jobs import comps as comps_job
from app.jobs import runner
from app.jobs import value as value_job
from app.ports import Ports, SearchQuery
from app.services import ingest, jobs, scan_plan
from tests.ebay_sim.serving import Served, serve
from tests.services.valuing import OBJECTS

SHORT, LONG = 3_000, 20_000


@dataclass(frozen=True, slots=True)
class Judged:
    """A deal beside the truth."""

    external_id: str
    score: int | None
    no_score_reason: str | None
    risk_code: str | None
    fair_value_cents: int | None
    truly_under: bool
    kind: str

    @property
    def is_honest(self) -> bool:
        """Whether it is the plain thing at a price that somebody means."""
        return self.kind in {"normal", "deal"}


def auc(scores: Sequence[int], truth: Sequence[bool]) -> float:
    """Area under the ROC curve by ranks; ties count half (Mann & Whitney 1947)."""
    values, positive = np.array(scores, float), np.array(truth, bool)
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[place]
    hits, misses = positive.sum(), (~positive).sum()
    return float((ranks[positive].sum() - hits * (hits + 1) / 2) / (hits * misses))


def run_job(kind: str, ports: Ports) -> None:
    """One job as a worker does it, without the message."""
    with transaction() as session:
        job_id = jobs.enqueue(session, kind, {}, now=utc_now()).id
    with transaction() as session:
        held = jobs.claim(session, job_id, owner="quality")
    assert held is not None
    {"refresh_comps": comps_job.refresh, "value": value_job.value}[kind](held, ports)


def fit_everything(ports: Ports) -> None:
    """Do what a refresh has asked for, up to the fits."""
    for kind in ("revalue", "fit_model", "revalue"):
        with transaction() as session:
            waiting = sa.select(Job.id).where(Job.kind == kind, Job.state == "queued")
            ids = session.scalars(waiting).all()
        for job_id in ids:
            runner.run(job_id, ports)


def read_everything(ports: Ports) -> None:
    """Store all that is for sale in the plan's categories."""
    with transaction() as session:
        scan_plan.seed(session, "ebay", now=utc_now())
        categories = [entry.category_id for entry in scan_plan.enabled_entries(session, "ebay")]
    for category_id in categories:
        for offset in range(0, 10_000, 200):
            page = ports.marketplaces["ebay"].search(
                SearchQuery(category_id=category_id, offset=offset)
            )
            with transaction() as session:
                ingest.store(session, page.listings, page.rejected, now=utc_now(), source="ebay")
            if not page.has_more:
                break


def truth_of(served: Served, ids: Sequence[str]) -> dict[str, dict[str, object]]:
    """What the simulator says the things are worth."""
    known: dict[str, dict[str, object]] = {}
    for start in range(0, len(ids), 100):
        known |= served.truth(*ids[start : start + 100])
    return known


@pytest.fixture(params=[SHORT, pytest.param(LONG, marks=pytest.mark.long)])
def judged(
    request: pytest.FixtureRequest, process: Settings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[list[Judged]]:
    """Every deal of a market of that many listings, with the truth."""
    value_job.process_valuer.cache_clear()
    with serve(listings=request.param, now=time.time()) as served:
        for name, value in {
            "DEMO_MODE": "true",
            "SESSION_KEY": "a key that tells sellers apart",
            "EBAY_APP_ID": "demo-app",
            "EBAY_CLIENT_SECRET": "demo-secret",
            **{f"EBAY_{name}_BASE": served.base for name in ("API", "APIZ", "APIM", "AUTH")},
        }.items():
            monkeypatch.setenv(name, value)
        get_settings.cache_clear()
        marketplace = EbayMarketplace.from_settings(
            get_settings(), cache=Cache.from_settings(get_settings()), spend=lambda service: None
        )
        ports = Ports(marketplaces={"ebay": marketplace}, storage=OBJECTS)
        read_everything(ports)
        run_job("refresh_comps", ports)
        fit_everything(ports)
        run_job("value", ports)
        with transaction() as session:
            deals = session.scalars(sa.select(Deal).order_by(Deal.external_id)).all()
        truth = truth_of(served, [deal.external_id for deal in deals])
        yield [_judge(deal, truth[deal.external_id]) for deal in deals if deal.external_id in truth]
    value_job.process_valuer.cache_clear()


def _judge(deal: Deal, truth: dict[str, object]) -> Judged:
    cost = None if deal.shipping_cents is None else deal.price_cents + deal.shipping_cents
    worth = float(str(truth["true_value_cents"]))
    return Judged(
        external_id=deal.external_id,
        score=deal.score,
        no_score_reason=deal.no_score_reason,
        risk_code=deal.risk_code,
        fair_value_cents=deal.fair_value_cents,
        truly_under=cost is not None and cost <= 0.8 * worth,
        kind=str(truth["kind"]),
    )


@pytest.mark.timeout(900)
def test_the_ranking_tells_deals_from_the_rest(
    judged: list[Judged], capsys: pytest.CaptureFixture[str]
) -> None:
    scored = [deal for deal in judged if deal.score is not None]
    honest = [deal for deal in judged if deal.is_honest]
    scams = [deal for deal in judged if deal.kind == "scam"]
    best = sorted(scored, key=lambda deal: (-(deal.score or 0), deal.external_id))[:50]
    found: dict[str, Any] = {
        "deals": len(judged),
        "scored": len(scored),
        "auc": auc([deal.score or 0 for deal in scored], [deal.truly_under for deal in scored]),
        "top_50_truly_under": sum(deal.truly_under for deal in best) / len(best),
        "top_50_not_honest": sum(not deal.is_honest for deal in best),
        "scams_withheld": sum(deal.score is None for deal in scams) / len(scams),
        "honest_withheld_as_risky": sum(
            deal.no_score_reason in {"far_below_interval", "too_risky"} for deal in honest
        )
        / len(honest),
        "honest_on_thin_evidence": sum(deal.no_score_reason == "low_confidence" for deal in honest)
        / len(honest),
        "honest_flagged": sum(deal.risk_code is not None for deal in honest) / len(honest),
        "scams_by_code": Counter(deal.risk_code or "none" for deal in scams),
    }
    with capsys.disabled():
        sys.stdout.write(json.dumps(found, default=dict) + "\n")
    is_long = len(judged) > 2 * SHORT  # a small market has few sales to compare with
    assert found["auc"] >= (0.97 if is_long else 0.95)
    assert found["top_50_truly_under"] >= (0.96 if is_long else 0.9)
    assert found["top_50_not_honest"] == 0
    assert found["scams_withheld"] >= 0.95
    assert found["honest_withheld_as_risky"] < 0.02
    assert found["honest_on_thin_evidence"] < 0.05
    assert found["honest_flagged"] < 0.12
    assert len(scored) > 0.6 * len(judged)
