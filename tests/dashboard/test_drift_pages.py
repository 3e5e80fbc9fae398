"""The pages of drift, in Streamlit's own test runner: with rows, without, and with what was not read."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import streamlit as st
from factories import FINANCE, INVOICES, PAYROLL, TWIN, fill_runs_only
from factories_calls import fill_calls
from factories_drift import assessed, fill_drift
from factories_events import fill_events
from sqlalchemy import Engine, insert, text
from streamlit.testing.v1 import AppTest

import models
from connectory.clock import wall_clock
from connectory.database import reading, writing

Shown = Callable[..., AppTest]
BOARD, CHANGE, LOG, UPSTREAM = (
    "views/drift.py", "views/change.py", "views/change_log.py", "views/upstream.py",
)  # fmt: skip
HOSTILE = "![x](https://evil.example/a.png) <script>alert(1)</script> [y](https://evil.example)"


@pytest.fixture
def drifted(sqlite_store: Engine) -> Engine:
    """The small tenant with what happened to it, assessed."""
    fill_drift(sqlite_store)
    fill_events(sqlite_store)
    fill_calls(sqlite_store)
    assessed(sqlite_store)
    return sqlite_store


@pytest.fixture
def blank(sqlite_store: Engine) -> Engine:
    """A store whose one run found nothing."""
    fill_runs_only(sqlite_store)
    return sqlite_store


def said(page: AppTest) -> str:
    """Everything a page says in Markdown."""
    parts = [*page.title, *page.header, *page.markdown, *page.caption, *page.error]
    return "\n".join(str(part.value) for part in parts)


def metrics(page: AppTest) -> dict[str, str]:
    """The key figures."""
    return {str(one.label): str(one.value) for one in page.metric}


def cells(page: AppTest, column: str, number: int = 0) -> list[str]:
    """Return a column of a table, chips as their words."""
    values = page.dataframe[number].value[column]
    return ["" if isinstance(value, float | None) else "".join(value) for value in values]


def acceptances(store: Engine) -> list[tuple[object, ...]]:
    """Return what was decided, the oldest first."""
    with reading(store) as connection:
        query = (
            "SELECT connector_id, reason, accepted_by, withdrawn_by FROM acceptances ORDER BY id"
        )
        return [tuple(row) for row in connection.execute(text(query))]


# --- the board


@pytest.mark.usefixtures("drifted")
def test_the_board_counts_and_ranks(shown: Shown) -> None:
    """One family, whose member in Sandbox lacks what Finance has."""
    page = shown(BOARD)

    assert not page.exception
    assert not page.error
    assert metrics(page) == {
        "Families": "1", "Differ": "1", "Breaking": "1", "Breaking, used": "0", "Accepted": "0",
    }  # fmt: skip
    assert cells(page, "worst") == ["✕ Breaking"]
    assert cells(page, "use") == ["○ Perhaps in use"]
    assert cells(page, f"at {FINANCE}") == ["Reference"]
    assert cells(page, "at 2") == ["✕ Breaking"]
    assert "1 of 1 family" in said(page)


@pytest.mark.usefixtures("drifted")
def test_on_a_narrow_screen_families_are_a_list(shown: Shown) -> None:
    """Each member with its word; what differs is a link."""
    page = shown(BOARD)

    assert "**Invoices**" in said(page)
    assert "Finance :gray-badge[:material/flag: Reference]" in said(page)


@pytest.mark.usefixtures("drifted")
def test_filters_of_the_board_stand_in_the_address(shown: Shown) -> None:
    """Those that leave nothing say so and stay."""
    assert "1 of 1 family" in said(shown(BOARD, worst="Breaking", environment="Sandbox"))
    page = shown(BOARD, use="In use")

    assert "No family matches" in said(page)
    assert page.multiselect(key="use").value == ["In use"]


def test_a_store_without_families_says_so(shown: Shown, blank: Engine) -> None:
    """And how they are found."""
    del blank
    page = shown(BOARD)

    assert not page.exception
    assert "No connector is in several environments" in said(page)


def test_a_member_that_cannot_be_read_is_not_same(shown: Shown, sqlite_store: Engine) -> None:
    """It has its own word, and nothing is called used."""
    fill_drift(sqlite_store)
    with writing(sqlite_store) as connection:
        connection.execute(
            text(
                "UPDATE connector_versions SET definition_state = 'not_read', "
                "definition_detail = '403' WHERE connector_id = 7"
            )
        )
    assessed(sqlite_store)
    page = shown(BOARD)

    assert not page.exception
    assert cells(page, "at 2") == ["? Not read"]
    assert metrics(page)["Breaking"] == "0"
    change = shown(CHANGE, pair=f"family-{TWIN}")
    assert not change.exception
    assert "Nothing could be compared" in said(change)
    assert "403" in said(change)


# --- one change


@pytest.mark.usefixtures("drifted")
def test_a_breaking_change_leads_to_whom_it_hits(shown: Shown) -> None:
    """What was, what is, why it matters, the flow and the agent that call it, and their owner."""
    page = shown(CHANGE, pair=f"step-{INVOICES}-3")

    assert not page.exception
    assert not page.error
    figures = metrics(page)
    assert (figures["Breaking"], figures["Compatible"]) == ("1", "1")
    assert figures["Known to be hit"] == "2"
    labels = [one.label for one in page.expander]
    assert any("1 flow, 1 agent call it; 1 app may call it" in label for label in labels)
    assert "**Operation removed**" in said(page)
    assert "`GetOld`" in said(page)
    assert any("GET /old" in one.value for one in page.code)
    people = page.dataframe[-1].value
    assert people["owner"].tolist() == ["Ada Ample", "Bruno Bogus"]
    assert people["sure"].tolist() == ["Is hit", "May be hit"]
    assert any("ada@tenant.example" in one.value for one in page.code)


@pytest.mark.usefixtures("drifted")
def test_the_same_verdict_is_to_be_had_in_a_terminal(shown: Shown) -> None:
    """The command names both sides."""
    page = shown(CHANGE, pair=f"family-{TWIN}")
    commands = [one.value for one in page.code if "connectory diff" in one.value]

    sides = "env-finance/shared_invoices-5f0a env-sandbox/shared_invoices-5f0a"
    assert commands == [f"connectory diff {sides} --profile environments"]
    assert "**Sandbox**" in said(page)
    assert "the reference" in said(page)


def accept(page: AppTest, *, reason: str = "It lags", author: str = "Ada") -> AppTest:
    """Accept what the first operation of a page has."""
    until = next(one for one in page.date_input if str(one.key).startswith("accept.until"))
    of = str(until.key).removeprefix("accept.until")
    page.text_input(key=f"accept.reason{of}").set_value(reason)
    page.text_input(key=f"accept.author{of}").set_value(author)
    until.set_value(wall_clock().date() + timedelta(days=30))
    return next(one for one in page.button if one.label == "Accept").click().run()


def test_what_is_accepted_is_folded_and_can_be_withdrawn(shown: Shown, drifted: Engine) -> None:
    """With reason, name and last day; afterwards it is open again."""
    page = accept(shown(CHANGE, pair=f"family-{TWIN}"), reason=HOSTILE)

    assert not page.exception
    assert not page.error
    assert acceptances(drifted) == [(TWIN, HOSTILE, "Ada", None)]
    assert "Accepted (1)" in [one.label for one in page.expander]
    assert "(https://evil" not in said(page).replace("\\(https", "")
    assert "nobody is hit" in said(page)
    assert "Nobody to tell" in said(page)
    assert metrics(page)["Known to be hit"] == "0"
    board = shown(BOARD)
    assert cells(board, "worst") == ["✓ Accepted"]
    assert metrics(board)["Accepted"] == "1"

    page = shown(CHANGE, pair=f"family-{TWIN}")
    which = page.multiselect(key="withdraw.which")
    which.set_value(which.options)
    page.text_input(key="withdraw.reason").set_value("Not any more")
    page.text_input(key="withdraw.author").set_value("Bruno")
    page = next(one for one in page.button if one.label == "Withdraw").click().run()

    assert not page.error
    assert acceptances(drifted) == [(TWIN, HOSTILE, "Ada", "Bruno")]
    assert "Accepted (1)" not in [one.label for one in page.expander]


@pytest.mark.parametrize(
    ("told", "why"),
    [({"author": " "}, "Nobody is named"), ({"reason": ""}, "No reason is given")],
)
def test_nobody_accepts_without_a_name_and_a_reason(
    shown: Shown, drifted: Engine, told: dict[str, str], why: str
) -> None:
    """The page says so, and nothing is written."""
    page = accept(shown(CHANGE, pair=f"family-{TWIN}"), **told)

    assert why in page.error[0].value
    assert acceptances(drifted) == []


@pytest.mark.usefixtures("drifted")
def test_a_past_day_is_only_looked_at(shown: Shown) -> None:
    """Nothing of it can be accepted."""
    page = shown(CHANGE, pair=f"family-{TWIN}", as_of="2026-11-10")

    assert not page.exception
    assert "Accept" not in [one.label for one in page.button]


@pytest.mark.parametrize(
    "pair", ["", "family-99", "step-1-1", "step-1", "upstream-1", "family-x", "other-1", HOSTILE]
)
@pytest.mark.usefixtures("drifted")
def test_an_address_that_names_nothing_says_so(shown: Shown, pair: str) -> None:
    """Whatever stands in it."""
    page = shown(CHANGE, pair=pair)

    assert not page.exception
    assert "No such comparison" in said(page)


def test_words_of_a_definition_stay_words(shown: Shown, drifted: Engine) -> None:
    """In names, places, values and reasons."""
    with writing(drifted) as connection:
        connection.execute(
            text("UPDATE comparison_changes SET message = :it, operation_id = :it, path = :it, "
                 "before = :it, after = :it, name = :it"), {"it": HOSTILE},
        )  # fmt: skip
        connection.execute(
            text("UPDATE connector_versions SET display_name = :it"), {"it": HOSTILE}
        )
        connection.execute(text("UPDATE family_answers SET family_name = :it"), {"it": HOSTILE})
    for view, address in (
        (CHANGE, {"pair": f"family-{TWIN}"}),
        (BOARD, {}),
        (LOG, {"within": "Everything"}),
        ("views/connector.py", {"id": str(TWIN), "tab": "Drift"}),
    ):
        st.cache_data.clear()
        page = shown(view, **address)
        assert not page.exception, view
        assert not page.error, view
        told = said(page) + "\n".join(one.label for one in page.expander)
        words = re.sub(r"`+[^`]*`+", "", told)  # what stands in code is not read as anything else
        assert "](https://evil" not in words.replace("\\]\\(https", ""), view
        assert "<script" not in words.replace("\\<script", ""), view


# --- the log


@pytest.mark.usefixtures("drifted")
def test_the_log_names_who_and_says_why_nobody(shown: Shown) -> None:
    """Every change, its author where one is known, and the verdict where it was compared."""
    page = shown(LOG, within="Everything")

    assert not page.exception
    assert not page.error
    assert metrics(page)["Breaking"] == "1"
    assert int(metrics(page)["Nobody known"]) > 0
    rows = page.dataframe[0].value
    told = dict(zip(cells(page, "kind"), cells(page, "severity"), strict=True))
    assert told["▲ Definition changed"] == "✕ Breaking"
    assert "Bruno Bogus" in set(rows["people"].dropna())
    assert "the audit log of that time was not read whole" in set(rows["known_by"])
    assert "The audit log was read from 1 Nov 2026" in said(page)


@pytest.mark.usefixtures("drifted")
def test_filters_of_the_log_stand_in_the_address(shown: Shown) -> None:
    """Person, severity and kind; those that leave nothing say so."""
    page = shown(LOG, within="Everything", verdict="Breaking")
    assert cells(page, "kind") == ["▲ Definition changed"]
    nobody = shown(LOG, within="Everything", person="Nobody known")
    assert nobody.dataframe[0].value["people"].isna().all()
    assert "No change matches" in said(shown(LOG, within="Everything", search="zzz"))


def test_a_log_without_rows_says_so(shown: Shown, blank: Engine) -> None:
    """Nothing happened as far as anything was read."""
    del blank
    page = shown(LOG)

    assert not page.exception
    assert "Nothing happened" in said(page)


# --- documents of APIs


@pytest.fixture
def documented(drifted: Engine) -> Engine:
    """Invoices has a document that was read and compared; that of Payroll was refused."""
    with writing(drifted) as connection:
        number = connection.scalar(
            text("SELECT comparison_id FROM definition_steps WHERE comparison_id IS NOT NULL")
        )
        for one, (connector, state, detail, answer) in enumerate(
            (
                (INVOICES, "read", None, "breaking"),
                (PAYROLL, "refused", f"the host is not allowed {HOSTILE}", None),
            ),
            start=1,
        ):
            connection.execute(
                insert(models.UpstreamDocument).values(id=one, key=f"https://api{one}.example/x")
            )
            facts = {"upstream_document_id": one, "from_run": 1, "presence": "present"}
            connection.execute(
                insert(models.UpstreamDocumentVersion).values(
                    **facts, state=state, detail=detail, definition_id=1 if answer else None
                )
            )  # fmt: skip
            link = {"connector_id": connector, "upstream_document_id": one, "how": "registered"}
            connection.execute(insert(models.ConnectorUpstream).values(**link, from_run=1))
            if answer:
                connection.execute(
                    insert(models.UpstreamAnswer).values(
                        connector_id=connector, upstream_document_id=one, state=answer,
                        comparison_id=number, available=1, from_run=3,
                    )
                )  # fmt: skip
    return drifted


@pytest.mark.usefixtures("documented")
def test_documents_tell_who_lags_and_what_was_refused(shown: Shown) -> None:
    """With the reason, and how much the API offers beyond."""
    page = shown(UPSTREAM)

    assert not page.exception
    assert not page.error
    assert metrics(page) == {
        "With a document": "2", "Behind": "0", "Breaking": "1", "On offer": "1", "Not read": "1",
    }  # fmt: skip
    assert cells(page, "document_state") == ["Read", "? Refused"]
    assert "the host is not allowed" in cells(page, "document_detail")[1]


@pytest.mark.usefixtures("documented")
def test_a_document_opens_what_differs(shown: Shown) -> None:
    """And one that was refused says why nothing was compared."""
    page = shown(CHANGE, pair=f"upstream-{INVOICES}")
    refused = shown(CHANGE, pair=f"upstream-{PAYROLL}")

    assert not page.exception
    assert "what its API says at" in said(page)
    assert any("--profile upstream" in one.value for one in page.code)
    assert not refused.exception
    assert "the host is not allowed" in said(refused)
    assert "(https://evil" not in said(refused).replace("\\(https", "")


def test_without_documents_it_is_said_how_to_have_some(shown: Shown, blank: Engine) -> None:
    """In the settings."""
    del blank
    page = shown(UPSTREAM)

    assert not page.exception
    assert "No document of an API is known" in said(page)


# --- the tab


@pytest.mark.usefixtures("documented")
def test_a_connector_has_its_relatives_and_versions(shown: Shown) -> None:
    """Each with its verdict, by whose hand, and the way to the change."""
    page = shown("views/connector.py", id=str(INVOICES), tab="Drift")

    assert not page.exception
    assert not page.error
    assert "**Finance (this one)**" in said(page)
    assert "**Sandbox**" in said(page)
    assert "The others are compared with it:" in said(page)
    assert "1 breaking" in said(page)
    assert "by nobody known" in said(page)
    assert "Against its API" in [str(one.value) for one in page.header]


@pytest.mark.usefixtures("drifted")
def test_a_connector_alone_says_so(shown: Shown) -> None:
    """And that it had no other version."""
    page = shown("views/connector.py", id="3", tab="Drift")

    assert not page.exception
    assert "It stands alone" in said(page)
    assert "No other version yet" in said(page)
