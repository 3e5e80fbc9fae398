"""What every command starts from: settings, the store, and the time it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from connectory.clock import clock_from
from connectory.config import Settings, load_settings

if TYPE_CHECKING:
    from sqlalchemy import Engine


@dataclass
class State:
    """Settings and clocks of one invocation."""

    config: Path | None
    start: datetime | None

    @cached_property
    def settings(self) -> Settings:
        """The settings, read once."""
        return load_settings(self.config)

    @cached_property
    def now(self) -> Callable[[], datetime]:
        """The clock of everything stored."""
        return clock_from(self.start)

    def engine(self, *, migrate: bool = False) -> Engine:
        """Open the store.

        Args:
            migrate: Bring it to the newest schema first.

        Raises:
            StoreError: It cannot be reached, or stands at another schema.
        """
        from connectory.database import StoreError, open_store, schema_is_current, upgrade

        engine = open_store(self.settings.database.url)
        if migrate:
            upgrade(engine)
        elif not schema_is_current(engine):
            raise StoreError(
                "the store is empty or of another version; "
                f"{engine.url.render_as_string(hide_password=True)}; run: connectory db upgrade"
            )
        return engine
