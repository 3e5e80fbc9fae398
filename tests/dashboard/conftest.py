"""Pages over the small tenant written by hand, in Streamlit's own test runner."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import factories
import pytest
import streamlit as st
from sqlalchemy import Engine
from streamlit.testing.v1 import AppTest

import dashboard

APP = Path(dashboard.__file__).parent / "app.py"
Shown = Callable[..., AppTest]


@pytest.fixture(autouse=True)
def fresh_caches() -> None:
    """Streamlit's caches outlive a page within one process."""
    st.cache_data.clear()
    st.cache_resource.clear()


@pytest.fixture
def tenant(sqlite_store: Engine) -> Engine:
    """A store filled with the small tenant."""
    factories.fill(sqlite_store)
    return sqlite_store


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch, sqlite_store: Engine) -> Shown:
    """A function that runs a page over the store and returns what a reader would see."""
    monkeypatch.setenv("CONNECTORY_DATABASE_URL", sqlite_store.url.render_as_string())
    monkeypatch.delenv("CONNECTORY_CONFIG", raising=False)

    def show(page: str = "", **address: str) -> AppTest:
        app = AppTest.from_file(str(APP), default_timeout=30)
        if page:
            app.run()
            app.switch_page(page)
        for name, value in address.items():
            app.query_params[name] = value
        return app.run()

    return show
