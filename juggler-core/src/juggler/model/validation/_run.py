"""Running the rules of an instance: constraints, validators, custom functions, uniqueness."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from juggler.errors import ConfigurationError, InvalidValueError
from juggler.model.access import held
from juggler.model.codec.rules import Failure, by_property, prefixed, validation_error
from juggler.model.hooks import mark_outer
from juggler.model.link import link_of
from juggler.model.query import Query
from juggler.model.validation._kinds import ABOUT_BLANK, KINDS, Validation, blank
from juggler.values.missing import MISSING

if TYPE_CHECKING:
    from juggler.connector.results import Row


def validators_of(model: Any) -> list[Validation]:
    """The validations of a model, base classes first."""
    found: list[Validation] = []
    for cls in reversed(model.__mro__):
        found += vars(cls).get("__own_validators__", ())
    return found


def by_constraints(instance: Any) -> list[Failure] | None:
    """What fails of an instance whose model has no rules but its properties' own; kept too."""
    codec = type(instance).__codec__
    try:
        failed = codec.failures(codec.encode(instance))
    except InvalidValueError as error:
        failed = misfits(instance, error)
    if not failed:
        instance._errors = None
        return None
    failed = list(dict.fromkeys(failed))
    instance._errors = by_property(failed)[1]
    return failed


def misfits(instance: Any, error: InvalidValueError) -> list[Failure]:
    """The values of an instance that do not fit their types, and the failed rules of the others.

    Args:
        instance: the instance.
        error: why its row could not be made; raised where no property is to blame.
    """
    codec = type(instance).__codec__
    found: list[Failure] = []
    row: list[Any] = []
    for part in codec.parts:
        value: Any = MISSING
        try:
            value = held(instance, part)
            value = part.neutral(value if part.shape is None else part.shape(value))
        except InvalidValueError as misfit:
            found.append((misfit.field, misfit.code, misfit.message))
            value = MISSING
        except AttributeError:  # not loaded
            pass
        row.append(value)
    if not found:
        raise error
    if codec.spec.open:
        row.append(None)
    return found + (codec.failures(tuple(row)) or [])


async def check(instance: Any, row: Row, ops: Any) -> None:
    """Check a row and its instance by all rules of the model.

    Args:
        instance: the instance.
        row: its neutral row.
        ops: the operations of the model's data source, None when it is not attached.

    Raises:
        ValidationError: with one note per property.
    """
    model = type(instance)
    failed: list[Failure] = list(model.__codec__.failures(row) or ())
    if model.__validated__:
        failed += await _all_failures(instance, ops)
    if failed:
        raise validation_error(model.__definition__.name, list(dict.fromkeys(failed)))


async def _all_failures(instance: Any, ops: Any) -> list[Failure]:
    """What the validators of a model find, and those of what is embedded in the instance."""
    failed: list[Failure] = []
    for validation in validators_of(type(instance)):
        failed += await _failures(instance, validation, ops)
    for part in instance.__codec__.parts:
        if part.inner is not None and part.inner.model.__validated__:
            for place, one in embedded(held(instance, part), part.name):
                failed += prefixed(place, await _all_failures(one, ops))
    return failed


def embedded(value: Any, place: str) -> list[tuple[str, Any]]:
    """The embedded instances in a value of any depth, with their places."""
    if isinstance(value, dict):
        pairs = list(value.items())
    elif isinstance(value, list):
        pairs = list(enumerate(value))
    else:
        return [(place, value)] if hasattr(type(value), "__definition__") else []
    return [found for key, one in pairs for found in embedded(one, f"{place}.{key}")]


def mark_validated(model: Any) -> None:
    """Let operations know that a model has validators, and those that it is embedded in."""
    model.__validated__ = True
    mark_outer(model)


async def _failures(instance: Any, validation: Validation, ops: Any) -> list[Failure]:
    if not _applies(instance, validation):
        return []
    options = validation.options
    if validation.function is not None:
        return await _custom(instance, validation)
    value = instance[validation.property]
    if validation.kind == "uniqueness":
        return await _unique(instance, validation, value, ops)
    kind = KINDS[validation.kind]
    if blank(value) and kind.name not in ABOUT_BLANK:
        part: str | None = "null" if value is None else "blank"
        allowed = options.get(f"allow_{part}") or options.get("allow_blank")
        return [] if allowed else [validation.failure(part or "")]
    part = kind.check(value, options) if kind.check else None
    return [] if part is None else [validation.failure(part)]


def _applies(instance: Any, validation: Validation) -> bool:
    condition = validation.options.get("if_")
    if condition is not None and not _holds(instance, condition):
        return False
    unless = validation.options.get("unless")
    return unless is None or not _holds(instance, unless)


def _holds(instance: Any, condition: Any) -> bool:
    """A function of the instance, or the name of a method or property."""
    if callable(condition):
        return bool(condition(instance))
    if condition in instance:
        return bool(instance[condition])
    method = getattr(type(instance), condition, None)
    if not callable(method):
        raise ConfigurationError(
            f"{type(instance).__name__} has no method or property {condition!r}",
            code="unknown-condition",
            hint="if_ and unless take a function, a method's name or a property's name",
            model=type(instance).__name__,
        )
    return bool(method(instance))


async def _custom(instance: Any, validation: Validation) -> list[Failure]:
    """None and True are valid; False is invalid; a text names the part, or is the message."""
    answer: Any = validation.function(instance) if validation.function else None
    if inspect.isawaitable(answer):
        answer = await answer
    if answer is None or answer is True:
        return []
    if answer is False:
        return [validation.failure("")]
    message = validation.options.get("message")
    if isinstance(message, dict) and answer in message:
        return [validation.failure(answer)]
    property_, code, _ = validation.failure("")
    return [(property_, code, str(answer))]


async def _unique(instance: Any, validation: Validation, value: Any, ops: Any) -> list[Failure]:
    """Advisory: another row may come in between; ``unique=True`` is what the store enforces."""
    if blank(value):
        return []
    model = type(instance)
    if ops is None:
        ops = link_of(model).sync  # an error that says how to attach it
    scope = validation.options.get("scoped_to") or ()
    names = [scope] if isinstance(scope, str) else list(scope)
    ignore = validation.options.get("ignore_case") and isinstance(value, str)
    condition: Any = {"ilike": _literal(value)} if ignore else value
    where = {validation.property: condition, **{name: instance[name] for name in names}}
    query = Query.of(model, {"where": where, "limit": 2})
    codec = model.__codec__
    own = codec.key_of(codec.encode(instance))
    for other in await ops.find(query.using(allow_scan=True, unscoped=True)):
        if codec.key_of(codec.encode(other)) != own:
            return [validation.failure("")]
    return []


def _literal(text: str) -> str:
    """A text as a pattern that matches it alone."""
    return "".join(f"\\{c}" if c in "%_\\" else c for c in text)
