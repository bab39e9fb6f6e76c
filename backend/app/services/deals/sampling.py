"""What a sample proves about a count: `total` need not be counted where it is surely past its cap.

One row in `SAMPLE_SHARE` belongs to the sample, by a hash of its id that knows nothing of what is asked. When
as few as the cap pass the filters, the sample holds binomially few of them; a sample that holds more
than such a one would in a million cases shows that there are more rows than the cap.
"""

import math
from functools import lru_cache
from typing import Final

from app.db.models.deals import SAMPLE_SHARE

DOUBT: Final = 1e-6
"""How likely a sample may be to pass `proof` though there are no more rows than the cap less one."""


@lru_cache(maxsize=64)
def proof(cap: int, *, share: int = SAMPLE_SHARE, doubt: float = DOUBT) -> int:
    """The least size of a sample that shows at least `cap` rows.

    The least k with P(X >= k) <= `doubt` for X binomial of `cap` - 1 rows, each in the sample with
    1 / `share`: the most rows that must not be taken for `cap`. With fewer rows X is less likely to
    reach k. For a cap of 1,001 and a share of 16 it is 103, where 62 or 63 are expected.
    """
    rows, chance = cap - 1, 1 / share
    beyond = 0.0
    for k in range(rows, 0, -1):
        beyond += math.exp(
            math.lgamma(rows + 1)
            - math.lgamma(k + 1)
            - math.lgamma(rows - k + 1)
            + k * math.log(chance)
            + (rows - k) * math.log1p(-chance)
        )
        if beyond > doubt:
            return k + 1
    return 1
