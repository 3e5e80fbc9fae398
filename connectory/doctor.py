"""The doctor: can each service be reached, signed in to and read, and what is lost where not.

It sends one small GET a permission, to one environment, and writes nothing anywhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import httpx
from sqlalchemy.exc import SQLAlchemyError

from collectors.api.client import Api
from collectors.api.errors import ApiError, NobodySignedIn, NotOffered, Refused, SignInError
from collectors.audit import CURE, NOT_SUBSCRIBED, is_subscribed
from collectors.environments import parse
from connectory.alerts.causes import credential_end
from connectory.config import Settings
from connectory.database import StoreError, open_store, schema_is_current
from connectory.signing_in import cloud_of, open_api, prompt_for, require_identity

State = Literal["ok", "refused", "unreachable", "not_offered", "not_checked"]

_RETRIES = 1
_PATIENCE_SECONDS = 15.0
_ADMIN = "administration application"


@dataclass(frozen=True, slots=True)
class Probe:
    """One permission and the cheapest request that needs it.

    Attributes:
        service: Service, e.g. ``graph``.
        permission: What the request needs.
        path: Path; ``{environment}`` and ``{api_url}`` stand for those of one environment.
        parameters: Query values.
        lost: What is not known without it.
    """

    service: str
    permission: str
    path: str
    parameters: Mapping[str, str]
    lost: str


def _table(name: str, lost: str) -> Probe:
    path = f"{{api_url}}/api/data/v9.2/{name}s"
    return Probe("dataverse", f"read {name}", path, {"$select": f"{name}id", "$top": "1"}, lost)


LISTING = Probe(
    "bap",
    _ADMIN,
    "/providers/Microsoft.BusinessAppPlatform/scopes/admin/environments",
    {"api-version": "2020-10-01"},
    "nothing else can be read",
)
"""The request that tells which environment the others ask about."""

PROBES: tuple[Probe, ...] = (
    Probe(
        "bap",
        f"{_ADMIN}, data policies",
        "/providers/PowerPlatform.Governance/v2/policies",
        {"api-version": "2018-01-01"},
        "where data policies put a connector is not known",
    ),
    Probe(
        "powerapps",
        _ADMIN,
        "/providers/Microsoft.PowerApps/scopes/admin/environments/{environment}/apis",
        {"api-version": "{version}", "$filter": "isCustomApi eq 'True'", "$top": "1"},
        "connectors outside solutions, their sharing, connections and apps are not seen",
    ),
    Probe(
        "flow",
        _ADMIN,
        "/providers/Microsoft.ProcessSimple/scopes/admin/environments/{environment}/v2/flows",
        {"api-version": "2016-11-01", "$top": "1"},
        "flows outside solutions are not seen",
    ),
    Probe(
        "powerplatform",
        "Power Platform Reader",
        "/connectivity/environments/{environment}/connectors",
        {"$filter": "environment eq '{environment}'", "api-version": "2024-10-01", "$top": "1"},
        "one of the views of connectors to compare is missing",
    ),
    Probe(
        "graph",
        "User.Read.All",
        "/v1.0/users",
        {"$select": "id", "$top": "1"},
        "owners are object ids, and none can be found to have left",
    ),
    Probe(
        "graph",
        "Application.Read.All",
        "/v1.0/servicePrincipals",
        {"$select": "id", "$top": "1"},
        "owners that are applications stay unknown",
    ),
    Probe(
        "graph",
        "GroupMember.Read.All",
        "/v1.0/groups",
        {"$select": "id", "$top": "1"},
        "a connector shared with a group counts the group, not the people",
    ),
    Probe(
        "graph",
        "LicenseAssignment.Read.All",
        "/v1.0/subscribedSkus",
        {"$select": "skuId"},
        "how many licences were bought, and which plans are inside, is not known",
    ),
    Probe(
        "powerplatform",
        "Power Platform Reader, billing policies",
        "/licensing/billingPolicies",
        {"api-version": "2022-03-01-preview", "$top": "1"},
        "which environments pay as they go is not known",
    ),
    Probe(
        "powerplatform",
        "Power Platform Reader, advanced connector policies",
        "/governance/ruleBasedPolicies",
        {"api-version": "2024-10-01"},
        "what advanced connector policies block is not known",
    ),
    _table("connector", "solutions, logical names and record owners of connectors are not known"),
    _table("connectionreference", "which solutions rely on a connector is not known"),
    _table("workflow", "flows in solutions are not seen where the Flow service refuses"),
    _table("bot", "agents, and which connectors they call, are not known"),
    _table("flowrun", "how often flows in solutions ran takes a request for each of them"),
    Probe(
        "activity",
        "ActivityFeed.Read",
        "/api/v1.0/{tenant}/activity/feed/subscriptions/list",
        {"PublisherIdentifier": "{tenant}"},
        "who made, shared and deleted connectors, and who opens apps, is not known",
    ),
)


@dataclass(frozen=True, slots=True)
class Check:
    """What came of one check.

    Attributes:
        subject: Host, or what else was checked.
        permission: What it needs.
        token: Whether a token could be had; None where none is needed or it was not asked for.
        state: ok, refused, unreachable, not_offered (by this cloud) or not_checked.
        reason: Cause and cure in one line; None if ok.
        lost: What is lost; None if nothing.
    """

    subject: str
    permission: str
    token: State | None
    state: State
    reason: str | None = None
    lost: str | None = None


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Every check in order."""

    checks: list[Check] = field(default_factory=list)

    @property
    def exit_code(self) -> int:
        """0 if all that was checked is well, 3 if something is not, 1 if nothing works."""
        asked = [c for c in self.checks if c.token is not None and c.state != "not_offered"]
        if not any(check.state == "ok" for check in asked):
            return 1
        return 0 if all(c.state in {"ok", "not_offered", "not_checked"} for c in self.checks) else 3


def examine(settings: Settings, *, today: date, environment: str = "") -> Diagnosis:
    """Check the store, our credential, and every service.

    Args:
        settings: All settings.
        today: For the end of our own credential.
        environment: Which environment to ask about; any one if empty.

    Raises:
        ConfigError: Tenant, client or secret is not set.
    """
    require_identity(settings)
    hasty = {"retries": _RETRIES, "retry_budget_seconds": _PATIENCE_SECONDS}
    quick = settings.model_copy(update={"http": settings.http.model_copy(update=hasty)})
    found = Diagnosis([_store(settings), *_credential(settings, today)])
    with open_api(quick, prompt=prompt_for(settings)) as api:
        examination = _Examination(api, settings)
        found.checks.extend(examination.all_of(environment))
    return found


@dataclass(frozen=True, slots=True)
class _Examination:
    """The services of one tenant, asked one after the other."""

    api: Api
    settings: Settings

    def all_of(self, wanted: str) -> Iterator[Check]:
        """Yield the check of the listing, then of everything it makes possible."""
        listing, reply = self._ask(LISTING, {})
        yield listing
        named = _environment(reply, wanted)
        if reply is not None and wanted and not named:
            reason = f"no environment {wanted} is listed; --environment"
            yield replace(listing, permission="environment", state="refused", reason=reason)
        named["version"] = self.settings.collect.powerapps_admin_api_version
        named["tenant"] = self.settings.tenant.id
        for probe in PROBES:
            check, reply = self._ask(probe, named)
            if probe.service == "activity" and check.state == "ok" and not is_subscribed(reply):
                reason = f"{NOT_SUBSCRIBED}; {CURE}"
                check = replace(check, state="refused", reason=reason, lost=probe.lost)
            yield check

    def _ask(self, probe: Probe, named: Mapping[str, str]) -> tuple[Check, Any]:
        hosts = cloud_of(self.settings).hosts
        where = named.get("api_url") if probe.service == "dataverse" else hosts.get(probe.service)
        host = urlsplit(where or "").hostname or probe.service
        check = Check(host, probe.permission, "ok", "ok")
        try:
            path = probe.path.format_map(named)
            parameters = {key: text.format_map(named) for key, text in probe.parameters.items()}
        except KeyError:
            reason = (
                "no environment with Dataverse is known to ask about"
                if probe.service == "dataverse"
                else "no environment is known to ask about"
            )
            return replace(check, token=None, state="not_checked", reason=reason), None
        try:
            return check, self.api.get_json(probe.service, path, parameters)
        except ApiError as error:
            token, state = _judged(error)
            return replace(
                check, token=token, state=state, reason=str(error), lost=probe.lost
            ), None


def _judged(error: ApiError) -> tuple[State | None, State]:
    """Return what a failure says of the token, and of the permission."""
    if isinstance(error, NotOffered):
        return None, "not_offered"
    if isinstance(error, NobodySignedIn):
        return "refused", "refused"
    if isinstance(error, SignInError):
        state: State = "unreachable" if isinstance(error.__cause__, httpx.HTTPError) else "refused"
        return state, state
    return "ok", "refused" if isinstance(error, Refused) else "unreachable"


def _environment(reply: Any, wanted: str) -> dict[str, str]:
    """Return name and Dataverse address of the environment to ask about: best one that has both."""
    records = reply.get("value") if isinstance(reply, dict) else None
    found: list[dict[str, str]] = []
    for record in records if isinstance(records, list) else []:
        try:
            facts = parse(record).values
        except (KeyError, TypeError, AttributeError):
            continue
        if not wanted or str(facts["name"]).casefold() == wanted.casefold():
            told = {"environment": facts["name"], "api_url": facts["api_url"]}
            found.append({name: str(value) for name, value in told.items() if value})
    return max(found, key=len, default={})


def _store(settings: Settings) -> Check:
    """Check that the store answers and stands at our schema; nothing is made or migrated."""
    check = Check("store", "schema", None, "ok")
    lost = "nothing can be kept or shown"
    try:
        engine = open_store(settings.database.url)
        place = engine.url.database
        if (
            engine.url.get_backend_name() == "sqlite"
            and place
            and not Path(place).expanduser().is_file()
        ):
            return replace(check, state="not_checked", reason="it is made by the first collect")
        if schema_is_current(engine):
            return check
    except (StoreError, SQLAlchemyError) as error:
        return replace(check, state="unreachable", reason=str(error), lost=lost)
    reason = "the store stands at another version; run: connectory db upgrade"
    return replace(check, state="refused", reason=reason, lost="pages cannot be shown until then")


def _credential(settings: Settings, today: date) -> Sequence[Check]:
    """Check how long our own secret or certificate lasts, where that is known."""
    end = credential_end(settings.sign_in)
    if end is None:
        return []
    check = Check(settings.sign_in.method.replace("_", " "), f"until {end:%d %b %Y}", None, "ok")
    if (end - today).days > settings.alerts.credential_days:
        return [check]
    reason = f"it ends on {end:%d %b %Y}; create a new one in the app registration"
    return [replace(check, state="refused", reason=reason, lost="nothing is collected after that")]
