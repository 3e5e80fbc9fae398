"""Every form in which an estimate can be taken along."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from connectory.domain.licensing.frozen import Frozen
from connectory.domain.licensing.statement import Statement
from connectory.exports.focus import cost_file
from connectory.exports.workbook import workbook
from connectory.queries.export import to_csv
from connectory.queries.statements import lines, people

_Write = Callable[[Statement, bytes, Frozen | None], bytes]


@dataclass(frozen=True, slots=True)
class Form:
    """A form of file.

    Attributes:
        label: What it is called where it is offered.
        ending: Of the names of such files.
        mime: By which a browser knows what it is.
        write: Writes an estimate from its statement and scenario, and the number it was frozen under.
    """

    label: str
    ending: str
    mime: str
    write: _Write


FORMS: Final[Mapping[str, Form]] = {
    "xlsx": Form(
        "Workbook (XLSX)",
        "xlsx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        lambda told, _, frozen: workbook(told, frozen),
    ),
    "focus": Form(
        "Cost file (FOCUS)",
        "focus.csv",
        "text/csv",
        lambda told, _, frozen: cost_file(told, frozen).encode(),
    ),
    "lines": Form(
        "Lines (CSV)", "lines.csv", "text/csv", lambda told, *_: to_csv(lines(told)).encode()
    ),
    "people": Form(
        "People (CSV)", "people.csv", "text/csv", lambda told, *_: to_csv(people(told)).encode()
    ),
    "scenario": Form(
        "Scenario (JSON)", "scenario.json", "application/json", lambda _, scenario, __: scenario
    ),
}
"""Each by its name."""


def content(form: str, told: Statement, scenario: bytes, frozen: Frozen | None = None) -> bytes:
    """Return an estimate as a file.

    Args:
        form: Name of a form.
        told: The estimate.
        scenario: What it was reckoned from.
        frozen: Under which number, by whom and when it was frozen, if it was.

    Raises:
        KeyError: There is no such form.
    """
    return FORMS[form].write(told, scenario, frozen)
