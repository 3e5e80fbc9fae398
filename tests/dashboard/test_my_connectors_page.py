"""The page of one person's connectors: with some, with none, and for nobody."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from factories import ADA, CARLA, DORA, ZED, fill_runs_only
from factories_asking import COE, SENT, fill_asking
from factories_drift import assessed, fill_drift
from sqlalchemy import Engine, text
from streamlit.testing.v1 import AppTest

from connectory.clock import wall_clock
from connectory.database import writing

Shown = Callable[..., AppTest]
MY = "views/my_connectors.py"
HOSTILE = "![x](https://evil.example/a.png) <script>alert(1)</script> [y](https://evil.example)"


@pytest.fixture
def asked(sqlite_store: Engine) -> Engine:
    """The small tenant, assessed, with campaigns and messages of these days."""
    fill_drift(sqlite_store)
    fill_asking(sqlite_store, wall_clock().date())
    assessed(sqlite_store)
    return sqlite_store


def said(page: AppTest) -> str:
    """Everything a page says in Markdown."""
    parts = [*page.title, *page.header, *page.markdown, *page.caption, *page.error]
    return "\n".join(str(part.value) for part in parts)


def metrics(page: AppTest) -> dict[str, str]:
    """The key figures."""
    return {str(one.label): str(one.value) for one in page.metric}


@pytest.mark.usefixtures("asked")
def test_somebody_sees_what_is_theirs(shown: Shown) -> None:
    """How many there are, what is to be done, the rows, and what they were written."""
    page = shown(MY, owner=ADA)

    assert not page.exception
    assert not page.error
    assert metrics(page) == {
        "Connectors": "2", "To answer": "1", "Unused": "0", "Breaking": "1",
        "Credential ends": "0",
    }  # fmt: skip
    assert list(page.dataframe[0].value["as_what"]) == ["Owner", "Owner, Asked"]
    assert "2 of 2 connectors" in said(page)
    assert "Keep it, retire it, hand it over, or say that it is not yours" in said(page).replace(
        "\\", ""
    )
    assert f"Your connectors, {SENT}" in said(page)


@pytest.mark.usefixtures("asked")
def test_a_person_is_found_by_mail_address(shown: Shown) -> None:
    """As by object id."""
    page = shown(MY, owner="Ada@Tenant.example")

    assert metrics(page)["Connectors"] == "2"
    assert "Ada Ample" in said(page)


@pytest.mark.usefixtures("asked")
def test_whoever_left_or_is_a_mailbox_is_shown_too(shown: Shown) -> None:
    """Somebody who left still has rows; a mailbox has what it is asked about."""
    left = shown(MY, owner=CARLA)

    assert metrics(left)["Connectors"] == "1"
    assert "Left" in said(left)
    assert metrics(shown(MY, owner=DORA))["To answer"] == "1"
    mailbox = shown(MY, owner=COE)
    assert not mailbox.exception
    assert "No connectors" in said(mailbox)


@pytest.mark.usefixtures("asked")
def test_rows_are_narrowed_by_the_address(shown: Shown) -> None:
    """By what is shown and as what; filters that leave nothing say so."""
    assert "1 of 2 connectors" in said(shown(MY, owner=ADA, show="To answer"))
    assert "1 of 2 connectors" in said(shown(MY, owner=ADA, role="Asked"))
    assert "No connector matches" in said(shown(MY, owner=ADA, show="Unused"))


@pytest.mark.usefixtures("asked")
def test_nobody_is_chosen_or_known(shown: Shown) -> None:
    """It asks for whose; a name that is none says what can be written."""
    page = shown(MY)

    assert not page.exception
    assert "Whose connectors?" in said(page)
    assert not page.metric
    unknown = shown(MY, owner="[x](https://evil.example)")
    assert "Nobody is known by that" in said(unknown)
    assert "](https" not in said(unknown)


@pytest.mark.usefixtures("asked")
def test_choosing_somebody_changes_the_address(shown: Shown) -> None:
    """So that the page can be sent to them."""
    page = shown(MY)
    page.selectbox(key="my.owner.").set_value(ADA).run()

    assert page.query_params["owner"] == ADA
    assert metrics(page)["Connectors"] == "2"


@pytest.mark.usefixtures("asked")
def test_somebody_without_connectors_says_so(shown: Shown) -> None:
    """Whom only a role to use it names has none."""
    page = shown(MY, owner=ZED)

    assert not page.exception
    assert "No connectors" in said(page)


def test_what_was_not_read_is_said(shown: Shown, sqlite_store: Engine) -> None:
    """A store whose run found nothing knows nobody."""
    fill_runs_only(sqlite_store)
    page = shown(MY, owner=ADA)

    assert not page.exception
    assert "Nobody is known by that" in said(page) or "The tenant could not be read" in said(page)


def test_hostile_words_stay_words(shown: Shown, asked: Engine) -> None:
    """Names of people, connectors, environments and campaigns."""
    with writing(asked) as connection:
        for statement in (
            "UPDATE connector_versions SET display_name = :words",
            "UPDATE principal_versions SET display_name = :words, department = :words",
            "UPDATE environment_versions SET display_name = :words",
            "UPDATE campaigns SET name = :words",
            "UPDATE outbox SET subject = :words, recipient_name = :words",
        ):
            connection.execute(text(statement), {"words": HOSTILE})
    page = shown(MY, owner=ADA)

    assert not page.exception
    assert not page.error
    assert "<script>" not in said(page)
    assert "](https" not in said(page)
