"""The pages of campaigns and retirements: with requests, without, and deciding about them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import cast

import pytest
from factories import ADA, PAYROLL, fill_runs_only
from factories_asking import AUTUMN, DRAFT, MINE, PLAN, SENT, SUMMER, fill_asking
from sqlalchemy import Engine, Table, insert, select, text, update
from streamlit.testing.v1 import AppTest

import models
from connectory.clock import wall_clock
from connectory.database import reading, writing
from dashboard.parts import asked as asked_parts

Shown = Callable[..., AppTest]
CAMPAIGNS, CAMPAIGN = "views/campaigns.py", "views/campaign.py"
HOSTILE = "![x](https://evil.example/a.png) <script>alert(1)</script> [y](https://evil.example)"


@pytest.fixture
def asked(tenant: Engine) -> Engine:
    """The small tenant with campaigns, asked about these days."""
    fill_asking(tenant, wall_clock().date())
    return tenant


def said(page: AppTest) -> str:
    """Everything a page says in Markdown."""
    parts = [*page.title, *page.header, *page.markdown, *page.caption, *page.error]
    return "\n".join(str(part.value) for part in parts)


def metrics(page: AppTest) -> dict[str, str]:
    """The key figures."""
    return {str(one.label): str(one.value) for one in page.metric}


def chips(page: AppTest, column: str, number: int = 0) -> list[str]:
    """Return a column of chips of a table."""
    return ["".join(one) for one in page.dataframe[number].value[column]]


def popovers(page: AppTest) -> set[str]:
    """What is offered behind a button."""
    return {str(node.proto.popover.label) for node in page.main if node.type == "popover"}


def pressed(page: AppTest, form: str) -> AppTest:
    """Press the button of a form."""
    (found,) = [one for one in page.button if one.form_id == form]
    return found.click().run()


def of(store: Engine, table: str, number: int) -> dict[str, object]:
    """Return a row of the store."""
    with reading(store) as connection:
        query = text(f"SELECT * FROM {table} WHERE id = :number")  # noqa: S608 - names of ours
        return dict(connection.execute(query, {"number": number}).mappings().one())


# --- all campaigns


@pytest.mark.usefixtures("asked")
def test_open_campaigns_are_counted(shown: Shown) -> None:
    """Those that are closed are listed and counted no more."""
    page = shown(CAMPAIGNS)

    assert not page.exception
    assert not page.error
    assert metrics(page) == {
        "Open campaigns": "2", "Asked about": "5", "Answered": "2", "Late": "1", "Steps due": "1",
    }  # fmt: skip
    assert list(page.dataframe[0].value["title"]) == ["Empty", "Summer review", "Autumn review"]
    assert chips(page, "state") == ["… Open", "✓ Closed", "… Open"]
    assert "3 campaigns" in said(page)


@pytest.mark.usefixtures("asked")
def test_on_a_narrow_screen_campaigns_are_a_list(shown: Shown) -> None:
    """Each says how many are settled."""
    assert "3 of 5 settled, 1 late" in said(shown(CAMPAIGNS))


def test_a_store_without_campaigns_says_so(shown: Shown, sqlite_store: Engine) -> None:
    """And how one is opened; the other part says what would stand there."""
    fill_runs_only(sqlite_store)
    page = shown(CAMPAIGNS)

    assert not page.exception
    assert "Nobody was asked yet" in said(page)
    assert "Nothing is being retired" in said(shown(CAMPAIGNS, show="Retirements"))


# --- one campaign


@pytest.mark.usefixtures("asked")
def test_a_campaign_tells_who_has_not_answered(shown: Shown) -> None:
    """Whoever is late first; figures, answers and requests from the same rows."""
    page = shown(CAMPAIGN, campaign=str(AUTUMN))

    assert not page.exception
    assert not page.error
    assert metrics(page) == {
        "Asked about": "5", "Answered": "2", "Retire": "1", "Waiting": "2", "Late": "1",
    }  # fmt: skip
    assert "**Ada** 1 connector, 1 late" in said(page)
    assert "**Dora** 1 connector  \n:small[:gray[manager of the last known owner · 2 rem" in said(
        page
    )
    assert chips(page, "state") == [
        "▲ Late",
        "… Open",
        "✓ Keep",
        asked_parts.ANSWER["retire"].chip,
        "✕ No answer",
    ]
    assert "5 of 5 requests" in said(page)


@pytest.mark.usefixtures("asked")
def test_requests_are_narrowed_by_the_address(shown: Shown) -> None:
    """By answer and person; a filter that leaves nothing says so."""
    assert "1 of 5 requests" in said(shown(CAMPAIGN, campaign=str(AUTUMN), answer="Late"))
    assert "2 of 5 requests" in said(shown(CAMPAIGN, campaign=str(AUTUMN), asked="Ada"))
    nothing = shown(CAMPAIGN, campaign=str(AUTUMN), search="no such connector")

    assert "No request matches" in said(nothing)


@pytest.mark.usefixtures("asked")
def test_what_was_written_for_it_leads_to_the_outbox(shown: Shown) -> None:
    """Its messages stand in a part of their own."""
    page = shown(CAMPAIGN, campaign=str(AUTUMN), tab="Messages")

    assert f"Your connectors, {SENT}" in said(page)
    empty = shown(CAMPAIGN, campaign=str(SUMMER), tab="Messages")
    assert "Nobody was written for it" in said(empty)


@pytest.mark.usefixtures("asked")
def test_a_campaign_that_asks_nothing_and_one_that_is_not(shown: Shown) -> None:
    """Both say so."""
    assert "It asks about nothing" in said(shown(CAMPAIGN, campaign=str(DRAFT)))
    for number in ("99", "x", "-1", "²"):
        page = shown(CAMPAIGN, campaign=number)
        assert not page.exception
        assert "No such campaign" in said(page)


def test_a_campaign_is_closed_under_a_name(shown: Shown, asked: Engine) -> None:
    """What is open of it is cancelled; what was answered stays."""
    page = pressed(shown(CAMPAIGN, campaign=str(AUTUMN)), "campaign.close")

    assert "Nobody is named" in said(page)
    assert of(asked, "campaigns", AUTUMN)["closed_at"] is None
    page.text_input(key="campaign.close.author").set_value("Grace")
    page = pressed(page, "campaign.close")
    assert not page.exception
    assert of(asked, "campaigns", AUTUMN)["closed_by"] == "Grace"
    assert of(asked, "attestation_requests", MINE)["outcome"] == "cancelled"
    assert metrics(page)["Answered"] == "2"
    assert "Close" not in popovers(page)


def test_hostile_words_stay_words(shown: Shown, asked: Engine) -> None:
    """In names, purposes, reasons and whoever is asked."""
    with writing(asked) as connection:
        for statement in (
            "UPDATE campaigns SET name = :words, purpose = :words, opened_by = :words",
            "UPDATE attestation_requests SET asked_name = :words, reason = :words",
            "UPDATE retirement_plans SET planned_by = :words",
            "UPDATE connector_versions SET display_name = :words",
        ):
            connection.execute(text(statement), {"words": HOSTILE})
    for page in (
        shown(CAMPAIGNS),
        shown(CAMPAIGNS, show="Retirements"),
        shown(CAMPAIGN, campaign=str(AUTUMN)),
        shown(CAMPAIGN, campaign=str(AUTUMN), tab="How it asks"),
    ):
        assert not page.exception
        assert "<script>" not in said(page)
        assert "](https" not in said(page)


# --- answering, opening and retiring


def test_an_answer_is_written_down_for_somebody(shown: Shown, asked: Engine) -> None:
    """It needs what the answer needs, and it is kept that it came by the page."""
    page = shown("views/my_connectors.py", owner=ADA)
    assert f"answer.{MINE}" in page.session_state or "Answer" in popovers(page)
    page.session_state[f"answer.{MINE}"] = True
    page = page.run()
    page.text_input(key=f"answer.{MINE}.author").set_value("Grace")
    page = pressed(page, f"answer.{MINE}.form")

    assert "Keeping it needs a reason" in said(page)
    page.text_input(key=f"answer.{MINE}.why").set_value("Needed for tests")
    page = pressed(page, f"answer.{MINE}.form")
    row = of(asked, "attestation_requests", MINE)
    assert (row["outcome"], row["via"], row["answered_by"], row["reason"]) == (
        "keep", "dashboard", "Grace", "Needed for tests",
    )  # fmt: skip


def test_a_campaign_is_opened_from_the_page(
    shown: Shown, asked: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """It says whom it would ask, refuses without an address for links, and asks nobody twice."""
    with writing(asked) as connection:
        # Whatever was kept, or is being retired, is not asked about again.
        connection.execute(
            update(models.AttestationRequest)
            .where(models.AttestationRequest.outcome == "keep")
            .values(outcome="unanswered")
        )
    page = shown(CAMPAIGNS)
    page.session_state["campaigns.new"] = True
    page.session_state["campaigns.new.about"] = "All"
    page = page.run()
    assert "would be asked about" in said(page)
    assert "being retired: left out" in said(page)
    assert "asked about already" in said(page)
    page.text_input(key="campaigns.new.name").set_value("Winter review")
    page.text_area(key="campaigns.new.purpose").set_value("We tidy up.")
    page.text_input(key="campaigns.new.author").set_value("Grace")
    page = pressed(page, "campaigns.new.form")
    assert "public" in said(page).lower()
    assert of(asked, "campaigns", AUTUMN)["closed_at"] is None

    config = tmp_path / "config.toml"
    config.write_text('[reports]\npublic_url = "https://connectory.example"\n', encoding="utf-8")
    monkeypatch.setenv("CONNECTORY_CONFIG", str(config))
    monkeypatch.setenv("CONNECTORY_LINK_KEY", "a key that is long enough for links")
    page = pressed(page, "campaigns.new.form")
    assert not page.exception
    assert of(asked, "campaigns", DRAFT + 1)["name"] == "Winter review"
    assert page.title[0].value == "Winter review"


def test_steps_of_a_retirement_are_noted(shown: Shown, asked: Engine) -> None:
    """Told, then frozen; each under a name, one after the other."""
    page = shown(CAMPAIGNS, show="Retirements")
    assert {"Consumers were told", "Give up"} <= popovers(page)
    assert "It is frozen" not in popovers(page)
    page.text_input(key=f"retire.author.announced.{PLAN}").set_value("Grace")
    page = pressed(page, f"retire.announced.{PLAN}")
    assert of(asked, "retirement_plans", PLAN)["announced_by"] == "Grace"
    assert metrics(page)["Steps due"] == "0"
    page.text_input(key=f"retire.author.frozen.{PLAN}").set_value("Grace")
    page = pressed(page, f"retire.frozen.{PLAN}")
    assert of(asked, "retirement_plans", PLAN)["frozen_by"] == "Grace"
    assert "Remove it in its environment" in said(page)
    page.text_input(key=f"retire.author.given_up.{PLAN}").set_value("Grace")
    page = pressed(page, f"retire.given_up.{PLAN}")
    assert of(asked, "retirement_plans", PLAN)["outcome"] == "given_up"
    assert chips(page, "step") == [asked_parts.PLAN["given_up"].chip]


def test_a_plan_stays_in_sight_once_a_step_is_noted(shown: Shown, asked: Engine) -> None:
    """Another one comes first then; what is pressed next is still about the same connector."""
    plans = cast("Table", models.RetirementPlan.__table__)
    with writing(asked) as connection:
        told = connection.execute(select(plans).where(plans.c.id == PLAN)).mappings().one()
        soon = told["announce_on"] + timedelta(days=1)
        other = {"id": PLAN + 1, "connector_id": PAYROLL, "announce_on": soon}
        connection.execute(insert(plans).values({**told, **other}))
    page = shown(CAMPAIGNS, show="Retirements")
    page.text_input(key=f"retire.author.announced.{PLAN}").set_value("Grace")
    page = pressed(page, f"retire.announced.{PLAN}")

    assert "It is frozen" in popovers(page)
    assert "Consumers were told" not in popovers(page)


@pytest.mark.usefixtures("asked")
def test_the_plans_of_a_campaign_stand_on_its_page(shown: Shown) -> None:
    """Those that follow from its answers, and no others."""
    page = shown(CAMPAIGN, campaign=str(AUTUMN), tab="Retirements")

    assert list(page.dataframe[0].value["connector"]) == ["Weather and tides"]
    assert "Nothing is being retired" in said(
        shown(CAMPAIGN, campaign=str(SUMMER), tab="Retirements")
    )
