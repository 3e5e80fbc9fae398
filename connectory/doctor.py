"""The doctor: can each service be reached, signed in to and read, and what is lost where not.

It sends one small request a permission, to one environment, and writes nothing anywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import httpx
from sqlalchemy.exc import SQLAlchemyError

from collectors.api.client import Api
from collectors.api.errors import ApiError, NobodySignedIn, NotOffered, Refused, SignInError
from collectors.api.paging import NextLink
from collectors.audit import CURE, NOT_SUBSCRIBED, is_subscribed
from collectors.environments import parse
from collectors.inventory import NEEDS_A_PERSON
from connectory.alerts.causes import credential_end
from connectory.attestation.links import link_keys
from connectory.config import ConfigError, Settings
from connectory.database import StoreError, open_store, schema_is_current
from connectory.probes import BLOB, LISTING, PROBES, Probe, log_probes
from connectory.reports.senders import PLAIN_SENDERS
from connectory.reports.sending import Unusable
from connectory.signing_in import cloud_of, open_api, prompt_for, require_identity

State = Literal["ok", "refused", "unreachable", "not_offered", "not_checked"]

_RETRIES = 1
_PATIENCE_SECONDS = 15.0
_LARGEST_DEFINITION = 64 * 1024 * 1024
_WHAT = {
    "dataverse": "environment with Dataverse",
    BLOB: "connector whose definition is handed out",
}


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


def examine(
    settings: Settings,
    *,
    today: date,
    environment: str = "",
    told: Callable[[Check], None] = lambda _: None,
) -> Diagnosis:
    """Check the store, our credential, and every service.

    Args:
        settings: All settings.
        today: For the end of our own credential.
        environment: Which environment to ask about; any one if empty.
        told: Called with each check as soon as it is made.

    Raises:
        ConfigError: Tenant, client or secret is not set.
    """
    require_identity(settings)
    hasty = {"retries": _RETRIES, "retry_budget_seconds": _PATIENCE_SECONDS}
    quick = settings.model_copy(update={"http": settings.http.model_copy(update=hasty)})
    found = Diagnosis()

    def note(check: Check) -> None:
        found.checks.append(check)
        told(check)

    for check in (
        _store(settings),
        *_credential(settings, today),
        *_reports(settings),
        *_links(settings),
    ):
        note(check)
    with open_api(quick, prompt=prompt_for(settings)) as api:
        for check in _Examination(api, settings).all_of(environment):
            note(check)
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
            named = self._further(wanted)
        if reply is not None and wanted and not named:
            reason = f"no environment {wanted} is listed; --environment"
            yield replace(listing, permission="environment", state="refused", reason=reason)
        named["version"] = self.settings.collect.powerapps_admin_api_version
        named["maker_version"] = self.settings.collect.powerapps_maker_api_version
        named["tenant"] = self.settings.tenant.id
        for probe in (*PROBES, *log_probes(self.settings.telemetry)):
            check, reply = self._ask(probe, named)
            if probe.service == "activity" and check.state == "ok" and not is_subscribed(reply):
                reason = f"{NOT_SUBSCRIBED}; {CURE}"
                check = replace(check, state="refused", reason=reason, lost=probe.lost)
            if probe.service == "powerapps" and "definition" not in named:
                named.update(_definition(reply))
            yield check

    def _further(self, wanted: str) -> dict[str, str]:
        """Look for an environment on every page of the list."""
        try:
            pages = self.api.pages(
                LISTING.service, LISTING.path, dict(LISTING.parameters), pager=NextLink()
            )
            found = (_environment({"value": page}, wanted) for page in pages)
            return next(filter(None, found), {})
        except ApiError:
            return {}

    def _ask(self, probe: Probe, named: Mapping[str, str]) -> tuple[Check, Any]:
        hosts = cloud_of(self.settings).hosts
        where = named.get("api_url") if probe.service == "dataverse" else hosts.get(probe.service)
        if probe.service == BLOB:
            where = named.get("definition")
        host = _host(where) or probe.service
        check = Check(host, probe.permission, "ok", "ok")
        if needless := self._needless(probe):
            return replace(
                check, token=None, state="not_checked", reason=needless, lost=probe.lost
            ), None
        try:
            path = probe.path.format_map(named)
            parameters = {key: text.format_map(named) for key, text in probe.parameters.items()}
        except KeyError:
            reason = f"no {_WHAT.get(probe.service, 'environment')} is known to ask about"
            return replace(check, token=None, state="not_checked", reason=reason), None
        try:
            if probe.service == BLOB:
                self.api.fetch_blob(path, _LARGEST_DEFINITION)
                return replace(check, token=None), None
            if probe.body is not None:
                return check, self.api.post_json(probe.service, path, probe.body)
            return check, self.api.get_json(probe.service, path, parameters)
        except ApiError as error:
            token, state = _judged(error)
            return replace(
                check, token=token, state=state, reason=str(error), lost=probe.lost
            ), None

    def _needless(self, probe: Probe) -> str:
        """Say why a run would not ask for what a probe needs either; empty if it would."""
        if probe.person and not self.api.asks_as_person(probe.service):
            return NEEDS_A_PERSON
        if probe.setting and not getattr(self.settings.collect, probe.setting):
            return f"collect.{probe.setting} is 0: nothing is asked for that needs it"
        return ""


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


def _host(address: str | None) -> str | None:
    """Return the host of an address; None if it is none: a tenant may write anything there."""
    try:
        return urlsplit(address or "").hostname
    except ValueError:
        return None


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


def _definition(reply: Any) -> dict[str, str]:
    """Return the signed address of some connector's definition, where a list tells one."""
    records = reply.get("value") if isinstance(reply, dict) else None
    for record in records if isinstance(records, list) else []:
        try:
            address = record["properties"]["apiDefinitions"]["originalSwaggerUrl"]
        except (KeyError, TypeError):
            continue
        if isinstance(address, str) and address:
            return {"definition": address}
    return {}


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


def _reports(settings: Settings) -> Iterator[Check]:
    """Check the way by which people are written to; nothing is sent, and no folder made."""
    section = settings.reports
    if section.channel == "folder" and not Path(section.folder).expanduser().exists():
        return
    check = Check("reports", section.channel, None, "ok")
    if section.channel == "graph":
        reason = "whether the mailbox may send shows when something is sent; grant Mail.Send"
        yield replace(check, state="not_checked", reason=reason)
    else:
        sender = PLAIN_SENDERS[section.channel](section)
        try:
            sender.ready()
            yield check
        except Unusable as error:
            lost = "nobody is written to; what is to be sent waits"
            yield replace(check, state="unreachable", reason=str(error), lost=lost)
        finally:
            sender.close()
    if section.channel != "folder" and not section.schedule.outbox:
        reason = "nothing sends what waits by itself; set reports.schedule.outbox"
        lost = "what was queued in the dashboard or put off waits for connectory outbox send"
        yield Check("reports", "schedule", None, "not_checked", reason, lost)


def _links(settings: Settings) -> Iterator[Check]:
    """Check that links by which people answer can be signed, if they have an address to lead to."""
    section = settings.reports
    if section.public_url:
        check = Check("reports", "links", None, "ok")
        try:
            link_keys(section)
            yield check
        except ConfigError as error:
            lost = "nobody can be asked, and connectory serve does not start"
            yield replace(check, state="refused", reason=str(error), lost=lost)
    elif section.schedule.campaigns:
        reason = "links have no address to lead to; set reports.public_url"
        yield Check("reports", "links", None, "not_checked", reason, "nobody can be asked")
