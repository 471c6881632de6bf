"""Bringing the store and the models together: plan, check, apply, migrate.

Everything is judged before anything is applied: a plan with a step that is not allowed is refused
as a whole.  ``automigrate``, ``autoupdate`` and ``is_actual`` are LoopBack's words for the same.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, get_args

from attrs import field, frozen

from juggler.connector.port import drive, options
from juggler.connector.schema import Mode
from juggler.datasource._plan_text import plan_html, plan_text
from juggler.errors import (
    ConfigurationError,
    DeadlineError,
    MigrationError,
    SchemaDriftError,
    UnsafeMigrationError,
    did_you_mean,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from juggler.connector.port import Port
    from juggler.connector.schema import SchemaStep, StepResult
    from juggler.datasource.source import DataSource
    from juggler.spec import ModelSpec

    Progress = Callable[[int, int, SchemaStep], object]

MODES: tuple[str, ...] = get_args(Mode)
#: What ``allow`` may name: safety classes, and dropping what no model declares.
ALLOWABLE = frozenset({"destructive", "rewrite", "drop"})
#: Seconds for a whole apply.
PATIENCE = 300.0
_FIRST_LOOK, _LONGEST_LOOK = 0.05, 1.0


@frozen(eq=False, repr=False)
class SchemaPlan:
    """The steps from what exists to what the models declare.

    Attributes:
        steps: in the order to apply; ``info`` steps say what is there and is left alone.
        mode: ``check``, ``update``, ``create`` or ``recreate``.
        models: names of the models.
        connector: the connector's name.
        fingerprint: of the schema that was read.
    """

    steps: tuple[SchemaStep, ...]
    mode: Mode
    models: tuple[str, ...]
    connector: str
    fingerprint: str
    _source: DataSource = field(alias="source")
    _specs: tuple[ModelSpec, ...] = field(alias="specs")

    @property
    def pending(self) -> tuple[SchemaStep, ...]:
        """The steps that change something."""
        return tuple(step for step in self.steps if step.safety != "info")

    @property
    def is_actual(self) -> bool:
        """Whether the store is as the models declare."""
        return not self.pending

    def refused(self, allow: Collection[str] = ()) -> tuple[SchemaStep, ...]:
        """The steps that keep the plan from being applied."""
        return tuple(step for step in self.pending if not _allowed(step, allow))

    def apply(
        self,
        allow: Collection[str] = (),
        *,
        wait: bool = True,
        timeout: float = PATIENCE,
        progress: Progress | None = None,
    ) -> list[StepResult]:
        """Apply the plan.

        Args:
            allow: what is allowed beyond safe and online steps: ``destructive``, ``rewrite``, and
                ``drop`` (objects that no model declares).
            wait: whether to wait until everything is effective (indexes built).
            timeout: seconds for the whole.
            progress: called before each step with (number from 1, how many, step).

        Returns:
            One result per step; an empty list when there was nothing to do.

        Raises:
            UnsafeMigrationError: a step is not allowed or impossible; nothing was applied.
            SchemaDriftError: the schema changed since the plan was made; nothing was applied.
            MigrationError: a step failed; ``step`` is it, the ones before are applied.
            DeadlineError: not everything was effective in time.
        """
        source = self._source
        return drive(
            apply(source, source.port, self, allow, wait=wait, seconds=timeout, progress=progress)
        )

    @property
    def aio(self) -> AioPlan:
        """``await plan.aio.apply(...)``."""
        return AioPlan(self)

    def to_dict(self) -> dict[str, Any]:
        """The plan as plain data."""
        return {
            "connector": self.connector,
            "mode": self.mode,
            "models": list(self.models),
            "fingerprint": self.fingerprint,
            "actual": self.is_actual,
            "steps": [
                {
                    "kind": step.kind,
                    "target": step.target,
                    "safety": step.safety,
                    "model": step.model,
                    "reason": step.reason,
                    "reversible": step.reversible,
                    "native": list(step.native),
                }
                for step in self.steps
            ],
        }

    def __iter__(self) -> Iterator[SchemaStep]:
        return iter(self.steps)

    def __len__(self) -> int:
        return len(self.steps)

    def __bool__(self) -> bool:
        """Whether there is something to do."""
        return not self.is_actual

    def __repr__(self) -> str:
        steps = len(self.pending)
        todo = f"{steps} step{'' if steps == 1 else 's'} to do" if steps else "nothing to do"
        return f"<schema plan {self.connector}: {todo}>"

    def __str__(self) -> str:
        return plan_text(self)

    def _repr_html_(self) -> str:
        return plan_html(self)


@frozen
class AioPlan:
    """The asynchronous twin of a plan's :meth:`SchemaPlan.apply`."""

    _plan: SchemaPlan

    async def apply(
        self,
        allow: Collection[str] = (),
        *,
        wait: bool = True,
        timeout: float = PATIENCE,  # noqa: ASYNC109 - as its twin
        progress: Progress | None = None,
    ) -> list[StepResult]:
        """Apply the plan; see :meth:`SchemaPlan.apply`."""
        source = self._plan._source  # noqa: SLF001 - of this module
        return await apply(
            source,
            source.async_port,
            self._plan,
            allow,
            wait=wait,
            seconds=timeout,
            progress=progress,
        )


# ---------------------------------------------------------------- in either colour


async def plan(
    source: DataSource, port: Port, names: Any = None, mode: Mode = "update"
) -> SchemaPlan:
    """Read what exists and compare it with the models."""
    if mode not in MODES:
        raise ConfigurationError(
            f"there is no mode {mode!r}", code="schema-mode", hint=did_you_mean(str(mode), MODES)
        )
    return await plan_specs(source, port, source.migratable(names), mode)


async def plan_specs(
    source: DataSource, port: Port, specs: tuple[ModelSpec, ...], mode: Mode = "update"
) -> SchemaPlan:
    """The plan for models as the connector sees them; they need not be attached."""
    actual = await source.schemas.refresh(port, specs)
    found = source.host.plan_schema(specs, actual, mode)
    return SchemaPlan(
        steps=found.steps,
        mode=mode,
        models=tuple(spec.name for spec in specs),
        connector=source.name,
        fingerprint=found.fingerprint,
        source=source,
        specs=specs,
    )


async def apply(
    source: DataSource,
    port: Port,
    todo: SchemaPlan,
    allow: Collection[str] = (),
    *,
    wait: bool = True,
    seconds: float = PATIENCE,
    progress: Progress | None = None,
    advice: str = "",
) -> list[StepResult]:
    """Judge the whole, see that nothing moved, apply step by step."""
    allowed = _checked(allow)
    judge(todo, allowed, advice)
    steps = [step for step in todo.steps if _chosen(step, allowed)]
    if not steps:
        return []
    source.assert_thawed("the schema cannot change")
    deadline = time.monotonic() + seconds
    await _unmoved(source, port, todo)
    results: list[StepResult] = []
    source.schemas.forget()
    for number, step in enumerate(steps, 1):
        if progress is not None:
            progress(number, len(steps), step)
        results.append(await _apply_step(port, step, results, deadline))
    if wait:
        await _effective(source, port, todo, deadline)
    return results


async def automigrate(
    source: DataSource, port: Port, names: Any = None, *, allow_data_loss: bool = False
) -> list[StepResult]:
    """Create what the models need, anew where it exists."""
    todo = await plan(source, port, names, "recreate")
    allow = {"destructive", "rewrite"} if allow_data_loss else set[str]()
    call = f"db.automigrate({_as_argument(names)}allow_data_loss=True)"
    return await apply(source, port, todo, allow, advice=call)


async def autoupdate(source: DataSource, port: Port, names: Any = None) -> list[StepResult]:
    """Bring the store up to the models where that is safe."""
    return await apply(source, port, await plan(source, port, names, "update"))


async def is_actual(source: DataSource, port: Port, names: Any = None) -> bool:
    """Whether nothing has to be done."""
    return (await plan(source, port, names, "check")).is_actual


# ---------------------------------------------------------------- the rules


def judge(todo: SchemaPlan, allow: Collection[str], advice: str = "") -> None:
    """Refuse a plan as a whole when one of its steps is not allowed.

    Raises:
        UnsafeMigrationError: with the steps, and in ``hint`` the call that would allow them.
    """
    refused = todo.refused(allow)
    if not refused:
        return
    lines = "; ".join(
        f"{step.kind} {step.target} is {step.safety}" + (f" ({step.reason})" if step.reason else "")
        for step in refused
    )
    impossible = [step for step in refused if step.safety == "impossible"]
    classes = sorted({*allow, *(step.safety for step in refused)})
    call = advice or f"plan.apply(allow={{{', '.join(map(repr, classes))}}})"
    raise UnsafeMigrationError(
        f"schema plan refused, nothing was applied: {lines}",
        steps=refused,
        hint="no call makes an impossible step possible: do what its reason says"
        if impossible
        else call,
        connector=todo.connector,
    )


def _allowed(step: SchemaStep, allow: Collection[str]) -> bool:
    return step.safety in {"info", "safe", "online"} or (
        step.safety != "impossible" and step.safety in allow
    )


def _chosen(step: SchemaStep, allow: Collection[str]) -> bool:
    """Whether to run it; what no model declares is dropped only with ``drop``."""
    if step.safety != "info":
        return True
    return "drop" in allow and step.kind.startswith("drop")


def _checked(allow: Collection[str]) -> frozenset[str]:
    words = {allow} if isinstance(allow, str) else set(allow)
    for word in words:
        if word not in ALLOWABLE:
            raise ConfigurationError(
                f"allow={word!r} is nothing that can be allowed",
                code="schema-allow",
                hint=did_you_mean(str(word), ALLOWABLE),
            )
    return frozenset(words)


async def _unmoved(source: DataSource, port: Port, todo: SchemaPlan) -> None:
    actual = await source.schemas.refresh(port, todo._specs)  # noqa: SLF001 - of this module
    again = source.host.plan_schema(todo._specs, actual, todo.mode)  # noqa: SLF001
    if again.fingerprint != todo.fingerprint:
        raise SchemaDriftError(
            "the schema changed since the plan was made; nothing was applied",
            hint="plan again: db.plan()",
            connector=todo.connector,
        )


async def _apply_step(
    port: Port, step: SchemaStep, done: Sequence[StepResult], deadline: float
) -> StepResult:
    left = deadline - time.monotonic()
    try:
        if left <= 0:
            raise DeadlineError("the time for the schema plan is over")  # noqa: TRY301 - as any
        with options(timeout=left):
            result: StepResult = await port.call("apply_schema", step)
    except Exception as error:
        applied = ", ".join(f"{r.step.kind} {r.step.target}" for r in done) or "nothing"
        raise MigrationError(
            f"step {step.kind} {step.target} failed: {error}",
            step=step,
            hint=f"applied before it: {applied}; plan again when the cause is gone",
            outcome="applied" if done else "unknown",
        ) from error
    return result


async def _effective(source: DataSource, port: Port, todo: SchemaPlan, deadline: float) -> None:
    """Wait until the store shows what was applied."""
    pause = _FIRST_LOOK
    while True:
        actual = await source.schemas.refresh(port, todo._specs)  # noqa: SLF001 - of this module
        left = [
            step
            for step in source.host.plan_schema(todo._specs, actual, "check").steps  # noqa: SLF001
            if step.safety == "online"
        ]
        if not left:
            return
        if time.monotonic() + pause >= deadline:
            names = ", ".join(f"{step.kind} {step.target}" for step in left)
            raise DeadlineError(
                f"applied, but not effective yet: {names}",
                hint="give apply() more time: timeout=seconds, or do not wait: wait=False",
                connector=todo.connector,
            )
        await port.sleep(pause)
        pause = min(pause * 2, _LONGEST_LOOK)


def _as_argument(names: Any) -> str:
    if names is None:
        return ""
    listed = [names] if isinstance(names, str | type) else list(names)
    shown = [name if isinstance(name, str) else name.__name__ for name in listed]
    return f"{shown[0]!r}, " if len(shown) == 1 else f"{shown!r}, "
