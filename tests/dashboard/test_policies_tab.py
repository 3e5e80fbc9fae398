"""The policies of a connector: with some, with none, and where they were not read."""

from __future__ import annotations

from collections.abc import Callable

import factories_policies
import pytest
from factories import INVOICES, SCRATCH
from sqlalchemy import Engine, text
from streamlit.testing.v1 import AppTest

from connectory.database import writing

Shown = Callable[..., AppTest]
CONNECTOR = "views/connector.py"


def said(page: AppTest) -> str:
    """Everything the page says in Markdown."""
    return "\n".join(str(part.value) for part in (*page.markdown, *page.caption, *page.error))


def facts(page: AppTest) -> str:
    """The small tables of a page as one text."""
    return "\n".join(str(table.value.to_dict()) for table in page.table)


def test_a_blocked_connector_shows_who_blocks_it(shown: Shown, tenant: Engine) -> None:
    """The verdict of all, beside what each policy says and by which rule."""
    factories_policies.fill_policies(tenant)
    app = shown(CONNECTOR, id=str(INVOICES), tab="Policies")

    assert not app.exception
    assert "Blocked" in facts(app)
    assert "Baseline" in facts(app)
    frame = app.dataframe[0].value
    assert frame["policy"].tolist() == ["Baseline", "Finance only"]
    assert frame["rule"].tolist() == ["URL pattern", "Named"]
    assert "A policy blocks it, and it is in use" in said(shown())


@pytest.mark.usefixtures("tenant")
def test_policies_that_were_not_read_are_not_none(shown: Shown) -> None:
    """Before any answer the page claims neither that a policy applies nor that none does."""
    app = shown(CONNECTOR, id=str(SCRATCH), tab="Policies")

    assert not app.exception
    assert "Not assessed" in said(app)
    assert "Policies were not read" in said(app)
    assert "No policy applies" not in said(app)


def test_where_no_policy_applies_the_page_says_so(shown: Shown, tenant: Engine) -> None:
    """Read and none for this environment is a finding of its own."""
    with writing(tenant) as connection:
        connection.execute(
            text(
                "INSERT INTO policy_answers (connector_id, data_group, rule, policies, reason, "
                "from_run) VALUES (:one, 'unrestricted', 'none', 0, 'no policy applies', 1)"
            ),
            {"one": INVOICES},
        )
    app = shown(CONNECTOR, id=str(INVOICES), tab="Policies")

    assert "No policy applies" in said(app)
    assert "No policy" in facts(app)


def test_hostile_names_of_policies_are_words(shown: Shown, tenant: Engine) -> None:
    """A policy's name and pattern reach no Markdown alive."""
    factories_policies.fill_policies(tenant)
    hostile = "![x](https://evil.example/a.png) <script>alert(1)</script>"
    with writing(tenant) as connection:
        connection.execute(text("UPDATE policy_answers SET reason = :n"), {"n": hostile})
        connection.execute(text("UPDATE data_policy_versions SET name = :n"), {"n": hostile})
    app = shown(CONNECTOR, id=str(INVOICES), tab="Policies")

    told = said(app) + facts(app)
    assert not app.exception
    assert "![x](" not in told
    assert "<script>" not in told
