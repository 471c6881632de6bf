"""Many rows at once: encoded and checked first, sent in chunks in which a key occurs once."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from itertools import islice
from typing import TYPE_CHECKING, Any

from attrs import astuple, define, field

from juggler.connector.writes import WriteOp, WriteResult
from juggler.errors import BulkError, CapabilityError, InvalidQueryError, JugglerError
from juggler.model.results import WRITTEN, BulkResult
from juggler.operations import _send
from juggler.operations._force_id import refuse_key
from juggler.operations._given import check_list
from juggler.operations._lifecycle import life_of
from juggler.operations._prepare import is_count

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from juggler.connector.results import Row
    from juggler.connector.writes import Status, WriteKind
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
    replace: bool = False,
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
        replace: write whole rows whatever is there, as ``replace_or_create`` does.

    Raises:
        BulkError: with ``.result``, one error per row that failed.
        CapabilityError: ``replace`` of a model with a default scope.
    """
    _check(rows, batch, on_error, progress)
    if replace:
        _check_replace(model)
    link = model.__link__
    is_new = None if replace else True
    result = BulkResult(model=model, replace=replace)
    if model.__scope__ is not None:
        rows = (model.__scope__.filled(model, row) for row in rows)
    originals: dict[int, Any] = {}
    life = life_of(self, model, "create_all")
    if life is not None:
        rows, originals = await _lived(life, rows, result, is_new=is_new)
    given: Iterator[Any] = iter(rows)
    everything = None
    if on_error == "raise":
        everything = _prepare(self, link, list(given), 0, result)
        if result.failed:
            raise _error(link, result, "no row was written")
    done = 0
    for chunk in _chunks(self, link, everything or given, batch, result):
        await _send_chunk(self, link, chunk, result, collects=on_error == "collect")
        if life is not None:
            await _settled(life, chunk, is_new=is_new)
        done += len(chunk.rows)
        if progress is not None:
            progress(done)
    result.failed = [(originals.get(id(row), row), error) for row, error in result.failed]
    if result.failed and on_error == "raise":
        raise _error(link, result, f"{result.created + result.replaced} rows were written")
    return result


def _check(rows: Any, batch: int, on_error: str, progress: Any) -> None:
    """Refuse what cannot be meant, before anything is read."""
    if on_error not in ("raise", "collect") or not is_count(batch):
        raise InvalidQueryError(
            f"create_all(batch={batch!r}, on_error={on_error!r})",
            code="bulk-option",
            hint="on_error is 'raise' or 'collect', batch is 1 or more",
        )
    if progress is not None and not callable(progress):
        raise InvalidQueryError(
            f"create_all(progress={progress!r:.60})",
            code="bulk-option",
            hint="a function that is called with the number of rows done so far",
        )
    check_list(rows, "rows", "create_all([{…}, {…}]); for one row create({…})", "not-values")


def _check_replace(model: Any) -> None:
    """Whose a row is that is there would have to be asked for each."""
    if model.__scope__ is not None:
        raise CapabilityError(
            f"create_all(replace=True) of {model.__name__}, which has a default scope",
            feature="bulk replace",
            alternatives=(f"{model.__name__}.replace_or_create(…), row by row",),
            model=model.__name__,
        )


async def _lived(
    life: Life, rows: Iterable[Any], result: BulkResult, *, is_new: bool | None
) -> tuple[list[Any], dict[int, Any]]:
    """The rows as instances, after their hooks and validation; bad ones go into ``failed``.

    Returns:
        The instances, and the rows as they were given by the identity of their instances.
    """
    good, originals = [], {}
    for given in rows:
        try:
            if life.model.__force_id__:
                refuse_key(life.model, given)
            instance = given if isinstance(given, life.model) else life.model(given)
            row = await life.check(instance, is_new=is_new)
            life.model.__link__.codec.fill(instance, await life.persist_row(row))
        except JugglerError as error:
            result.failed.append((given, error))
            continue
        good.append(instance)
        originals[id(instance)] = given
    return good, originals


async def _settled(life: Life, chunk: _Rows, *, is_new: bool | None) -> None:
    """The hooks after the rows of a chunk that were written."""
    for instance in chunk.given:
        if instance._row is not None:  # noqa: SLF001 - the instance's own slots
            await life.done(instance, is_new=is_new)


@define
class _Rows:
    """Rows that are ready to be sent, side by side: one object fewer per row."""

    at: list[int] = field(factory=list)
    given: list[Any] = field(factory=list)
    keys: list[Any] = field(factory=list)
    rows: list[Any] = field(factory=list)

    def take(self, where: Any) -> _Rows:
        """Some of them: by a slice, or by a list of places."""
        if isinstance(where, slice):
            return _Rows(self.at[where], self.given[where], self.keys[where], self.rows[where])
        return _Rows(*([column[i] for i in where] for column in astuple(self, recurse=False)))

    def waves(self) -> list[_Rows]:
        """Parts in which a key occurs once, in order."""
        known = [key for key in self.keys if key is not None]
        if len(set(known)) == len(known):
            return [self]
        times: dict[Any, int] = {}
        places: list[list[int]] = []
        for place, key in enumerate(self.keys):
            wave = 0 if key is None else times.get(key, 0)
            if key is not None:
                times[key] = wave + 1
            if wave == len(places):
                places.append([])
            places[wave].append(place)
        return [self.take(chosen) for chosen in places]


def _chunks(
    self: Operations, link: Any, rows: _Rows | Iterator[Any], size: int, result: BulkResult
) -> Iterator[_Rows]:
    if isinstance(rows, _Rows):
        for start in range(0, len(rows.rows), size):
            yield rows.take(slice(start, start + size))
        return
    start = 0
    while given := list(islice(rows, size)):
        yield _prepare(self, link, given, start, result)
        start += len(given)


def _prepare(
    self: Operations, link: Any, given: list[Any], start: int, result: BulkResult
) -> _Rows:
    """Rows ready to be sent; a bad one goes into ``failed``."""
    codec, model = link.codec, link.model
    encode_map, key_of = codec.encode_map, codec.key_of
    validate = codec.validate if codec.has_rules else None
    forced = model.__force_id__
    theirs = _send.store_makes_keys(self.source, link)
    ready = _Rows()
    for at, item in enumerate(given, start):
        try:
            if forced:
                refuse_key(model, item)
            row = encode_map(item) if item.__class__ is dict else _encoded(codec, item)
            if validate is not None:
                validate(row)
            key = key_of(row)
            if None in key:
                key = None if theirs else _send.key_for_insert(self.source, link, row)
                row = row if theirs else codec.with_key(row, key)
        except JugglerError as error:
            result.failed.append((item, error))
            continue
        ready.at.append(at)
        ready.given.append(item)
        ready.keys.append(key)
        ready.rows.append(row)
    return ready


def _encoded(codec: Any, item: Any) -> Row:
    if isinstance(item, codec.model):
        return codec.encode(item)  # type: ignore[no-any-return]
    return codec.encode_map(item if isinstance(item, Mapping) else codec.given(item))  # type: ignore[no-any-return]


async def _send_chunk(
    self: Operations, link: Any, chunk: _Rows, result: BulkResult, *, collects: bool
) -> None:
    """Send a chunk; a key that occurs again goes in a wave of its own."""
    for wave in chunk.waves():
        kind: WriteKind = "put" if result.replace else "insert"
        ops = [
            WriteOp("insert" if key is None else kind, key, row)
            for key, row in zip(wave.keys, wave.rows, strict=True)
        ]
        if not ops:
            return
        try:
            answers: Sequence[WriteResult] = await _send.many(self, link, ops)
        except JugglerError as error:
            if not result.results and (error.outcome == "none" or not collects):
                raise
            answers = [_unanswered(op, error) for op in ops]
        result.results.extend(answers)
        for place, answer in enumerate(answers):
            answer.index = wave.at[place]
            given = wave.given[place]
            if answer.status not in WRITTEN:
                failure = await _send.failure(self, link, ops[place], answer)
                result.failed.append((given, failure))
                continue
            if answer.status == "replaced":
                result.replaced += 1
            else:
                result.created += 1
            if isinstance(given, link.model):
                row = wave.rows[place]
                row = row if wave.keys[place] is not None else link.codec.with_key(row, answer.key)
                link.codec.settle(given, row, answer.version)


def _unanswered(op: WriteOp, error: JugglerError) -> WriteResult:
    """The result of a row whose whole request failed."""
    status: Status = "failed" if error.outcome == "none" else "unknown"
    return WriteResult(0, op.key, status, error=copy(error))  # it will name the row's key


def _error(link: Any, result: BulkResult, outcome: str) -> BulkError:
    errors = [error for _, error in result.failed]
    first = str(errors[0]).partition("\n")[0]
    rows = "row" if len(errors) == 1 else "rows"
    return BulkError(
        f"{len(errors)} {rows} of {link.spec.name!r} failed, the first with {first}; {outcome}",
        errors,
        result=result,
        model=link.spec.name,
        hint="error.result.failed has the rows; on_error='collect' writes the others",
    )
