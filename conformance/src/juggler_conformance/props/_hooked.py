"""Operations on a model with hooks, and what they make of the reference."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from juggler.model.hooks import HOOKS
from juggler_conformance.shapes import HOOKED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from juggler_conformance.bench import Bench
    from juggler_conformance.session import Session

_KEYS = ("k1", "k2", "k3")
READS = ("find", "find_one", "find_by_id", "find_by_ids", "page", "count", "exists")
WRITES = (
    "create", "create_all", "save", "patch", "replace", "replace_by_id", "upsert",
    "replace_or_create", "update_all", "delete", "delete_by_id", "delete_all",
)  # fmt: skip
NEW, BROKEN = "new", "broken"


@contextmanager
def hooked(session: Session) -> Iterator[Bench]:
    """A bench with three rows whose model has no hooks yet; they are taken off at the end."""
    with session.bench(HOOKED) as bench:
        if not bench.model.__validated__:
            bench.model.validates_exclusion_of("name", in_=[BROKEN])
        bench.session.journal.lines.append(f'M.validates_exclusion_of("name", in_=["{BROKEN}"])')
        bench.load({"id": key, "name": "old", "hits": at} for at, key in enumerate(_KEYS))
        try:
            yield bench
        finally:
            for name in HOOKS:
                bench.model.clear_observers(name)


def perform(bench: Bench, operation: str, held: Any, name: str = NEW) -> Any:
    """An operation that concerns the row ``k1`` (``held`` is its instance), or a new row."""
    values = {"name": name}
    if operation == "page":
        query = bench.model.where({"id": "k1"})
        return bench.call("page", 5, owner=query, said='M.where({"id": "k1"})')
    if operation in {"save", "patch", "replace", "delete"}:
        given = [values] if operation in {"patch", "replace"} else []
        return bench.call(operation, *given, owner=held, said="one")
    arguments: dict[str, tuple[Any, ...]] = {
        **dict.fromkeys(("find", "find_one"), ({"where": {"id": "k1"}},)),
        **dict.fromkeys(("find_by_id", "delete_by_id"), ("k1",)),
        "find_by_ids": (["k1"],),
        **dict.fromkeys(("count", "exists", "delete_all"), ({"id": "k1"},)),
        "create": ({"id": "k9", **values},),
        "create_all": ([{"id": "k8", **values}, {"id": "k9", **values}],),
        "replace_by_id": ("k1", values),
        **dict.fromkeys(("upsert", "replace_or_create"), ({"id": "k1", **values},)),
        "update_all": ({"id": "k1"}, values),
    }
    return bench.call(operation, *arguments[operation])


def begin(bench: Bench, operation: str, name: str = NEW) -> Any:
    """What stands before the operation: the instance that it is of, the keys that it makes."""
    bench.touched.update({("k8",): None, ("k9",): None})
    held = bench.model.find_by_id("k1")
    bench.session.journal.lines.append('one = M.find_by_id("k1")')
    if operation == "save":
        held["name"] = name
        bench.session.journal.lines.append(f"one.name = {name!r}")
    bench.session.reach.saw("operation", operation)
    return held


def applied(bench: Bench, operation: str, name: Any = NEW) -> None:
    """The same on the reference: ``name`` is what the hooks made of the name."""
    table, key = bench.table, ("k1",)
    match operation:
        case "create":
            table.insert({"id": "k9", "name": name})
        case "create_all":
            for new in ("k8", "k9"):
                table.insert({"id": new, "name": name})
        case "replace" | "replace_by_id" | "replace_or_create":
            table.put({"id": "k1", "name": name})
        case "save" | "patch" | "upsert" | "update_all":
            table.patch(key, {"name": name})
        case "delete" | "delete_by_id" | "delete_all":
            table.delete(key)


def everything(bench: Bench, operation: str) -> Any:
    """The operation on all rows."""
    match operation:
        case "page":
            return bench.call("page", 5, owner=bench.model.where(), said="M.where()")
        case "update_all":
            return bench.call(operation, {}, {"name": NEW}, all=True)
        case "delete_all":
            return bench.call(operation, {}, all=True)
        case _:
            return bench.call(operation)
