"""Ranges of tokens: each token is in one of them, and it is known in which."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from juggler_cassandra.io.ring import range_of, ranges

LOW, HIGH = -(2**63), 2**63 - 1


def holds(bounds: tuple[int | None, int | None], token: int) -> bool:
    above, upto = bounds
    return (above is None or token > above) and (upto is None or token <= upto)


@given(st.integers(1, 64), st.integers(LOW, HIGH), st.integers(0, 63), st.integers(-1, 1))
def test_each_token_is_in_the_range_that_is_said(
    count: int, token: int, which: int, beside: int
) -> None:
    found = ranges(count)
    assert len(found) == count
    assert found[0][0] is None
    assert found[-1][1] is None
    assert all(one[1] == other[0] for one, other in pairwise(found))
    bound = found[which % count][1]
    for at in (token, HIGH if bound is None else bound + beside):
        assert [i for i, one in enumerate(found) if holds(one, at)] == [range_of(at, count)]
