"""Seeded bugs: writes, versions, results."""

from __future__ import annotations

import datetime as dt
import time
import unicodedata
from typing import Any

from attrs import evolve
from bugs_support import bug

from juggler.connector import hookimpl
from juggler.connector.results import Rows
from juggler.connector.writes import WriteResult
from juggler_memory import MemoryConnector


class _Writing(MemoryConnector):
    """Changes operations before they are applied, or results after."""

    def op(self, op: Any, model: Any) -> Any:
        return op

    def result(self, result: Any, op: Any) -> Any:
        return result

    @hookimpl
    def write(self, model, ops, opts, ctx):
        changed = [self.op(op, model) for op in ops]
        results = super().write(model, changed, opts, ctx)
        return [self.result(r, op) for r, op in zip(results, ops, strict=True)]


class _Values(_Writing):
    """Changes values on their way into the store."""

    def value(self, value: Any) -> Any:
        return value

    def op(self, op, model):
        if isinstance(op.values, tuple):
            keys = set(model.key_positions)
            row = tuple(v if i in keys else self.value(v) for i, v in enumerate(op.values))
            return evolve(op, values=row)
        if isinstance(op.values, dict):
            return evolve(op, values={name: self.value(v) for name, v in op.values.items()})
        return op


@bug("create_never_overwrites", "bulk_reports_each_row")
class InsertOverwrites(_Writing):
    """An insert is a put."""

    def op(self, op, model):
        return evolve(op, kind="put") if op.kind == "insert" else op


@bug("times_do_not_depend_on_the_zone")
class TimesAreLocal(_Values):
    """A time goes through the local time of the machine, which has one hour twice."""

    def value(self, value):
        if not isinstance(value, dt.datetime) or value.year < 1970:
            return value
        local = value.astimezone().replace(tzinfo=None, fold=0)
        return local.astimezone(dt.UTC)


@bug("parts_of_keys_stay_apart")
class KeysAreJoined(_Writing):
    """The parts of a key are stored as one text with a sign between them."""

    def op(self, op, model):
        if len(op.key) == 1 or "-" not in str(op.key[-1]):
            return op
        extra, last = op.key[-1].split("-", 1)
        key = (f"{op.key[0]}-{extra}", *op.key[1:-1], last)
        named = dict(zip(model.names, op.values, strict=True)) if op.kind == "insert" else {}
        named |= dict(zip(model.key.names, key, strict=True))
        values = tuple(named.values()) if op.kind == "insert" else op.values
        return evolve(op, key=key, values=values)


@bug("writes_by_key", "programs")
class PutMerges(_Writing):
    """put leaves alone what is null."""

    def op(self, op, model):
        if op.kind != "put":
            return op
        values = {n: v for n, v in zip(model.names, op.values, strict=True) if v is not None}
        rest = {n: v for n, v in values.items() if n not in model.key.names}
        return evolve(op, kind="patch", values=rest, create=True, defaults=op.values)


@bug("writes_by_key", "programs")
class ReplaceCreates(_Writing):
    """replace of a row that is not there creates it."""

    def op(self, op, model):
        return evolve(op, kind="put") if op.kind == "replace" else op


@bug("writes_by_key", "saved_instances", "programs")
class PatchDropsAProperty(_Writing):
    """A patch of several properties changes all but the last."""

    def op(self, op, model):
        if op.kind != "patch" or len(op.values) < 2:
            return op
        return evolve(op, values=dict(list(op.values.items())[:-1]))


@bug("writes_by_key", "saved_instances", "programs")
class PatchIgnoresNull(_Writing):
    """null in a patch means: leave it."""

    def op(self, op, model):
        if op.kind != "patch":
            return op
        kept = {n: v for n, v in op.values.items() if v is not None}
        return evolve(op, values=kept)


@bug("saved_instances", "programs")
class PatchRevives(_Writing):
    """A patch of a row that is gone brings it back."""

    def op(self, op, model):
        if op.kind != "patch" or op.create:
            return op
        row = dict(zip(model.key.names, op.key, strict=True)) | dict(op.values)
        return evolve(
            op, create=True, if_version=None, defaults=tuple(row.get(name) for name in model.names)
        )


@bug("writes_by_key", "programs")
class UpsertReplaces(_Writing):
    """An upsert nulls what is not given."""

    def op(self, op, model):
        if op.kind != "patch" or not op.create:
            return op
        return evolve(op, kind="put", values=op.defaults, create=False, defaults=None)


@bug("writes_by_condition", "programs")
class OneTooMany(MemoryConnector):
    """Writes by condition count one row more than they changed."""

    @hookimpl
    def write_where(self, model, plan, change, ctx):
        done = super().write_where(model, plan, change, ctx)
        return evolve(done, changed=done.changed + 1, matched=done.matched + 1)


@bug("patches_at_once_are_kept")
class PatchWritesTheWholeRow(MemoryConnector):
    """A patch reads the row, changes it and puts all of it."""

    @hookimpl
    def write(self, model, ops, opts, ctx):
        return super().write(model, [self.whole(op, model, ctx) for op in ops], opts, ctx)

    def whole(self, op, model, ctx):
        if op.kind != "patch":
            return op
        (row,) = self.get(model, [op.key], model.names, ctx).rows
        time.sleep(0.001)
        values = {**dict(zip(model.names, row, strict=True)), **op.values}
        return evolve(op, kind="replace", values=tuple(values.values()))


@bug("writes_by_key", "existence", "programs")
class DeleteAlwaysSucceeds(_Writing):
    """A delete of nothing says that it deleted."""

    def result(self, result, op):
        if op.kind == "delete" and result.status == "missing":
            return evolve(result, status="deleted", existed=True)
        return result


@bug("bulk_reports_each_row")
class ResultsOutOfOrder(MemoryConnector):
    """The results of a bulk come in reverse."""

    @hookimpl
    def write(self, model, ops, opts, ctx):
        return list(reversed(super().write(model, ops, opts, ctx)))


@bug("bulk_reports_each_row", "create_then_read", "queries_are_answered")
class LastOfABulkIsLost(MemoryConnector):
    """The last row of a bulk is reported and not written."""

    @hookimpl
    def write(self, model, ops, opts, ctx):
        if len(ops) < 2 or ops[-1].kind != "insert":
            return super().write(model, ops, opts, ctx)
        done = super().write(model, ops[:-1], opts, ctx)
        return [*done, WriteResult(len(ops) - 1, ops[-1].key, "created", existed=False)]


@bug("unique_values_are_unique")
class UniqueViolationsAreSwallowed(_Writing):
    """A row that violates a unique index is reported as written."""

    def result(self, result, op):
        if op.kind in {"put", "patch", "replace"} and result.status == "failed":
            return evolve(result, status="replaced", error=None)
        return result


@bug("stale_instances_conflict", "no_update_is_lost", "programs")
class VersionsAreIgnored(_Writing):
    """The version of a write is not looked at."""

    def op(self, op, model):
        return evolve(op, if_version=None)


@bug("stale_instances_conflict", "no_update_is_lost")
class VersionsNeverChange(MemoryConnector):
    """Every row has the version 1, always."""

    @hookimpl
    def get(self, model, keys, fields, ctx):
        there = super().get(model, keys, fields, ctx)
        return Rows(there.rows, ["1"] * len(there.rows))

    @hookimpl
    def fetch(self, plan, cursor, want, ctx):
        page = super().fetch(plan, cursor, want, ctx)
        return evolve(page, versions=["1"] * len(page.rows))

    @hookimpl
    def write(self, model, ops, opts, ctx):
        blind = [evolve(op, if_version=None) for op in ops]
        return [evolve(r, version="1") for r in super().write(model, blind, opts, ctx)]


@bug("stale_instances_conflict", "programs")
class VersionOfAWriteIsLost(_Writing):
    """A write does not tell the new version, and the old one is kept."""

    def result(self, result, op):
        return evolve(result, version=op.if_version or "0")


@bug("no_update_is_lost")
class VersionIsLookedAtBefore(MemoryConnector):
    """Looking at the version and writing are two steps."""

    @hookimpl
    def write(self, model, ops, opts, ctx):
        if len(ops) == 1 and ops[0].if_version is not None:
            found = super().get(model, [ops[0].key], model.names, ctx)
            if found.versions[0] == ops[0].if_version:
                time.sleep(0.002)
                ops = [evolve(ops[0], if_version=None)]
        return super().write(model, ops, opts, ctx)


@bug("one_of_many_creates_wins")
class InsertLooksFirst(MemoryConnector):
    """Looking for the key and inserting are two steps."""

    @hookimpl
    def write(self, model, ops, opts, ctx):
        if len(ops) == 1 and ops[0].kind == "insert" and ops[0].key is not None:
            found = super().get(model, [ops[0].key], model.names, ctx)
            if found.rows[0] is None:
                time.sleep(0.002)
                ops = [evolve(ops[0], kind="put")]
                done = super().write(model, ops, opts, ctx)
                return [evolve(r, status="created") for r in done]
        return super().write(model, ops, opts, ctx)


@bug("rows_expire")
class TimeToLiveIsIgnored(_Writing):
    """Rows with a time to live stay."""

    def op(self, op, model):
        return evolve(op, ttl=None)


@bug("nasty_values_are_kept")
class TextsAreNormalised(_Values):
    """Decomposed characters come back composed."""

    def value(self, value):
        return unicodedata.normalize("NFC", value) if isinstance(value, str) else value


@bug("nasty_values_are_kept")
class TextsEndAtNul(_Values):
    """A text ends at its first NUL, as in C."""

    def value(self, value):
        return value.partition("\x00")[0] if isinstance(value, str) else value


@bug("nasty_values_are_kept", "create_then_read")
class EmptyTextIsNull(_Values):
    """The empty text is stored as null."""

    def value(self, value):
        return None if value == "" else value


@bug("nasty_values_are_kept", "create_then_read")
class EmptyListIsNull(_Values):
    """The empty list is stored as null, and not claimed to be."""

    def value(self, value):
        return None if value == [] else value


@bug("nasty_values_are_kept")
class IntegersAreDoubles(_Values):
    """Integers go through a double."""

    def value(self, value):
        whole = isinstance(value, int) and not isinstance(value, bool)
        return int(float(value)) if whole else value


@bug("nasty_values_are_kept", "create_then_read")
class TimesAreWholeSeconds(_Values):
    """The milliseconds of a time are cut off."""

    def value(self, value):
        cut = hasattr(value, "microsecond") and hasattr(value, "year")
        return value.replace(microsecond=0) if cut else value


@bug("nasty_keys_are_kept")
class KeysAreTrimmed(_Writing):
    """Keys lose the blanks and slashes around them."""

    def op(self, op, model):
        if len(op.key or ()) != 1 or not isinstance(op.key[0], str):
            return op
        key = (op.key[0].strip(" /") or op.key[0],)
        if isinstance(op.values, tuple):
            at = model.key_positions[0]
            return evolve(op, key=key, values=(*op.values[:at], *key, *op.values[at + 1 :]))
        return evolve(op, key=key)


@bug("transactions_are_one")
class RollbackForgetsARow(MemoryConnector):
    """What a transaction wrote stays when it fails."""

    @hookimpl
    def transact(self, action, handle, ctx):
        return super().transact("commit" if action == "rollback" else action, handle, ctx)


@bug("answers_that_were_lost", "requests_that_were_not_sent", "programs")
class WritesAreDoneTwice(MemoryConnector):
    """Every write is sent twice: the second insert fails."""

    @hookimpl
    def write(self, model, ops, opts, ctx):
        super().write(model, ops, opts, ctx)
        return super().write(model, ops, opts, ctx)
