"""Digests made by hand: one with everything in it, and one in the words of an attacker."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

from connectory.domain.answering import Passed, Recipient
from connectory.domain.digest import (
    Asked,
    Contact,
    Digest,
    Drift,
    Ending,
    Gaps,
    Mine,
    Use,
)

TODAY = date(2026, 11, 26)
LINK = "https://connectors.contoso.example/attest/eyJhbGciOi.{}"

HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "\"><a href='https://evil.example/login'>Sign in</a>",
    "name\r\nBcc: everybody@contoso.example",
    "line\nbreak\u2028and\u2029more\x00\x1b[31m",
    '=HYPERLINK("https://evil.example","x")',
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "{{ 7*7 }}{% include 'base.html' %}{n}",
    "[x](https://evil.example) **bold** ![i](https://evil.example/p.png)",
    "\u202egnp.exe\u202c and \u200bhidden\u200d",
    "https://evil.example/login",
    "www.evil.example",
    "pay@evil.example",
    "-- \nOn behalf of the administrator",
    "x" * 5000,
    "\ud800 alone",
    "\N{MATHEMATICAL BOLD FRAKTUR CAPITAL C}onnector \N{PILE OF POO}",
    "",
)
"""Words that a maker may give to a connector, an environment, an application or an operation."""


def everything(
    words: Callable[[str], str] = str, *, asked: bool = True, language: str | None = "en"
) -> Digest:
    """Return a digest in which each kind of thing is to be done.

    Args:
        words: What becomes of everything that a tenant wrote.
        asked: Two questions are open.
        language: As the directory tells it.
    """
    passed = (Passed("owner", words("Jonas Weber"), "departed"), Passed("deputy", "", "no_address"))
    me = Recipient("a1", words("Ines Krüger"), "ines@contoso.example", language, "owner")
    manager = Recipient("a1", me.name, me.address, language, "manager", passed)

    def question(number: int, connector: str, day: int) -> Asked | None:
        link = LINK.format(number)
        return Asked(number, number, words(connector), date(2026, 12, day), link) if asked else None

    def one(number: int, name: str, place: str, who: Recipient = me, **facts: object) -> Mine:
        told = {"owner_state": "owned"} | facts
        return Mine(number, words(name), words(place), "Production", who, **told)  # type: ignore[arg-type]

    breaking = Drift(
        "broke",
        "",
        2,
        "used",
        (words("GetClaim"), words("ListClaims")),
        5,
        1,
        0,
        (Contact(words("Amira Haddad"), words("amira@contoso.example"), 4), Contact("", "", 2)),
        2,
    )
    apart = Drift("drifted", words("Supply Prod EU"), 3, "perhaps", (words("Track"),), 0, 2, 1)
    held = (
        one(
            1,
            "Contoso Payroll",
            "Finance Prod EU",
            use=Use("stale", 62, date(2026, 5, 24), "flow_runs"),
            monthly=Decimal(420),
            people=12,
            asked=question(1, "Contoso Payroll", 4),
            endings=(Ending(words("Payroll API client"), "secret", date(2026, 12, 2)),),
        ),
        one(
            2,
            "Fabrikam Claims intake",
            "Sales Prod US",
            owner_state="sole_owner",
            owner=words("Ines Krüger"),
            use=Use("active", 4, date(2026, 11, 25), "gateway_logs"),
            monthly=Decimal("1180.50"),
            people=31,
            drifts=(breaking,),
            gaps=Gaps(12, 4, described=False),
        ),
        one(
            3,
            "Shipment tracking",
            "Supply Test",
            manager,
            owner_state="departed_owner",
            owner=words("Jonas Weber"),
            use=Use("quiet", 30, date(2026, 9, 20), "audit"),
            drifts=(apart,),
            review_on=date(2026, 11, 1),
        ),
        one(
            4,
            "Legacy rates lookup",
            "Treasury Prod",
            use=Use("abandoned", 91, date(2025, 12, 1), "flow_runs"),
            endings=(Ending(words("Rates"), "certificate", date(2026, 11, 1)),),
        ),
        one(
            5,
            "Badge access",
            "IT Prod EU",
            use=Use("never_used", 78),
            asked=question(5, "Badge access", 11),
        ),
        one(6, "Tax codes", "Legal Prod EU", use=Use("active", 2, TODAY, "access_logs")),
        one(7, "Meter readings", "Energy Prod EU", use=Use("unknown")),
        one(
            8,
            "Room booking",
            "IT Prod EU",
            use=Use("stale", 55, date(2026, 6, 1), "audit", date(2027, 3, 31)),
        ),
    )
    return Digest(me, held, TODAY, TODAY, 60, 57, "EUR", "coe@contoso.example")
