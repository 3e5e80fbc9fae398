"""Answers by a page or a returned file, and plans of retirement: what is written, and what refused."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from factories import ADA, CARLA, INVOICES, PAYROLL, TWIN, fill
from factories_campaigns import FACTS, NOW, STEPS, TO_ADA, asked, day, row, rows, settings, workflow
from sqlalchemy import Engine, update

import models
from connectory import campaigning
from connectory.actions.attesting import Answered, NotAnswered
from connectory.actions.campaigns import Asking, close_campaign
from connectory.actions.retiring import NotRetired, done
from connectory.assess import assess
from connectory.campaigning.returned import NotRead, Taken, handed_out, read_lines, take
from connectory.database import reading, writing
from connectory.domain.attesting import Unfit
from connectory.queries.export import to_csv

HEAD = "request_id,asked,answer,reason,hand_over_to,until\r\n"


@pytest.fixture
def open_ones(store: Engine) -> Engine:
    """Ada is asked of two connectors called Invoices, Carla of payroll."""
    fill(store)
    asked(store)
    asked(store, Asking(TWIN, TO_ADA, STEPS, {**FACTS, "connector": "=cmd()"}))
    return store


def answered(store: Engine, request_id: int, answer: str, **told: object) -> Answered:
    """Answer as a page of the dashboard does."""
    usual = {"author": "Dora Dune", "via": "dashboard", "now": NOW}
    return campaigning.answer_request(
        store, settings(), request_id, answer=answer, **{**usual, **told}
    )


def read(store: Engine, text: str, *, partial: bool = False) -> Taken:
    """Take a returned file."""
    return take(store, settings(), read_lines(HEAD + text), partial=partial, author="Dora", now=NOW)


def test_a_page_can_answer_for_somebody(open_ones: Engine) -> None:
    """It is kept who wrote it down, and that it came by the dashboard."""
    told = answered(open_ones, row(open_ones)["id"], "retire", reason="on the phone")
    request = row(open_ones)

    assert told.plan_id is not None
    assert (request["outcome"], request["answered_by"], request["via"]) == (
        "retire", "Dora Dune", "dashboard",
    )  # fmt: skip


def test_keeping_until_a_day_exempts_it(open_ones: Engine) -> None:
    """Whoever says when to ask again is not asked before that, and it is kept why."""
    answered(open_ones, row(open_ones)["id"], "keep", reason="year-end", until=day(90))
    (exemption,) = rows(open_ones, models.Exemption)

    assert (exemption["connector_id"], exemption["until"], exemption["via"]) == (
        INVOICES, day(90), "attestation",
    )  # fmt: skip
    assert (exemption["reason"], exemption["exempted_by"]) == ("year-end", "Dora Dune")


def test_an_answer_needs_what_it_needs(open_ones: Engine) -> None:
    """A page is held to the same rules as a link, and a closed request takes none."""
    number, before = row(open_ones)["id"], workflow(open_ones)
    with pytest.raises(Unfit):
        answered(open_ones, number, "keep")
    with pytest.raises(NotAnswered, match="no such request"):
        answered(open_ones, 999, "retire")
    assert workflow(open_ones) == before
    answered(open_ones, number, "not_mine")
    with pytest.raises(NotAnswered, match="answered already"):
        answered(open_ones, number, "retire")


def test_an_unknown_name_goes_to_the_mailbox(open_ones: Engine) -> None:
    """Who is named and not found is told to those who look after the platform."""
    answered(open_ones, row(open_ones)["id"], "hand_over", hand_over_to="Nobody Known")
    second = row(open_ones)

    assert (second["asked"], second["role"]) == ("mailbox:coe@example.com", "coe")
    assert second["passed"][-1]["why"] == "handed_over"


def test_a_known_address_is_asked_whatever_its_case(open_ones: Engine) -> None:
    """By sign-in name or mail address; handing it back to who handed it over goes to the mailbox."""
    number = row(open_ones, PAYROLL)["id"]
    answered(open_ones, number, "hand_over", hand_over_to="ADA@tenant.example")
    second = row(open_ones, PAYROLL)
    answered(open_ones, second["id"], "hand_over", hand_over_to=CARLA)

    assert (second["asked"], second["role"], second["follows_id"]) == (ADA, "named", number)
    assert row(open_ones, PAYROLL)["asked"] == "mailbox:coe@example.com"


def test_who_takes_it_over_is_its_business_owner(open_ones: Engine) -> None:
    """Handed over and kept: named as steward, for the platform gives it no other owner."""
    answered(open_ones, row(open_ones, PAYROLL)["id"], "hand_over", hand_over_to=ADA)
    nobody_yet = rows(open_ones, models.Steward)
    answered(open_ones, row(open_ones, PAYROLL)["id"], "keep", reason="mine by now")
    (steward,) = rows(open_ones, models.Steward)

    assert nobody_yet == []
    assert (steward["connector_id"], steward["business_owner_key"], steward["via"]) == (
        PAYROLL, ADA, "attestation",
    )  # fmt: skip
    assert steward["reason"] == "mine by now"


def test_a_file_goes_out_and_comes_back(open_ones: Engine) -> None:
    """What is open to one person is handed out, filled in and taken; formulas stay texts."""
    with reading(open_ones) as connection:
        sheet = to_csv(handed_out(connection, row(open_ones, TWIN)["campaign_id"], "ada ample"))
    (line,) = csv.DictReader(io.StringIO(sheet))
    line |= {"answer": "Keep", "reason": "'-1 is a fair price"}
    out = io.StringIO()
    writer = csv.DictWriter(out, line.keys(), delimiter=";")
    writer.writeheader()
    writer.writerow(line)
    told = take(
        open_ones, settings(), read_lines(f"\ufeff{out.getvalue()}"), partial=False,
        author="Dora", now=NOW,
    )  # fmt: skip
    request = row(open_ones, TWIN)

    assert line["connector"] == "'=cmd()"
    assert told == Taken(1, 0, [])
    assert (request["outcome"], request["reason"], request["via"]) == (
        "keep", "-1 is a fair price", "csv",
    )  # fmt: skip


def test_bad_lines_are_named_and_nothing_is_taken(open_ones: Engine) -> None:
    """Each wrong line with its number and reason; the right ones wait for --partial."""
    good, other = row(open_ones)["id"], row(open_ones, PAYROLL)["id"]
    text = (
        f"{good},,retire,,,\r\n"
        f"{good},,keep,again,,\r\n"
        f"{other},{ADA},retire,,,\r\n"
        "none,,retire,,,\r\n"
        "999,,retire,,,\r\n"
        f"{other},,perhaps,,,\r\n"
        f"{other},,more_time,,,soon\r\n"
        f"{other},,,,,\r\n"
        "\r\n"
        f"{'9' * 40},,retire,,,\r\n"
    )
    before = workflow(open_ones)
    told = read(open_ones, text)

    assert [(number, why.split(":")[-1].strip()) for number, why in told.problems] == [
        (3, "it was answered already"),
        (4, "somebody else is asked by now, or more time was taken"),
        (5, "'none' is no number of a request"),
        (6, "there is no such request"),
        (7, "that is no answer; write keep, retire, hand_over, not_mine or more_time"),
        (8, "'soon' is no day; write it as 2026-12-31"),
        (11, f"'{'9' * 40}' is no number of a request"),
    ]
    assert (told.answered, told.empty) == (0, 1)
    assert workflow(open_ones) == before


def test_the_rest_is_taken_only_if_asked_for(open_ones: Engine) -> None:
    """With partial the right lines count."""
    good = row(open_ones)["id"]
    told = read(open_ones, f"{good},,retire,,,\r\n999,,retire,,,\r\n", partial=True)

    assert (told.answered, len(told.problems)) == (1, 1)
    assert row(open_ones)["outcome"] == "retire"


def test_a_line_whose_cells_have_shifted_is_not_taken(open_ones: Engine) -> None:
    """A comma that nobody quoted moves every cell behind it; lines are told as an editor counts."""
    good = row(open_ones)["id"]
    before = workflow(open_ones)
    broken = read_lines(
        "request_id,answer,reason,hand_over_to,until\r\n"
        '999,keep,"two\r\nlines",,\r\n'
        f"{good},keep,we need it, really,,2026-12-31\r\n"
        "998,retire,,,,\r\n"
    )
    told = take(open_ones, settings(), broken, partial=False, author="Dora", now=NOW)

    assert [number for number, _ in told.problems] == [2, 4, 5]
    assert "more cells than there are columns" in told.problems[1][1]
    assert "no such request" in told.problems[2][1]
    assert workflow(open_ones) == before


def test_a_column_that_stands_there_twice_is_refused() -> None:
    """Of two answers nobody can tell which one is meant."""
    with pytest.raises(NotRead, match="answer stands there twice"):
        read_lines("request_id,answer,answer\r\n1,keep,retire")


@pytest.mark.parametrize("text", ["", "connector,answer\r\n1,keep", "a\0b"])
def test_another_file_is_refused(text: str) -> None:
    """What has not the columns is no file of answers, and it is said where one comes from."""
    with pytest.raises(NotRead, match=r"request_id.*campaign export"):
        read_lines(text)


def test_a_plan_is_carried_out_in_turn(open_ones: Engine) -> None:
    """Told before frozen, each once, by somebody; given up it takes nothing more."""
    plan_id = answered(open_ones, row(open_ones)["id"], "retire").plan_id
    assert plan_id is not None
    with pytest.raises(NotRetired, match="not its turn"):
        done(open_ones, plan_id, "frozen", author="Dora", now=NOW)
    with pytest.raises(NotRetired, match="nobody is named"):
        done(open_ones, plan_id, "announced", author=" ", now=NOW)
    done(open_ones, plan_id, "announced", author="Dora", now=NOW)
    done(open_ones, plan_id, "frozen", author="Dora", now=NOW + timedelta(days=1))
    done(open_ones, plan_id, "given_up", author="Dora", now=NOW)
    (plan,) = rows(open_ones, models.RetirementPlan)

    assert (plan["announced_by"], plan["frozen_at"], plan["outcome"]) == (
        "Dora", NOW + timedelta(days=1), "given_up",
    )  # fmt: skip
    with pytest.raises(NotRetired):
        done(open_ones, plan_id, "given_up", author="Dora", now=NOW)


def test_a_second_answer_to_retire_joins_the_plan(open_ones: Engine) -> None:
    """Asked again in another campaign, the plan that stands is the one that counts."""
    first = answered(open_ones, row(open_ones)["id"], "retire").plan_id
    close_campaign(open_ones, row(open_ones)["campaign_id"], author="Dora", now=NOW)
    asked(open_ones, Asking(INVOICES, TO_ADA, STEPS, FACTS))

    assert answered(open_ones, row(open_ones)["id"], "retire").plan_id == first


def test_a_run_that_finds_it_gone_ends_the_plan(open_ones: Engine) -> None:
    """Nobody has to say that it was removed: assess sees it; what is still there goes on."""
    answered(open_ones, row(open_ones)["id"], "retire")
    answered(open_ones, row(open_ones, PAYROLL)["id"], "retire")
    with writing(open_ones) as connection:
        connection.execute(
            update(models.ConnectorVersion)
            .where(
                models.ConnectorVersion.connector_id == INVOICES,
                models.ConnectorVersion.to_run.is_(None),
            )
            .values(presence="gone", presence_reason="deleted")
        )
    assess(open_ones, now=lambda: NOW)
    outcomes = {
        one["connector_id"]: (one["outcome"], one["closed_by"])
        for one in rows(open_ones, models.RetirementPlan)
    }

    assert outcomes == {INVOICES: ("removed", "run 3"), PAYROLL: (None, None)}
