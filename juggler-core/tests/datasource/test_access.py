"""A connector's data access joins the models, in both colours."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from juggler import Model, Prop, prop
from juggler.connector import operations_of
from juggler.datasource import DataSource
from juggler.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable


class Common:
    @classmethod
    async def colour(cls) -> str:
        ops = operations_of(cls)
        return type(ops.port).__name__


class Drawers(Common):
    @classmethod
    async def peek(cls, key: Any) -> Any:
        return await operations_of(cls).find_by_id(cls, key)

    async def again(self) -> Any:
        ops = operations_of(self)
        return await ops.find_by_id(type(self), self.id)  # type: ignore[attr-defined]

    @classmethod
    async def walk(cls, count: int) -> AsyncIterator[str]:
        for number in range(count):
            yield f"{number} {type(operations_of(cls).port).__name__}"

    @staticmethod
    def plain(number: int) -> int:
        return number + 1

    def _private(self) -> None: ...


@pytest.fixture
def sock(card: Callable[..., Any]) -> Any:
    class Sock(Model):
        id: Prop[int] = prop(id=True, generated=True)
        side: Prop[str]

    db = DataSource(card(data_access=Drawers), {"scan": "allow"})
    db.attach(Sock)
    return Sock


def test_in_the_blocking_colour(sock: Any) -> None:
    left = sock.create(side="left")
    assert sock.peek(left.id).side == "left"
    assert left.again().id == left.id
    assert sock.colour() == "SyncPort"
    assert list(sock.walk(2)) == ["0 SyncPort", "1 SyncPort"]
    assert not hasattr(Drawers, "find")
    assert sock.find()[0].side == "left"


def test_in_the_asynchronous_colour(sock: Any) -> None:
    async def run() -> None:
        left = await sock.aio.create(side="left")
        assert (await sock.aio.peek(left.id)).side == "left"
        assert (await left.aio.again()).id == left.id
        assert await sock.aio.colour() == "AsyncPort"
        assert [item async for item in sock.aio.walk(2)] == ["0 AsyncPort", "1 AsyncPort"]
        assert sock.colour() == "SyncPort"

    asyncio.run(run())


def test_it_leaves_with_the_data_source(sock: Any) -> None:
    sock.__link__.source.detach(sock)
    with pytest.raises(AttributeError):
        sock.peek(1)


def test_a_property_of_the_same_name_is_refused(card: Callable[..., Any]) -> None:
    db = DataSource(card(data_access=Drawers))
    with pytest.raises(ConfigurationError, match="gives models an operation of that name"):
        db.define("Sock", {"peek": "string"})
    assert "Sock" not in db.models
