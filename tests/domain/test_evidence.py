"""The order in which sources count."""

from __future__ import annotations

from connectory.domain.evidence import RANKED, bit, named, place, told_by


def test_sources_stand_in_the_order_in_which_they_count() -> None:
    """Logs of whoever was called before what the platform traces, and calls before all else."""
    assert [(source.name, source.evidence) for source in RANKED] == [
        ("gateway_logs", "call"),
        ("access_logs", "call"),
        ("canvas_calls", "call"),
        ("flow_actions", "action"),
        ("flow_runs", "run"),
        ("audit", "launch"),
        ("definitions", "reference"),
    ]


def test_a_source_without_a_rank_is_last() -> None:
    """Nothing is told better by what nobody knows."""
    assert place("no_such_source") == len(RANKED)


def test_a_sum_of_sources_can_be_taken_apart() -> None:
    """Whatever the order they were added in, the best comes first, and a grade is named once."""
    both = told_by(bit("flow_actions") + bit("access_logs") + bit("gateway_logs"))

    assert named(both) == ("call, action", "gateway_logs, access_logs, flow_actions")
    assert named(told_by(0)) == ("", "")
