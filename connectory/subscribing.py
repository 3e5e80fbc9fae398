"""The subscription to the audit log, started by a person's command and by nothing else."""

from __future__ import annotations

from collectors.audit import CONTENT, feed, subscribed
from connectory.config import Settings
from connectory.signing_in import open_api, prompt_for, require_identity


def audit_is_subscribed(settings: Settings) -> bool:
    """Tell whether the tenant's audit log is subscribed to.

    Raises:
        ConfigError: Tenant, client or secret is not set.
        ApiError: It could not be asked.
    """
    require_identity(settings)
    with open_api(settings, prompt=prompt_for(settings)) as api:
        return subscribed(api, settings.tenant.id)


def start_audit(settings: Settings) -> bool:
    """Subscribe to the tenant's audit log unless that was done before.

    Returns:
        Whether anything was sent.

    Raises:
        ConfigError: Tenant, client or secret is not set.
        ApiError: It was refused, or could not be asked.
    """
    require_identity(settings)
    tenant = settings.tenant.id
    with open_api(settings, prompt=prompt_for(settings)) as api:
        if subscribed(api, tenant):
            return False
        given = {"contentType": CONTENT, "PublisherIdentifier": tenant}
        api.command("activity", feed(tenant, "subscriptions/start"), given)
    return True
