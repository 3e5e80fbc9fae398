"""Names that look like Markdown or HTML, and many connectors, on the pages about licences."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pandas as pd
import pytest
from factories_entitlements import fill_entitlements
from sqlalchemy import Engine, text
from streamlit.testing.v1 import AppTest

from connectory.database import writing
from dashboard.parts.exposure_figures import bars_of

Shown = Callable[..., AppTest]
HOSTILE = "![x](https://evil.example/a.png) <b>:material/home:</b>"


@pytest.mark.parametrize(
    "look",
    ["Plan", "Other ways", "Metered now", "Connectors", "People", "Environments", "To decide"],
)
def test_names_of_a_tenant_stay_words(shown: Shown, tenant: Engine, look: str) -> None:
    """No picture, no icon and no bold text comes of the name of an environment, app or connector."""
    fill_entitlements(tenant)
    with writing(tenant) as connection:
        for table in (
            "environment_versions",
            "app_versions",
            "flow_versions",
            "connector_versions",
        ):
            connection.execute(
                text(f"UPDATE {table} SET display_name = :one"),  # noqa: S608 - names of ours
                {"one": HOSTILE},
            )
    app = shown("views/exposure.py", look=look, way="Pay-as-you-go", line="cheapest-plan.2")
    said = [*app.title, *app.header, *app.subheader, *app.markdown, *app.caption]
    cells = [str(table.value.to_dict()) for table in app.table]

    assert not app.exception
    assert not any("![x](https" in str(part.value) for part in said)
    assert not any("![x](https" in told for told in cells)


def test_connectors_beyond_the_first_are_told_together() -> None:
    """Twelve that cost: ten by name, two together, and what is shared; the sum is theirs."""
    rows = pd.DataFrame(
        [(n, f"C{n}", "Prod", Decimal(20 - n)) for n in range(12)],
        columns=["connector_id", "connector", "environment", "monthly"],
    )
    told = bars_of(rows, Decimal(7))

    assert len(told) == 12
    assert told[-2:] == [
        ("2 others", Decimal(19), "Saved if it were retired"),
        ("Shared by several", Decimal(7), "By no connector alone"),
    ]
    assert sum(value for _, value, _ in told) == sum(rows["monthly"]) + 7


def test_connectors_called_alike_are_told_apart() -> None:
    """By their environment, and where that is the same by their number."""
    rows = pd.DataFrame(
        [(1, "Twin", "A", Decimal(3)), (2, "Twin", "B", Decimal(2)), (3, "Twin", "B", Decimal(1))],
        columns=["connector_id", "connector", "environment", "monthly"],
    )

    assert [name for name, _, _ in bars_of(rows, Decimal(0))] == [
        "Twin, A", "Twin, B (2)", "Twin, B (3)",
    ]  # fmt: skip
