"""A week in which a tenant changed is read while services fail: late or lacking, never wrong.

The matrix of every collector and fault (test_fault_matrix.py) asks whether what is known stays;
here there is something to learn, and all collectors run, one building on what another read.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from scenes import Scene, doubled, invented, seen
from sqlalchemy import Engine
from tenants import tenant
from verdicts import ownerless

from connectory.database import reading
from connectory.queries.coverage import coverage
from connectory.queries.moments import latest
from connectory.simulator.wire.kinds import FAULTS, HOW, SERVICES

WAYS: dict[str, dict[str, Any]] = {
    **{kind: {"kind": kind} for kind in FAULTS if kind != "slow"},
    "slow": {"kind": "slow", "seconds": 0.001},
    **{f"malformed, {how}": {"kind": "malformed_record", "how": how} for how in HOW[1:]},
}
UNSEEN = {"late_blobs"}
"""What nobody can notice while it lasts."""


@pytest.fixture(scope="module")
def scene(module_store: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """A tenant a week after a store has read it."""
    folder = tmp_path_factory.mktemp("scene")
    with tenant(folder) as simulated:
        settings = simulated.signed_in(module_store, folder)
        found = Scene(simulated, settings, module_store, folder)
        found.collect(module_store)
        found.before, found.ownerless = seen(module_store), ownerless(module_store)
        module_store.dispose()
        simulated.post("settings", page_limit=4)
        simulated.post("advance", days=7)
        found.truth = simulated.get("truth")
        with found.copy() as store:
            assert found.collect(store).state == "complete"
            assert found.untrue(store) == {}
            found.after = seen(store)
            found.ownerless |= ownerless(store)
        yield found


def under(scene: Scene, store: Engine, hosts: tuple[str, ...], **fault: Any) -> None:
    """Collect while hosts fail, then once more while all is well, and hold both to what is true."""
    for host in hosts:
        scene.simulated.post("faults", host=host, **fault)
    try:
        report = scene.collect(store)
    finally:
        scene.simulated.clear_faults()
    now = seen(store)
    short = [(step.collector, step.environment, step.reason) for step in report.short]

    assert invented(scene.before, scene.after, now) == [], short
    assert doubled(store) == []
    assert ownerless(store) - scene.ownerless == set(), short
    assert all(reason for _, _, reason in short)
    assert short or fault["kind"] in UNSEEN or now == scene.after
    with reading(store) as connection:
        moment = latest(connection)
        assert moment is not None
        gaps = coverage(connection, moment).gaps
    if report.state == "partial":
        assert {gap.collector for gap in gaps} >= {collector for collector, _, _ in short}
        assert all(gap.reason for gap in gaps)
    scene.collect(store)
    assert scene.untrue(store) == {}, short


@pytest.mark.postgresql_in_soak
@pytest.mark.parametrize("way", WAYS)
def test_every_service_fails_after_a_while(scene: Scene, way: str) -> None:
    """Each host answers twice, then fails; nothing is wrong then, and all is right after."""
    with scene.copy() as store:
        under(scene, store, SERVICES, after=2, **WAYS[way])


ALONE = [
    pytest.param(
        host, way, id=f"{host}-{way}", marks=[] if (place + turn) % 3 == 0 else pytest.mark.soak
    )
    for place, host in enumerate(SERVICES)
    for turn, way in enumerate(("503", "forbidden", "malformed, wrong_type"))
]
"""Each host fails in one of three ways, by turns; in the long versions in all of them."""


@pytest.mark.postgresql_in_soak
@pytest.mark.parametrize(("host", "way"), ALONE)
def test_one_service_fails_while_the_others_answer(scene: Scene, host: str, way: str) -> None:
    """What others tell of the same things is kept beside what the failing one told before."""
    with scene.copy() as store:
        under(scene, store, (host,), **WAYS[way])
