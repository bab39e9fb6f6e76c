"""How sure a sample has to be before it stands for a count."""

import math

import pytest

from app.services.deals.sampling import DOUBT, proof


def tail(rows: int, chance: float, least: int) -> float:
    """P(X >= least) for X binomial of `rows`, summed exactly."""
    return math.fsum(
        math.comb(rows, k) * chance**k * (1 - chance) ** (rows - k) for k in range(least, rows + 1)
    )


@pytest.mark.parametrize(("cap", "share"), [(1001, 16), (1001, 8), (101, 4), (12, 16)])
def test_as_few_rows_as_the_cap_pass_the_proof_less_than_once_in_a_million(
    cap: int, share: int
) -> None:
    least = proof(cap, share=share)
    assert tail(cap - 1, 1 / share, least) <= DOUBT
    assert tail(cap - 1, 1 / share, least - 1) > DOUBT


def test_a_sample_can_hold_no_proof_where_all_of_a_short_list_may_be_in_it() -> None:
    assert proof(3, share=16) == 3  # two rows are both in the sample once in 256 times
