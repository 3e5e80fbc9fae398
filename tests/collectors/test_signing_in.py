"""Every way of signing in, against the simulated sign-in service, with MSAL as it is."""

from __future__ import annotations

from pathlib import Path

import pytest
from tenants import Tenant, tenant
from test_api_tokens import certificate

from collectors.api.auth import Credential
from collectors.api.client import connect
from collectors.api.errors import SignInError
from collectors.api.hosts import COMMERCIAL
from collectors.api.settings import HttpSettings
from collectors.api.tokens import TokenCache


def environments(simulated: Tenant, credential: Credential, said: list[str]) -> int:
    """Sign in and count the environments that the admin list shows."""
    with connect(
        credential,
        COMMERCIAL,
        HttpSettings(reroute_to=simulated.served.url),
        cache=TokenCache(None),
        prompt=said.append,
    ) as api:
        path = "/providers/Microsoft.BusinessAppPlatform/scopes/admin/environments"
        return len(api.get_json("bap", path, {"api-version": "2020-10-01"})["value"])


def test_each_method_reads_the_tenant(tmp_path: Path) -> None:
    """Secret, certificate and device code each end in a token the services accept."""
    pem = tmp_path / "client.pem"
    pem.write_bytes(certificate())
    said: list[str] = []
    with tenant(tmp_path) as simulated:
        running = simulated.served.tenant
        simulated.post("settings", certificate_pem=pem.read_text(encoding="utf-8"))
        ids = running.id, running.collector_app_id
        counts = {
            environments(
                simulated, Credential("client_secret", *ids, secret="simulated-secret"), said
            ),
            environments(simulated, Credential("certificate", *ids, certificate=pem), said),
            environments(simulated, Credential("device_code", *ids), said),
        }
        living = [e for e in running.environments.values() if e.deleted is None]

    assert counts == {len(living)}
    assert len(said) == 1
    assert "enter the code" in said[0]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"secret": "wrong"}, "AADSTS7000215"),
        ({"client_id": "00000000-0000-4000-8000-000000000000"}, "AADSTS700016"),
        ({"tenant_id": "00000000-0000-4000-8000-000000000000"}, "check"),
    ],
)
def test_each_failure_names_its_cure(tmp_path: Path, changes: dict[str, str], words: str) -> None:
    """A wrong secret, application or tenant is one line with what to check."""
    with tenant(tmp_path) as simulated:
        running = simulated.served.tenant
        values = {
            "tenant_id": running.id,
            "client_id": running.collector_app_id,
            "secret": "simulated-secret",
            **changes,
        }
        with pytest.raises(SignInError) as caught:
            environments(simulated, Credential("client_secret", **values), [])

    assert words in str(caught.value)
    assert "\n" not in str(caught.value)
