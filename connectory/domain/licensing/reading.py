"""Reading a scenario from JSON: what is wrong is told with its place in the file.

The format is described in docs/cost-model.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Annotated, Any, Final

import numpy as np
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from connectory.domain.licensing import json_text
from connectory.domain.licensing.ids import PRINCIPAL
from connectory.domain.licensing.places import wrong
from connectory.domain.licensing.prices import Channel
from connectory.domain.licensing.roster import Roster
from connectory.domain.licensing.scenario import (
    LINKABLE,
    NOBODY,
    Agent,
    App,
    Basis,
    Environment,
    EnvironmentType,
    Flow,
    Numbers,
    People,
    Scenario,
    Trigger,
    User,
    among,
)

_MOST: Final = 10
_PEOPLE: Final = 2_000_000
_UNITS: Final = 10**12
_DEEPEST: Final = 8
"""Levels of lists and objects that a field of the format can be at, and some more."""
_PARTS: Final = ("environments", "users", "apps", "flows", "agents")


def _day(value: object) -> object:
    """Return a day; a number, or a text of another form, would be read as some other one."""
    if isinstance(value, date):
        return value
    if not isinstance(value, str) or not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        raise ValueError("input should be a valid date, e.g. 2026-11-23")
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise ValueError(f"input should be a valid date: {error}") from None


_Day = Annotated[date, BeforeValidator(_day)]
_Units = Annotated[int, Field(ge=0, le=_UNITS)]


class ScenarioError(Exception):
    """A scenario cannot be used; each line of the text says where and why."""


class _Model(BaseModel):
    model_config = ConfigDict(extra="allow", strict=True)


class _Billing(_Model):
    linked: bool = False
    power_apps_meter: bool = False
    flow_meter: bool = False


class _Environment(_Model):
    id: str = Field(min_length=1)
    type: EnvironmentType = "Production"
    managed: bool = False
    billing_policy: _Billing | None = None
    per_app_passes: _Units = 0
    d365_skus: list[str] = []


class _User(_Model):
    id: str = Field(min_length=1)
    count: int | None = Field(default=None, ge=1, le=_PEOPLE)
    enabled: bool = True
    type: str = Field(default="member", pattern="^(member|guest)$")
    skus: list[str] = []
    disabled_plans: list[str] = []
    home_skus: list[str] = []
    home_cloud_same: bool = True
    trial_until: _Day | None = None


class _App(_Model):
    id: str = Field(min_length=1)
    environment: str
    custom_connector: bool = False
    dataverse: bool = False
    extends_d365_sku: str | None = None
    payg_opt_out: bool = False
    users: list[str] = []
    active_users: list[str] | None = None
    connectors: list[str] = []


class _Flow(_Model):
    id: str = Field(min_length=1)
    environment: str
    custom_connector: bool = False
    trigger: Trigger
    app: str | None = None
    associated_app: str | None = None
    owner: str | None = None
    invokers: list[str] = []
    runs_per_month: _Units | None = None
    process_licensed: bool = False
    process_group: str | None = None
    credential_holders: list[str] = []
    trigger_users: list[str] = []
    trigger_users_receive_output: bool = False
    d365_context_only: bool = False
    connectors: list[str] = []


class _Agent(_Model):
    id: str = Field(min_length=1)
    environment: str
    credits_per_month: _Units = 0


class _File(_Model):
    as_of: _Day
    channel: Channel | None = None
    basis: Basis = "active"
    environments: list[_Environment] = []
    users: list[_User] = []
    apps: list[_App] = []
    flows: list[_Flow] = []
    agents: list[_Agent] = []


def read_scenario(content: bytes, name: str, today: date) -> Scenario:
    """Return the scenario of a file.

    Args:
        content: What is in the file.
        name: Of the file, for what is wrong with it.
        today: The day of a scenario that names none.

    Raises:
        ScenarioError: It is no JSON, or something in it is wrong or names what is not there.
    """
    try:
        told = json_text.read(content)
    except json_text.NoJson as error:
        raise ScenarioError(f"{name} is no JSON: {error}") from error
    except json_text.Twice as error:
        raise ScenarioError(f"{name}: {error} is there twice") from error
    if not isinstance(told, dict):
        raise ScenarioError(f"{name} is no JSON object")
    try:
        # What is null is as if it were not there, at the top as below.
        file = _File.model_validate({"as_of": today, **_told(told)})
    except ValidationError as error:
        raise ScenarioError(wrong(error, name)) from error
    return _Reader(file, name).scenario()


def _told(value: Any, level: int = 0) -> Any:
    """Return a value without the fields that are null."""
    if level > _DEEPEST:
        return value
    if isinstance(value, dict):
        return {name: _told(one, level + 1) for name, one in value.items() if one is not None}
    return [_told(one, level + 1) for one in value] if isinstance(value, list) else value


class _Reader:
    """Puts numbers in place of ids, and notes those that stand for nothing."""

    def __init__(self, file: _File, name: str) -> None:
        self._file, self._name = file, name
        self._wrong: list[str] = []
        self._environments = self._once("environments", file.environments)
        self._unlinked = [
            f"environment {one.id} is of type {one.type}, which no billing policy can be linked to; "
            "its meters count as off"
            for one in file.environments
            if one.billing_policy and one.billing_policy.linked and one.type not in LINKABLE
        ]
        self._apps = self._once("apps", file.apps)
        self._once("flows", file.flows)
        self._once("agents", file.agents)
        # Nobody is numbered where there are too many to be.
        many = sum(one.count or 1 for one in file.users) > _PEOPLE
        if many:
            self._note("users", f"more than {_PEOPLE:,} people")
        self._people = People([_user(one) for one in ([] if many else file.users)])
        self._roster = Roster(self._people)
        for number, doubled in self._roster.doubled():
            self._note(f"users[{number}]", f"the id {doubled!r} is there twice")
        for number, one in enumerate(file.users):
            if one.id.startswith(PRINCIPAL):
                self._note(f"users[{number}].id", f"{PRINCIPAL} begins a service principal's id")

    def scenario(self) -> Scenario:
        """Return the whole of it.

        Raises:
            ScenarioError: Something names what is not there.
        """
        file = self._file
        if self._wrong:
            raise self._refused()
        found = Scenario(
            as_of=file.as_of,
            channel=file.channel,
            basis=file.basis,
            environments=tuple(_environment(one) for one in file.environments),
            people=self._people,
            apps=tuple(self._app(f"apps[{n}]", one) for n, one in enumerate(file.apps)),
            flows=tuple(self._flow(f"flows[{n}]", one) for n, one in enumerate(file.flows)),
            agents=tuple(
                Agent(
                    one.id,
                    self._environment(f"agents[{n}].environment", one.environment),
                    one.credits_per_month,
                )
                for n, one in enumerate(file.agents)
            ),
            warnings=(*_unread(file), *self._unlinked),
        )
        if self._wrong:
            raise self._refused()
        return found

    def _refused(self) -> ScenarioError:
        more = len(self._wrong) - _MOST
        told = [*self._wrong[:_MOST], *([f"{more} more values are wrong"] if more > 0 else [])]
        return ScenarioError("\n".join(f"{self._name}: {one}" for one in told))

    def _note(self, place: str, words: str) -> None:
        self._wrong.append(f"{place}: {words}")

    def _once(self, part: str, records: Sequence[Any]) -> dict[str, int]:
        found: dict[str, int] = {}
        for number, one in enumerate(records):
            if one.id in found:
                self._note(f"{part}[{number}].id", f"{one.id!r} is there twice")
            found[one.id] = number
        return found

    def _environment(self, place: str, name: str) -> int:
        if name not in self._environments:
            self._note(place, f"there is no environment {name!r}")
        return self._environments.get(name, 0)

    def _some(self, place: str, names: Iterable[str]) -> Numbers:
        """Return the people that a list names, each once."""
        found = []
        for number, name in enumerate(names):
            if (people := self._roster.of(name)) is not None:
                found.append(people)
            else:
                self._note(f"{place}[{number}]", f"there is no user {name!r}")
        if len(found) == 1:
            return found[0]
        return np.unique(np.concatenate(found)) if found else NOBODY

    def _reference(self, place: str, name: str | None) -> int | None:
        if name is None:
            return None
        if name not in self._apps:
            self._note(place, f"there is no app {name!r}")
        return self._apps.get(name)

    def _app(self, place: str, told: _App) -> App:
        users = self._some(f"{place}.users", told.users)
        active = users
        if told.active_users is not None:
            active = self._some(f"{place}.active_users", told.active_users)
            strangers = active[~among(active, users)]
            if len(strangers):
                name = self._people.name(int(strangers[0]))
                self._note(f"{place}.active_users", f"{name!r} is not among its users")
        return App(
            id=told.id,
            environment=self._environment(f"{place}.environment", told.environment),
            custom_connector=told.custom_connector,
            dataverse=told.dataverse,
            extends=told.extends_d365_sku,
            opted_out=told.payg_opt_out,
            users=users,
            active=active,
            connectors=tuple(told.connectors),
        )

    def _flow(self, place: str, told: _Flow) -> Flow:
        principal = told.owner is not None and told.owner.startswith(PRINCIPAL)
        return Flow(
            id=told.id,
            environment=self._environment(f"{place}.environment", told.environment),
            custom_connector=told.custom_connector,
            trigger=told.trigger,
            app=self._reference(f"{place}.app", told.app),
            associated_app=self._reference(f"{place}.associated_app", told.associated_app),
            owner=None if principal else self._owner(f"{place}.owner", told.owner),
            service_principal=told.owner if principal else None,
            invokers=self._some(f"{place}.invokers", told.invokers),
            runs=told.runs_per_month,
            process_licensed=told.process_licensed,
            process_group=told.process_group,
            credential_holders=self._some(f"{place}.credential_holders", told.credential_holders),
            trigger_users=self._some(f"{place}.trigger_users", told.trigger_users),
            trigger_users_receive_output=told.trigger_users_receive_output,
            d365_context_only=told.d365_context_only,
            connectors=tuple(told.connectors),
        )

    def _owner(self, place: str, name: str | None) -> int | None:
        if name is None:
            return None
        found = self._roster.of(name)
        if found is None:
            self._note(place, f"there is no user {name!r}")
            return None
        if len(found) > 1:
            self._note(place, f"{name!r} is a group of {len(found)}; name one of them")
        return int(found[0])


def _environment(told: _Environment) -> Environment:
    billing = (told.type in LINKABLE and told.billing_policy) or _Billing()
    return Environment(
        id=told.id,
        type=told.type,
        managed=told.managed,
        linked=billing.linked,
        app_meter=billing.power_apps_meter,
        flow_meter=billing.flow_meter,
        passes=told.per_app_passes,
        d365=tuple(told.d365_skus),
    )


def _user(told: _User) -> User:
    return User(
        id=told.id,
        count=told.count,
        enabled=told.enabled,
        guest=told.type == "guest",
        skus=tuple(told.skus),
        disabled_plans=tuple(told.disabled_plans),
        home_skus=tuple(told.home_skus),
        home_cloud_same=told.home_cloud_same,
        trial_until=told.trial_until,
    )


def _unread(file: _File) -> Iterator[str]:
    """Yield a warning for each field that the format does not have, where it is first."""
    for name in file.model_extra or {}:
        yield f"{name} is no field of a scenario and was not read"
    for part in _PARTS:
        found: dict[str, list[str]] = {}
        for number, one in enumerate(getattr(file, part)):
            for name in _extra(one):
                found.setdefault(name, []).append(f"{part}[{number}].{name}")
        for first, *more in found.values():
            if more:
                yield f"{first} and {len(more):,} more are no field of a scenario and were not read"
            else:
                yield f"{first} is no field of a scenario and was not read"


def _extra(one: _Model) -> Iterator[str]:
    yield from one.model_extra or {}
    if isinstance(one, _Environment) and one.billing_policy is not None:
        for name in one.billing_policy.model_extra or {}:
            yield f"billing_policy.{name}"
