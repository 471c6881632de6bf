"""Seeded bugs: claims that are too large or too small, schema, and the layers below."""

from __future__ import annotations

from contextlib import contextmanager
from typing import Any

from attrs import evolve
from bugs_support import bug, patched_bug

from juggler.connector import full, hookimpl, impossible
from juggler.connector.schema import SchemaSteps
from juggler.errors import CapabilityError, PageTokenError, UnsupportedModelError
from juggler.model.codec import parts
from juggler.query.tokens import Token, TokenCodec
from juggler.values.types import TypeKind
from juggler_memory import MemoryConnector


class _Claiming(MemoryConnector):
    def claims(self) -> dict[str, Any]:
        return {}

    @hookimpl
    def capabilities(self, model):
        return evolve(super().capabilities(model), **self.claims())


@bug("claims_have_hooks")
class ClaimsALanguage(_Claiming):
    """Raw statements are claimed, and there is nothing that runs them."""

    def claims(self):
        return {"native_query": full(language="none")}


@bug("claims_have_hooks")
class DeniesTransactions(_Claiming):
    """Transactions are there, and said not to be."""

    def claims(self):
        return {"transactions": impossible("nobody may know")}


@bug("types_are_as_claimed")
class BindsWhatItDoesNotClaim(_Claiming):
    """Sets are not claimed, and models with sets are attached."""

    def claims(self):
        return {"types": full(kinds=frozenset(TypeKind) - {TypeKind.SET})}

    @hookimpl
    def bind(self, model):
        return None


@bug("types_are_as_claimed")
class RefusesWhatItClaims(MemoryConnector):
    """Every type is claimed, and models with dates are refused."""

    @hookimpl
    def bind(self, model):
        if any(field.type.kind is TypeKind.DATE for field in model.fields):
            raise UnsupportedModelError("no dates", problems=["day is a date"])
        super().bind(model)


@bug("model_features_are_as_claimed")
class UniqueIsPretended(_Claiming):
    """unique is not claimed, and models with unique properties are attached all the same."""

    def claims(self):
        return {"unique": impossible("only keys are unique", kind="key")}

    @hookimpl
    def bind(self, model):
        return None


@bug("consistency_levels_are_taken")
class StrongIsNotServed(MemoryConnector):
    """A consistency level is claimed, and refused when it is asked for."""

    @hookimpl
    def plan(self, query, schema):
        if query.options.consistency == "strong":
            raise CapabilityError("no strong reads here", feature="consistency")
        return super().plan(query, schema)


@bug("what_was_applied_is_actual")
class NeverActual(MemoryConnector):
    """The schema that is read is never the one that was applied."""

    @hookimpl
    def plan_schema(self, desired, actual, mode):
        return super().plan_schema(desired, type(actual)(), mode)


@bug("drift_is_seen_and_judged")
class BlindForDrift(MemoryConnector):
    """Nothing is ever left to do."""

    @hookimpl
    def plan_schema(self, desired, actual, mode):
        return SchemaSteps((), actual.fingerprint)


@bug("rows_are_lost_only_on_demand")
class RecreatingIsCalledSafe(MemoryConnector):
    """Losing all rows is called a safe step."""

    @hookimpl
    def plan_schema(self, desired, actual, mode):
        found = super().plan_schema(desired, actual, mode)
        return evolve(found, steps=tuple(evolve(step, safety="safe") for step in found.steps))


@bug("what_was_applied_is_discovered")
class DiscoversNothing(MemoryConnector):
    """Discovery finds no tables."""

    @hookimpl
    def discover(self, request, ctx):
        return evolve(super().discover(request, ctx), models=())


@patched_bug("TokensOfOtherQueries", "tokens_of_another_query_are_refused")
@contextmanager
def tokens_of_other_queries():
    """A token is accepted for any query."""
    before = TokenCodec.decode
    TokenCodec.decode = lambda self, text, fingerprint, now: evolve(  # type: ignore[method-assign]
        self._read(text), fingerprint=fingerprint
    )
    try:
        yield
    finally:
        TokenCodec.decode = before  # type: ignore[method-assign]


@patched_bug("TokensAreNotSigned", "forged_tokens_are_refused", "hostile_tokens_are_survived")
@contextmanager
def tokens_are_not_signed():
    """A token that cannot be read is taken for the last one that was made."""
    decoded, encoded = TokenCodec.decode, TokenCodec.encode
    made: list[Token] = []

    def encode(self, token):
        made.append(token)
        return encoded(self, token)

    def decode(self, text, fingerprint, now):
        try:
            return decoded(self, text, fingerprint, now)
        except PageTokenError:
            if not made:
                raise
            return evolve(made[-1], fingerprint=fingerprint)

    TokenCodec.decode, TokenCodec.encode = decode, encode  # type: ignore[method-assign]
    try:
        yield
    finally:
        TokenCodec.decode, TokenCodec.encode = decoded, encoded  # type: ignore[method-assign]


@patched_bug("TokensNeverExpire", "expired_tokens_are_refused")
@contextmanager
def tokens_never_expire():
    """The time of a token is not looked at."""
    before = TokenCodec.decode
    TokenCodec.decode = lambda self, text, fingerprint, now: before(  # type: ignore[method-assign]
        self, text, fingerprint, 0.0
    )
    try:
        yield
    finally:
        TokenCodec.decode = before  # type: ignore[method-assign]


@patched_bug("ValuesAreShared", "values_are_isolated")
@contextmanager
def values_are_shared():
    """Instances hold the store's own lists and dictionaries."""
    before = parts.copier
    parts.copier = lambda spec, inner: None
    try:
        yield
    finally:
        parts.copier = before
