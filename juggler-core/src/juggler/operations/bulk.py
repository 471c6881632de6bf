"""Many rows at once: encoded and checked first, sent in chunks in which a key occurs once."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from juggler.connector.writes import WriteOp
from juggler.errors import BulkError, InvalidQueryError, JugglerError, OutcomeUnknownError
from juggler.model.results import BulkResult
from juggler.operations import _send
from juggler.operations._lifecycle import life_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from juggler.connector.writes import WriteResult
    from juggler.operations import Operations
    from juggler.operations._lifecycle import Life

BATCH = 1000


async def create_all(
    self: Operations,
    model: Any,
    rows: Iterable[Any],
    batch: int = BATCH,
    on_error: str = "raise",
    progress: Callable[[int], object] | None = None,
) -> BulkResult:
    """Insert many rows.

    Args:
        self: the operations.
        model: the model class.
        rows: mappings or instances; an iterator is read as it goes with ``on_error="collect"``.
        batch: rows per request.
        on_error: ``raise`` checks every row first and sends nothing if one is bad; ``collect``
            writes the good ones and reports the others.
        progress: called with the number of rows done so far.

    Raises:
        BulkError: with ``.result``, one error per row that failed.
    """
    if on_error not in {"raise", "collect"} or batch < 1:
        raise InvalidQueryError(
            f"create_all(batch={batch!r}, on_error={on_error!r})",
            code="bulk-option",
            hint="on_error is 'raise' or 'collect', batch is 1 or more",
        )
    link = model.__link__
    result = BulkResult(model=model)
    life = life_of(self, model, "create_all")
    if life is not None:
        rows = await _lived(life, rows, result)
    if on_error == "raise":
        prepared = list(_prepare(self, link, rows, result))
        if result.failed:
            raise _error(link, result, "no row was written")
        chunks: Iterator[list[Any]] = (
            prepared[i : i + batch] for i in range(0, len(prepared), batch)
        )
    else:
        chunks = _chunks(_prepare(self, link, rows, result), batch)
    done = 0
    for chunk in chunks:
        await _send_chunk(self, link, chunk, result)
        if life is not None:
            await _settled(life, chunk)
        done += len(chunk)
        if progress is not None:
            progress(done)
    if result.failed and on_error == "raise":
        raise _error(link, result, f"{result.created} rows were written")
    return result


async def _lived(life: Life, rows: Iterable[Any], result: BulkResult) -> list[Any]:
    """The rows as instances, after their hooks and validation; bad ones go into ``failed``."""
    good = []
    for given in rows:
        try:
            instance = given if isinstance(given, life.model) else life.model(given)
            row = await life.check(instance, is_new=True)
            life.model.__link__.codec.fill(instance, await life.persist_row(row))
        except JugglerError as error:
            result.failed.append((given, error))
            continue
        good.append(instance)
    return good


async def _settled(life: Life, chunk: list[tuple[Any, WriteOp]]) -> None:
    """The hooks after the rows of a chunk that were written."""
    for instance, _ in chunk:
        if instance._row is not None:  # noqa: SLF001 - the instance's own slots
            await life.done(instance, is_new=True)


def _chunks(items: Iterable[Any], size: int) -> Iterator[list[Any]]:
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk


def _prepare(
    self: Operations, link: Any, rows: Iterable[Any], result: BulkResult
) -> Iterator[tuple[Any, WriteOp]]:
    """Rows as operations; a bad row goes into ``failed``."""
    codec, source, model = link.codec, self.source, link.model
    encode, encode_map, key_of = codec.encode, codec.encode_map, codec.key_of
    validate = codec.validate if codec.has_rules else None
    theirs = _send.store_makes_keys(source, link)
    for given in rows:
        try:
            row = encode(given) if isinstance(given, model) else encode_map(given)
            if validate is not None:
                validate(row)
            key = key_of(row)
            if None in key:
                key = None if theirs else _send.key_for_insert(source, link, row)
                row = row if theirs else codec.with_key(row, key)
        except JugglerError as error:
            result.failed.append((given, error))
            continue
        yield given, WriteOp("insert", key, row)


async def _send_chunk(
    self: Operations, link: Any, chunk: list[tuple[Any, WriteOp]], result: BulkResult
) -> None:
    """Send a chunk; a key that occurs twice goes in a second wave."""
    seen: set[Any] = set()
    later: list[tuple[Any, WriteOp]] = []
    wave: list[tuple[Any, WriteOp]] = []
    for item in chunk:
        key = item[1].key
        if key is not None and key in seen:
            later.append(item)
            continue
        if key is not None:
            seen.add(key)
        wave.append(item)
    if not wave:
        return
    ops = [op for _, op in wave]
    try:
        answers: Sequence[WriteResult] = await _send.many(self, link, ops)
    except JugglerError as error:
        if not result.results:
            raise
        error.outcome = "unknown" if isinstance(error, OutcomeUnknownError) else error.outcome
        result.failed.extend((given, error) for given, _ in wave)
        return
    base = len(result.results)
    for (given, op), answer in zip(wave, answers, strict=True):
        answer.index = base + answer.index
        if answer.status in {"created", "applied"}:
            result.created += 1
            _settle(link, given, op, answer)
        else:
            result.failed.append((given, await _send.failure(self, link, op, answer)))
    result.results.extend(answers)
    if later:
        await _send_chunk(self, link, later, result)


def _settle(link: Any, given: Any, op: WriteOp, answer: WriteResult) -> None:
    if isinstance(given, link.model):
        row = op.values if op.key is not None else link.codec.with_key(op.values, answer.key)
        link.codec.settle(given, row, answer.version)


def _error(link: Any, result: BulkResult, outcome: str) -> BulkError:
    errors = [error for _, error in result.failed]
    return BulkError(
        f"{len(errors)} of the rows of {link.spec.name!r} failed; {outcome}",
        errors,
        result=result,
        model=link.spec.name,
        hint="error.result.failed has the rows; on_error='collect' writes the others",
    )
