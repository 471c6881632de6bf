"""The model documents of a project, found where model-config.json says."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from juggler.loopback import builtin, scripts
from juggler.loopback.files import MODEL_CONFIG

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from juggler.loopback.files import Folder
    from juggler.loopback.report import Report

_SOURCES: Final = ("../common/models", "./models")
_MIXINS: Final = ("../common/mixins", "./mixins")
_SCRIPTS: Final = (".js", ".coffee", ".ts")
#: Files and folders of the web server.
_SERVER: Final = ("middleware.json", "component-config.json")


@frozen
class Document:
    """A model's document.

    Attributes:
        name: the model's name.
        data: the document.
        place: the file, "" for a built-in model.
        script: what the code beside it does, None where there is none.
        script_place: the file of that code.
    """

    name: str
    data: Mapping[str, Any]
    place: str = ""
    script: str | None = None
    script_place: str = ""

    @property
    def base(self) -> str:
        """Name of the base model, "" for LoopBack's default."""
        options = self.data.get("options")
        options = options if isinstance(options, Mapping) else {}
        found = options.get("base") or self.data.get("base") or self.data.get("super")
        return found if isinstance(found, str) else ""


@frozen
class Documents:
    """All documents of a project by model name, and the names of its mixins' files."""

    models: dict[str, Document]
    mixins: dict[str, str]

    def __getitem__(self, name: str) -> Document | None:
        return self.models.get(name)


def found_in(folder: Folder, meta: Any, report: Report) -> Documents:
    """The documents of a project, LoopBack's own below them.

    Args:
        folder: the project.
        meta: `_meta` of model-config.json.
        report: gets what is not read.

    Raises:
        ConfigurationError: ``loopback-json`` and ``loopback-config`` for a broken document.
    """
    older = _is_two(folder)
    models = {name: Document(name, builtin.document(name, older=older)) for name in builtin.MODELS}
    said = meta if isinstance(meta, Mapping) else {}
    for path in _folders(folder, said.get("sources"), _SOURCES, report):
        for file in sorted(path.glob("*.json")):
            if not file.name.startswith("_"):
                document = _read(folder, file)
                models[document.name] = document
    mixins = {}
    for path in _folders(folder, said.get("mixins"), _MIXINS, report):
        for file in sorted(p for p in path.iterdir() if p.suffix in _SCRIPTS):
            if file.stem != "index" and not file.name.startswith("_"):
                mixins[_classified(file.stem)] = folder.shown(file)
    return Documents(models, mixins)


def code_around(folder: Folder, report: Report) -> None:
    """Report boot scripts and the files of the web server."""
    boot = folder.server / "boot"
    for path in sorted(boot.iterdir()) if boot.is_dir() else ():
        if path.suffix in _SCRIPTS:
            what = scripts.does(path)
            if what is not None:
                report.lose(folder.shown(path), f"the boot script does not run ({what})")
    for name in _SERVER:
        if (folder.server / name).is_file():
            report.keep(f"{folder.shown(folder.server / name)}", "is the web server's: not read")


def _folders(folder: Folder, said: Any, default: tuple[str, ...], report: Report) -> Iterator[Path]:
    names = said if isinstance(said, list) else default
    for name in names:
        if not isinstance(name, str) or name.startswith("loopback/"):
            continue  # LoopBack's own are built in
        path = folder.resolve(name)
        if path is not None:
            yield path
        elif not name.startswith((".", "/")):
            report.lose(f"{MODEL_CONFIG}.json", f"the package folder {name!r} is not installed")


def _read(folder: Folder, file: Path) -> Document:
    data = folder.mapping(file)
    name = data.get("name")
    if not isinstance(name, str) or not name.strip():
        name = _classified(file.stem)
    script = next((s for s in (file.with_suffix(end) for end in _SCRIPTS) if s.is_file()), None)
    return Document(
        name, data, folder.shown(file), None if script is None else scripts.does(script),
        "" if script is None else folder.shown(script),
    )  # fmt: skip


def _classified(stem: str) -> str:
    """``time-stamp`` → ``TimeStamp``."""
    words = re.split(r"[\W_]+|(?<=[a-z0-9])(?=[A-Z])", stem)
    return "".join(word[:1].upper() + word[1:] for word in words)


def _is_two(folder: Folder) -> bool:
    """Whether package.json asks for LoopBack 2."""
    for place in (folder.root, folder.root.parent):
        file = place / "package.json"
        if file.is_file():
            wanted = folder.mapping(file).get("dependencies")
            version = wanted.get("loopback", "") if isinstance(wanted, Mapping) else ""
            return re.match(r"\D*2(\.|$)", str(version)) is not None
    return False
