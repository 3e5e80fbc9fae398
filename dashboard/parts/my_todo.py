"""What somebody has to do about their connectors, in the words of the digest."""

from __future__ import annotations

from typing import Final

import streamlit as st

from connectory.domain.digest import Mine, Task
from dashboard import my_data
from dashboard.data import At
from dashboard.parts import answering, page, state
from dashboard.parts.text import count, counted, esc

_ICONS: Final = {
    "answer": "mail",
    "credential": "key",
    "broke": "dangerous",
    "drifted": "difference",
    "owner": "person_alert",
    "review": "event",
    "abandoned": "delete_history",
    "never_used": "block",
    "stale": "hourglass_bottom",
    "documentation": "description",
}
_FEW: Final = 6


def draw(at: At, todo: tuple[tuple[Mine, tuple[Task, ...]], ...]) -> None:
    """Draw what is to be done, connector by connector, the most urgent first."""
    some = [(mine, tasks) for mine, tasks in todo if tasks]
    number = sum(len(tasks) for _, tasks in some)
    st.header("What to do", anchor=False)
    if not some:
        state.empty("Nothing to do", "What was read gives no reason to.", icon="check_circle")
        return
    for mine, tasks in some[:_FEW]:
        _connector(at, mine, tasks)
    if len(some) > _FEW:
        with (
            st.expander(f"{counted(len(some) - _FEW, 'more connector')}", on_change="rerun",
                        key="my.todo.rest") as rest,
        ):  # fmt: skip
            if rest.open:
                for mine, tasks in some[_FEW:]:
                    _connector(at, mine, tasks)
    st.caption(
        f"{counted(number, 'thing')} to do about {count(len(some))} of "
        f"{counted(len(todo), 'connector')}, as the digest tells them."
    )


def _connector(at: At, mine: Mine, tasks: tuple[Task, ...]) -> None:
    with st.container(border=True, gap="xsmall"):
        _told(at, mine, tasks)


def _told(at: At, mine: Mine, tasks: tuple[Task, ...]) -> None:
    with st.container(horizontal=True, horizontal_alignment="distribute", gap="small"):
        st.markdown(
            f"**{esc(mine.name, longest=100)}** :small[:gray[{esc(mine.environment)}]]",
            width="content",
        )
        st.page_link(
            page.CONNECTOR, label=":blue[Open]", query_params={"id": str(mine.connector_id)}
        )
    for task in tasks:
        told = my_data.said(at, task, mine)
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            st.badge(
                esc(told.badge.words),
                icon=f":material/{_ICONS[task.kind]}:",
                color=told.badge.tone,
            )
            if told.due:
                st.markdown(f":small[**{esc(told.due)}**]", width="content")
            if task.kind == "answer" and mine.asked is not None:
                answering.offer(at.url, mine.asked.request_id, mine.recipient.name)
        beside = f"  \n:small[:gray[{esc(told.note, longest=600)}]]" if told.note else ""
        st.markdown(f"{esc(told.text, longest=900)}{beside}")
