"""What a loaded project does otherwise than under LoopBack: a list of findings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal

from attrs import asdict, define, field, frozen

if TYPE_CHECKING:
    from collections.abc import Iterator

Level = Literal["lost", "changed", "kept"]
TITLES: Final[dict[Level, str]] = {
    "lost": "Not honoured",
    "changed": "Done otherwise",
    "kept": "Kept as data, without effect",
}


@frozen
class Finding:
    """One thing that is not as it was.

    Attributes:
        level: ``lost`` for what is not honoured, ``changed`` for what is done otherwise, ``kept``
            for data without effect.
        place: the file, data source, model, property or relation (``Order.customer``).
        message: what is so.
        hint: what to do about it, or "".
    """

    level: Level
    place: str
    message: str
    hint: str = ""

    def __str__(self) -> str:
        text = f"{self.place}: {self.message}"
        return f"{text} → {self.hint}" if self.hint else text


@define
class Report:
    """The findings, in the order in which they were made; ``str()`` is a text for people."""

    findings: list[Finding] = field(factory=list)

    def lose(self, place: str, message: str, hint: str = "") -> None:
        """Note what is not honoured."""
        self._add(Finding("lost", place, message, hint))

    def change(self, place: str, message: str, hint: str = "") -> None:
        """Note what is done otherwise."""
        self._add(Finding("changed", place, message, hint))

    def keep(self, place: str, message: str, hint: str = "") -> None:
        """Note what is data without effect."""
        self._add(Finding("kept", place, message, hint))

    @property
    def lost(self) -> list[Finding]:
        """What is not honoured."""
        return self._of("lost")

    @property
    def changed(self) -> list[Finding]:
        """What is done otherwise."""
        return self._of("changed")

    @property
    def kept(self) -> list[Finding]:
        """What is kept as data and has no effect."""
        return self._of("kept")

    def about(self, place: str) -> list[Finding]:
        """The findings of a place and of what is inside it: ``about("Order")``."""
        return [f for f in self.findings if f.place == place or f.place.startswith(f"{place}.")]

    def to_list(self) -> list[dict[str, Any]]:
        """The findings as JSON."""
        return [asdict(finding) for finding in self.findings]

    def _of(self, level: Level) -> list[Finding]:
        return [finding for finding in self.findings if finding.level == level]

    def _add(self, finding: Finding) -> None:
        if finding not in self.findings:
            self.findings.append(finding)

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.findings)

    def __len__(self) -> int:
        return len(self.findings)

    def __str__(self) -> str:
        parts = []
        for level, title in TITLES.items():
            found = self._of(level)
            if found:
                parts.append("\n".join([f"{title}:", *(f"  {finding}" for finding in found)]))
        return "\n\n".join(parts) or "Everything is honoured."

    def __repr__(self) -> str:
        counts = ", ".join(f"{len(self._of(level))} {level}" for level in TITLES)
        return f"<Report {counts}>"
