"""The services we read, their hosts, and which token belongs to which.

Hosts and scopes differ by cloud; each can be overridden in the settings (docs/permissions.md).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal
from urllib.parse import urlsplit

from collectors.api.errors import NotOffered, PageLinkRefused, SignInError

Family = Literal[
    "bap",
    "powerapps",
    "flow",
    "powerplatform",
    "graph",
    "dataverse",
    "activity",
    "loganalytics",
    "appinsights",
    "blob",
]

_POWERAPPS_SCOPE = "https://service.powerapps.com/.default"


@dataclass(frozen=True, slots=True)
class Cloud:
    """A cloud's hosts and scopes.

    Attributes:
        login: Address of the sign-in service.
        hosts: Address by service; Dataverse has none, its addresses come from the environments.
        scopes: Scope to ask a token for, by service; ``{origin}`` stands for the host called.
        patterns: Other hosts of a service, e.g. regional ones.
    """

    login: str
    hosts: Mapping[str, str]
    scopes: Mapping[str, str]
    patterns: Mapping[str, str]

    def overridden(
        self,
        hosts: Mapping[str, str],
        scopes: Mapping[str, str],
        suffixes: Mapping[str, str] | None = None,
    ) -> Cloud:
        """Return this cloud with some of it replaced.

        Args:
            hosts: Address by service; ``login`` is the sign-in service.
            scopes: Scope by service.
            suffixes: What the host names of a service end in, where it has many.
        """
        patterns = {family: below(suffix) for family, suffix in (suffixes or {}).items()}
        return replace(
            self,
            login=hosts.get("login", self.login).rstrip("/"),
            hosts={**self.hosts, **{f: host for f, host in hosts.items() if f != "login"}},
            scopes={**self.scopes, **scopes},
            patterns={**self.patterns, **patterns},
        )

    def url(self, family: str, path: str) -> str:
        """Return the full address of a path of a service; a full address stays as it is.

        Raises:
            NotOffered: This cloud has no such service.
        """
        if path.startswith("https://"):
            return path
        if family not in self.hosts:
            raise NotOffered(
                "this cloud does not offer the service",
                family,
                "what it would tell stays unknown; if it is there, name it in http.hosts",
            )
        return self.hosts[family].rstrip("/") + path

    def family_of(self, url: str) -> Family:
        """Return the service an address belongs to.

        Raises:
            PageLinkRefused: It belongs to none of ours, or is not https.
        """
        host = _host(url)
        if host:
            for family, address in self.hosts.items():
                if host == _host(address):
                    return family  # type: ignore[return-value]
            for family, pattern in self.patterns.items():
                if re.fullmatch(pattern, host):
                    return family  # type: ignore[return-value]
        raise PageLinkRefused(
            "an address outside the services we read",
            url,
            "nothing was sent there; if it is yours, add it under http.hosts",
        )

    def scope(self, family: str, url: str) -> str:
        """Return the scope of the token for an address of a service.

        Raises:
            SignInError: None is known: the service was named in the settings without one.
        """
        parts = urlsplit(url)
        scope = self.scopes.get(family)
        if scope is None:
            raise SignInError(
                "no scope is known for this service", family, "name it in http.scopes"
            )
        return scope.replace("{origin}", f"https://{parts.hostname}")


def below(suffix: str) -> str:
    """Return the pattern of every host below a name."""
    return rf"([a-z0-9-]+\.)+{re.escape(suffix)}"


def _host(url: str) -> str | None:
    """Return host, and port if it is not that of https; None for what is no plain https address.

    A link with a user name, another port or unprintable characters in it is none that a service
    hands out, and readers of addresses disagree about where such a link leads.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    plain = parts.netloc.isascii() and "@" not in parts.netloc and url.isprintable()
    if parts.scheme != "https" or not plain:
        return None
    host = (parts.hostname or "").casefold()
    return host if port in {None, 443} else f"{host}:{port}"


COMMERCIAL = Cloud(
    login="https://login.microsoftonline.com",
    hosts={
        "bap": "https://api.bap.microsoft.com",
        "powerapps": "https://api.powerapps.com",
        "flow": "https://api.flow.microsoft.com",
        "powerplatform": "https://api.powerplatform.com",
        "graph": "https://graph.microsoft.com",
        "activity": "https://manage.office.com",
        "loganalytics": "https://api.loganalytics.azure.com",
        "appinsights": "https://api.applicationinsights.io",
    },
    scopes={
        "bap": _POWERAPPS_SCOPE,
        "powerapps": _POWERAPPS_SCOPE,
        "flow": "https://service.flow.microsoft.com/.default",
        "powerplatform": "https://api.powerplatform.com/.default",
        "graph": "https://graph.microsoft.com/.default",
        "dataverse": "{origin}/.default",
        "activity": "https://manage.office.com/.default",
        "loganalytics": "https://api.loganalytics.io/.default",
        "appinsights": "https://api.applicationinsights.io/.default",
    },
    patterns={
        "bap": r"[a-z0-9-]+\.api\.bap\.microsoft\.com",
        "powerapps": r"[a-z0-9-]+\.api\.powerapps\.com",
        "flow": r"[a-z0-9-]+\.api\.flow\.microsoft\.com",
        "powerplatform": r"[a-z0-9]+\.[a-z0-9]{1,2}\.environment\.api\.powerplatform\.com",
        "dataverse": r"[a-z0-9-]+\.(api\.)?crm[0-9]{0,2}\.dynamics\.com",
        "blob": r"[a-z0-9-]+\.blob\.core\.windows\.net",
    },
)
