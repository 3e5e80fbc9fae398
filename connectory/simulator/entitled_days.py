"""What can happen on one day to licences, billing, credentials and the sharing of assets."""

from __future__ import annotations

from connectory.simulator import registrations
from connectory.simulator.asset_sharing import share_another
from connectory.simulator.happenings import Day
from connectory.simulator.licences import SINGLE, give, living_licences
from connectory.simulator.randomness import chance


def move_licence(day: Day) -> None:
    """Somebody is given a licence, loses one, or has a plan of it switched off or on."""
    kept = day.tenant.dealt.parts.keys() | day.tenant.dealt.builders
    held = [licence for licence in living_licences(day.tenant) if licence.person not in kept]
    others = [person for person in day.cast.working if person.id not in kept]
    drawn = day.rng.random()
    if held and drawn < 0.3:  # noqa: PLR2004 - share of licences taken back
        day.tenant.licences.remove(day.rng.choice(held))
    elif held and drawn < 0.5:  # noqa: PLR2004 - share of plans switched
        licence = day.rng.choice(held)
        products = {s.product.sku: s.product for s in day.tenant.subscriptions}
        plan = day.rng.choice(products[licence.sku].plans)[0]
        licence.disabled_plans = [] if licence.disabled_plans else [plan]
    elif others:
        give(day.tenant, day.rng, day.rng.choice(others), day.rng.choice(SINGLE))


def rotate_secret(day: Day) -> None:
    """An application gets a fresh secret, or is deleted together with what it had."""
    living = [one for one in day.tenant.registrations if one.deleted is None]
    if len(living) > 8 and chance(day.rng, 0.2):  # noqa: PLR2004 - some always remain
        day.rng.choice(living[:-5]).deleted = day.moment()
    else:
        registrations.rotate(day.tenant, day.rng)


def share_assets(day: Day) -> None:
    """An app and a flow are shared with someone more, or a share is taken back."""
    share_another(day.tenant, day.rng, day.cast)


def hand_out_passes(day: Day) -> None:
    """An environment gets another number of passes; none is as good as no entry at all."""
    kept = day.tenant.dealt.environments
    offered = [
        one for one in day.tenant.allocations
        if one.currency != "AppPass" or one.environment not in kept
    ]  # fmt: skip
    if not offered:
        return
    allocation = day.rng.choice(offered)
    allocation.allocated = max(1, allocation.allocated + day.rng.randrange(-2, 6))


def link_environment(day: Day) -> None:
    """An environment is paid for as one goes from now on, or no longer."""
    policy = day.tenant.billing_policies[0]
    home = day.environment()
    if home in day.tenant.dealt.environments:
        return
    if home in policy.environments:
        policy.environments.remove(home)
    elif not day.tenant.environments[home].is_default:
        policy.environments.append(home)
    policy.modified = day.moment()
