"""The page on owners and its tab: with rows, without, with what was not read; naming a steward."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
import streamlit as st
from factories import ADA, BRUNO, INVOICES, PAYROLL, SCRATCH, fill_runs_only
from factories_asking import fill_asking
from sqlalchemy import Engine, text
from streamlit.testing.v1 import AppTest

from connectory.database import reading, writing

Shown = Callable[..., AppTest]
OWNERSHIP, CONNECTOR = "views/ownership.py", "views/connector.py"
HOSTILE = "![x](https://evil.example/a.png) <script>alert(1)</script> [y](https://evil.example)"


@pytest.fixture
def blank(sqlite_store: Engine) -> Engine:
    """A store whose one run found nothing."""
    fill_runs_only(sqlite_store)
    return sqlite_store


def said(page: AppTest) -> str:
    """Everything a page says in Markdown."""
    parts = [*page.title, *page.header, *page.subheader, *page.markdown, *page.caption, *page.error]
    return "\n".join(str(part.value) for part in parts)


def facts(page: AppTest, number: int = 0) -> dict[str, str]:
    """A small table of facts."""
    rows = page.table[number].value
    return dict(zip(rows["Fact"], rows["Value"], strict=True))


def metrics(page: AppTest) -> dict[str, str]:
    """The key figures."""
    return {str(one.label): str(one.value) for one in page.metric}


def verdicts(page: AppTest) -> list[tuple[str, str]]:
    """Each connector of the list with its verdict."""
    rows = page.dataframe[0].value
    return list(zip(rows["connector"], ["".join(one) for one in rows["state"]], strict=True))


def stewards(store: Engine) -> list[tuple[object, ...]]:
    """Return what was decided, the oldest first."""
    query = (
        "SELECT connector_id, business_owner_key, team, review_on, reason, decided_by, via, "
        "replaced_by FROM stewards ORDER BY id"
    )
    with reading(store) as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def set_steward(page: AppTest, **told: object) -> AppTest:
    """Fill the form of Payroll's steward and send it."""
    key = f"steward.{PAYROLL}"
    for name in ("business_owner", "deputy", "data_class", "criticality"):
        if name in told:
            box = page.selectbox(key=f"{key}.{name}")
            if told[name] not in box.options:
                box.options.append(str(told[name]))  # as whoever types it does
            box.set_value(told[name])
    for name in ("team", "contact", "support_link", "reason", "author"):
        if name in told:
            page.text_input(key=f"{key}.{name}").set_value(str(told[name]))
    if "review_on" in told:
        page.date_input(key=f"{key}.review_on").set_value(told["review_on"])
    return next(one for one in page.button if one.label == "Set steward").click().run()


# --- the page


@pytest.mark.usefixtures("tenant")
def test_the_page_counts_gaps_and_ranks_them(shown: Shown) -> None:
    """Whom nobody owns stands first; what is unknown is a figure of its own."""
    page = shown(OWNERSHIP)

    assert not page.exception
    assert not page.error
    assert metrics(page) == {
        "Without owner": "3", "No member": "0", "Owner unknown": "1", "No steward": "6",
        "Review due": "0",
    }  # fmt: skip
    assert verdicts(page) == [
        ("Vanishing", "✕ Nobody"),
        ("Payroll", "✕ Departed owner"),
        ("Weather and tides", "▲ Disabled owner"),
        ("Scratch", "? Owner unknown"),
        ("Invoices", "Sole owner"),
        ("Invoices", "Sole owner"),
    ]
    assert "**6 of 6 connectors**" in said(page)


@pytest.mark.usefixtures("tenant")
def test_figures_open_their_rows(shown: Shown) -> None:
    """The rows that are left are those that were counted."""
    page = shown(OWNERSHIP)
    page = page.button(key="kpi.Without owner").click().run()

    assert page.multiselect(key="owner").value == [
        "Nobody", "Departed owner", "Disabled owner", "Empty group",
    ]  # fmt: skip
    assert "**3 of 6 connectors**" in said(page)


@pytest.mark.usefixtures("tenant")
def test_the_overview_leads_to_the_same_rows(shown: Shown) -> None:
    """Its figure of connectors without owner is that of this page."""
    assert metrics(shown())["Without owner"] == "3"


@pytest.mark.usefixtures("tenant")
def test_filters_stand_in_the_address(shown: Shown) -> None:
    """By place, department and kind; those that leave nothing say so and stay."""
    assert verdicts(shown(OWNERSHIP, environment="Sandbox", owner="Nobody")) == [
        ("Vanishing", "✕ Nobody")
    ]
    assert [name for name, _ in verdicts(shown(OWNERSHIP, department="Research"))] == [
        "Weather and tides"
    ]
    assert "Scratch" in [name for name, _ in verdicts(shown(OWNERSHIP, department="Not told"))]
    page = shown(OWNERSHIP, steward="Review due")

    assert "No connector matches" in said(page)
    assert page.multiselect(key="steward").value == ["Review due"]


def test_a_store_without_connectors_says_so(shown: Shown, blank: Engine) -> None:
    """And where to see why."""
    del blank
    page = shown(OWNERSHIP)

    assert not page.exception
    assert "No custom connectors" in said(page)


# --- the tab


@pytest.mark.usefixtures("tenant")
def test_a_verdict_is_told_with_its_proof_and_what_to_do(shown: Shown) -> None:
    """Who it rests on, what became of them, and which source said so."""
    page = shown(CONNECTOR, id=str(PAYROLL), tab="Ownership")

    assert not page.exception
    assert not page.error
    told = facts(page)
    assert "Departed owner" in told["Verdict"]
    assert told["Owner"].startswith("Carla Contrived")
    assert "Left" in told["Owner"]
    assert told["Proof"] == "its owner is no longer in the directory"
    assert "Name a business owner" in told["What to do"]
    assert "Nobody is named" in said(page)


@pytest.mark.usefixtures("tenant")
def test_an_owner_who_could_not_be_asked_for_is_unknown(shown: Shown) -> None:
    """Never nobody, and never left."""
    page = shown(CONNECTOR, id=str(SCRATCH), tab="Ownership")

    assert not page.exception
    assert "Owner unknown" in facts(page)["Verdict"]
    assert "Sharing was not read" in said(page)


def test_a_steward_is_named_changed_and_taken_back(shown: Shown, tenant: Engine) -> None:
    """Each with who decided it and why; all of it stays in the log."""
    page = set_steward(
        shown(CONNECTOR, id=str(PAYROLL), tab="Ownership"),
        business_owner="ada@tenant.example", team=HOSTILE, review_on=date(2026, 1, 15),
        data_class="confidential", reason="Carla left", author="Zoe",
    )  # fmt: skip

    assert not page.exception
    assert not page.error
    assert stewards(tenant) == [
        (PAYROLL, ADA, HOSTILE, "2026-01-15", "Carla left", "Zoe", "dashboard", None)
    ]
    told = facts(page, 1)
    assert told["Business owner"] == "Ada Ample"
    assert "Review due" in told["State"]
    assert told["Review on"] == "15 Jan 2026"
    assert told["Data class"] == "Confidential"
    assert "](https://evil" not in said(page) + told["Team"].replace("\\]\\(https", "")
    board = shown(OWNERSHIP)
    assert (metrics(board)["No steward"], metrics(board)["Review due"]) == ("5", "1")

    page = set_steward(
        shown(CONNECTOR, id=str(PAYROLL), tab="Ownership"), team="Pay team", author="Zoe"
    )
    assert not page.error
    key = f"dismiss.{PAYROLL}"
    page.text_input(key=f"{key}.author").set_value("Yan")
    page = next(one for one in page.button if one.label == "Take back").click().run()

    assert not page.error
    assert [row[-1] for row in stewards(tenant)] == ["Zoe", "Yan"]
    assert "Nobody is named" in said(page)
    assert "**Nobody" not in said(page)
    assert "Pay team" in said(page)


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"business_owner": "nobody@tenant.example"}, "nobody in the directory is called"),
        ({"business_owner": BRUNO}, "may not sign in"),
        ({"team": "Pay", "author": " "}, "Nobody is named who decides"),
        ({"team": "Pay", "support_link": "javascript:alert(1)"}, "no https address"),
        ({}, "Nothing is said"),
    ],
)
def test_what_does_not_fit_is_refused(
    shown: Shown, tenant: Engine, told: dict[str, object], why: str
) -> None:
    """The page says why, and nothing is written."""
    page = set_steward(
        shown(CONNECTOR, id=str(PAYROLL), tab="Ownership"), **{"author": "Zoe", **told}
    )

    assert why in page.error[0].value.replace("\\", "")
    assert stewards(tenant) == []


def given(page: AppTest, name: str, content: str) -> AppTest:
    """Open the files of stewards and give one back."""
    page.session_state["steward_files"] = True
    page = page.run()
    return page.file_uploader(key="steward_files.given").upload(name, content.encode()).run()


def test_stewards_come_by_file(shown: Shown, tenant: Engine) -> None:
    """What would be decided is told first; lines that are wrong are named, and hold back the rest."""
    page = given(
        shown(OWNERSHIP),
        "stewards.csv",
        "environment,connector,team\nFinance,Payroll,Pay team\nFinance,Nowhere,X\n",
    )

    assert not page.exception
    assert "It would name **1**" in said(page)
    assert "Line 3" in page.warning[0].value
    page.text_input(key="steward_files.author").set_value("Zoe")
    page = next(one for one in page.button if one.label == "Apply").click().run()
    assert stewards(tenant) == []
    assert "let the others be applied" in page.error[0].value
    page.checkbox(key="steward_files.partial").check()
    page.text_input(key="steward_files.author").set_value("Zoe")
    page = next(one for one in page.button if one.label == "Apply").click().run()

    assert [(row[0], row[2], row[5], row[6]) for row in stewards(tenant)] == [
        (PAYROLL, "Pay team", "Zoe", "csv")
    ]


@pytest.mark.parametrize(
    ("name", "content"), [("x.csv", "a,b\n1,2\n"), ("x.toml", "[["), ("x.csv", "")]
)
def test_a_file_that_is_none_of_stewards_is_refused(
    shown: Shown, tenant: Engine, name: str, content: str
) -> None:
    """The page says why."""
    page = given(shown(OWNERSHIP), name, content)

    assert not page.exception
    assert len(page.error) == 1
    assert stewards(tenant) == []


def test_who_is_asked_is_told(shown: Shown, tenant: Engine) -> None:
    """Now, as what, until when and in which campaign; and what was answered before."""
    fill_asking(tenant)
    told = said(shown(CONNECTOR, id=str(PAYROLL), tab="Ownership"))

    assert ":orange-badge[:material/alarm: Late]" in told or ":blue-badge" in told
    assert "Autumn review" in told
    assert "reminder" in told
    answered = said(shown(CONNECTOR, id=str(INVOICES), tab="Ownership"))
    assert ":green-badge[:material/check_circle: Keep]" in answered


@pytest.mark.usefixtures("tenant")
def test_nobody_was_asked_is_told_too(shown: Shown) -> None:
    """With the way to ask."""
    page = shown(CONNECTOR, id=str(PAYROLL), tab="Ownership")

    assert "Nobody was ever asked" in said(page)


@pytest.mark.usefixtures("tenant")
def test_a_past_day_is_only_looked_at(shown: Shown) -> None:
    """Nobody can be named for it."""
    page = shown(CONNECTOR, id=str(PAYROLL), tab="Ownership", as_of="2026-11-10")

    assert not page.exception
    assert "Set steward" not in [one.label for one in page.button]


def test_words_of_the_tenant_stay_words(shown: Shown, tenant: Engine) -> None:
    """Names of connectors and people, addresses and reasons."""
    with writing(tenant) as connection:
        for statement in (
            "UPDATE connector_versions SET display_name = :it",
            "UPDATE ownership_answers SET reason = :it",
            "UPDATE principal_versions SET display_name = :it, department = :it, mail = :it",
        ):
            connection.execute(text(statement), {"it": HOSTILE})
    for view, address in ((OWNERSHIP, {}), (CONNECTOR, {"id": str(INVOICES), "tab": "Ownership"})):
        st.cache_data.clear()
        page = shown(view, **address)
        assert not page.exception, view
        assert not page.error, view
        cells = "\n".join(str(cell) for one in page.table for cell in one.value.to_numpy().ravel())
        assert "](https://evil" not in said(page) + cells, view
        assert "<script" not in (said(page) + cells).replace("\\<script", ""), view
