"""The two colours offer the same, and what they are given reaches the operations."""

from __future__ import annotations

import asyncio
import inspect
from typing import Any

import pytest

from juggler import ConfigurationError, InvalidQueryError, Key, Model, Prop, Query, prop
from juggler.connector.port import current_options
from juggler.model import binding, link
from juggler.model.aio import Aio, InstanceAio, QueryAio
from juggler.model.names import CLASS_ALIASES, INSTANCE_ALIASES
from juggler.model.reads import Reads
from juggler.model.writes import ClassWrites, InstanceWrites
from juggler.operations import Operations
from juggler.query.tree import Cmp


class User(Model):
    id: Prop[int] = prop(id=True, generated=True)
    name: Prop[str] = prop(default="Ann", lowercase=True)
    age: Prop[int] = prop(default=0)


class Member(Model, key=Key(partition=("team",), clustering=("name",))):
    team: Prop[str]
    name: Prop[str]


class Recorder:
    """Operations that answer nothing and remember what they were asked."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, tuple[Any, ...], Any]] = []

    def __getattr__(self, name: str) -> Any:
        async def operation(*args: Any, **named: Any) -> Any:
            self.calls.append((name, (*args, *named.values()), current_options()))
            return [] if name == "find" else None

        return operation

    async def page(self, query: Any, size: int, token: str | None) -> Any:
        self.calls.append(("page", (query, size, token), current_options()))
        return (["c"], None) if token == "1" else (["a", "b"], "1")

    @property
    def last(self) -> tuple[str, tuple[Any, ...], Any]:
        return self.calls[-1]


class FakeLink:
    def __init__(self, model: Any) -> None:
        self.source = None
        self.model = model
        self.spec, self.codec = binding.bind(model, "fake")
        self.sync = self.aio = Recorder()


@pytest.fixture
def ops() -> Any:
    for model in (User, Member):
        binding.attach(model, FakeLink(model))  # type: ignore[arg-type]
    yield User.__link__.sync
    for model in (User, Member):
        model.__link__ = None


def public(owner: Any) -> set[str]:
    return {
        n for n, v in vars(owner).items() if not n.startswith("_") and not isinstance(v, property)
    }


def shape(function: Any) -> list[tuple[str, Any, Any]]:
    found = inspect.signature(function)
    own = [p for p in found.parameters.values() if p.name not in {"self", "cls"}]
    return [(p.name, p.kind, p.default) for p in own]


# ---------------------------------------------------------------- parity


def test_the_class_level_colours_have_the_same_operations_and_arguments() -> None:
    blocking = public(Reads) | public(ClassWrites)
    assert (blocking - {"where"}) | {"include"} == public(Aio)
    for name in public(Aio):
        assert shape(getattr(Model, name)) == shape(getattr(Aio, name)), name


def test_the_instance_level_colours_have_the_same() -> None:
    assert public(InstanceWrites) | {"validate", "is_valid"} == public(InstanceAio)
    for name in public(InstanceAio):
        assert shape(getattr(Model, name)) == shape(getattr(InstanceAio, name)), name


def test_a_query_has_its_results_in_both_colours() -> None:
    for name in public(QueryAio):
        assert shape(getattr(Query, name)) == shape(getattr(QueryAio, name)), name


def test_asynchronous_twins_are_coroutines() -> None:
    for owner in (Aio, InstanceAio, QueryAio):
        for name in public(owner) - {"stream", "pages"}:
            assert inspect.iscoroutinefunction(getattr(owner, name)), name


def test_the_operations_fit_what_the_facades_call() -> None:
    for name in public(link.Operations):
        wanted = list(inspect.signature(getattr(link.Operations, name)).parameters)[1:]
        given = list(inspect.signature(getattr(Operations, name)).parameters)[1:]
        assert given[: len(wanted)] == wanted, name


def test_every_alias_leads_to_an_operation() -> None:
    for name, canonical in CLASS_ALIASES.items():
        assert getattr(User, name) == getattr(User, canonical)
        assert getattr(User.aio, name).__name__ == canonical
    user = User()
    for name, canonical in INSTANCE_ALIASES.items():
        assert getattr(user, name) == getattr(user, canonical)


# ---------------------------------------------------------------- arguments


def both(ops: Any, call: Any) -> tuple[str, tuple[Any, ...], Any]:
    """What both colours ask of the operations."""
    call(User)
    asked = ops.last
    asyncio.run(call(User.aio))
    again = ops.last
    assert asked[0] == again[0]
    assert [_comparable(a) for a in asked[1]] == [_comparable(a) for a in again[1]]
    assert asked[2] == again[2]
    found: tuple[str, tuple[Any, ...], Any] = asked
    return found


def _comparable(argument: Any) -> Any:
    return (argument.filter, argument.options) if isinstance(argument, Query) else argument


def test_filters_conditions_and_keywords_are_one_query(ops: Any) -> None:
    for call in (
        lambda m: m.find({"where": {"age": {"gt": 3}}, "order": "name DESC", "limit": 2}),
        lambda m: m.find(User.age > 3, order=User.name.desc(), limit=2),
        lambda m: m.find({"order": "name DESC", "limit": 2}, User.age > 3),
        lambda m: m.find(User.where(User.age > 3).order("name DESC"), limit=2),
        lambda m: m.find(where={"age": {"gt": 3}}, order="name DESC", limit=2),
        lambda m: m.find({"order": "name DESC"}, where=User.age > 3, limit=2),
    ):
        name, (query,), _ = both(ops, call)
        assert name == "find"
        assert query.where_ == Cmp("age", "gt", 3)
        assert (query.order_, query.limit_, query.skip_) == ((("name", "desc"),), 2, 0)


def test_options_of_a_query_and_of_the_call(ops: Any) -> None:
    _, (query,), block = both(
        ops, lambda m: m.find(allow_scan=True, index="i", timeout=2.0, fields=["name"], include="x")
    )
    assert query.options == {"allow_scan": True, "index": "i", "timeout": 2.0}
    assert block.timeout == 2.0
    assert query.include_ == ("x",)
    assert current_options() is None
    with pytest.raises(InvalidQueryError) as caught:
        User.find(alow_scan=True)  # type: ignore[call-arg]
    assert "allow_scan" in caught.value.hint


def test_text_literals_are_converted_as_the_property_is(ops: Any) -> None:
    _, (query,), _ = both(ops, lambda m: m.find({"where": {"or": [{"name": "ANN"}, {"age": 1}]}}))
    assert "ann" in repr(query.where_)


def test_where_takers_refuse_filters(ops: Any) -> None:
    for call in (
        User.count,
        User.exists,
        User.delete_all,
        lambda w: User.update_all(w, {"age": 1}),
    ):
        with pytest.raises(InvalidQueryError) as caught:
            call({"where": {"age": 3}})
        assert caught.value.code == "filter-for-where"
    _, (query,), _ = both(ops, lambda m: m.count({"age": 3}))
    assert query.where_ == Cmp("age", "eq", 3)


def test_exists_knows_keys_from_conditions(ops: Any) -> None:
    assert both(ops, lambda m: m.exists(1))[:2] == ("exists_key", (User, 1))
    assert both(ops, lambda m: m.exists(("a", "b")))[0] == "exists_key"
    assert both(ops, lambda m: m.exists(User.age > 1))[0] == "exists"
    assert both(ops, lambda m: m.exists())[0] == "exists"


def test_keys_come_as_a_value_a_mapping_or_keywords(ops: Any) -> None:
    assert both(ops, lambda m: m.find_by_id(1, fields=["name"]))[:2] == (
        "find_by_id", (User, 1, ["name"], None, False)
    )  # fmt: skip
    Member.find_by_id(team="a", name="b", consistency="strong")
    name, args, block = Member.__link__.sync.last
    assert (name, args[1]) == ("find_by_id", {"team": "a", "name": "b"})
    assert block.consistency == "strong"


def test_values_of_writes(ops: Any) -> None:
    assert both(ops, lambda m: m.create(name="x"))[1] == (User, {"name": "x"})
    assert both(ops, lambda m: m.create({"name": "x"}))[1] == (User, {"name": "x"})
    assert both(ops, lambda m: m.upsert({"id": 1}, ttl=3))[2].ttl == 3
    assert both(ops, lambda m: m.replace_by_id(1, {"age": 2}))[1] == (User, 1, {"age": 2})
    assert both(ops, lambda m: m.create_all([{}], batch=5, on_error="collect"))[1] == (
        User, [{}], 5, "collect", None, False,
    )  # fmt: skip
    assert both(ops, lambda m: m.find_or_create({"where": {"age": 1}}))[1][1] == {}


def test_update_all_takes_the_values_second_or_alone_with_all(ops: Any) -> None:
    name, (query, values, everything), _ = both(
        ops, lambda m: m.update_all(User.age < 0, {"age": 0})
    )
    assert (name, values, everything) == ("update_all", {"age": 0}, False)
    assert query.where_ == Cmp("age", "lt", 0)
    _, (query, values, everything), _ = both(ops, lambda m: m.update_all({"age": 0}, all=True))
    assert (values, everything, query.where_.parts if hasattr(query.where_, "parts") else ()) == (
        {"age": 0}, True, (),
    )  # fmt: skip
    with pytest.raises(InvalidQueryError) as caught:
        User.update_all(User.age < 0)
    assert caught.value.code == "no-values"


def test_instances(ops: Any) -> None:
    user = User(id=1)
    user.save(validate=False, if_unchanged=True)
    assert ops.last[:2] == ("save", (user, False, True))
    asyncio.run(user.aio.save(validate=False, if_unchanged=True))
    assert ops.last[:2] == ("save", (user, False, True))
    named: Any = user
    named.update_attribute("age", 3)
    assert ops.last[:2] == ("patch", (user, {"age": 3}, None))
    asyncio.run(named.aio.update_attribute("age", 3, if_unchanged=False))
    assert ops.last[:2] == ("patch", (user, {"age": 3}, False))
    named.destroy()
    assert ops.last[:2] == ("delete", (user, None))
    with pytest.raises(AttributeError):
        named.aio.nope  # noqa: B018 - the access is the test


def test_queries_are_immutable_and_dual(ops: Any) -> None:
    query = User.where(User.age > 1)
    assert query.limit(3) is not query
    assert query.limit_ is None
    query.limit(2).order("age").all()
    asyncio.run(_awaited(query))
    assert [name for name, _, _ in ops.calls] == ["find", "find", "page", "page"]
    with pytest.raises(InvalidQueryError):
        bool(query)
    assert query.to_dict() == {"where": {"age": {"gt": 1}}}
    assert "User" in repr(query.using(allow_scan=True))


async def _awaited(query: Query[User]) -> None:
    await query
    assert [item async for item in query] == ["a", "b", "c"]


def test_streams_resume_after_the_last_whole_page(ops: Any) -> None:
    stream = User.stream(User.age > 1, page_size=7, resume="0")
    tokens = [(item, stream.token) for item in stream]
    assert [call[1:] for _, call, _ in ops.calls] == [(7, "0"), (7, "1")]
    assert tokens == [("a", "0"), ("b", "0"), ("c", "1")]
    assert stream.finished
    assert stream.token is None


def test_a_model_that_is_attached_to_nothing_says_so() -> None:
    class Loose(Model):
        name: Prop[str] = prop(default="")

    for call in (Loose.find, Loose.count, lambda: Loose.create(name="x"), Loose().save):
        with pytest.raises(ConfigurationError) as caught:
            call()
        assert caught.value.code == "not-attached"
        assert "db.attach(Loose)" in caught.value.hint


def test_what_is_no_condition_is_named(ops: Any) -> None:
    for wrong in (True, 5, "x", [1], User.age):
        with pytest.raises(InvalidQueryError) as caught:
            User.find(wrong)  # type: ignore[arg-type]
        assert caught.value.code == "not-a-condition"
    with pytest.raises(InvalidQueryError):
        User.where({"where": {"age": 1}})
