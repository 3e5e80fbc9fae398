"""Faults as the command line takes them: what goes wrong, and at whose host."""

from __future__ import annotations

import click

from connectory.simulator.wire.kinds import FAULTS

Fault = tuple[str, str]
"""Kind, and end of the host's name; empty for every service."""


class FaultType(click.ParamType[Fault]):
    """``KIND`` or ``KIND@HOST``."""

    name = "kind[@host]"

    def convert(
        self, value: str | Fault, param: click.Parameter | None, ctx: click.Context | None
    ) -> Fault:
        """Return kind and host; an unknown kind ends the command with the list of those known."""
        if isinstance(value, tuple):
            return value
        kind, _, host = value.partition("@")
        if kind not in FAULTS:
            self.fail(f"no fault of kind {kind!r}; one of {', '.join(FAULTS)}", param, ctx)
        return kind, host.casefold()


FAULT = FaultType()
