"""Processes that are killed while they send: counted at a real server, nobody ever gets two."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from mailboxes import mailbox, rows, states
from senders_at_work import AtWork, assert_nobody_got_two, kill_at_random, until
from sqlalchemy import Engine


@contextmanager
def _at_work(
    store: Engine, folder: Path, owners: int, *, whole: bool = False, **options: Any
) -> Iterator[AtWork]:
    with mailbox(**options) as box:
        work = AtWork(store, box, folder, owners, whole)
        try:
            yield work
        finally:
            work.stop()


@pytest.mark.postgresql_in_soak
def test_processes_killed_at_random_write_to_nobody_twice(store: Engine, tmp_path: Path) -> None:
    """150 owners, 4 kills: at most one message a killed process is uncertain, the others got one."""
    with _at_work(store, tmp_path, 150, pause=0.01) as work:
        kill_at_random(work, kills=4, workers=2, chance=random.Random(7))
        work.finish()
        told = assert_nobody_got_two(work)

    assert told["killed"] >= 4


@pytest.mark.soak
@pytest.mark.parametrize("seed", [1, 2])
def test_five_thousand_owners_and_ten_kills(
    store: Engine, tmp_path: Path, seed: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """5,000 owners, 10 kills: nobody gets two, and everybody who is not uncertain exactly one."""
    with _at_work(store, tmp_path, 5000, whole=True) as work:
        kill_at_random(work, kills=10, workers=2, chance=random.Random(seed))
        work.finish()
        told = assert_nobody_got_two(work)
    with capsys.disabled():
        print(f"\n{store.dialect.name}: {told}")  # noqa: T201 - the figures of the long version

    assert told["killed"] >= 10


@pytest.mark.postgresql_in_soak
def test_killed_between_message_and_answer_it_is_uncertain(store: Engine, tmp_path: Path) -> None:
    """The server has the message and was slow to say so: it arrived once, and nobody sends it again."""
    whole = threading.Event()
    with _at_work(store, tmp_path, 12, pause=0.5, came=lambda _: whole.set()) as work:
        for number in range(3):
            whole.clear()
            work.start()
            until(whole.is_set, 60)
            work.kill(work.going[-1])
            assert work.killed == number + 1
        work.box.pause = 0
        work.finish()

        assert states(store) == {"sent": 9, "uncertain": 3}
        assert set(work.box.addresses.values()) == {1}
        assert len(work.box.addresses) == 12
        lost = [row for row in rows(store) if row.state == "uncertain"]
        assert all("ended before it wrote down" in row.reason for row in lost)
        told = assert_nobody_got_two(work)

    assert told["of which had arrived"] == 3


@pytest.mark.postgresql_in_soak
def test_two_processes_at_once_write_to_everybody_once(store: Engine, tmp_path: Path) -> None:
    """Side by side they share the work: each message is sent by one of them."""
    with _at_work(store, tmp_path, 120, whole=True, pause=0.05) as work:
        work.start()
        work.start()
        codes = work.finish()

        assert codes == [0, 0, 0]
        assert set(work.box.taken.values()) == {1}
        assert work.box.taken.total() == 120
    senders = {
        row.actor.partition("#")[0]
        for row in rows(store, "SELECT * FROM outbox_events WHERE state = 'sending'")
    }
    assert len(senders) == 2
