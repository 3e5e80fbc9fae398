"""From settings to a signed-in client."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from collectors.api.auth import Credential, Delegated
from collectors.api.client import Api, connect
from collectors.api.clouds import CLOUDS
from collectors.api.hosts import Cloud
from collectors.api.settings import HttpSettings
from collectors.api.tokens import TokenCache
from connectory.config import ConfigError, Settings, secret


@contextmanager
def open_api(settings: Settings, *, prompt: Callable[[str], None] | None) -> Iterator[Api]:
    """Yield a client of the tenant's services as the settings describe it.

    Args:
        settings: All settings.
        prompt: Shows a person what to do, for device code; None where nobody is there to do it.

    Raises:
        ConfigError: The secret is not where the settings say.
    """
    place = settings.sign_in.token_cache
    cache = TokenCache(Path(place).expanduser() if place else None)
    with connect(
        credential(settings),
        cloud_of(settings),
        http_settings(settings),
        cache=cache,
        prompt=prompt,
        delegated=delegated(settings),
    ) as api:
        yield api


def require_identity(settings: Settings) -> None:
    """Make sure that the settings say which tenant is read, and as whom.

    Raises:
        ConfigError: One of both is not set.
    """
    machine = settings.sign_in.method == "managed_identity"
    for name, value in (
        ("tenant.id", settings.tenant.id),
        ("sign_in.client_id", settings.sign_in.client_id or machine),
    ):
        if not value:
            raise ConfigError(f"not set; setting {name}; write it into config.toml")


def prompt_for(settings: Settings) -> Callable[[str], None] | None:
    """Return how a person is told what to do; None where nobody would read it.

    Where device code is the only sign-in it is always told, since a log may be read; where it is
    needed for single services alone, a run without a terminal goes on without them.
    """
    if settings.sign_in.method != "device_code" and not sys.stderr.isatty():
        return None
    return lambda text: print(text, file=sys.stderr, flush=True)  # noqa: T201


def cloud_of(settings: Settings) -> Cloud:
    """Return the hosts and scopes of the tenant's cloud, with what the settings replace."""
    section = settings.http
    return CLOUDS[settings.tenant.cloud].overridden(
        {str(name): value for name, value in section.hosts.items()},
        {str(name): value for name, value in section.scopes.items()},
        {str(name): value for name, value in section.host_suffixes.items()},
    )


def credential(settings: Settings) -> Credential:
    """Return how to sign in.

    Raises:
        ConfigError: A secret or certificate is not where the settings say.
    """
    section = settings.sign_in
    tenant, client = settings.tenant.id, section.client_id
    if section.method == "client_secret":
        return Credential("client_secret", tenant, client, secret=secret(section))
    if section.method == "certificate":
        if not section.certificate_file:
            raise ConfigError("no certificate; setting sign_in.certificate_file; name a PEM file")
        variable = section.certificate_passphrase_env
        return Credential(
            "certificate",
            tenant,
            client,
            certificate=Path(section.certificate_file).expanduser(),
            passphrase=os.environ.get(variable, "") if variable else "",
        )
    return Credential(section.method, tenant, client)


def delegated(settings: Settings) -> Delegated | None:
    """Return which services a person signs in to instead of the application; None if none."""
    section = settings.sign_in
    if not section.delegated_services or section.method == "device_code":
        return None
    client = section.delegated_client_id or section.client_id
    person = Credential("device_code", settings.tenant.id, client)
    return Delegated(frozenset(section.delegated_services), person)


def http_settings(settings: Settings) -> HttpSettings:
    """Return the bounds of the client, in bytes and seconds."""
    section = settings.http
    return HttpSettings(
        connect_timeout=section.connect_timeout_seconds,
        read_timeout=section.read_timeout_seconds,
        workers=section.workers,
        concurrency_per_host=section.concurrency_per_host,
        requests_per_minute_per_host=section.requests_per_minute_per_host,
        retries=section.retries,
        longest_wait=section.longest_wait_seconds,
        retry_budget=section.retry_budget_seconds,
        page_limit=section.page_limit_megabytes * 1024 * 1024,
        reroute_to=section.reroute_to,
    )
