"""Addresses in the maker portal, made here and nowhere else."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

from dashboard.data import settings

_PORTALS = {
    "commercial": "https://make.powerapps.com",
    "gcc": "https://make.gov.powerapps.us",
    "gcc_high": "https://make.high.powerapps.us",
    "dod": "https://make.apps.appsplatform.us",
    "china": "https://make.powerapps.cn",
}
"""The maker portal of each cloud. Those of other clouds than the commercial one were not tried."""


def connectors(environment: str) -> str | None:
    """Return where the custom connectors of an environment are listed.

    Args:
        environment: Environment id.

    Returns:
        The address, or None if the portal in the settings is no https address.
    """
    return _address(environment, "customconnectors")


def connections(environment: str) -> str | None:
    """Return where the connections of an environment are listed, or None as for `connectors`."""
    return _address(environment, "connections")


def _address(environment: str, page: str) -> str | None:
    told = settings()
    portal = (told.dashboard.portal_url or _PORTALS[told.tenant.cloud]).rstrip("/")
    parts = urlsplit(portal)
    if parts.scheme != "https" or not parts.hostname or not environment:
        return None
    return f"{portal}/environments/{quote(environment, safe='')}/{page}"
