"""Every collector under every fault: nothing wrong, doubled, silently missing or retired.

The tenant does not change, so that whatever a fault does, what is told of it must stay; and after
the fault the next run is whole again. Which requests a collector sends is taken from the tenant's
own account of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from expected import differences
from sqlalchemy import Engine
from stored import facts
from tenants import Tenant, tenant
from test_collected import compare
from test_faults import presences
from told import told
from verdicts import claims, verdicts

from collectors import COLLECTORS
from connectory.config import Settings
from connectory.simulator.wire.faults import KINDS

OVERCOME = {"slow", "empty_page", "duplicate_blobs", "late_blobs", "malformed_record"}
"""Faults that a reader may get over: a record can lack what nobody reads; what is late comes later."""

VARIANTS: list[dict[str, Any]] = [
    *({"kind": kind} for kind in sorted(KINDS - {"slow"})),
    {"kind": "slow", "seconds": 0.001},
    {"kind": "429", "retry_after": "0"},
    {"kind": "429", "retry_after": "http-date"},
    {"kind": "malformed_record", "how": "hollow"},
    # In the middle: the first reply of each kind is good, the next is not.
    *({"kind": kind, "after": 1} for kind in ("500", "drop", "truncate", "unauthorized", "429")),
    {"kind": "partial_error", "after": 1},
    {"kind": "malformed_record", "after": 1},
]
CALLS = {"access_logs", "gateway_logs", "canvas_calls", "flow_actions"}
"""Collectors of calls: of files, or of logs whose faults stand in test_call_source_faults.py."""
# What APIs say of themselves comes from other hosts than the services', where somebody allows them;
# test_upstream_documents.py and test_document_guard.py let those fail.
ELSEWHERE = {"upstream_documents"}
NAMES = [
    collector.name
    for collector in COLLECTORS
    if collector.name not in CALLS and collector.name not in ELSEWHERE
]


def spelled(variant: dict[str, Any]) -> str:
    """Return a variant as words."""
    return "-".join(str(value) for value in variant.values())


def known(store: Engine) -> dict[str, Any]:
    """Return what a store tells and concludes, and how many rows are present, missing and gone."""
    return {**told(store), **verdicts(store), "presences": presences(store)}


def changed(before: dict[str, Any], after: dict[str, Any]) -> dict[str, list[str]]:
    """Return every difference, by noun."""
    return {noun: lines for noun in after if (lines := differences(before[noun], after[noun])[:5])}


@dataclass
class Ground:
    """A store that equals a tenant, and what each collector asks of it."""

    simulated: Tenant
    store: Engine
    settings: Settings
    before: dict[str, Any]
    rows: dict[str, Any]
    claims: set[tuple[str, str, int]]
    routes: dict[str, list[tuple[str, str]]] = field(default_factory=dict)

    def collect(self, name: str = "") -> Any:
        """Read everything again, with one collector or all."""
        return self.simulated.collect(
            self.store, [name] if name else (), settings=self.settings, full=True
        )

    def changed(self) -> dict[str, list[str]]:
        """Return what the store tells otherwise than in the beginning."""
        if facts(self.store) == self.rows:
            # What it tells follows from its rows; what is concluded also from how runs went.
            return changed(self.before, verdicts(self.store))
        return changed(self.before, known(self.store))

    def asked_by(self, name: str) -> list[tuple[str, str]]:
        """Return host and pattern of every request of a collector, but for signing in."""
        if name not in self.routes:
            self.simulated.forget_requests()
            self.collect(name)
            routes = self.simulated.get("requests")["routes"]
            pairs = (route.split(" ", 1)[1].partition("/")[::2] for route in routes)
            self.routes[name] = [
                (host, "^/" + re.escape(path).replace(r"\*", "[^/]+") + r"\?")
                for host, path in pairs
                if not host.startswith("login.")
            ]
        return self.routes[name]


@pytest.fixture(scope="module")
def ground(module_store: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    """One tenant and one store for all cases: each leaves both as it found them."""
    folder = tmp_path_factory.mktemp("matrix")
    with tenant(folder) as simulated:
        # Small pages, so that every list goes on and can break in its middle.
        simulated.post("settings", page_limit=2)
        settings = simulated.signed_in(module_store, folder)
        simulated.collect(module_store, settings=settings)
        yield Ground(
            simulated,
            module_store,
            settings,
            known(module_store),
            facts(module_store),
            claims(module_store),
        )


PLAIN = [variant for variant in VARIANTS if variant.keys() <= {"kind", "seconds"}]
OF_STORES = [
    one
    for one in PLAIN
    if one["kind"]
    in {"503", "drop", "forbidden", "partial_error", "malformed_record", "expired_page_token"}
]
"""A service that is gone, a body that breaks off, a refusal, a list in part, a bad row, a lost page."""
TURNS = 3


def cases() -> Iterator[Any]:
    """Yield every collector with every variant; most pairs are tried in the long versions only.

    On SQLite each collector meets every kind that leaves a store in another way, and a third of
    the other kinds and ways; on PostgreSQL a third of the former. By turns, so that collectors that
    lie side by side meet others, and none is met by nobody.
    """
    for place, name in enumerate(NAMES):
        for number, variant in enumerate(VARIANTS):
            turn = (place + number) % TURNS == 0
            marks = [] if turn or variant in OF_STORES else [pytest.mark.soak]
            if not turn or variant not in OF_STORES:
                marks.append(pytest.mark.postgresql_in_soak)
            yield pytest.param(name, variant, id=f"{name}-{spelled(variant)}", marks=marks)


def test_every_variant_is_tried_on_some_collectors_and_what_alters_stores_on_all() -> None:
    """Taking turns leaves nothing out, neither of variants nor, on PostgreSQL, of collectors."""
    long = {"soak", "postgresql_in_soak"}
    short = [(case, {mark.name for mark in case.marks}) for case in cases()]
    tried = [case.values for case, marks in short if "soak" not in marks]
    on_both = [case.values for case, marks in short if not marks & long]

    assert all(any(one == variant for _, one in tried) for variant in VARIANTS)
    assert all((name, variant) in tried for name in NAMES for variant in OF_STORES)
    assert all(sum(one == variant for _, one in tried) >= len(NAMES) // TURNS for variant in PLAIN)
    assert all(any(one == variant for _, one in on_both) for variant in OF_STORES)
    assert {name for name, _ in on_both} == set(NAMES)


@pytest.mark.parametrize(("name", "variant"), [*cases()])
def test_a_collector_under_a_fault(ground: Ground, name: str, variant: dict[str, Any]) -> None:
    """What was known stays, what was not read is said, and the next run is whole."""
    asked = ground.asked_by(name)
    for host, path in asked:
        ground.simulated.post("faults", host=host, path=path, **variant)
    ground.simulated.forget_requests()
    try:
        report = ground.collect(name)
        hits = ground.simulated.get("requests")["faults"]
        under = ground.changed()
        claimed = claims(ground.store)
    finally:
        ground.simulated.clear_faults()
        again = ground.collect(name)

    assert asked
    assert under == {}
    # A list that was not read takes away what it proved, and adds nothing.
    assert claimed <= ground.claims
    assert all(step.reason for step in report.short)
    if variant["kind"] not in OVERCOME and not variant.keys() & {"after", "how"}:
        assert bool(report.short) == bool(hits)
    assert not again.short, again.short
    assert ground.changed() == {}


SIGN_IN = "login.microsoftonline.com"
ADDED = {"foreign_link", "partial_error"}
"""Faults that add to a reply what a sign-in service's never has, and nobody looks at."""


@pytest.mark.postgresql_in_soak
@pytest.mark.parametrize(
    "variant", [one for one in PLAIN if one["kind"] not in OVERCOME], ids=spelled
)
def test_a_run_whose_sign_in_fails(ground: Ground, variant: dict[str, Any]) -> None:
    """Nothing is known better for it, the reason names the sign-in, and the next run is whole."""
    ground.simulated.post("faults", host=SIGN_IN, **variant)
    try:
        report = ground.collect()
        hits = ground.simulated.get("requests")["faults"]
    finally:
        ground.simulated.clear_faults()
        ground.simulated.forget_requests()
    under = ground.changed()
    again = ground.collect()

    assert under == {}
    assert bool(report.short) == (bool(hits) and variant["kind"] not in ADDED)
    for step in report.short:
        assert "sign" in str(step.reason), step.reason
        assert "not in the expected form" not in str(step.reason)
    assert not again.short, again.short
    assert ground.changed() == {}


@pytest.mark.postgresql_in_soak
@pytest.mark.parametrize(
    "variant",
    [
        pytest.param(one, id=spelled(one), marks=[] if one in PLAIN else pytest.mark.soak)
        for one in VARIANTS
    ],
)
def test_a_first_run_under_a_fault(store: Engine, tmp_path: Path, variant: dict[str, Any]) -> None:
    """What a first run could not read is said, nothing is invented, and the next run is whole."""
    with tenant(tmp_path) as simulated:
        # Where nothing at all can be signed in to or listed there is nothing to tell.
        rule = {"path": r"^(?!/[^/]+/(oauth2|v2\.0|discovery))", **variant}
        simulated.post("faults", **{"after": 0, **rule})
        report = simulated.collect(store)
        truth = simulated.get("truth")
        invented = [
            line for lines in compare(store, truth).values() for line in lines if "invents" in line
        ]
        simulated.clear_faults()
        again = simulated.collect(store)

        assert invented == []
        assert all(step.reason for step in report.short)
        assert report.state == "complete" or report.short
        assert again.state == "complete"
        different = compare(store, truth)
        if "how" in variant:
            # An event is kept if it is about something known then: a blob is fetched only once.
            different.pop("audit_events", None)
        assert different == {}
