"""The score of staleness: its arithmetic by hand, its verdicts, and what must hold of any facts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from connectory.domain.staleness import (
    ABANDONED,
    OF,
    QUIET,
    STALE,
    Profile,
    Seen,
    StaleFacts,
    stale_verdict,
    to_be_asked,
)
from connectory.domain.staleness_words import words_of
from connectory.staleness_settings import StalenessSettings

TODAY = date(2026, 11, 30)
USUAL = Profile("Production", 30, 90, 180)
KEPT = {
    "known_since": date(2024, 1, 1),
    "flows": 6,
    "connections": 2,
    "references": 1,
    "bound": 1,
    "owner": "owned",
    "kind": "Production",
    "changed_on": TODAY,
}
"""What gives no point but for its last use."""


def ago(days: int) -> date:
    """Return the day so many days before today."""
    return TODAY - timedelta(days=days)


def called(days: int, **more: Any) -> StaleFacts:
    """Return facts of a connector that was last called so many days ago, and read all its life."""
    return StaleFacts(**{**KEPT, "seen": (Seen("gateway_logs", ago(days)),), **more})


@pytest.mark.parametrize(
    ("days", "points", "state"),
    [
        (0, 0, "active"),
        (15, 10, "active"),
        (29, 19, "active"),
        (30, 20, "quiet"),
        (60, 30, "quiet"),
        (89, 39, "quiet"),
        (90, 40, "stale"),
        (135, 50, "stale"),
        (180, 60, "stale"),
        (4000, 60, "stale"),
    ],
)
def test_days_without_use_count_along_three_thresholds(days: int, points: int, state: str) -> None:
    """From 0 to 20 points until it is quiet, to 40 until it is stale, to 60 until it is silent."""
    verdict = stale_verdict(called(days), USUAL, TODAY)

    assert (verdict.score, verdict.state) == (points, state)


def test_the_worst_connector_gets_a_hundred_points() -> None:
    """Every part gives all it can, and the parts say what each is of."""
    worst = StaleFacts(
        known_since=ago(900), seen=(Seen("audit", ago(300)),), changed_on=ago(800),
        owner="nobody", kind="Developer",
    )  # fmt: skip

    verdict = stale_verdict(worst, USUAL, TODAY)

    assert (verdict.state, verdict.score) == ("abandoned", 100)
    assert {part.part: part.points for part in verdict.parts} == OF
    assert sum(OF.values()) == 100


@pytest.mark.parametrize(
    ("changed", "part", "found", "points"),
    [
        ({"flows": 0}, "consumers", "none", 12),
        ({"flows": 2, "stopped": 2}, "consumers", "stopped", 9),
        ({"flows": 2, "stopped": 1}, "consumers", "some", 6),
        ({"flows": 1, "apps": 2, "agents": 1}, "consumers", "some", 3),
        ({}, "consumers", "some", 0),
        ({"connections": 0}, "connections", "none", 8),
        ({"connections": 2, "broken": 2}, "connections", "broken", 6),
        ({"connections": 2, "broken": 1}, "connections", "some", 0),
        ({"connections": None}, "connections", "unknown", 0),
        ({"references": 0, "bound": 0}, "references", "none", 4),
        ({"bound": 0}, "references", "unbound", 3),
        ({"references": None, "bound": 0}, "references", "unknown", 0),
        ({"owner": "departed_owner"}, "owner", "departed_owner", 8),
        ({"owner": "disabled_owner"}, "owner", "disabled_owner", 6),
        ({"owner": "guest_owner"}, "owner", "guest_owner", 2),
        ({"owner": "owner_unknown"}, "owner", "owner_unknown", 0),
        ({"owner": "empty_group"}, "owner", "empty_group", 8),
        ({"owner": "group_owned"}, "owner", "group_owned", 0),
        ({"changed_on": ago(400)}, "definition", "changed", 3),
        ({"changed_on": None}, "definition", "unknown", 0),
        ({"kind": "Sandbox"}, "environment", "kind", 2),
        ({"kind": None}, "environment", "unknown", 0),
    ],
)
def test_what_holds_a_connector_counts_once_it_is_quiet(
    changed: dict[str, Any], part: str, found: str, points: int
) -> None:
    """Each part tells what was found and what that gives; what is not known gives nothing."""
    verdict = stale_verdict(called(60, **changed), USUAL, TODAY)
    told = next(one for one in verdict.parts if one.part == part)

    assert (told.found, told.points) == (found, points)
    assert verdict.score == 30 + points
    assert words_of(told.stored())


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"flows": 0}, "no flow, app or agent uses it"),
        ({"flows": 1}, "1 flow uses it"),
        ({"flows": 1, "stopped": 1}, "1 flow uses it, turned off"),
        ({"flows": 2, "apps": 1, "stopped": 3}, "2 flows, 1 app use it, all turned off"),
        ({"flows": 2, "agents": 1, "stopped": 1}, "2 flows, 1 agent use it, 1 turned off"),
        ({"connections": 0}, "no connection"),
        ({"connections": None}, "connections were not listed"),
        ({"connections": 1}, "1 connection"),
        ({"connections": 3, "broken": 1}, "3 connections, 1 broken"),
        ({"connections": 1, "broken": 1}, "1 connection, broken"),
        ({"connections": 3, "broken": 3}, "3 connections, all broken"),
        ({"references": 0}, "no connection reference"),
        ({"references": None}, "connection references were not listed"),
        ({"references": 1, "bound": 0}, "1 connection reference, not bound"),
        ({"references": 2, "bound": 0}, "2 connection references, none bound"),
        ({"references": 2, "bound": 1}, "2 connection references, 1 bound"),
        ({"owner": "owned"}, "owned by somebody who can act"),
        ({"owner": "departed_owner"}, "its owner has left"),
        ({"owner": "of_a_kind_to_come"}, "of a kind to come"),
        ({"changed_on": date(2026, 1, 4)}, "last changed on 4 Jan 2026"),
        ({"kind": None}, "type of environment is not told"),
        ({"kind": "Sandbox"}, "Sandbox environment"),
    ],
)
def test_each_part_tells_what_was_found_in_words(changed: dict[str, Any], words: str) -> None:
    """One of a thing reads like one, several like several."""
    verdict = stale_verdict(called(60, **changed), USUAL, TODAY)

    assert words in [words_of(part.stored()) for part in verdict.parts]


def test_nothing_but_its_use_counts_while_it_is_in_use() -> None:
    """A connector that was called last week is active, whoever has left and whatever is broken."""
    bare = called(7, flows=0, connections=0, references=0, owner="nobody", kind="Developer")

    verdict = stale_verdict(bare, USUAL, TODAY)

    assert verdict.state == "active"
    assert [part.part for part in verdict.parts] == ["last_use"]


def test_days_alone_decide_when_a_connector_is_stale() -> None:
    """Nobody is asked sooner than the settings say, however little holds it."""
    bare = called(89, flows=0, connections=0, references=0, owner="nobody", kind="Developer")

    verdict = stale_verdict(bare, USUAL, TODAY)

    assert (verdict.state, verdict.score) == ("quiet", 75)
    assert not to_be_asked(verdict.state, [part.stored() for part in verdict.parts])


def test_silence_that_nothing_holds_is_abandoned_sooner() -> None:
    """After ninety days of silence one without consumers, connections and owner is abandoned."""
    held = called(90, owner="nobody")
    bare = replace(held, flows=0, connections=0, references=0, bound=0)

    assert stale_verdict(held, USUAL, TODAY).state == "stale"
    assert stale_verdict(bare, USUAL, TODAY).state == "abandoned"


@pytest.mark.parametrize(
    ("source", "grade", "points"),
    [
        ("gateway_logs", "call", 0),
        ("flow_actions", "action", 0),
        ("flow_runs", "run", 2),
        ("audit", "launch", 4),
        ("definitions", "reference", 6),
        ("nobody_knows", "reference", 6),
    ],
)
def test_weaker_evidence_gives_some_points_however_fresh(
    source: str, grade: str, points: int
) -> None:
    """A run or a launch of today proves no call, but it is use all the same."""
    verdict = stale_verdict(called(0, seen=(Seen(source, TODAY),)), USUAL, TODAY)

    assert (verdict.state, verdict.score) == ("active", points)
    assert verdict.last is not None
    assert verdict.last.grade == grade


def test_the_freshest_use_counts_and_of_equals_the_better_proven() -> None:
    """A launch of yesterday counts before a call of last month; a call before a run of the same day."""
    old_call, launch = Seen("gateway_logs", ago(29)), Seen("audit", ago(1))
    run, call = Seen("flow_runs", ago(29)), old_call

    assert stale_verdict(called(0, seen=(old_call, launch)), USUAL, TODAY).last == launch
    assert stale_verdict(called(0, seen=(run, call)), USUAL, TODAY).last == call


def test_what_was_not_read_makes_silence_unknown() -> None:
    """Old use and an unread source: it may have been used since, and the verdict says of what."""
    verdict = stale_verdict(called(400, unread=("runs of flows",)), USUAL, TODAY)

    assert (verdict.state, verdict.score, verdict.parts, verdict.known) == (
        "unknown",
        None,
        (),
        False,
    )
    assert verdict.reason.startswith("last used on 26 Oct 2025, but what could tell of use was not")
    assert "runs of flows" in verdict.reason


def test_what_was_not_read_does_not_hide_use() -> None:
    """Fresh use is use, whatever else could not be read; that is told."""
    verdict = stale_verdict(called(1, unread=("flows (refused)",)), USUAL, TODAY)

    assert (verdict.state, verdict.known) == ("active", False)


def test_a_connector_read_all_its_life_without_use_was_never_used() -> None:
    """Silence counts from when it was created; one of last week is never used, and not to be asked."""
    old = stale_verdict(called(0, seen=()), USUAL, TODAY)
    new = stale_verdict(called(0, seen=(), known_since=ago(7), flows=0), USUAL, TODAY)

    assert (old.state, old.score) == ("never_used", 60)
    assert (new.state, new.score) == ("never_used", 6)
    assert to_be_asked(old.state, [part.stored() for part in old.parts])
    assert not to_be_asked(new.state, [part.stored() for part in new.parts])


def test_silence_counts_only_as_far_back_as_it_was_read() -> None:
    """Of a connector with consumers and no trace of use only the days that were read count."""
    quiet = stale_verdict(called(0, seen=(), silent_since=ago(60)), USUAL, TODAY)
    short = stale_verdict(called(0, seen=(), silent_since=ago(10)), USUAL, TODAY)
    since = stale_verdict(called(400, silent_since=ago(60)), USUAL, TODAY)

    assert (quiet.state, quiet.score) == ("quiet", 30)
    assert (short.state, short.known) == ("unknown", False)
    assert short.reason == "no use is known, but only 10 days could be read"
    assert (since.state, since.score) == ("quiet", 30)
    assert "silence is known since 1 Oct 2026" in since.reason


def test_thresholds_must_rise() -> None:
    """A profile in which stale comes before quiet is refused."""
    with pytest.raises(ValueError, match="days must rise"):
        Profile("Production", 90, 30, 180)


def test_each_type_of_environment_has_its_thresholds() -> None:
    """By name, whatever its case; any other by those of all others, also where some are named."""
    usual = StalenessSettings()
    own = StalenessSettings.model_validate({"days": {"sandbox": [1, 2, 3], "*": [4, 5, 6]}})

    assert usual.profile("TRIAL") == Profile("Trial", 14, 30, 60)
    assert usual.profile(None) == Profile("*", 30, 90, 180)
    assert own.profile("Sandbox") == Profile("sandbox", 1, 2, 3)
    assert own.profile("Production") == Profile("*", 4, 5, 6)


@pytest.mark.parametrize(
    ("days", "problem"),
    [
        ({"Production": [30, 20, 10]}, "Production: days must rise"),
        ({"Production": [30, 90]}, "Field required"),
        ({"sandbox": [1, 2, 3], "Sandbox": [1, 2, 3]}, "'Sandbox' stands twice"),
        ({" ": [1, 2, 3]}, "no type of environment"),
    ],
)
def test_wrong_thresholds_are_refused(days: dict[str, list[int]], problem: str) -> None:
    """The error names the type of environment and the cure."""
    with pytest.raises(ValueError, match=problem):
        StalenessSettings.model_validate({"days": days})


# --- what must hold of any facts

_DAYS = st.integers(0, 1500).map(ago)
_SEEN = st.builds(
    Seen,
    st.sampled_from(("gateway_logs", "canvas_calls", "flow_actions", "flow_runs", "audit")),
    _DAYS,
)
_PROFILES = st.lists(st.integers(1, 400), min_size=3, max_size=3, unique=True).map(
    lambda days: Profile("any", *sorted(days))
)
_FACTS = st.builds(
    StaleFacts,
    known_since=_DAYS,
    seen=st.lists(_SEEN, max_size=4).map(tuple),
    silent_since=st.none() | _DAYS,
    unread=st.just(()) | st.just(("runs of flows",)),
    flows=st.integers(0, 4),
    apps=st.integers(0, 3),
    agents=st.integers(0, 2),
    stopped=st.integers(0, 3),
    connections=st.none() | st.integers(0, 3),
    broken=st.integers(0, 3),
    references=st.none() | st.integers(0, 2),
    bound=st.integers(0, 2),
    changed_on=st.none() | _DAYS,
    owner=st.sampled_from((None, "owned", "nobody", "disabled_owner", "group_owned")),
    kind=st.sampled_from((None, "Production", "Sandbox", "Trial", "Other")),
)


@given(_FACTS, _PROFILES)
def test_the_parts_add_up_and_the_verdict_follows_from_the_score(
    facts: StaleFacts, profile: Profile
) -> None:
    """No part gives less than nothing or more than it is of; each is told in words."""
    verdict = stale_verdict(facts, profile, TODAY)

    assert all(0 <= part.points <= OF[part.part] for part in verdict.parts)
    assert all(words_of(part.stored()) for part in verdict.parts)
    if verdict.score is None:
        assert (verdict.state, verdict.parts) == ("unknown", ())
        return
    assert verdict.score == sum(part.points for part in verdict.parts)
    used = verdict.parts[0].points
    if verdict.state in ("active", "quiet"):
        assert (used < QUIET) == (verdict.state == "active")
        assert used < STALE
    elif verdict.state != "never_used":
        assert used >= STALE
        assert (verdict.score >= ABANDONED) == (verdict.state == "abandoned")


@given(_FACTS, _PROFILES, _SEEN)
def test_more_recent_use_never_raises_the_score(
    facts: StaleFacts, profile: Profile, seen: Seen
) -> None:
    """Whatever else is known, another trace of use makes a connector no staler."""
    assume(seen.day >= facts.known_since)
    before = stale_verdict(facts, profile, TODAY)
    after = stale_verdict(replace(facts, seen=(*facts.seen, seen)), profile, TODAY)

    if before.score is not None and after.score is not None:
        assert after.score <= before.score
    if before.state == "active":
        assert after.state == "active"


@given(_FACTS, _PROFILES, st.integers(1, 400))
def test_time_alone_never_lowers_the_score(facts: StaleFacts, profile: Profile, days: int) -> None:
    """Nothing becomes less stale by waiting."""
    before = stale_verdict(facts, profile, TODAY)
    after = stale_verdict(facts, profile, TODAY + timedelta(days=days))

    if before.score is not None:
        assert after.score is None or after.score >= before.score


@given(_FACTS, _PROFILES)
def test_more_that_holds_a_connector_never_raises_the_score(
    facts: StaleFacts, profile: Profile
) -> None:
    """Another flow, a connection that works, a bound reference, a person who owns it."""
    before = stale_verdict(facts, profile, TODAY).score
    held = replace(
        facts,
        flows=facts.flows + 1 if facts.consumers else 0,
        connections=None if facts.connections is None else facts.connections + facts.broken + 1,
        references=None if facts.references is None else facts.references + 1,
        bound=facts.bound + 1,
        owner="owned",
        changed_on=TODAY,
    )
    after = stale_verdict(held, profile, TODAY).score

    if before is not None and after is not None:
        assert after <= before


@given(_FACTS, _PROFILES)
def test_reading_less_never_calls_a_connector_unused(facts: StaleFacts, profile: Profile) -> None:
    """Where something could not be read, it is in use or unknown, and nothing else."""
    verdict = stale_verdict(replace(facts, unread=("flows (failed)",)), profile, TODAY)

    assert verdict.state in ("active", "unknown")
    assert not verdict.known
