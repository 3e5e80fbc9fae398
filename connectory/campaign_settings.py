"""Settings of campaigns: how patiently owners are asked, and how slowly something is retired."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from connectory.domain.attesting import Retirement
from connectory.domain.campaign_steps import EVERY, Steps, kept

LONGEST_DAYS: Final = 730
"""An exemption for ever would be none that anybody looks at again."""


class StepSettings(BaseModel):
    """How patiently people are asked; days are counted from the day they were asked."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    answer_days: int = Field(default=28, ge=1, le=365)
    remind_days: tuple[int, ...] = (7,)
    escalate_days: int = Field(default=14, ge=0, le=365)
    most_escalations: int = Field(default=2, ge=0, le=10)
    least_days: int = Field(default=7, ge=1, le=90)
    longer_days: int = Field(default=28, ge=0, le=365)
    most_longer: int = Field(default=2, ge=0, le=10)

    @field_validator("remind_days")
    @classmethod
    def _rising(cls, value: tuple[int, ...]) -> tuple[int, ...]:
        if any(days < 1 for days in value) or any(a >= b for a, b in pairwise(value)):
            raise ValueError("reminders come after at least a day, one later than the other")
        return value

    def steps(self) -> Steps:
        """Return them as the domain takes them."""
        return Steps(**{name: getattr(self, name) for name in StepSettings.model_fields})


class CampaignSettings(StepSettings):
    """How patiently owners are asked, by environment, and how slowly something is retired."""

    keep_days: int = Field(default=365, ge=1, le=LONGEST_DAYS)
    announce_days: int = Field(default=7, ge=0, le=365)
    freeze_days: int = Field(default=30, ge=0, le=730)
    remove_days: int = Field(default=60, ge=0, le=1095)
    groups: dict[str, StepSettings] = Field(default_factory=dict)

    @field_validator("groups", mode="before")
    @classmethod
    def _named(cls, value: object) -> object:
        for name in value if isinstance(value, dict) else ():
            if not str(name).strip() or name == EVERY:
                raise ValueError(
                    "a group is named by its id or by a type of environments, e.g. Production"
                )
        return value

    @model_validator(mode="after")
    def _in_order(self) -> CampaignSettings:
        if not self.announce_days <= self.freeze_days <= self.remove_days:
            raise ValueError(
                "consumers are told before it is frozen, and it is frozen before it is removed; "
                "let announce_days, freeze_days and remove_days rise"
            )
        return self

    def kept(self) -> dict[str, object]:
        """Return the steps as a campaign keeps them.

        A group says what is different with it; the rest is as everywhere.
        """
        own = self.model_dump(include=set(StepSettings.model_fields))
        groups = {
            name: StepSettings.model_validate({**own, **one.model_dump(exclude_unset=True)}).steps()
            for name, one in self.groups.items()
        }
        return dict(kept(self.steps(), groups))

    def retirement(self) -> Retirement:
        """Return how slowly something is retired."""
        return Retirement(self.announce_days, self.freeze_days, self.remove_days)
