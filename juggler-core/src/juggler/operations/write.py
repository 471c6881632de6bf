"""Writing one instance: create, upsert, save, patch, replace, delete, reload."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from juggler.connector.writes import WriteOp
from juggler.errors import ConflictError, NotFoundError
from juggler.operations import _send

if TYPE_CHECKING:
    from collections.abc import Mapping

    from juggler.connector.writes import WriteResult
    from juggler.operations import Operations


async def create(self: Operations, model: Any, data: Any) -> Any:
    """Insert a new row; never overwrites.

    Raises:
        DuplicateKeyError: a row with that key or unique value is there.
        ValidationError, InvalidValueError: before anything is sent.
    """
    instance = data if isinstance(data, model) else model(data)
    link = model.__link__
    codec = link.codec
    row = codec.encode(instance)
    codec.validate(row)
    key = codec.key_of(row)
    if None in key:
        key = _send.key_for_insert(self.source, link, row)
        if key is _send.STORE_MAKES:
            key = None
        else:
            row = codec.with_key(row, key)
    result = await _send.one(self, link, WriteOp("insert", key, row))
    if key is None and result.key is not None:
        row = codec.with_key(row, result.key)
    codec.settle(instance, row, result.version)
    return instance


async def upsert(self: Operations, model: Any, data: Any) -> Any:
    """Change the given properties of the row with that key, or insert it with the defaults."""
    link = model.__link__
    codec = link.codec
    values = codec.given(data)
    key = codec.key_in(values)
    if key is None:
        return await create(self, model, data)
    changes = codec.encode_patch(values)
    defaults = codec.encode_map(values)
    codec.validate_patch(changes)
    row, version = await _send.patch_or_insert(
        self, link, key, codec.without_key(changes), defaults
    )
    return codec.decode(row, version)


async def replace_or_create(self: Operations, model: Any, data: Any) -> Any:
    """Write the full row whatever is there; what is not given gets its default or null."""
    link = model.__link__
    codec = link.codec
    values = codec.given(data)
    key = codec.key_in(values)
    if key is None:
        return await create(self, model, data)
    row = codec.encode_map(values)
    codec.validate(row)
    result = await _send.one(self, link, WriteOp("put", key, row))
    return codec.decode(row, result.version)


async def replace_by_id(self: Operations, model: Any, key: Any, data: Any) -> Any:
    """Replace the full row of a key that has to be there."""
    link = model.__link__
    codec = link.codec
    key = codec.coerce_key(key)
    row = codec.encode_map(codec.with_key_values(codec.given(data), key))
    codec.validate(row)
    result = await _send.one(self, link, WriteOp("replace", key, row))
    return codec.decode(row, result.version)


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
        return await create(self, type(instance), instance)
    row = codec.encode(instance)
    if validate:
        codec.validate(row)
    changes = codec.changed(instance, row)
    if not changes:
        return instance
    return await _change(self, instance, row, changes, _version(self, instance, if_unchanged))


async def patch(
    self: Operations, instance: Any, data: Any, if_unchanged: bool | None = None
) -> Any:
    """Change the given properties, in the store and in the instance; others stay as they are."""
    link = type(instance).__link__
    codec = link.codec
    stored = _stored(instance)
    changes = codec.encode_patch(codec.given(data))
    codec.same_key(stored, changes)
    row = codec.apply(stored, codec.without_key(changes))
    codec.validate(row)
    version = _version(self, instance, if_unchanged)
    return await _change(self, instance, row, codec.without_key(changes), version)


async def _change(
    self: Operations, instance: Any, row: Any, changes: Mapping[str, Any], version: str | None
) -> Any:
    link = type(instance).__link__
    codec = link.codec
    key = codec.key_of(instance._row)  # noqa: SLF001 - the instance's own slots
    codec.same_key(instance._row, changes)  # noqa: SLF001 - the instance's own slots
    op = WriteOp("patch", key, changes, if_version=version)
    result = await _send.one(self, link, op)
    codec.settle(instance, result.record or row, result.version, only=changes)
    return instance


async def replace(
    self: Operations, instance: Any, data: Any, if_unchanged: bool | None = None
) -> Any:
    """Replace the full row of an instance; what is not given gets its default or null."""
    link = type(instance).__link__
    codec = link.codec
    key = codec.key_of(_stored(instance))
    values = codec.given(data)
    codec.same_key(instance._row, codec.encode_patch(values))  # noqa: SLF001 - own slots
    row = codec.encode_map(codec.with_key_values(values, key))
    codec.validate(row)
    op = WriteOp("replace", key, row, if_version=_version(self, instance, if_unchanged))
    result = await _send.one(self, link, op)
    codec.settle(instance, row, result.version)
    return instance


async def delete(self: Operations, instance: Any, if_unchanged: bool | None = None) -> bool | None:
    """Delete an instance's row: True if it was there, None when the store does not say."""
    link = type(instance).__link__
    key = link.codec.key_of(_stored(instance))
    op = WriteOp("delete", key, if_version=_version(self, instance, if_unchanged))
    return _deleted(await _send.one(self, link, op, missing_is_error=False))


async def delete_by_id(self: Operations, model: Any, key: Any) -> bool | None:
    """Delete the row of a key: True if it was there, None when the store does not say."""
    link = model.__link__
    op = WriteOp("delete", link.codec.coerce_key(key))
    return _deleted(await _send.one(self, link, op, missing_is_error=False))


async def reload(self: Operations, instance: Any) -> Any:
    """Read an instance's row anew, into the instance.

    Raises:
        NotFoundError: the row is gone.
    """
    link = type(instance).__link__
    key = link.codec.key_of(_stored(instance))
    found = await self.port.call("get", link.spec, (key,), link.spec.names)
    if found.rows[0] is None:
        raise _send.not_found(link, key)
    link.codec.settle(instance, found.rows[0], found.versions[0] if found.versions else None)
    return instance


def _deleted(result: WriteResult) -> bool | None:
    if result.status == "missing":
        return False
    return True if result.status == "deleted" else result.existed


def _stored(instance: Any) -> Any:
    row = instance._row  # noqa: SLF001 - the instance's own slots
    if row is None:
        raise NotFoundError(
            f"this {type(instance).__name__} was never stored",
            code="not-stored",
            hint="call save() first",
            model=type(instance).__name__,
        )
    return row


def _version(self: Operations, instance: Any, if_unchanged: Any) -> str | None:
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
