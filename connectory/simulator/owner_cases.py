"""Connectors that are owned and used in one way each, with the verdict on them written by hand.

Nothing here works a verdict out: what a line of the table says of its owners is what is true of
them until something happens to them. Who plays which part is dealt by `owner_planting`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from connectory.simulator.owning import Use

Holder = Literal[
    "member", "leaver", "traveller", "left", "purged", "blocked", "guest", "guest who left",
    "application", "blocked application", "removed application", "team", "nested team",
    "empty team", "team of leavers", "closed team",
]  # fmt: skip
Stage = Literal["prod", "default", "dev", "alone"]
SILENT_FOR: Final[dict[Use, int]] = {"quiet": 25, "stale": 100, "abandoned": 260}
"""Days since the backend was last called; of other uses it is called every day, or never was.

Two weeks later each is what it is called, by thresholds of 30, 90 and 180 days.
"""


@dataclass(frozen=True, slots=True)
class OwnerCase:
    """One connector, who owns it, and the verdict on that.

    Attributes:
        title: Its name.
        system: Label of the invented system whose definition it has.
        owners: Who has the role Owner, in the order of the service.
        editors: Who may edit it beside them.
        state: The verdict.
        counts: Owners who can act, editors who can, people in groups that own it.
        use: How much it is used.
        stage: In what kind of environment it is.
    """

    title: str
    system: str
    owners: tuple[Holder, ...]
    editors: tuple[Holder, ...]
    state: str
    counts: tuple[int, int, int | None]
    use: Use
    stage: Stage = "prod"


CASES: Final = (
    OwnerCase("Parcel Labels", "labels", ("member",), (), "sole_owner", (1, 0, None), "active"),
    OwnerCase("Route Planner", "fleet", ("leaver",), (), "sole_owner", (1, 0, None), "active"),
    OwnerCase("Canteen Menu", "catalogue", ("member",), (), "sole_owner", (1, 0, None), "stale"),
    OwnerCase("Sample Store", "assets", ("member",), (), "sole_owner", (1, 0, None), "unknown"),
    OwnerCase("Spring Campaign", "customers", ("member",), ("left",),
              "sole_owner", (1, 0, None), "quiet", "dev"),
    OwnerCase("Fax Gateway", "invoices", ("left", "member"), (),
              "sole_owner", (1, 0, None), "stale"),
    OwnerCase("Parking Permits", "visitors", ("member", "member"), (),
              "owned", (2, 0, None), "abandoned"),
    OwnerCase("Lost Property", "assets", ("member",), ("member",),
              "owned", (1, 1, None), "never_used", "dev"),
    OwnerCase("Freight Audit", "invoices", ("member",), ("team",),
              "owned", (1, 1, None), "abandoned", "alone"),
    OwnerCase("Returnable Crates", "lager", ("blocked", "left", "member", "traveller"), ("guest",),
              "owned", (2, 1, None), "quiet", "dev"),
    OwnerCase("Shift Swap", "zeit", ("left",), ("member",),
              "departed_owner", (0, 1, None), "quiet"),
    OwnerCase("Tender Watch", "suppliers", ("purged",), (),
              "departed_owner", (0, 0, None), "stale", "default"),
    OwnerCase("Press Clippings", "translation", ("guest who left",), (),
              "departed_owner", (0, 0, None), "never_used"),
    OwnerCase("Badge Printer", "visitors", ("removed application",), (),
              "departed_owner", (0, 0, None), "abandoned"),
    OwnerCase("Rollout Board", "incidents", ("closed team",), (),
              "departed_owner", (0, 0, None), "abandoned"),
    OwnerCase("Meter Readings", "energie", ("blocked",), (),
              "disabled_owner", (0, 0, None), "active"),
    OwnerCase("Room Booking", "travel", ("left", "blocked"), (),
              "disabled_owner", (0, 0, None), "stale"),
    OwnerCase("Night Import", "lake", ("blocked application",), (),
              "disabled_owner", (0, 0, None), "quiet"),
    OwnerCase("Freight Quotes", "pricing", ("guest",), (), "guest_owner", (1, 0, None), "active"),
    OwnerCase("Batch Export", "lake", ("application",), (),
              "service_principal_owner", (1, 0, None), "active"),
    OwnerCase("Order Desk", "orders", ("team",), (), "group_owned", (1, 0, 3), "active", "default"),
    OwnerCase("Goods Receipt", "tracking", ("nested team",), (), "group_owned", (1, 0, 2), "quiet"),
    OwnerCase("Halyard Board", "incidents", ("empty team",), (), "empty_group", (0, 0, 0), "stale"),
    OwnerCase("Trade Fair", "contracts", ("team of leavers",), (),
              "empty_group", (0, 0, 0), "abandoned"),
    OwnerCase("Idea Box", "complaints", (), ("member",), "nobody", (0, 1, None), "quiet", "alone"),
    OwnerCase("Echo Test", "weather", (), (), "nobody", (0, 0, None), "never_used", "dev"),
)  # fmt: skip
