"""Signed addresses of documents in storage: how they are made and when they are good."""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from urllib.parse import quote

from connectory.simulator.state import Connector
from connectory.simulator.wire.world import World, blob_name

HOST = "simulatedconnectors.blob.core.windows.net"
_KEY = b"the simulated storage signs with this"


def original(world: World, one: Connector) -> str:
    """Return the signed address of a connector's definition as its author uploaded it."""
    return _signed(world, f"/api-swagger-files/{blob_name(one)}.json_original")


def modified(world: World, one: Connector) -> str:
    """Return the signed address of a connector's definition as the platform rewrote it."""
    return _signed(world, f"/api-swagger-files/{blob_name(one)}.json")


def script(world: World, one: Connector) -> str:
    """Return the signed address of a connector's script."""
    return _signed(world, f"/api-script-files/{blob_name(one)}.csx")


def good(path: str, query: Mapping[str, str]) -> bool:
    """Tell whether the query of an address holds its signature and has not expired."""
    until = query.get("se", "")
    if not hmac.compare_digest(query.get("sig", "").encode(), _signature(path, until).encode()):
        return False
    return datetime.fromisoformat(until) > datetime.now(UTC)


def _signed(world: World, path: str) -> str:
    until = _moment(int(time.time()) + world.settings.sas_lifetime)
    return (
        f"https://{HOST}{path}?sv=2024-11-04&se={quote(until, safe='')}&sr=b&sp=r"
        f"&sig={_signature(path, until)}"
    )


@lru_cache(maxsize=16)
def _moment(epoch: int) -> str:
    return datetime.fromtimestamp(epoch, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _signature(path: str, until: str) -> str:
    return hmac.new(_KEY, f"{path} {until}".encode(), hashlib.sha256).hexdigest()
