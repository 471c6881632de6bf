from __future__ import annotations

import pytest
from memory_support import Bench, spec

from juggler import connect
from juggler.connector import WriteOp
from juggler.errors import InvalidValueError, NotFoundError, ValidationError
from juggler_memory.transient import TransientConnector


def test_rows_get_an_id_and_are_forgotten() -> None:
    with connect("transient:") as db:
        order = db.define("Order", {"name": {"type": "string", "required": True}, "n": "integer"})
        one, two = order.create({"name": "a"}), order.create({"name": "b", "extra": 1})
        assert isinstance(one.id, str)
        assert one.id != two.id
        assert order.find() == []
        assert order.find({"where": {"name": "a"}, "order": "name"}) == []
        assert order.find_by_id(one.id) is None
        assert order.count() == 0
        assert order.exists(one.id) is False
        assert order.update_all({"name": "a"}, {"n": 1}).changed == 0
        assert order.delete_all(all=True).changed == 0
        assert order.delete_by_id(one.id) is False
        assert order.create_all([{"name": "a"}] * 3).created == 3
        assert order.upsert({"id": "x", "name": "a"}).id == "x"
        with pytest.raises(NotFoundError):
            one.patch({"name": "c"})


def test_what_is_declared_is_still_checked() -> None:
    with connect("transient:") as db:
        order = db.define("Order", {"name": {"type": "string", "required": True}})
        with pytest.raises(ValidationError):
            order.create({"n": 1})


def test_numbers_are_made_random() -> None:
    bench = Bench(spec({"id": "id"}), TransientConnector())
    (result,) = bench.write(WriteOp("insert", None, (None,)))
    assert 0 < result.key[0] < 2**53
    composite = Bench(spec({"a": "int", "b": "int"}, key=("a", "b")), TransientConnector())
    (result,) = composite.write(WriteOp("insert", None, (1, None)))
    assert isinstance(result.error, InvalidValueError)
