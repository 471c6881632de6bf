"""`import juggler` is quick and loads nothing; its names are there on first use."""

from __future__ import annotations

import subprocess
import sys

import juggler

LOADED = "import sys; {}; print('\\n'.join(sorted(m for m in sys.modules if m.startswith({!r}))))"


def loaded(statement: str, prefix: str = "") -> set[str]:
    code = LOADED.format(statement, prefix)
    done = subprocess.run(  # noqa: S603 - this interpreter, our own line
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


def test_import_juggler_loads_nothing_of_it() -> None:
    assert loaded("import juggler", "juggler") == {"juggler"}
    more = loaded("import juggler") - loaded("pass")
    assert not more & {"attr", "attrs", "pluggy", "asyncio", "importlib.metadata", "click", "rich"}


def test_models_load_no_event_loop_and_no_package_index() -> None:
    modules = loaded("from juggler import Model, Prop, prop, has_many, Query, ModelBuilder")
    assert not modules & {"asyncio", "importlib.metadata", "click", "rich", "ssl", "urllib.request"}
    ours = {m for m in modules if m.startswith("juggler.")}
    assert not {m for m in ours if m.startswith(("juggler.cli", "juggler.datasource"))}
    assert not ours & {"juggler.model.aio", "juggler.model.typed_source", "juggler.operations"}


def test_every_public_name_is_there() -> None:
    for name in juggler.__all__:
        assert getattr(juggler, name) is not None or name == "MISSING"
    assert set(juggler.__all__) <= set(dir(juggler))
    assert not hasattr(juggler, "nope")
