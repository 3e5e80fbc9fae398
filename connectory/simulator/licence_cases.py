"""Named situations of licensing, with the verdict on everybody in them: data, written by hand.

Sources of the verdicts are Microsoft's licensing pages, as docs/cost-model.md names them. Nothing
here works anything out: who plays which role is dealt by `licence_planting`, and what the role
comes to is what its line says.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from connectory.simulator.entitlements import Product
from connectory.simulator.licences import (
    AUTOMATE,
    DEVELOPER,
    EMBEDDED,
    FLOW_PLAN_2,
    FREE,
    LAPSED,
    PLAN_2,
    PREMIUM,
    SALES,
    SUITE,
    TRIAL,
    UNLISTED,
)

APP: Final = "custom_connector_app"
FLOW: Final = "custom_connector_flow"
MANAGED: Final = "managed_environment"
PRINCIPAL: Final = "service_principal_flow"
METER, RUN_METER, PASS = "app meter", "run meter", "pass"

Kind = Literal[
    "plain", "managed", "metered", "managed and metered", "linked", "passes", "few passes",
    "developer", "managed developer", "teams",
]  # fmt: skip
"""What an environment is like, as far as licences are concerned; see `licence_stages`."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What licensing says of a person.

    Attributes:
        needs: Rules by which they lack cover.
        covered: Rules that ask for cover, each with what gives it: the part number of a product,
            or a pass or meter.
        review: A word of the question that a person must answer; empty if there is none.
    """

    needs: tuple[str, ...] = ()
    covered: tuple[tuple[str, str], ...] = ()
    review: str = ""


NOTHING: Final = Verdict()
NEEDS_FOR_APP: Final = Verdict(needs=(APP,))
NEEDS_FOR_FLOW: Final = Verdict(needs=(FLOW,))


def covered(by: str, *rules: str) -> Verdict:
    """Return the verdict on somebody whom one thing covers."""
    return Verdict(covered=tuple((rule, by) for rule in rules))


@dataclass(frozen=True, slots=True)
class Role:
    """A part that people play in a case.

    Attributes:
        name: What it is.
        active: The verdict where those need licences who use an app.
        access: The verdict where all need them who have access; None if it is the same.
        holds: Licences held, and no others.
        off: Service plans of these that are switched off.
        account: Whose account it is, or that it is one which cannot sign in.
        count: How many people play it.
        app: Whether they open the apps of the case, only might, or own and open them.
        flow: What they are to the flow of the case.
        by: How they have access: shared with themselves, with a group that contains theirs, or with
            the whole tenant.
        passes: So many of them have a pass and the others are in need, as `active` says of them.
    """

    name: str
    active: Verdict
    access: Verdict | None = None
    holds: tuple[Product, ...] = ()
    off: tuple[str, ...] = ()
    account: Literal["member", "guest", "disabled"] = "member"
    count: int = 1
    app: Literal["", "opens", "may open", "owns"] = ""
    flow: Literal["", "owns", "starts", "co-owns"] = ""
    by: Literal["share", "group", "tenant"] = "share"
    passes: int | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """A situation: apps or a flow with a custom connector, and who has which part in it.

    Attributes:
        name: What it shows.
        kind: The environment it takes.
        roles: Who is in it.
        apps: How many apps there are, all alike.
        trigger: What starts the flow of the case; empty if there is none.
        connectors: How many custom connectors each asset uses.
        principal: A service principal owns the flow, and lacks what the rule for it asks for.
        handed_out: Passes that the environment is handed out; None if the case has no say in that.
    """

    name: str
    kind: Kind
    roles: tuple[Role, ...] = ()
    apps: int = 0
    trigger: str = ""
    connectors: int = 1
    principal: bool = False
    handed_out: int | None = None


def _app(
    name: str, active: Verdict, holds: tuple[Product, ...] = (), *, kind: Kind = "plain",
    off: tuple[str, ...] = (), account: Literal["member", "guest", "disabled"] = "member",
    count: int = 1,
) -> Case:  # fmt: skip
    """Return the case of people who open an app with a custom connector that is shared with them."""
    role = Role("user", active, holds=holds, off=off, account=account, count=count, app="opens")
    return Case(name, kind, (role,), apps=1)


def _owner(
    name: str, active: Verdict, holds: tuple[Product, ...] = (), *, kind: Kind = "plain",
    trigger: str = "Recurrence", off: tuple[str, ...] = (),
) -> Case:  # fmt: skip
    """Return the case of somebody who owns a flow with a custom connector."""
    role = Role("owner", active, holds=holds, off=off, flow="owns")
    return Case(name, kind, (role,), trigger=trigger)


_APPS_PLAN: Final = PREMIUM.plans[0][0]
_FLOWS_PLAN: Final = PREMIUM.plans[1][0]
_AUTOMATE_PLAN: Final = AUTOMATE.plans[0][0]

_PLAIN: Final = (
    _app("uses-connector-app-with-m365-only", NEEDS_FOR_APP, (SUITE,), count=3),
    _app("holds-premium", covered(PREMIUM.part_number, APP), (SUITE, PREMIUM), count=2),
    _owner("owner-of-scheduled-flow", NEEDS_FOR_FLOW, (SUITE,)),
    _owner("owner-with-automate-premium", covered(AUTOMATE.part_number, FLOW), (SUITE, AUTOMATE)),
    Case(
        "invoker-of-instant-flow", "plain",
        (
            Role("invoker on the suite", NEEDS_FOR_FLOW, holds=(SUITE,), count=2, flow="starts"),
            Role("invoker with Automate Premium", covered(AUTOMATE.part_number, FLOW),
                 holds=(SUITE, AUTOMATE), flow="starts"),
            Role("invoker with Power Apps Premium", NEEDS_FOR_FLOW, holds=(SUITE, PREMIUM),
                 flow="starts"),
            Role("invoker by a group", NEEDS_FOR_FLOW, holds=(SUITE,), flow="starts",
                 by="group"),
            Role("invoker who is disabled", NOTHING, holds=(SUITE,), account="disabled",
                 flow="starts"),
        ),
        trigger="Button",
    ),
    Case(
        "access-but-never-opened", "plain",
        (
            Role("user", NEEDS_FOR_APP, holds=(SUITE,), app="opens"),
            Role("never opened it", NOTHING, NEEDS_FOR_APP, holds=(SUITE,), count=2,
                 app="may open"),
            Role("never opened it, holds Premium", NOTHING, covered(PREMIUM.part_number, APP),
                 holds=(SUITE, PREMIUM), app="may open"),
        ),
        apps=1,
    ),
    Case(
        "app-shared-to-a-group", "plain",
        (
            Role("member who opens it", NEEDS_FOR_APP, holds=(SUITE,), count=2, app="opens",
                 by="group"),
            Role("member who never did", NOTHING, NEEDS_FOR_APP, holds=(SUITE,), app="may open",
                 by="group"),
        ),
        apps=1,
    ),
    Case(
        "two-apps", "plain",
        (Role("user of both", NEEDS_FOR_APP, holds=(SUITE,), count=2, app="opens"),),
        apps=2,
    ),
    Case(
        "app-of-two-connectors", "plain",
        (Role("user", NEEDS_FOR_APP, holds=(SUITE,), count=2, app="opens"),),
        apps=1, connectors=2,
    ),
    Case("service-principal-flow", "plain", trigger="Recurrence", principal=True),
    Case(
        "automated-flow-with-a-co-owner", "plain",
        (
            Role("owner", covered(AUTOMATE.part_number, FLOW), holds=(SUITE, AUTOMATE),
                 flow="owns"),
            Role("co-owner", NOTHING, holds=(SUITE,), flow="co-owns"),
        ),
        trigger="OpenApiConnectionWebhook",
    ),
    Case(
        "uses-an-app-and-owns-a-flow", "plain",
        (
            Role("holds nothing premium", Verdict(needs=(APP, FLOW)), holds=(SUITE,),
                 app="opens", flow="owns"),
        ),
        apps=1, trigger="Recurrence",
    ),
    Case(
        "premium-covers-the-app-but-not-the-flow", "plain",
        (
            Role("holds Power Apps Premium",
                 Verdict(needs=(FLOW,), covered=((APP, PREMIUM.part_number),)),
                 holds=(SUITE, PREMIUM), app="opens", flow="owns"),
        ),
        apps=1, trigger="Recurrence",
    ),
    _app("old-plan-name-p2", covered(PLAN_2.part_number, APP), (SUITE, PLAN_2)),
    _app("disabled-service-plan", NEEDS_FOR_APP, (SUITE, PREMIUM), off=(_APPS_PLAN,)),
    _app("another-plan-disabled", covered(PREMIUM.part_number, APP), (PREMIUM,),
         off=(_FLOWS_PLAN,)),
    _app("automate-premium-covers-no-app", NEEDS_FOR_APP, (SUITE, AUTOMATE)),
    _app("trial", covered(TRIAL.part_number, APP), (SUITE, TRIAL)),
    _app("expired-subscription", NEEDS_FOR_APP, (SUITE, LAPSED)),
    _app("embedded-premium", Verdict(review=EMBEDDED.part_number), (SUITE, EMBEDDED)),
    _app("unknown-product", NEEDS_FOR_APP, (SUITE, UNLISTED)),
    _app("developer-plan-in-production", NEEDS_FOR_APP, (SUITE, DEVELOPER)),
    _app("dynamics-licence-out-of-context", NEEDS_FOR_APP, (SALES,)),
    _app("holds-nothing-at-all", NEEDS_FOR_APP),
    _app("free-plan-only", NEEDS_FOR_APP, (FREE,)),
    _app("guest-with-premium-at-home", NEEDS_FOR_APP, account="guest"),
    _app("guest-with-premium-here", covered(PREMIUM.part_number, APP), (PREMIUM,),
         account="guest"),
    _app("disabled-holder", NOTHING, (SUITE, PREMIUM), account="disabled"),
    _app("disabled-without-licence", NOTHING, account="disabled"),
    _owner("owner-with-power-apps-premium", NEEDS_FOR_FLOW, (SUITE, PREMIUM)),
    _owner("owner-of-http-flow", NEEDS_FOR_FLOW, (SUITE,), trigger="Request"),
    _owner("owner-on-flow-plan-2", covered(FLOW_PLAN_2.part_number, FLOW), (FLOW_PLAN_2,)),
    _owner("owner-whose-plan-is-off", NEEDS_FOR_FLOW, (AUTOMATE,), off=(_AUTOMATE_PLAN,)),
    _owner("owner-on-trial", covered(TRIAL.part_number, FLOW), (TRIAL,)),
)  # fmt: skip

_MANAGED: Final = (
    _app("managed-environment", NEEDS_FOR_APP, (SUITE,), kind="managed", count=2),
    _app("automate-premium-satisfies-managed-alone", NEEDS_FOR_APP, (SUITE, AUTOMATE),
         kind="managed"),
    _app("premium-in-a-managed-environment", covered(PREMIUM.part_number, APP, MANAGED),
         (SUITE, PREMIUM), kind="managed"),
    Case(
        "managed-but-never-opened", "managed",
        (Role("user", NOTHING, NEEDS_FOR_APP, holds=(SUITE,), app="may open"),),
        apps=1,
    ),
    _owner("owner-in-a-managed-environment", NEEDS_FOR_FLOW, (SUITE,), kind="managed"),
)  # fmt: skip

_METERED: Final = (
    _app("app-meter-on", covered(METER, APP), (SUITE,), kind="metered", count=3),
    _app("premium-is-not-metered", covered(PREMIUM.part_number, APP), (PREMIUM,), kind="metered"),
    Case(
        "metered-but-never-opened", "metered",
        (Role("user", NOTHING, covered(METER, APP), holds=(SUITE,), app="may open"),),
        apps=1,
    ),
    Case(
        "two-metered-apps", "metered",
        (Role("user of both", covered(METER, APP), holds=(SUITE,), app="opens"),),
        apps=2,
    ),
    _app("guest-in-a-metered-environment", covered(METER, APP), kind="metered", account="guest"),
    _owner("run-meter-on", covered(RUN_METER, FLOW), (SUITE,), kind="metered"),
)  # fmt: skip

_OTHERS: Final = (
    _app("metered-and-managed", covered(METER, APP), (SUITE,), kind="managed and metered"),
    Case(
        "linked-but-passes-ignored", "linked",
        (Role("user", NEEDS_FOR_APP, holds=(SUITE,), count=2, app="opens"),),
        apps=1, handed_out=10,
    ),
    Case(
        "per-app-passes-held-enough", "passes",
        (
            Role("user", covered(PASS, APP), holds=(SUITE,), count=3, app="opens"),
            Role("user with Premium", covered(PREMIUM.part_number, APP), holds=(PREMIUM,),
                 app="opens"),
            Role("never opened it", NOTHING, covered(PASS, APP), holds=(SUITE,), app="may open"),
        ),
        apps=2, handed_out=40,
    ),
    _app("a-pass-is-left", covered(PASS, APP), (SUITE,), kind="passes"),
    Case(
        "passes-run-out", "few passes",
        (Role("user", NEEDS_FOR_APP, holds=(SUITE,), count=5, app="opens", passes=2),),
        apps=1, handed_out=2,
    ),
    _app("unmanaged-developer-environment", NOTHING, (SUITE,), kind="developer", count=2),
    Case(
        "everyone-in-a-developer-environment", "developer",
        (
            Role("user", NOTHING, holds=(SUITE,), app="opens", by="tenant"),
            Role("invoker", NOTHING, holds=(SUITE,), flow="starts", by="tenant"),
        ),
        apps=1, trigger="Button",
    ),
    _owner("owner-in-a-developer-environment", NOTHING, (SUITE,), kind="developer"),
    _app("managed-developer-environment", NEEDS_FOR_APP, (SUITE, DEVELOPER),
         kind="managed developer"),
    Case(
        "teams-environment", "teams",
        (Role("owner and user", Verdict(review="Teams"), holds=(SUITE,), app="owns"),),
        apps=1,
    ),
)  # fmt: skip

CASES: Final[tuple[Case, ...]] = (*_OTHERS, *_METERED, *_MANAGED, *_PLAIN)
"""Every case; where there are too few people for all, the first are planted."""

BUILDS: Final = Role(
    "builds-and-holds-both",
    Verdict(
        covered=(
            (APP, PREMIUM.part_number),
            (MANAGED, PREMIUM.part_number),
            (FLOW, AUTOMATE.part_number),
        )
    ),
    holds=(SUITE, PREMIUM, AUTOMATE),
)
"""Whoever builds what is in no case, or runs it: whatever rule names them, these cover them."""
NO_PART: Final = Role("has-no-part-in-anything-premium", NOTHING)
CANNOT_SIGN_IN: Final = Role("account-cannot-sign-in", NOTHING)
HAS_LEFT: Final = Role("has-left", NOTHING)
