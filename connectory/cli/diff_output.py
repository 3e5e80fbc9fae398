"""What changed, on a terminal and in the Markdown of a pull request."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Final

from connectory.cli.printing import printed
from connectory.domain.drift.changes import Change, Severity, counts, verdict

_TITLES: Final[dict[Severity, str]] = {
    "breaking": "Breaking",
    "risky": "Risky",
    "compatible": "Compatible",
    "cosmetic": "Cosmetic",
}
_COLOURS: Final[dict[str, str]] = {
    "breaking": "bold red",
    "risky": "yellow",
    "compatible": "green",
    "cosmetic": "dim",
    "identical": "green",
}
_VERDICTS: Final = {
    "breaking": "Breaking: something that flows or apps rely on is gone or another.",
    "risky": "Risky: nothing is sure to break, but somebody has to look.",
    "compatible": "Compatible: callers go on as before.",
    "cosmetic": "Cosmetic: only what people read or see changed.",
    "identical": "Identical: nothing changed.",
}
_CONNECTOR: Final = "The connector"
_LONGEST: Final = 300


def show(changes: tuple[Change, ...], unwrapped: Sequence[str]) -> None:
    """Print what changed for people, grouped, the most severe first."""
    from rich.console import Console
    from rich.markup import escape

    console = Console(highlight=False, soft_wrap=True)
    told = verdict(changes)
    console.print(f"[{_COLOURS[told]}]{_VERDICTS[told]}[/]")
    for severity, group in groupby(changes, key=lambda change: change.severity):
        listed = list(group)
        console.print(f"\n[{_COLOURS[severity]}]{_TITLES[severity]} ({len(listed):,})[/]")
        for place, several in _by_place(listed):
            console.print(f"  [bold]{escape(_printed(place))}[/bold]")
            for (rule, why), alike in groupby(several, key=_why):
                console.print(
                    f"    [italic]{rule}[/italic]: {escape(_printed(why.removesuffix('.')))}"
                )
                for change in alike:
                    console.print(f"      {escape(_printed(change.what))}")
    if changes:
        numbers = ", ".join(f"{count:,} {name}" for name, count in counts(changes).items() if count)
        console.print(f"\n{numbers}")
    if unwrapped:
        console.print(f"\n{_offered(unwrapped)}: {escape(_printed(', '.join(unwrapped)))}")


def markdown(changes: tuple[Change, ...], unwrapped: Sequence[str]) -> str:
    """Return what changed as Markdown: the verdict, then a table for each severity."""
    lines = [f"**{_VERDICTS[verdict(changes)]}**"]
    for severity, group in groupby(changes, key=lambda change: change.severity):
        listed = list(group)
        folded = severity == "cosmetic"
        title = f"{_TITLES[severity]} ({len(listed):,})"
        lines += ["", f"<details><summary>{title}</summary>" if folded else f"### {title}", ""]
        lines += ["| operation | rule | what |", "| --- | --- | --- |"]
        lines += [
            f"| {_cell(_place(change))} | {change.rule} | {_cell(change.message)} |"
            for change in listed
        ]
        lines += ["", "</details>"] if folded else []
    if unwrapped:
        lines += ["", f"{_offered(unwrapped)}: {_cell(', '.join(unwrapped))}"]
    return "\n".join(lines)


def _offered(unwrapped: Sequence[str]) -> str:
    word = "operation" if len(unwrapped) == 1 else "operations"
    return f"The API offers {len(unwrapped):,} more {word}"


def _by_place(changes: Iterable[Change]) -> Iterator[tuple[str, list[Change]]]:
    for place, several in groupby(changes, key=_place):
        yield place, list(several)


def _why(change: Change) -> tuple[str, str]:
    """Return the rule of a change, and why it matters, which many changes share."""
    return change.rule, change.why


def _place(change: Change) -> str:
    place = change.place
    if place.operation_id is None:
        return _CONNECTOR
    where = f"{place.method} {place.path}"
    return where if place.operation_id == where else f"{place.operation_id}  {where}"


def _printed(text: str) -> str:
    told = printed(text)
    return told if len(told) <= _LONGEST else f"{told[:_LONGEST]}…"


def _cell(text: str) -> str:
    """Return a text that neither a table nor a page of Markdown obeys, and that calls nobody.

    A mark of no width keeps names, numbers of issues and addresses from being taken for such.
    """
    told = _printed(text)
    for mark in "\\`*_{}[]<>#|!&~":
        told = told.replace(mark, f"\\{mark}")
    for mark in ("@", "\\#", "www", ":/"):
        told = told.replace(mark, f"{mark}&#8203;")
    return told
