"""Policies and where they put a connector, as of any run."""

from __future__ import annotations

from factories import INVOICES, PAYROLL, SCRATCH, TWIN, moment
from factories_policies import REASON
from sqlalchemy import Connection

from connectory.queries.attention import attention, attention_count
from connectory.queries.policies import (
    connector_policies,
    policies,
    policy_answer,
    policy_answers,
    policy_verdicts,
)


def test_policies_are_told_with_what_they_name(tenant: Connection) -> None:
    """Patterns that were not read are missing, not none."""
    frame = policies(tenant, moment(3)).set_index("policy")

    assert list(frame.index) == ["Allow-list", "Baseline", "Finance only", "Unread"]
    assert frame.loc["Baseline", "patterns"] == 2
    assert policies(tenant, moment(1)).set_index("policy").loc["Baseline", "patterns"] == 1
    assert frame["patterns"].isna()["Unread"]
    assert frame.loc["Finance only", ["environments", "named"]].tolist() == [1, 1]


def test_a_connector_shows_the_policies_of_its_environment(tenant: Connection) -> None:
    """Those for elsewhere are left out; each says where it puts it, and why."""
    frame = connector_policies(tenant, moment(3), INVOICES).set_index("policy")

    assert list(frame.index) == ["Baseline", "Finance only"]
    assert frame.loc["Baseline", ["data_group", "rule", "detail"]].tolist() == [
        "blocked",
        "pattern",
        "https://invoices.example*",
    ]
    assert frame.loc["Finance only", ["data_group", "rule"]].tolist() == ["business", "name"]
    before = connector_policies(tenant, moment(1), INVOICES).set_index("policy")
    assert before.loc["Baseline", ["data_group", "rule"]].tolist() == ["ignore", "ignored"]
    elsewhere = connector_policies(tenant, moment(3), TWIN).set_index("policy")
    assert list(elsewhere.index) == ["Baseline", "Unread"]
    assert elsewhere.loc["Unread", "data_group"] == "unknown"


def test_a_connector_that_is_not_there_has_no_policies(
    tenant: Connection, nothing: Connection
) -> None:
    """No rows, of the same columns."""
    none = connector_policies(tenant, moment(3), 4711)

    assert none.empty
    assert none.dtypes.equals(connector_policies(tenant, moment(3), INVOICES).dtypes)
    assert policy_verdicts(nothing, 1) == {}


def test_without_a_run_that_read_policies_only_a_block_is_certain(tenant: Connection) -> None:
    """No step of these runs read policies, so nothing but a block can be concluded from them."""
    verdicts = policy_verdicts(tenant, 3)

    assert {one.group for one in verdicts.values()} == {"blocked", "unknown"}
    assert verdicts[INVOICES].group == "blocked"
    assert verdicts[TWIN].rule in {"pattern", "unread"}


def test_an_answer_holds_for_the_runs_it_was_given_for(tenant: Connection) -> None:
    """As of an earlier run the earlier answer stands; what was not assessed has none."""
    before, after = (policy_answer(tenant, moment(run), INVOICES) for run in (1, 3))

    assert before is not None
    assert after is not None
    assert (before.group, after.group, after.reason) == ("business", "blocked", REASON)
    assert policy_answer(tenant, moment(3), SCRATCH) is None


def test_a_blocked_connector_in_use_needs_a_person(tenant: Connection) -> None:
    """It stands in the list with who blocks it and who uses it; before it was blocked it did not."""
    found = attention(tenant, moment(3), 50)
    row = found[found["title"].str.startswith("A policy blocks it")].iloc[0]

    assert (row["connector_id"], row["severity"]) == (INVOICES, "high")
    assert row["detail"].startswith(REASON)
    assert "used by" in row["detail"]
    assert attention_count(tenant, moment(3)) == len(found)
    assert "A policy blocks it, and it is in use" not in set(
        attention(tenant, moment(1), 50)["title"]
    )


def test_answers_are_listed_with_blocked_and_used_ones_first(tenant: Connection) -> None:
    """A missing connector is left out, as in the list of connectors."""
    frame = policy_answers(tenant, moment(3))

    assert frame["connector_id"].iloc[0] == INVOICES
    assert PAYROLL in set(frame["connector_id"])
    assert frame["flows"].iloc[0] + frame["apps"].iloc[0] > 0
