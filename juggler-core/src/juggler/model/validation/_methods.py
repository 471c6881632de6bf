"""What validation adds to models: configurators on classes, checks on instances."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Final, TypeVar

from juggler.connector.port import drive
from juggler.errors import ConfigurationError, InvalidValueError, ValidationError, did_you_mean
from juggler.model.codec.rules import validation_error
from juggler.model.hooks import HookContext, hooks_of, takes_one
from juggler.model.properties import pattern_text
from juggler.model.validation._kinds import COMMON, KINDS, NEEDED, SPELLINGS, Validation
from juggler.model.validation._run import by_constraints, check, mark_validated, misfits
from juggler.values.patterns import pattern_search

if TYPE_CHECKING:
    from juggler.errors import JugglerError

Rule = TypeVar("Rule", bound=Callable[..., Any])
#: Options of kinds → what their values are, and an example.
_VALUES: Final[Mapping[str, tuple[type, str]]] = {
    "min": (int, "2"), "max": (int, "40"), "is_": (int, "8"), "in_": (Collection, "['a', 'b']"),
}  # fmt: skip


class Validated:
    """Class methods that add validations, for several properties in one call.

    The last argument may be a mapping of options in LoopBack's words; keywords that Python keeps
    have a trailing underscore (``is_ in_ with_ if_``).  Every kind takes ``message`` (a text, or a
    text per part), ``code``, ``if_``, ``unless``, ``allow_blank`` and ``allow_null``.

    Raises:
        ConfigurationError: an unknown property or option.
    """

    __slots__ = ()

    #: This class's own validations; bases have theirs.
    __own_validators__: ClassVar[list[Validation]] = []
    #: Whether there are any, here or in a base.
    __validated__: ClassVar[bool] = False

    @classmethod
    def validates_presence_of(cls, *names: str | Mapping[str, Any], **options: Any) -> None:
        """Not blank: not None, not an empty text, array or mapping."""
        _add(cls, "presence", names, options)

    @classmethod
    def validates_absence_of(cls, *names: str | Mapping[str, Any], **options: Any) -> None:
        """Blank."""
        _add(cls, "absence", names, options)

    @classmethod
    def validates_length_of(cls, *names: str | Mapping[str, Any], **options: Any) -> None:
        """The length of a text or array: ``min=``, ``max=``, ``is_=``."""
        _add(cls, "length", names, options)

    @classmethod
    def validates_numericality_of(cls, *names: str | Mapping[str, Any], **options: Any) -> None:
        """A finite number; with ``int=True`` an integral one."""
        _add(cls, "numericality", names, options)

    @classmethod
    def validates_inclusion_of(cls, *names: str | Mapping[str, Any], **options: Any) -> None:
        """One of ``in_=``."""
        _add(cls, "inclusion", names, options)

    @classmethod
    def validates_exclusion_of(cls, *names: str | Mapping[str, Any], **options: Any) -> None:
        """None of ``in_=``."""
        _add(cls, "exclusion", names, options)

    @classmethod
    def validates_format_of(cls, *names: str | Mapping[str, Any], **options: Any) -> None:
        """A text in which ``with_=`` (a pattern) is found."""
        _add(cls, "format", names, options)

    @classmethod
    def validates_uniqueness_of(cls, *names: str | Mapping[str, Any], **options: Any) -> None:
        """No other row has the value, within ``scoped_to=`` (properties) if given.

        Advisory: another row may come in between.  ``unique=True`` on the property is what the
        store enforces.
        """
        _add(cls, "uniqueness", names, options)

    @classmethod
    def validates(cls, *names: str | Mapping[str, Any], **options: Any) -> Callable[[Rule], Rule]:
        """A custom rule, as a decorator: ``@User.validates("name", message="Bad name")``.

        The function gets the instance and returns nothing or True for valid, False or a text for
        invalid; it may be ``async def``.
        """
        usage = f'@{cls.__name__}.validates("name") above def rule(one): …'
        if any(not isinstance(name, str | Mapping) for name in names):
            raise _wrong(cls, "a rule is for a property, which is named", usage)

        def register(function: Rule) -> Rule:
            if not takes_one(function):
                raise _wrong(cls, f"{function!r:.60} is no function of one instance", usage)
            _add(cls, "custom", names, options, function)
            return function

        return register


class ValidatedInstance:
    """Checks of an instance, blocking; ``user.aio`` has the asynchronous twins."""

    __slots__ = ()

    if TYPE_CHECKING:
        _errors: Mapping[str, list[str]] | None

    def validate(self) -> None:
        """Check all rules.

        Raises:
            ValidationError: with one note per property; ``errors`` holds its messages then.
        """
        model: Any = type(self)
        if model.__hooked__ or model.__validated__:
            drive(validated(self, model.__link__.sync if model.__link__ is not None else None))
            return
        failed = by_constraints(self)
        if failed is not None:
            raise validation_error(model.__definition__.name, failed)

    def is_valid(self) -> bool:
        """Whether all rules hold; ``errors`` holds the messages of those that do not."""
        model: Any = type(self)
        if not (model.__hooked__ or model.__validated__):
            return by_constraints(self) is None
        try:
            self.validate()
        except ValidationError:
            return False
        return True

    @property
    def errors(self) -> Mapping[str, list[str]] | None:
        """Messages by property of the last check, None when it found nothing."""
        try:
            found: Mapping[str, list[str]] | None = object.__getattribute__(self, "_errors")
        except AttributeError:
            return None
        return found


async def validated(instance: Any, ops: Any) -> None:
    """Check an instance with its hooks around, and keep what was found in ``errors``."""
    model = type(instance)
    instance._errors = None
    context = HookContext("validate", "", model, instance)
    context.is_new = instance._row is None
    await _fire(context, "before_validate")
    try:
        try:
            row = model.__codec__.encode(instance)
        except InvalidValueError as error:
            name = model.__definition__.name
            raise validation_error(name, misfits(instance, error)) from None
        await check(instance, row, ops)
    except ValidationError as error:
        instance._errors = error.details["messages"]
        raise
    await _fire(context, "after_validate")


async def _fire(context: HookContext, name: str) -> None:
    if not context.model.__hooked__:
        return
    import inspect  # noqa: PLC0415 - only models with hooks need it

    for function in hooks_of(context.model, name):
        context.hook = name
        answer = function(context)
        if inspect.isawaitable(answer):
            await answer


def _add(
    cls: Any, kind: str, given: tuple[Any, ...], options: dict[str, Any], function: Any = None
) -> None:
    names = list(given)
    if names and isinstance(names[-1], Mapping):
        options = {**names.pop(), **options}
    settled = _settled(cls, kind, options)
    if not names:
        raise _wrong(cls, f"validation {kind} names no property", "give one or more names first")
    properties = cls.__definition__.properties
    for name in names:
        if name not in properties and not cls.__definition__.open:
            raise _wrong(
                cls, f"{cls.__name__} has no property {name!r}", did_you_mean(name, properties)
            )
    if vars(cls).get("__own_validators__") is None:
        cls.__own_validators__ = []
    cls.__own_validators__ += [Validation(kind, name, settled, function) for name in names]
    mark_validated(cls)


def _settled(cls: Any, kind: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """The options of a rule in our spelling, each with a value that it can have."""
    settled = {SPELLINGS.get(name, name): value for name, value in options.items()}
    allowed = COMMON | KINDS[kind].options
    for name, value in settled.items():
        if name not in allowed:
            raise _wrong(
                cls, f"validation {kind} has no option {name!r}", did_you_mean(name, allowed)
            )
        types, wanted = _VALUES.get(name, (object, ""))
        if value is not None and not isinstance(value, types):
            raise _wrong(cls, f"validation {kind}: {name}={value!r:.60}", f"{name}={wanted}")
    need = NEEDED.get(kind)
    if need and need not in settled:
        raise _wrong(
            cls, f"validation {kind} needs {need}=", f"{need}=[…]" if need == "in_" else ""
        )
    if kind == "format":
        text = pattern_text(settled["with_"], f"{cls.__name__}: validates_format_of")
        settled["search"] = pattern_search(text)
    return settled


def _wrong(cls: Any, message: str, hint: str) -> JugglerError:
    return ConfigurationError(message, code="validation-rule", hint=hint, model=cls.__name__)
