"""Applications registered in the simulated directory, and when their credentials end."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from connectory.simulator.entitlements import Credential, Registration
from connectory.simulator.inventory import live_connectors
from connectory.simulator.randomness import chance, guid, moment, stream
from connectory.simulator.state import Connector, Tenant

_ENDS = (-40.0, -2.0, 5.0, 21.0, 60.0, 200.0, 400.0)
"""Days from now in which a credential ends; some have ended already."""


def add_registrations(tenant: Tenant) -> None:
    """Fill the tenant's registered applications.

    Most client ids that connectors name are registered here; the rest belong to other tenants or
    were deleted. The collector and its fellow service accounts are registered as well.
    """
    rng = stream(tenant.seed, "registrations")
    named = {client: c for c in live_connectors(tenant) for client in client_ids(c)}
    for number, (client, connector) in enumerate(named.items()):
        if number == 0 or chance(rng, 0.75):
            register(tenant, rng, client, f"{connector.display_name} (connector)")
    for principal in tenant.service_principals.values():
        register(tenant, rng, principal.app_id, principal.display_name)
    # An enterprise application may carry a certificate of its own, for signing in by SAML.
    for principal in list(tenant.service_principals.values())[-2:]:
        principal.credentials.append(_credential(tenant, rng, "certificate"))
    register(tenant, rng, guid(rng), "Payroll export (legacy)")


def client_ids(connector: Connector) -> list[str]:
    """Return the client ids a connector's parameters name, each once, in their order."""
    found = [*_found(connector.connection_parameters), *_found(connector.connection_parameter_sets)]
    return list(dict.fromkeys(found))


def _found(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            if name == "clientId" and isinstance(inner, str) and inner:
                yield inner
            else:
                yield from _found(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _found(inner)


def register(tenant: Tenant, rng: random.Random, client: str, name: str) -> Registration:
    """Add and return a registered application with one credential or two."""
    registration = Registration(
        id=guid(rng),
        app_id=client,
        display_name=name,
        created=moment(rng, tenant.now, 200, 1500),
        credentials=[_credential(tenant, rng, "secret")],
    )
    if chance(rng, 0.3):
        kind = rng.choice(("secret", "certificate"))
        registration.credentials.append(_credential(tenant, rng, kind))
    tenant.registrations.append(registration)
    return registration


def _credential(tenant: Tenant, rng: random.Random, kind: Any) -> Credential:
    end = tenant.now + timedelta(days=rng.choice(_ENDS), seconds=rng.randrange(86_400))
    name = rng.choice(("connector", "CI", "rotated 2026", None))
    return Credential(guid(rng), kind, name, end - timedelta(days=rng.choice((180, 730))), end)


def rotate(tenant: Tenant, rng: random.Random) -> None:
    """Replace the credentials of an application by a fresh one that lasts half a year."""
    living = [one for one in tenant.registrations if one.deleted is None]
    fresh = _credential(tenant, rng, "secret")
    fresh.start, fresh.end = tenant.now, tenant.now + timedelta(days=180)
    rng.choice(living).credentials = [fresh]
