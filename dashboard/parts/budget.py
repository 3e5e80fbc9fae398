"""The finding about the budget for licences, wherever it is shown."""

from __future__ import annotations

import streamlit as st

from dashboard import exposure_data
from dashboard.data import At
from dashboard.parts import entry, page
from dashboard.parts.badges import SEVERITY
from dashboard.parts.text import esc

_SEVERITIES = {"exceeded": "high", "coming": "medium", "unknown": "medium"}
_LONGEST = 600


def note(at: At) -> None:
    """Draw it as a warning above the figures it is about."""
    found = exposure_data.budget_finding(at)
    if found is not None:
        said = esc(" ".join(found.lines), longest=_LONGEST)
        st.warning(f"**{esc(found.title)}.** {said}", icon=":material/savings:")


def finding(at: At) -> bool:
    """Draw it as one of the things that need a person; tell whether there is one."""
    found = exposure_data.budget_finding(at)
    if found is None:
        return False
    with st.container(border=True):
        entry.state(
            SEVERITY,
            _SEVERITIES[found.told.kind],
            esc(found.title),
            esc(" ".join(found.lines), longest=_LONGEST),
            page=page.EXPOSURE,
            look="Over time",
        )
    return True
