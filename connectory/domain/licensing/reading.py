"""Reading a scenario from JSON: what is wrong is told with its place in the file.

The format is described in docs/cost-model.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Annotated, Any, Final

import numpy as np
import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from connectory.domain.licensing.ids import PRINCIPAL
from connectory.domain.licensing.places import wrong
from connectory.domain.licensing.prices import Channel
from connectory.domain.licensing.scenario import (
    LINKABLE,
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
)

_MOST: Final = 10
_PEOPLE: Final = 5_000_000
_PARTS: Final = ("environments", "users", "apps", "flows", "agents")


_Day = Annotated[date, Field(strict=False)]


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
    per_app_passes: int = Field(default=0, ge=0)
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
    runs_per_month: int | None = Field(default=None, ge=0)
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
    credits_per_month: int = Field(default=0, ge=0)


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
        told = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise ScenarioError(f"{name} is no JSON: {error}") from error
    if not isinstance(told, dict):
        raise ScenarioError(f"{name} is no JSON object")
    try:
        # What is null is as if it were not there, at the top as below.
        file = _File.model_validate({"as_of": today, **_told(told)})
    except ValidationError as error:
        raise ScenarioError(wrong(error, name)) from error
    return _Reader(file, name).scenario()


def _told(value: Any) -> Any:
    """Return a value without the fields that are null."""
    if isinstance(value, dict):
        return {name: _told(one) for name, one in value.items() if one is not None}
    return [_told(one) for one in value] if isinstance(value, list) else value


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
        self._people = People([_user(one) for one in file.users])
        if len(self._people) > _PEOPLE:
            self._note("users", f"more than {_PEOPLE:,} people")
        self._users = self._numbers()

    def scenario(self) -> Scenario:
        """Return the whole of it.

        Raises:
            ScenarioError: Something names what is not there.
        """
        file = self._file
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
            more = len(self._wrong) - _MOST
            told = [*self._wrong[:_MOST], *([f"{more} more values are wrong"] if more > 0 else [])]
            raise ScenarioError("\n".join(f"{self._name}: {one}" for one in told))
        return found

    def _note(self, place: str, words: str) -> None:
        self._wrong.append(f"{place}: {words}")

    def _once(self, part: str, records: Sequence[Any]) -> dict[str, int]:
        found: dict[str, int] = {}
        for number, one in enumerate(records):
            if one.id in found:
                self._note(f"{part}[{number}].id", f"{one.id!r} is there twice")
            found[one.id] = number
        return found

    def _numbers(self) -> dict[str, Numbers]:
        """Return the people behind every id, that of a group and those of its members."""
        found: dict[str, Numbers] = {}
        for number, user in enumerate(self._people.users):
            every = self._people.of(number)
            names = [user.id]
            if user.count is not None:
                names += [f"{user.id}-{place}" for place in range(1, user.count + 1)]
            for place, name in enumerate(names):
                if name in found:
                    self._note(f"users[{number}]", f"the id {name!r} is there twice")
                found[name] = every if place == 0 else every[place - 1 : place]
        return found

    def _environment(self, place: str, name: str) -> int:
        if name not in self._environments:
            self._note(place, f"there is no environment {name!r}")
        return self._environments.get(name, 0)

    def _some(self, place: str, names: Iterable[str]) -> Numbers:
        """Return the people that a list names, each once."""
        found = []
        for number, name in enumerate(names):
            if name in self._users:
                found.append(self._users[name])
            else:
                self._note(f"{place}[{number}]", f"there is no user {name!r}")
        return np.unique(np.concatenate(found)) if found else np.empty(0, dtype=np.int64)

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
            strangers = np.setdiff1d(active, users)
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
        found = self._users.get(name)
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


def _unread(file: _File) -> Iterable[str]:
    """Yield a warning for each field that the format does not have."""
    for name in file.model_extra or {}:
        yield f"{name} is no field of a scenario and was not read"
    for part in _PARTS:
        for number, one in enumerate(getattr(file, part)):
            for name in one.model_extra or {}:
                yield f"{part}[{number}].{name} is no field of a scenario and was not read"
