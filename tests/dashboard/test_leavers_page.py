"""The page on leavers: one person, a list, nobody, what was not read, and words of the tenant."""

from __future__ import annotations

import io
from collections.abc import Callable

import pandas as pd
import pytest
import streamlit as st
from factories import ADA, CARLA, fill_runs_only
from sqlalchemy import Engine, text
from streamlit.testing.v1 import AppTest

from connectory.database import writing
from connectory.domain.leaving import Leaver
from dashboard import data, leaver_data
from dashboard.parts.text import NOTHING

Shown = Callable[..., AppTest]
LEAVERS, SEARCH = "views/leavers.py", "views/search.py"
HOSTILE = "![x](https://evil.example/a.png) <script>alert(1)</script> [y](https://evil.example)"


@pytest.fixture
def blank(sqlite_store: Engine) -> Engine:
    """A store whose one run found nothing."""
    fill_runs_only(sqlite_store)
    return sqlite_store


def said(page: AppTest) -> str:
    """Everything a page says in Markdown."""
    parts = [*page.title, *page.header, *page.markdown, *page.caption, *page.error, *page.warning]
    return "\n".join(str(part.value) for part in parts)


def metrics(page: AppTest) -> dict[str, str]:
    """The key figures."""
    return {str(one.label): str(one.value) for one in page.metric}


def handed(page: AppTest) -> list[tuple[str, str]]:
    """What is to be handed over, and what becomes of it."""
    rows = page.dataframe[0].value
    return list(zip(rows["name"], ["".join(one) for one in rows["effect"]], strict=True))


def listed(page: AppTest, content: bytes) -> AppTest:
    """Give the page a list of leavers."""
    return page.file_uploader(key="leavers.list").upload("leavers.csv", content).run()


@pytest.mark.usefixtures("tenant")
def test_without_a_name_those_are_shown_who_left_already(shown: Shown) -> None:
    """And still own something; whoever is chosen stands in the address."""
    page = shown(LEAVERS)

    assert not page.exception
    assert not page.error
    told = said(page)
    assert told.index("**Carla Contrived**") < told.index("**Bruno Bogus**")
    assert "owns 1 connector with 2 consumers" in told
    page = next(one for one in page.button if "Show" in one.label).click().run()
    assert page.query_params["person"] == CARLA
    assert "**Carla Contrived** :red-badge" in said(page)


@pytest.mark.usefixtures("tenant")
def test_somebody_who_leaves_is_told_with_what_stops(shown: Shown) -> None:
    """The cause first, then what runs with it, then what nobody is left to change."""
    page = shown(LEAVERS, person=ADA)

    assert not page.exception
    assert not page.error
    figures = metrics(page)
    assert (figures["Connectors"], figures["Connections"], figures["Apps, agents"]) == (
        "2", "1", "1",
    )  # fmt: skip
    assert figures["Uses behind"] == NOTHING  # no log and no launch tells of the app
    assert handed(page)[:2] == [("Ada's invoices", "✕ Stops"), ("Expense desk", "✕ Stops")]
    assert ("Ask finance", "• Without owner") in handed(page)
    owners = page.dataframe[-1].value
    assert {"".join(one) for one in owners["ownership_after"]} == {"✕ Departed owner"}


@pytest.mark.usefixtures("tenant")
def test_what_was_not_read_is_said(shown: Shown) -> None:
    """More may rest on them than is told."""
    told = said(shown(LEAVERS, person=ADA))

    assert "Not read at the latest attempt:** flows in 1 environment" in told
    assert "More may rest on them than is told here" in told


@pytest.mark.usefixtures("tenant")
@pytest.mark.parametrize("tab", ["Connectors", "Connections", "References", "Flows", "Apps"])
def test_every_kind_has_its_rows(shown: Shown, tab: str) -> None:
    """In a tab that stands in the address."""
    page = shown(LEAVERS, person=ADA, rows=tab)

    assert not page.exception
    assert not page.error
    assert len(page.dataframe) == 2


@pytest.mark.usefixtures("tenant")
def test_a_person_is_found_by_name(shown: Shown) -> None:
    """Each hit can be chosen; nobody of that name is said."""
    page = shown(LEAVERS, who="ada")

    assert "**Ada Ample**" in said(page)
    page = page.button(key="leavers.hit.0").click().run()
    assert page.query_params["person"] == ADA
    assert "Nobody has that name" in said(shown(LEAVERS, who="zzz"))


@pytest.mark.usefixtures("tenant")
def test_the_search_leads_to_who_leaves(shown: Shown) -> None:
    """From a person that was found."""
    page = shown(SEARCH, q="ada ample")
    links = [one for one in page.get("page_link") if "If they leave" in one.proto.label]

    assert not page.exception
    assert [ADA in str(one.proto) for one in links] == [True]


@pytest.mark.usefixtures("tenant")
def test_a_list_is_read_and_its_bad_lines_named(shown: Shown) -> None:
    """Whoever could be found is told together, each with the last day."""
    page = listed(
        shown(LEAVERS),
        f"person,last_day\nada@tenant.example,2026-12-31\nnobody@tenant.example,\n"
        f"{CARLA},soon\n{CARLA},\n".encode(),
    )

    assert not page.exception
    assert "**Ada Ample** · last day 31 Dec 2026 · Accounting" in said(page)
    assert "**Carla Contrived**" in said(page)
    warned = page.warning[0].value.replace("\\", "")
    assert "line 3: nobody is called" in warned
    assert "line 4: 'soon' is no day" in warned
    assert "Ada Ample" in set(page.dataframe[0].value["leaver"])


@pytest.mark.usefixtures("tenant")
@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"", b"\x00\x00,\n\n"])
def test_a_file_that_is_no_list_is_refused(shown: Shown, content: bytes) -> None:
    """And the page stays as it was."""
    page = listed(shown(LEAVERS), content)

    assert not page.exception
    assert not page.error
    assert "**Carla Contrived**" in said(page)


@pytest.mark.usefixtures("tenant")
def test_the_sheet_has_every_row_of_the_page(shown: Shown) -> None:
    """As a workbook and as CSV, with a column to tick off."""
    page = shown(LEAVERS, person=ADA)
    at, people = data.now_shown(), (Leaver(ADA),)

    told = pd.read_csv(io.StringIO(leaver_data.csv(at, people)))
    assert list(told["name"]) == [name for name, _ in handed(page)]
    assert told["done"].isna().all()
    assert leaver_data.sheet(at, people).startswith(b"PK")


def test_a_store_without_anybody_says_so(shown: Shown, blank: Engine) -> None:
    """Nobody is known who left."""
    del blank
    page = shown(LEAVERS)

    assert not page.exception
    assert "Nobody" in said(page)


@pytest.mark.usefixtures("tenant")
@pytest.mark.parametrize("person", ["", "nobody-has-this-id", HOSTILE])
def test_an_address_that_names_nobody_shows_nothing_of_anybody(shown: Shown, person: str) -> None:
    """Whatever stands in it."""
    page = shown(LEAVERS, person=person)

    assert not page.exception
    assert not page.error
    assert "](https://evil" not in said(page)
    if person:
        assert "Nothing to hand over" in said(page)


def test_words_of_the_tenant_stay_words(shown: Shown, tenant: Engine) -> None:
    """Names of people, accounts, flows, apps, connections and departments."""
    with writing(tenant) as connection:
        for statement in (
            "UPDATE connector_versions SET display_name = :it",
            "UPDATE principal_versions SET display_name = :it, department = :it",
            "UPDATE flow_versions SET display_name = :it",
            "UPDATE connection_versions SET display_name = :it",
        ):
            connection.execute(text(statement), {"it": HOSTILE})
    for address in ({}, {"person": ADA}, {"who": "evil"}):
        st.cache_data.clear()
        page = shown(LEAVERS, **address)
        assert not page.exception, address
        assert not page.error, address
        assert "](https://evil" not in said(page), address
        assert "<script" not in said(page).replace("\\<script", ""), address
