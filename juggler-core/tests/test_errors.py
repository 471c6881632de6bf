from __future__ import annotations

import pytest

from juggler.errors import BulkError, DuplicateKeyError, JugglerError, WriteError, did_you_mean


def test_a_bulk_error_is_a_group_and_a_juggler_error() -> None:
    errors = [DuplicateKeyError("one"), DuplicateKeyError("two")]
    bulk = BulkError("2 rows failed", errors, result="the result", hint="look", model="User")

    assert bulk.message == "2 rows failed"
    assert bulk.exceptions == tuple(errors)
    assert (bulk.result, bulk.code, bulk.model) == ("the result", "bulk", "User")
    assert "2 rows failed" in str(bulk)
    assert "look" in str(bulk)
    with pytest.raises(JugglerError):
        raise bulk


def test_a_bulk_error_splits_like_any_group() -> None:
    bulk = BulkError("failed", [DuplicateKeyError("one"), WriteError("two")], result=5)

    duplicates, rest = bulk.split(DuplicateKeyError)

    assert isinstance(duplicates, BulkError)
    assert isinstance(rest, BulkError)
    assert (duplicates.result, rest.result) == (5, 5)
    assert len(duplicates.exceptions) == len(rest.exceptions) == 1


def test_what_is_no_word_is_near_to_nothing() -> None:
    assert did_you_mean(["age"], ["age", "name"]) == "known: age, name"
