"""What a collector is: a name, a scope, and a function that reads its sources within a step."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal, TypeVar

from collectors.api.client import Api
from collectors.api.documents import Documents
from collectors.api.errors import ApiError, BadReply, Refused, SignInError, Unreachable
from collectors.api.meter import Meter
from collectors.nouns import Noun
from collectors.store import StepStore
from collectors.waiting import Waiting
from connectory.config import CollectSettings
from connectory.telemetry_settings import TelemetrySettings
from connectory.upstream_settings import UpstreamSettings

Scope = Literal["tenant", "environment"]
Item = TypeVar("Item")
Result = TypeVar("Result")
_TOGETHER = 50
ODD = (KeyError, IndexError, TypeError, ValueError, AttributeError, RecursionError)
"""What reading a reply raises that is not what it should be."""
_MEMBER = re.compile(r"[A-Za-z_$@.]{1,40}")
_LOG = logging.getLogger(__name__)
Outcome = Literal["complete", "partial", "refused", "failed", "skipped", "not_asked"]
"""skipped: there is nothing to know. not_asked: there may be, and it could not be asked."""
NOT_READ: Final = frozenset({"skipped", "not_asked"})


@dataclass(frozen=True, slots=True)
class EnvironmentScope:
    """The environment a step reads."""

    id: int
    key: str
    name: str
    api_url: str | None
    """Origin of its Dataverse Web API; None without Dataverse."""
    large: bool = False
    """Likely to hold far more than others, as the default one does: it is read first."""


@dataclass(slots=True)
class SourceReading:
    """How far one source was read."""

    source: str
    outcome: Outcome = "complete"
    reason: str | None = None
    rows: int = 0
    spared: int = 0
    """Details not read again, since they are known (collectors/details.py)."""
    settles: bool = True
    """Where skipped: an absence is one. False: what was known before is not gone for it."""
    fatal: bool = False
    """Nothing else can be read either: nobody is signed in, or nothing answers."""

    def falls_short(self, reason: str) -> None:
        """Say that part of the source could not be read; the first reason is kept."""
        if self.outcome == "complete":
            self.outcome, self.reason = "partial", reason


@dataclass(slots=True)
class StepContext:
    """Everything a collector needs while it reads one scope."""

    api: Api
    store: StepStore
    settings: CollectSettings
    tenant_id: str
    now: datetime
    environment: EnvironmentScope | None
    owners: dict[str, str] = field(default_factory=dict)
    """Object id behind each system user of this environment that a step of this run has met."""
    sources: dict[str, SourceReading] = field(default_factory=dict)
    telemetry: TelemetrySettings = field(default_factory=TelemetrySettings)
    watermark: str | None = None
    """How far the step read, where that is a moment."""
    cloud: str = "commercial"
    """Name of the tenant's cloud: not every service is in each, though its host may be."""
    waiting: Waiting = field(default_factory=Waiting)
    upstream: UpstreamSettings = field(default_factory=UpstreamSettings)
    documents: Documents | None = None
    """Fetches documents of the outside world; None where nobody may."""
    meter: Meter = field(default_factory=Meter)
    """What requests are counted on that another than `api` sends."""
    decisive: bool = False
    """Nothing else can be read where this step finds nobody signed in or nothing answering."""

    @property
    def scope(self) -> EnvironmentScope:
        """The environment of an environment-scoped step."""
        if self.environment is None:
            raise LookupError("a step over the tenant has no environment")
        return self.environment

    @contextmanager
    def reading(self, source: str) -> Iterator[SourceReading]:
        """Record how a source was read; its failure ends the reading, not the step.

        Args:
            source: Name of the source.

        Yields:
            The record, to count rows on and to note what fell short.
        """
        record = self.sources.setdefault(source, SourceReading(source))
        before = len(self.store.misfits)
        try:
            yield record
            if odd := self.store.misfits[before:]:
                del self.store.misfits[before:]
                record.falls_short(
                    f"{len(odd)} values are not of the expected kind ({odd[0]}); "
                    "what was known in their place stays"
                )
        except Refused as error:
            record.outcome, record.reason = "refused", str(error)
        except ApiError as error:
            record.outcome, record.reason = "failed", str(error)
            # Other services may answer all the same: only the list of environments is needed by all.
            record.fatal = self.decisive and isinstance(error, (SignInError, Unreachable))
        except ODD as error:
            _LOG.debug("source %s broke", source, exc_info=True)
            record.outcome, record.reason = "failed", str(_unexpected(source, error))
        except BaseException:
            record.outcome, record.reason = "failed", "its step broke off while it was read"
            raise

    def read_each(
        self, read: Callable[[Item], Result], items: Sequence[Item]
    ) -> Iterator[list[tuple[Item, Result | ApiError]]]:
        """Read items in several threads and yield them in batches, to be stored together.

        Yields:
            Items, each with its result or with the refusal or failure that ended its reading.
        """
        batch: list[tuple[Item, Result | ApiError]] = []
        for item, result in self.api.map(read, items):
            ended = _unexpected("a reply", result) if isinstance(result, ODD) else result
            if isinstance(ended, Exception) and not isinstance(ended, ApiError):
                raise ended
            batch.append((item, ended))
            if len(batch) == _TOGETHER:
                yield batch
                batch = []
        if batch:
            yield batch

    def skip(self, source: str, reason: str, *, settles: bool = True) -> None:
        """Record that a source has nothing to tell.

        Args:
            source: Name of the source.
            reason: Why.
            settles: It does not exist for this scope, so that it can show nothing.
        """
        self.sources[source] = SourceReading(source, "skipped", reason, settles=settles)

    def cannot_ask(self, source: str, reason: str) -> None:
        """Record that a source was not asked though it may have something to tell."""
        self.sources[source] = SourceReading(source, "not_asked", reason)

    def settled(self, source: str) -> bool:
        """Tell whether nothing more can be known of a source: read whole, or not there at all."""
        found = self.sources.get(source)
        return found is not None and (
            found.outcome == "complete" or (found.outcome == "skipped" and found.settles)
        )

    def was_read(self, source: str) -> bool:
        """Tell whether a source was read completely."""
        return source in self.sources and self.sources[source].outcome == "complete"


def oddity(error: Exception) -> str:
    """Say in words of ours what is odd about a reply; those of the error can be a tenant's."""
    name = str(error.args[0]) if error.args else ""
    lacks = isinstance(error, KeyError) and _MEMBER.fullmatch(name)
    return f"it lacks '{name}'" if lacks else type(error).__name__


def _unexpected(what: str, error: Exception) -> BadReply:
    return BadReply(
        f"a reply is not in the expected form ({oddity(error)})",
        what,
        "what was read before is kept; report it with the log at level debug",
    )


@dataclass(frozen=True, slots=True)
class Collector:
    """One noun, read from its sources.

    Attributes:
        name: Name in commands, steps and documents.
        scope: Whether it reads the tenant at once or each environment.
        collect: Reads one scope.
        retires: Nouns whose absence from complete reads of `presence_sources` means something.
        presence_sources: Sources that list these nouns whole.
        outranks: Sources of other collectors that show these nouns and cannot hold them present.
        after: Collectors that end before this one begins, where a run has them.
    """

    name: str
    scope: Scope
    collect: Callable[[StepContext], None]
    retires: tuple[Noun, ...] = ()
    presence_sources: tuple[str, ...] = ()
    outranks: tuple[str, ...] = ()
    after: tuple[str, ...] = ("environments",)
