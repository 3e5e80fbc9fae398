"""The budget for licences: told through the channels that tell everything, once a month."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import factories
import pytest
from factories import RUN_TIMES
from factories_answers import fill_answers
from factories_entitlements import fill_entitlements
from receivers import mail_server, to_mail, webhook
from sqlalchemy import Engine

from connectory.alerts.causes import Alert, alerts
from connectory.alerts.telling import tell
from connectory.assess import assess
from connectory.config import Settings
from connectory.database import reading
from connectory.licensing_settings import LicensingSettings

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.fixture
def licensed(store: Engine) -> Engine:
    """The small tenant, whose cheapest plan costs 25 USD a month, assessed."""
    factories.fill(store)
    fill_entitlements(store)
    assess(store, now=lambda: RUN_TIMES[3])
    return store


def with_budget(budget: str, **more: Any) -> Settings:
    """Return settings with a budget."""
    return Settings(licensing=LicensingSettings(budget=budget, **more))


def found(store: Engine, settings: Settings, now: datetime = NOW) -> list[Alert]:
    """Return what is to be told about the budget."""
    with reading(store) as connection:
        return [one for one in alerts(connection, settings, now) if one.cause == "budget"]


def test_a_plan_above_the_budget_is_told(licensed: Engine) -> None:
    """With both amounts; at the budget it is kept, and without one there is nothing to tell."""
    (told,) = found(licensed, with_budget("24.99"))

    assert (told.subject, told.day.isoformat()) == ("budget_exceeded", "2026-11-01")
    assert told.title == "Licences cost more than their budget"
    assert "costs 25.00 USD a month; the budget is 24.99 USD" in told.lines[0]
    assert found(licensed, with_budget("25.00")) == []
    assert found(licensed, Settings()) == []


def test_it_is_told_ahead_when_the_upper_bound_crosses(licensed: Engine) -> None:
    """Within the days that are asked for, and with the day; further away, or never, it is not."""
    fill_answers(licensed, [300, 310, 330, 340, 350, 360, 380, 390])
    (told,) = found(licensed, with_budget("450"))

    assert told.subject == "budget_coming"
    assert "may cost more from" in told.lines[1]
    assert found(licensed, with_budget("450", budget_days=7)) == []
    assert found(licensed, with_budget("450", budget_days=0)) == []
    assert found(licensed, with_budget("5000")) == []
    assert [one.subject for one in found(licensed, with_budget("380"))] == ["budget_exceeded"]


def test_too_short_a_past_tells_nothing_ahead(licensed: Engine) -> None:
    """There is no forecast, so there is no warning; the budget is still watched."""
    fill_answers(licensed, [300, 310, 330])

    assert found(licensed, with_budget("331")) == []
    assert found(licensed, with_budget("329")) != []


def test_prices_that_cannot_be_read_are_told_where_a_budget_rests_on_them(
    licensed: Engine,
) -> None:
    """Silence would read as a budget that is kept."""
    broken = LicensingSettings(price_book="missing.toml")
    assess(licensed, now=lambda: RUN_TIMES[3], licensing=broken)
    (told,) = found(licensed, with_budget("500"))

    assert told.subject == "budget_unknown"
    assert "the price book cannot be read" in told.lines[0]
    assert found(licensed, Settings()) == []


def test_it_goes_out_once_a_month_by_each_channel(
    licensed: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mail and a card however often it is looked at; in the next month again."""
    with mail_server() as server, webhook() as hook:
        monkeypatch.setenv("INVENTED_HOOK", hook.url)
        section = to_mail(server.port, webhook_url_env="INVENTED_HOOK")
        settings = Settings(alerts=section, licensing=LicensingSettings(budget="20"))
        sent = [tell(licensed, settings, NOW + timedelta(days=n)) for n in (0, 0, 1, 7)]
        december = tell(licensed, settings, NOW + timedelta(days=9))

    assert (sent, december) == ([2, 0, 0, 0], 2)
    assert "Licences cost more than their budget" in server.mails[0]["Subject"]
    assert "the budget is 20.00 USD" in server.mails[0].get_content().replace("\n", " ")
    assert len(hook.bodies) == 2


@pytest.mark.parametrize("wrong", ["five", "-5", "1,000", "1e3", "5.", "NaN"])
def test_a_budget_that_is_no_amount_is_refused(wrong: str) -> None:
    """With how one is written."""
    with pytest.raises(ValueError, match=r'e\.g\. "500\.00"'):
        LicensingSettings(budget=wrong)
