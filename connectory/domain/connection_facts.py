"""What is known of a connection or connection reference before anything is concluded from it."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase


@dataclass(frozen=True, slots=True)
class ConnectionRules:
    """What an organisation has decided about its connections.

    Attributes:
        service_accounts: Patterns (``*`` and ``?``) of what stands before the @ of a service
            account; letter case does not matter. Applications always count as service accounts.
        service_account_environments: Kinds of environments in which one belongs.
    """

    service_accounts: tuple[str, ...] = ("svc*", "service*", "sa-*", "sa_*", "sa.*", "robot*")
    service_account_environments: tuple[str, ...] = ("Production",)

    def is_service_account(self, address: str | None) -> bool:
        """Tell whether a sign-in name is that of a service account."""
        name = (address or "").partition("@")[0].casefold()
        return any(fnmatchcase(name, pattern.casefold()) for pattern in self.service_accounts)


@dataclass(frozen=True, slots=True)
class Identity:
    """Somebody behind a connection or reference.

    Attributes:
        name: For people; their id if nothing else is known.
        kind: user, guest, service_principal or group; None if the directory does not know.
        state: enabled, disabled, deleted or unknown, as the directory says.
        sign_in: Sign-in name.
    """

    name: str
    kind: str | None
    state: str
    sign_in: str | None = None


@dataclass(frozen=True, slots=True)
class Sharing:
    """With whom else a connection is shared."""

    people: int = 0
    groups: int = 0
    everyone: bool = False
    apps: int = 0
    """Apps that hand it to whoever uses them and that are shared themselves."""


@dataclass(frozen=True, slots=True)
class ConnectionFacts:
    """What is known of a connection.

    Attributes:
        status: As the platform tells it.
        status_detail: Code and text of its error.
        creator: Who made it; None if that is not told.
        creator_tenant: Tenant of its creator, if another.
        account_name: Account it signs in as, if told.
        account: The person that account is in the directory, if it is one.
        account_tenant: Tenant of the account, if another and told.
        signs_in_as_creator: No account is told, and its connector knows no other way than a
            person's sign-in.
        environment_kind: E.g. Production.
        relied_on: A reference is bound to it, a flow runs with it whoever starts it, or an app
            hands it to others.
        sharing: With whom it is shared.
    """

    status: str | None
    status_detail: str | None
    creator: Identity | None
    creator_tenant: str | None
    account_name: str | None
    account: Identity | None
    account_tenant: str | None
    signs_in_as_creator: bool
    environment_kind: str | None
    relied_on: bool
    sharing: Sharing


@dataclass(frozen=True, slots=True)
class ReferenceFacts:
    """What is known of a connection reference.

    Attributes:
        bound: It names a connection.
        connection_here: That connection is in the environment; None if that was not read.
        connector: What it calls its connector.
        connector_here: That connector is in the environment; None if that was not read.
        owner: Who owns it; None if that is not told.
        used: A flow refers to it.
    """

    bound: bool
    connection_here: bool | None
    connector: str
    connector_here: bool | None
    owner: Identity | None
    used: bool


def mail_domain(address: str | None) -> str | None:
    """Return the domain of an address, case-folded; None if it is no address."""
    name, at, domain = (address or "").strip().rpartition("@")
    return domain.casefold() if name and at and "." in domain else None
