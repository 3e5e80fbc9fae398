"""What linting found, on a terminal: by operation, the most severe first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Final

from connectory.cli.printing import printed
from connectory.domain.linting.findings import Finding, Severity, counts, verdict

_COLOURS: Final[dict[Severity, str]] = {"error": "bold red", "warning": "yellow"}
_VERDICTS: Final = {
    "errors": "[bold red]Errors: it is not valid, or would not be certified.[/]",
    "warnings": "[yellow]Warnings: nothing stops it, and something could be better.[/]",
    "clean": "[green]Clean: nothing was found.[/]",
}
_WHOLE: Final = "The connector"
_LONGEST: Final = 300


def show(findings: tuple[Finding, ...]) -> None:
    """Print findings for people, with what to do about each kind."""
    from rich.console import Console
    from rich.markup import escape

    console = Console(highlight=False, soft_wrap=True)
    console.print(_VERDICTS[verdict(findings)])
    for operation, listed in _by_operation(findings):
        console.print(f"\n[bold]{escape(_printed(operation))}[/]")
        for (severity, rule, remedy), alike in groupby(listed, key=_kind):
            colour = _COLOURS[severity]
            console.print(f"  [{colour}]{severity}[/] [italic]{rule}[/]: {escape(remedy)}")
            for finding in alike:
                console.print(f"    {escape(_printed(_line(finding)))}")
    if findings:
        numbers = (
            f"{number:,} {name}{'' if number == 1 else 's'}"
            for name, number in counts(findings).items()
            if number
        )
        console.print(f"\n{', '.join(numbers)}")


def _by_operation(findings: Iterable[Finding]) -> Iterator[tuple[str, list[Finding]]]:
    """Yield the findings of each operation, those with errors first; they come errors first."""
    groups: dict[str, list[Finding]] = {}
    for finding in findings:
        groups.setdefault(finding.operation or _WHOLE, []).append(finding)
    for operation, listed in groups.items():
        yield operation, sorted(listed, key=lambda one: (one.severity, one.rule))


def _kind(finding: Finding) -> tuple[Severity, str, str]:
    return finding.severity, finding.rule, finding.remedy


def _line(finding: Finding) -> str:
    place = f"line {finding.line}: " if finding.line else ""
    if finding.location.startswith("apiProperties#"):
        place = f"apiProperties, {place}" if place else "apiProperties: "
    return f"{place}{finding.message}"


def _printed(text: str) -> str:
    told = printed(text)
    return told if len(told) <= _LONGEST else f"{told[:_LONGEST]}…"
