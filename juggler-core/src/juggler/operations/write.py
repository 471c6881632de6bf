"""Writing one instance: create, upsert, save, patch, replace, reload."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from juggler.connector.writes import WriteOp
from juggler.errors import ConflictError, NotFoundError, ValidationError
from juggler.model.deltas import is_delta
from juggler.operations import _scope, _send
from juggler.operations._force_id import refuse_key
from juggler.operations._lifecycle import life_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from juggler.connector.results import Row
    from juggler.errors import JugglerError
    from juggler.model.codec.codec import Codec
    from juggler.operations import Operations
    from juggler.operations._lifecycle import Life


async def create(
    self: Operations,
    model: Any,
    data: Any,
    state: dict[str, Any] | None = None,
    *,
    validate: bool = True,
) -> Any:
    """Insert a new row; never overwrites.

    Raises:
        DuplicateKeyError: a row with that key or unique value is there.
        ValidationError, InvalidValueError: before anything is sent.
    """
    if model.__force_id__:
        refuse_key(model, data)
    if model.__scope__ is not None:
        data = model.__scope__.filled(model, data)
    instance = data if isinstance(data, model) else model(data)
    link = model.__link__
    codec = link.codec
    life = life_of(self, model, "create", state)
    if life is None:
        row = codec.encode(instance)
        if validate:
            codec.validate(row)
    else:
        row = await life.check(instance, is_new=True, validate=validate)
        row = await life.persist_row(row)
    key = codec.key_of(row)
    if None in key:
        key = _send.key_made(self.source, link, key)
        if key is _send.STORE_MAKES:
            key = None
        else:
            row = codec.with_key(row, key)
    result = await _send.one(self, link, WriteOp("insert", key, row))
    if key is None and result.key is not None:
        row = codec.with_key(row, result.key)
    codec.settle(instance, row, result.version)
    if life is not None:
        await life.done(instance, is_new=True)
    return instance


async def upsert(self: Operations, model: Any, data: Any) -> Any:
    """Change the given properties of the row with that key, or insert it with the defaults."""
    link = model.__link__
    codec = link.codec
    values = codec.given(data)
    key = codec.key_in(values)
    if key is None:
        return await create(self, model, data)
    life = life_of(self, model, "upsert")
    if life is not None:
        values = await life.given(values)
    changes = codec.encode_patch(values)
    codec.validate_patch(changes)
    relative = {name: change for name, change in changes.items() if is_delta(change)}
    candidate = model({name: v for name, v in values.items() if name not in relative})
    if model.__scope__ is not None:
        await _scope.refuse_outside(self, model, key)
        model.__scope__.filled(model, candidate)
    refused: JugglerError | None
    if life is None:
        refused = _refused(codec, codec.apply(codec.encode(candidate), relative))
    else:
        changed, refused = await life.judged(candidate, relative)
        changes = {**changes, **changed}
    # what is added to a row that is not there is added to its defaults
    defaults = codec.apply(codec.encode(candidate), relative)
    if model.__force_id__:
        refused = _send.not_found(link, key)
    if life is not None:
        changes = await life.persist(changes)
        plain = {name: change for name, change in changes.items() if not is_delta(change)}
        defaults = codec.apply(defaults, plain)
    changes = codec.without_key(changes)
    if refused is None:
        written = await _send.patch_or_insert(self, link, key, changes, defaults)
    else:
        written = await _send.patch_only(self, link, key, changes, refused)
    instance = codec.decode(written.row, written.version)
    if life is not None:
        await life.done(instance, is_new=written.created)
    return instance


def _refused(codec: Codec, row: Row) -> ValidationError | None:
    """Why a row cannot be inserted as it is; a row that is there can still be patched."""
    try:
        codec.validate(row)
    except ValidationError as error:
        return error
    return None


async def replace_or_create(self: Operations, model: Any, data: Any) -> Any:
    """Write the full row whatever is there; what is not given gets its default or null."""
    link = model.__link__
    codec = link.codec
    values = codec.given(data)
    key = codec.key_in(values)
    if key is None:
        return await create(self, model, data)
    if model.__scope__ is not None:
        await _scope.refuse_outside(self, model, key)
        values = model.__scope__.filled(model, values)
    kind = "replace" if model.__force_id__ else "put"
    return await _write_full(self, model, kind, key, values)


async def replace_by_id(self: Operations, model: Any, key: Any, data: Any) -> Any:
    """Replace the full row of a key that has to be there."""
    link = model.__link__
    codec = link.codec
    key = codec.coerce_key(key)
    values = codec.with_key_values(codec.given(data), key)
    if await _scope.outside(self, model, key):
        raise _send.not_found(link, key)
    return await _write_full(self, model, "replace", key, values)


async def _write_full(self: Operations, model: Any, kind: Any, key: Any, values: Any) -> Any:
    """Put or replace a full row that is not an instance yet."""
    link = model.__link__
    codec = link.codec
    life = life_of(self, model, "replace_or_create" if kind == "put" else "replace_by_id")
    known = None if kind == "put" else False
    if life is None:
        row = codec.encode_map(values)
        codec.validate(row)
    else:
        row = await life.persist_row(await life.check(model(values), is_new=known))
    result = await _send.one(self, link, WriteOp(kind, key, row))
    instance = codec.decode(row, result.version)
    if life is not None:
        is_new = result.status == "created" if result.existed is not None else None
        await life.done(instance, is_new=is_new)
    return instance


async def save(
    self: Operations, instance: Any, validate: bool = True, if_unchanged: bool | None = None
) -> Any:
    """Write an instance: all of a new one, the changed properties of a stored one.

    Raises:
        NotFoundError: the row is gone.
        ConflictError: the row changed since it was read, where versions are checked.
    """
    link = type(instance).__link__
    codec = link.codec
    if instance._row is None:  # noqa: SLF001 - the instance's own slots
        return await create(self, type(instance), instance, validate=validate)
    life = life_of(self, type(instance), "save")
    if life is None:
        row = codec.encode(instance)
        if validate:
            codec.validate(row)
    else:
        row = await life.check(instance, is_new=False, validate=validate)
    changes = codec.changed(instance, row)
    if not changes:
        return instance
    version = version_of(self, instance, if_unchanged)
    return await _change(self, instance, (row, changes), version, life)


async def patch(
    self: Operations, instance: Any, data: Any, if_unchanged: bool | None = None
) -> Any:
    """Change the given properties, in the store and in the instance; others stay as they are.

    When it fails, the instance is as it was.
    """
    link = type(instance).__link__
    codec = link.codec
    stored = stored_row(instance)
    changes = codec.encode_patch(codec.given(data))
    codec.same_key(stored, changes)
    changes = codec.without_key(changes)
    version = version_of(self, instance, if_unchanged)
    life = life_of(self, type(instance), "patch")
    if life is None:
        row = codec.apply(stored, changes)
        codec.validate(row)
        return await _change(self, instance, (row, changes), version, None)
    # Hooks see (and may change) the row as it will be; what the instance shows beside is kept.
    draft = codec.decode(codec.apply(stored, changes), instance._version)  # noqa: SLF001 - own slots
    draft._row = stored  # noqa: SLF001 - own slots
    row = await life.check(draft, is_new=False)
    changed = {**changes, **codec.changed(draft, row)}
    return await _change(self, instance, (row, changed), version, life)


async def _change(
    self: Operations,
    instance: Any,
    change: tuple[Any, Mapping[str, Any]],
    version: str | None,
    life: Life | None,
) -> Any:
    """Send changed properties of a stored instance: ``change`` is the whole row and the changes."""
    link = type(instance).__link__
    codec = link.codec
    row, changes = change
    codec.same_key(instance._row, changes)  # noqa: SLF001 - the instance's own slots
    if life is not None:
        changes = codec.without_key(await life.persist(changes))
        row = codec.apply(row, changes)
    key = codec.key_of(instance._row)  # noqa: SLF001 - the instance's own slots
    result = await _send.one(self, link, WriteOp("patch", key, changes, version))
    if result.record is not None:
        # Only what was changed: what others wrote would look like a change made here.
        place = link.spec.position
        row = codec.apply(row, {n: result.record[place[n]] for n in changes if n in place})
    codec.settle(instance, row, result.version, only=changes)
    if life is not None:
        await life.done(instance, is_new=False)
    return instance


async def replace(
    self: Operations, instance: Any, data: Any, if_unchanged: bool | None = None
) -> Any:
    """Replace the full row of an instance; what is not given gets its default or null."""
    link = type(instance).__link__
    codec = link.codec
    key = codec.key_of(stored_row(instance))
    values = codec.given(data)
    codec.same_key(instance._row, codec.encode_patch(values))  # noqa: SLF001 - own slots
    values = codec.with_key_values(values, key)
    life = life_of(self, type(instance), "replace")
    if life is None:
        row = codec.encode_map(values)
        codec.validate(row)
    else:
        draft = type(instance)(values)
        row = await life.persist_row(await life.check(draft, is_new=False))
    op = WriteOp("replace", key, row, if_version=version_of(self, instance, if_unchanged))
    result = await _send.one(self, link, op)
    codec.settle(instance, row, result.version)
    if life is not None:
        await life.done(instance, is_new=False)
    return instance


async def reload(self: Operations, instance: Any) -> Any:
    """Read an instance's row anew, into the instance.

    Raises:
        NotFoundError: the row is gone.
    """
    link = type(instance).__link__
    key = link.codec.key_of(stored_row(instance))
    found = await self.port.call("get", link.spec, (key,), link.spec.names)
    if found.rows[0] is None:
        raise _send.not_found(link, key)
    link.codec.settle(instance, found.rows[0], found.versions[0] if found.versions else None)
    return instance


def stored_row(instance: Any) -> Any:
    """The row of an instance that is stored.

    Raises:
        NotFoundError: ``not-stored``.
    """
    row = instance._row  # noqa: SLF001 - the instance's own slots
    if row is None:
        raise NotFoundError(
            f"this {type(instance).__name__} was never stored",
            code="not-stored",
            hint="call save() first",
            model=type(instance).__name__,
        )
    return row


def version_of(self: Operations, instance: Any, if_unchanged: Any) -> str | None:
    """The version to check: None means no check, by choice or because the store has none."""
    if if_unchanged is False:
        return None
    version: str | None = instance._version  # noqa: SLF001 - the instance's own slots
    if if_unchanged and version is None:
        spec = type(instance).__link__.spec
        self.source.capabilities_of(spec).require(
            "versions",
            connector=self.source.name,
            what=f"if_unchanged=True on {spec.name!r}",
            alternatives=("declare a version column", "if_unchanged=None checks where it can"),
        )
        raise ConflictError(
            "this instance was read without a version",
            code="no-version",
            hint="reload() it first",
            model=spec.name,
        )
    return version
