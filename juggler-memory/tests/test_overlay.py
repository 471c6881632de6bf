from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from juggler_memory.overlay import Overlay

KEYS = st.integers(0, 5)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("set"), KEYS, st.integers()),
        st.tuples(st.sampled_from(["pop", "del", "all"]), KEYS, st.just(0)),
    ),
    max_size=12,
)


@given(st.dictionaries(KEYS, st.integers()), STEPS)
def test_an_overlay_is_the_changed_dictionary_and_leaves_the_base_as_it_is(
    base: dict[int, int], steps: list[tuple[str, int, int]]
) -> None:
    before, wanted = dict(base), dict(base)
    found: Any = Overlay(base)
    for word, key, value in steps:
        match word:
            case "set":
                found[key] = wanted[key] = value
            case "pop":
                assert found.pop(key, None) == wanted.pop(key, None)
            case "del":
                assert (key in found) == (key in wanted)
                if key in wanted:
                    del found[key], wanted[key]
            case _:
                assert dict(found.items()) == wanted
        assert len(found) == len(wanted)
        assert found.get(key, "none") == wanted.get(key, "none")
    assert sorted(found.items()) == sorted(wanted.items())
    assert sorted(found.values()) == sorted(wanted.values())
    assert set(found) == set(wanted)
    assert base == before
