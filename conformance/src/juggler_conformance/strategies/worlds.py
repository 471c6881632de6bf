"""Rows of related models: keys that meet, keys that lead nowhere, and no keys at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from juggler_conformance.world import SHAPES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from juggler_conformance.session import Draw
    from juggler_conformance.world import World

#: The same keys for all models: a row of another type has the key that a row of this type has.
_IDS = ("k1", "k2", "k3", "k4")
#: So many rows of a model, two times out of three: only then there is something to mix up.
_FULL = {"Owner": 2, "Post": 4, "Desk": 2, "Tag": 3, "Picture": 4, "Mark": 4}
_TEXTS = (None, "a", "b", "ab")
_NUMBERS = (None, 0, 1, 2, 3)


def populate(draw: Draw, world: World) -> None:
    """Store rows of every model of a world."""
    there: dict[str, list[str]] = {}
    for name in world.benches:
        if name not in {"Link", "Cell"}:
            least = draw(st.sampled_from((_FULL[name], _FULL[name], name == "Owner")))
            ids = st.sampled_from(("k5", "k6", *_IDS) if name in {"Post", "Mark"} else _IDS)
            there[name] = draw(st.lists(ids, unique=True, min_size=least, max_size=6))
    most = draw(st.sampled_from((0, 4, 4)))
    cells = draw(st.lists(st.tuples(*[st.sampled_from(("p", "q"))] * 2), unique=True, min_size=2))
    for name in world.benches:
        if name == "Link":
            pairs = st.tuples(*(_reference(there.get(n, [])) for n in ("Owner", "Tag")))
            rows = [
                {"ownerId": owner, "tagId": tag}
                for owner, tag in draw(st.lists(pairs, min_size=most, max_size=8))
            ]
        elif name == "Cell":
            rows = [
                {"line": line, "column": column, "hue": draw(st.sampled_from(_TEXTS))}
                for line, column in cells
            ]
        else:
            types = world.benches[name].shape.types
            rows = [_row(draw, key, types, there) for key in there[name]]
            if name == "Desk":  # one for each owner at most
                rows = list({row["ownerId"]: row for row in reversed(rows)}.values())
        world.load(name, rows)


def _row(
    draw: Draw, key: str, types: Mapping[str, Any], there: Mapping[str, Sequence[str]]
) -> dict[str, Any]:
    row: dict[str, Any] = {"id": key}
    for field, spec in types.items():
        if field == "id":
            continue
        if field == "ownerId":
            row[field] = draw(_reference(there.get("Owner", [])))
        elif field == "tagIds":
            keys = st.sampled_from((*_IDS, "gone"))
            row[field] = draw(st.lists(keys, unique=True, max_size=4))
        elif field == "imageableType":
            row[field] = draw(st.sampled_from((SHAPES["Owner"].name, SHAPES["Post"].name, None)))
        elif field == "imageableId":
            row[field] = draw(_reference(_IDS))
        elif field in {"lineOf", "columnOf"}:
            row[field] = draw(st.sampled_from(("p", "q", None)))
        else:
            pool: Any = _TEXTS if str(spec) == "string" else _NUMBERS
            row[field] = draw(st.sampled_from(pool))
    return row


def _reference(keys: Sequence[str]) -> Any:
    """A key that is there, mostly; one that leads nowhere, or none."""
    return st.sampled_from([*keys, *keys, None, "gone"])
