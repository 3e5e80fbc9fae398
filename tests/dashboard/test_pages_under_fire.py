"""Every page over a store whose last run went wrong, in each way a service can fail."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st
from sqlalchemy import Engine, text
from streamlit.testing.v1 import AppTest
from tenants import Tenant, tenant

import dashboard
from connectory.assess import assess
from connectory.clock import wall_clock
from connectory.database import open_store, reading
from connectory.simulator.wire.kinds import FAULTS, SERVICES

APP = Path(dashboard.__file__).parent / "app.py"
PAGES = (
    "",
    "views/connectors.py",
    "views/connections.py",
    "views/environments.py",
    "views/reconciliation.py",
    "views/drift.py",
    "views/change_log.py",
    "views/upstream.py",
    "views/ownership.py",
    "views/stale.py",
    "views/leavers.py",
    "views/campaigns.py",
    "views/outbox.py",
    "views/my_connectors.py",
    "views/runs.py",
)
NOTED = {
    "": ({}, "not read"),
    "views/connectors.py": ({}, "Not read at the latest attempt"),
    "views/search.py": ({"q": "a"}, "Not read at the latest attempt"),
    "views/connector.py": ({"id": "1"}, ""),
}
"""Pages with what is in their address, and what stands beside figures that are older than they look."""
LISTS = {"environments", "people", "connectors", "permissions", "connections", "flows", "apps"}
HARMLESS = {"slow", "duplicate_blobs", "late_blobs"}
"""Under these a run is whole: patience overcomes them, or nothing shows them."""


@pytest.fixture(scope="module")
def collected(
    tmp_path_factory: pytest.TempPathFactory, migrated_file: Path
) -> Iterator[tuple[Tenant, Path]]:
    """A tenant that was collected once, a week ago, and the store that knows it."""
    folder = tmp_path_factory.mktemp("under_fire")
    path = folder / "store.sqlite"
    path.write_bytes(migrated_file.read_bytes())
    with tenant(folder) as simulated:
        engine = open_store(f"sqlite:///{path}")
        simulated.collect(engine)
        answer(simulated, engine)
        engine.dispose()
        simulated.post("settings", page_limit=4)
        simulated.post("advance", days=7)
        yield simulated, path


def answer(simulated: Tenant, engine: Engine) -> None:
    """Compute the answers, at the tenant's time."""
    now = simulated.served.tenant.now
    assess(engine, now=lambda: now, wall=wall_clock)


EVERY = tuple(dict.fromkeys((*PAGES, *NOTED)))
BY_TURNS = [
    (kind, tuple(p for at, p in enumerate(EVERY) if p in NOTED or (at + turn) % 3 == 0))
    for turn, kind in enumerate(FAULTS)
]
"""Each kind of fault with the pages that note what is old, and a third of the others."""


@pytest.mark.parametrize(
    ("kind", "pages"),
    [
        *(pytest.param(kind, pages, id=kind) for kind, pages in BY_TURNS),
        *(pytest.param(kind, EVERY, id=f"{kind}-all", marks=pytest.mark.soak) for kind in FAULTS),
    ],
)
def test_every_page_tells_what_it_knows_and_what_not(
    collected: tuple[Tenant, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    pages: tuple[str, ...],
) -> None:
    """No page fails, each is drawn with rows, and its top line tells whether all was read."""
    simulated, template = collected
    path = tmp_path / "store.sqlite"
    path.write_bytes(template.read_bytes())
    engine = open_store(f"sqlite:///{path}")
    simulated.clear_faults()
    for host in SERVICES:
        simulated.post("faults", kind=kind, host=host, seconds=0.01)
    report = simulated.collect(engine, full=True)
    simulated.clear_faults()
    answer(simulated, engine)
    with reading(engine) as connection:
        known = connection.scalar(
            text(
                "SELECT count(*) FROM connector_versions WHERE to_run IS NULL AND presence = 'present'"
            )
        )
    engine.dispose()
    assert bool(report.short) is (kind not in HARMLESS)
    assert known

    monkeypatch.setenv("CONNECTORY_DATABASE_URL", f"sqlite:///{path}")
    monkeypatch.delenv("CONNECTORY_CONFIG", raising=False)
    stale = {step.collector for step in report.short} & LISTS
    for page in pages:
        address, note = NOTED.get(page, ({}, ""))
        app = drawn(page, **address)
        assert not app.exception, page
        assert not app.error, page
        assert ("visibility_off" in notice(app)) is bool(report.short), page
        if note and stale:
            assert note in said(app), page


def test_people_that_were_not_read_are_said_beside_owners(
    collected: tuple[Tenant, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the directory nobody knows who has left: the figure and the list say so."""
    simulated, template = collected
    path = tmp_path / "store.sqlite"
    path.write_bytes(template.read_bytes())
    engine = open_store(f"sqlite:///{path}")
    simulated.clear_faults()
    simulated.post("faults", kind="forbidden", host="graph.microsoft.com")
    simulated.collect(engine, full=True)
    simulated.clear_faults()
    answer(simulated, engine)
    engine.dispose()
    monkeypatch.setenv("CONNECTORY_DATABASE_URL", f"sqlite:///{path}")
    monkeypatch.delenv("CONNECTORY_CONFIG", raising=False)

    assert re.search(r"\d not read", said(drawn("")))
    assert "people" in said(drawn("views/connectors.py"))


def said(app: AppTest) -> str:
    """Everything a page says in Markdown, badges included."""
    parts = [*app.markdown, *app.caption, *app.warning]
    return "\n".join(str(part.value) for part in parts)


def drawn(page: str, **address: str) -> AppTest:
    """Run a page as a reader opens it."""
    st.cache_data.clear()
    app = AppTest.from_file(str(APP), default_timeout=60)
    if page:
        app.run()
        app.switch_page(page)
    for name, value in address.items():
        app.query_params[name] = value
    return app.run()


def notice(app: AppTest) -> str:
    """Return the line at the top that tells how much was read."""
    labels = [node.proto.popover.label for node in app.main if node.type == "popover"]
    (found,) = [label for label in labels if "environments read" in label]
    return str(found)
