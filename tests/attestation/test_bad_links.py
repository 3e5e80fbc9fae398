"""Links that are none, or none any more, change nothing; over real HTTP."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from bound_links import bound, links
from factories import CARLA, PAYROLL, WEATHER
from factories_campaigns import (
    NOW,
    STEPS,
    TO_CARLA,
    TODAY,
    Asker,
    day,
    row,
    rows,
    workflow,
)

import models
from connectory.actions.campaigns import close_campaign, escalate
from connectory.attestation.links import Links
from connectory.database import writing
from connectory.domain.attesting import Next

# --- bad links


def test_a_tampered_link_changes_nothing(asker: Asker) -> None:
    """Cut, grown, altered in any place, or made up: it is no link, by GET and by POST."""
    token, before = asker.token(), workflow(asker.store)
    places = [*range(0, len(token), 9), len(token) - 1]
    forged = [
        token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
        for place in places
    ]
    payload, signature = token.rsplit(".", 1)
    forged += [
        token[:-1],
        f"{token}A",
        payload,
        f"{payload}.",
        f".{signature}",
        "x" * 999,
        "0",
        "-1",
    ]

    for one in forged:
        shown, sent = asker.get(one), asker.post(one, "retire")
        assert (shown.status_code, sent.status_code) == (404, 404), one
        assert "This link does not work" in shown.text
    assert workflow(asker.store) == before


def test_an_expired_link_changes_nothing(asker: Asker) -> None:
    """After its last day, where people live, it is over."""
    token, before = asker.token(), workflow(asker.store)
    asker.clock.pass_days(28.5)
    last_day = asker.get(token).status_code
    asker.clock.pass_days(0.2)
    shown, sent = asker.get(token), asker.post(token, "retire")

    assert last_day == 200
    assert (shown.status_code, sent.status_code) == (410, 410)
    assert "This link has expired" in shown.text
    assert workflow(asker.store) == before


@pytest.mark.parametrize(
    "other",
    [
        {"person": CARLA},
        {"connector_id": PAYROLL},
        {"connector_id": WEATHER},
        {"campaign_id": 2},
        {"request_id": 2},
        {"request_id": 99},
        {"nonce": "made-up"},
        {"request_id": 2, "connector_id": PAYROLL},
    ],
    ids=str,
)
def test_a_foreign_link_changes_nothing(asker: Asker, other: dict[str, Any]) -> None:
    """Bound to another person, connector, campaign, request or nonce, it answers nothing, though signed."""
    token, before = links().answer(bound(asker, **other)), workflow(asker.store)
    shown, sent = asker.get(token), asker.post(token, "retire")

    assert shown.status_code in {404, 410}
    assert sent.status_code in {404, 410}
    assert "Invoices" not in shown.text + sent.text
    assert workflow(asker.store) == before


def test_a_link_of_another_installation_changes_nothing(asker: Asker) -> None:
    """All it says is right, but another key signed it."""
    token, before = Links(["another key, " * 4]).answer(bound(asker)), workflow(asker.store)

    assert asker.get(token).status_code == 404
    assert asker.post(token, "retire").status_code == 404
    assert workflow(asker.store) == before


def test_a_replayed_link_changes_nothing(asker_on_each: Asker) -> None:
    """A second click, the same or another answer, finds what was answered and writes nothing."""
    token = asker_on_each.token()
    asker_on_each.post(token, "keep", reason="Pays suppliers")
    before = workflow(asker_on_each.store)
    replies = [asker_on_each.post(token, answer) for answer in ("keep", "retire", "not_mine")]
    asker_on_each.clock.pass_days(3)
    replies.append(asker_on_each.post(token, "hand_over", to="0"))

    assert {reply.status_code for reply in replies} == {409}
    assert all("This was answered already" in reply.text for reply in replies)
    assert all("Pays suppliers" in reply.text for reply in replies)
    assert workflow(asker_on_each.store) == before


def test_of_many_answers_at_once_one_counts(asker_on_each: Asker) -> None:
    """Two tabs, twenty clicks: one is kept, each other is told that it came too late."""
    token = asker_on_each.token()
    answers = ["keep", "retire", "hand_over", "not_mine", "more_time"] * 4
    extra = {"to": "0", "until": day(7).isoformat()}
    with ThreadPoolExecutor(len(answers)) as pool:
        replies = list(
            pool.map(
                lambda answer: asker_on_each.post(token, answer, **_fit(answer, extra)), answers
            )
        )
    statuses = sorted(reply.status_code for reply in replies)
    events = rows(asker_on_each.store, models.AttestationEvent)

    assert statuses == [303] + [409] * 19
    assert sum(one["what"] in {"answered", "postponed"} for one in events) == 1
    assert len(rows(asker_on_each.store, models.RetirementPlan)) <= 1
    assert (
        sum(
            one["follows_id"] is not None
            for one in rows(asker_on_each.store, models.AttestationRequest)
        )
        <= 1
    )


def _fit(answer: str, extra: dict[str, str]) -> dict[str, str]:
    return {"hand_over": {"to": extra["to"]}, "more_time": {"until": extra["until"]}}.get(
        answer, {}
    )


def test_whoever_was_passed_over_cannot_answer(asker_on_each: Asker) -> None:
    """Once the next one is asked, the link of the one before is over."""
    token, request = asker_on_each.token(), row(asker_on_each.store)
    with writing(asker_on_each.store) as connection:
        assert escalate(
            connection, request, Next(TO_CARLA, 1), why="did_not_answer", steps=STEPS,
            who="connectory", now=NOW, today=TODAY,
        )  # fmt: skip
    before = workflow(asker_on_each.store)
    shown, sent = asker_on_each.get(token), asker_on_each.post(token, "retire")

    assert (shown.status_code, sent.status_code) == (410, 410)
    assert "This question has moved on" in shown.text
    assert "Carla" not in shown.text + sent.text
    assert workflow(asker_on_each.store) == before
    assert "Ada Ample hat nicht geantwortet" in asker_on_each.get(asker_on_each.token()).text


def test_a_closed_campaign_takes_no_answer(asker: Asker) -> None:
    """After the close each link says so and changes nothing."""
    token = asker.token()
    close_campaign(asker.store, row(asker.store)["campaign_id"], author="Dora", now=NOW)
    before = workflow(asker.store)
    shown, sent = asker.get(token), asker.post(token, "retire")

    assert (shown.status_code, sent.status_code) == (410, 410)
    assert "This question is closed" in shown.text
    assert workflow(asker.store) == before
