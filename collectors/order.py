"""The order of a run: whose steps may begin, which of them is next, and how many go at once.

Collectors that need nothing of each other run side by side, so that the one long listing of a
tenant, the connections of its default environment, is read while thousands of short ones are.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from itertools import count

from collectors.contract import Collector, EnvironmentScope

Scopes = Sequence[EnvironmentScope | None]


@dataclass(slots=True)
class Order:
    """Runs the steps of collectors, each collector after those it names.

    Attributes:
        begin: Prepares a collector and returns its scopes; none if there is nothing to do.
        step: Runs one step; returns why nothing else can be read, if so.
        end: Called once for each collector that began, whatever happened.
        threads: Steps that run at once.
    """

    begin: Callable[[Collector], Scopes]
    step: Callable[[Collector, EnvironmentScope | None], str | None]
    end: Callable[[Collector], None]
    threads: int
    _waiting: list[Collector] = field(default_factory=list)
    _left: dict[str, int] = field(default_factory=dict)
    _begun: dict[str, Collector] = field(default_factory=dict)
    _ready: list[tuple[bool, int, int, Collector, EnvironmentScope | None]] = field(
        default_factory=list
    )
    _number: count[int] = field(default_factory=count)

    def run(self, collectors: Sequence[Collector]) -> str | None:
        """Run every step, or stop early and return why nothing else could be read.

        Raises:
            Exception: What `begin` or a step raised; steps under way have ended then.
        """
        self._waiting = list(collectors)
        names = [collector.name for collector in collectors]
        running: dict[Future[str | None], Collector] = {}
        try:
            with ThreadPoolExecutor(self.threads, "step") as pool:
                while self._waiting or self._ready or running:
                    self._begin_what_may(names)
                    while self._ready and len(running) < self.threads:
                        *_, collector, scope = heapq.heappop(self._ready)
                        running[pool.submit(self.step, collector, scope)] = collector
                    fatal = self._gather(running)
                    if fatal:
                        return fatal
        finally:
            for collector in list(self._begun.values()):
                self._end(collector)
        return None

    def _begin_what_may(self, names: Sequence[str]) -> None:
        """Begin each collector whose predecessors, those of this run, have all ended."""
        for collector in list(self._waiting):
            unfinished = {*(other.name for other in self._waiting), *self._begun}
            if unfinished & set(collector.after) & set(names):
                continue
            self._waiting.remove(collector)
            scopes = self.begin(collector)
            self._begun[collector.name] = collector
            self._left[collector.name] = len(scopes)
            place = names.index(collector.name)
            for scope in scopes:
                later = scope is not None and not scope.large
                entry = (later, place, next(self._number), collector, scope)
                heapq.heappush(self._ready, entry)
            if not scopes:
                self._end(collector)

    def _gather(self, running: dict[Future[str | None], Collector]) -> str | None:
        """Wait for a step to end and settle all that have."""
        done, _ = wait(running, return_when=FIRST_COMPLETED)
        fatal = None
        for future in done:
            collector = running.pop(future)
            fatal = future.result() or fatal
            self._left[collector.name] -= 1
            if self._left[collector.name] == 0:
                self._end(collector)
        return fatal

    def _end(self, collector: Collector) -> None:
        del self._begun[collector.name]
        self.end(collector)
