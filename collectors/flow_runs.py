"""How often flows that use a custom connector ran, per UTC day; no other flow is asked about.

Dataverse tells the ended runs of flows in solutions, many flows a request. The Flow service tells
the runs of any flow, a request for each, and is asked about those only of which Dataverse tells
nothing. Both keep 28 days. Of a run its start and its end are counted; what went in and came out
is neither asked for nor kept.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from collectors.api.errors import ApiError, NotFound
from collectors.api.paging import NextLink, ODataNextLink
from collectors.contract import Collector, SourceReading, StepContext
from collectors.dataverse import NO_DATAVERSE, headers
from collectors.flow_run_days import (
    AskedFlow,
    Days,
    asked_flows,
    kind_of,
    replace_days,
    window_starts,
)
from collectors.records import Shape, every
from collectors.targets import refusal
from connectory.config import CollectSettings
from connectory.domain.identity import parse_time

_AT_ONCE = 40
_PAGE = 5000
_RETENTION = timedelta(days=28)
_ROW = Shape(texts=("_workflow_value", "starttime"))
_RUN = Shape(texts=("properties.startTime", "properties.status"), objects=("properties",))
_EVENT = Shape(texts=("createdon",))
_NONE_USES = "no flow here uses a custom connector"
_ALL_TOLD = "Dataverse tells the runs of every flow here that uses a custom connector"


def collect(step: StepContext) -> None:
    """Count the runs of one environment: by Dataverse first, by the Flow service for the rest."""
    flows = asked_flows(step.store)
    in_dataverse = [flow for flow in flows if flow.workflow_id is not None]
    told: set[int] = set()
    if step.scope.api_url is None:
        step.skip("dataverse", NO_DATAVERSE)
    elif _asked_about(step, "dataverse", in_dataverse):
        with step.reading("dataverse") as source:
            _dataverse(step, source, in_dataverse, told)
    rest = [flow for flow in flows if flow.id not in told]
    if _asked_about(step, "flow_api", rest, _ALL_TOLD if told else _NONE_USES):
        with step.reading("flow_api") as source:
            _flow_api(step, source, rest)
    if all(step.settled(source) for source in step.sources):
        step.watermark = step.now.isoformat()


def _asked_about(
    step: StepContext, source: str, flows: Sequence[AskedFlow], otherwise: str = _NONE_USES
) -> bool:
    """Tell whether a source is worth asking: it is not where it just refused the list of flows.

    Otherwise a closed service, whose flows nobody knows, would pass for one where nothing runs.
    """
    refused = refusal(step.store, "flows", source)
    if refused is not None:
        step.sources[source] = SourceReading(source, "refused", refused)
    elif not flows:
        step.skip(source, otherwise)
    return refused is None and bool(flows)


def _first_whole_day(now: datetime, kept: timedelta) -> date:
    """Return the first day of which a source that keeps runs so long still has all."""
    return (now - kept).astimezone(UTC).date() + timedelta(days=1)


def _day(text: Any) -> date:
    moment = parse_time(text)
    if moment is None:
        raise ValueError(f"a run starts at no time: {str(text)[:60]!r}")
    return moment.date()


# --- Dataverse


def _dataverse(
    step: StepContext, source: SourceReading, flows: Sequence[AskedFlow], told: set[int]
) -> None:
    kept = _kept(step)
    if not kept:
        step.skip(
            source.source,
            "this Dataverse keeps no flow runs: FlowRunTimeToLiveInSeconds of its organization is 0",
        )
        return
    longest = min(kept, timedelta(days=step.settings.flow_runs_days))
    first = _first_whole_day(step.now, longest)
    starts = window_starts(
        step.store,
        source.source,
        flows,
        first=first,
        overlap=_overlap(step.settings),
    )
    for place in range(0, len(flows), _AT_ONCE):
        some = {flow.workflow_id: flow.id for flow in flows[place : place + _AT_ONCE]}
        begins = {workflow: starts[flow] for workflow, flow in some.items() if workflow}
        _reach_back(step, begins, first)
        found: dict[str, Days] = {workflow: defaultdict(Counter) for workflow in begins}
        for start, group in _by_start(begins):
            for row in _rows(step, group, f"starttime ge {start}T00:00:00Z", "starttime,status"):
                found[row["_workflow_value"].casefold()][_day(row["starttime"])][
                    kind_of(row["status"])
                ] += 1
        days = {some[workflow]: (begins[workflow], found[workflow]) for workflow in begins}
        replace_days(step.store, source.source, days, today=step.now.astimezone(UTC).date())
        source.rows += sum(
            sum(c.values()) for _, per_day in days.values() for c in per_day.values()
        )
        told.update(days)
    _admitted(step, source, min(starts.values()))


def _overlap(settings: CollectSettings) -> int:
    """Return how many days are counted once more; all there are where nothing counts as known."""
    return settings.flow_runs_days if settings.full else settings.flow_runs_overlap_days


def _kept(step: StepContext) -> timedelta | None:
    """Return how long this Dataverse keeps flow runs; None if it keeps none."""
    url = f"{step.scope.api_url}/api/data/v9.2/organizations"
    parameters = {"$select": "flowruntimetoliveinseconds"}
    reply = step.api.get_json("dataverse", url, parameters, headers(1))
    rows = reply.get("value") or [{}]
    seconds = rows[0].get("flowruntimetoliveinseconds")
    # Where the column is empty nobody has changed the default.
    return _RETENTION if seconds is None else timedelta(seconds=int(seconds)) or None


def _reach_back(step: StepContext, begins: dict[str, date], first: date) -> None:
    """Move windows back to the start of runs that have ended within them.

    Dataverse tells a run once it has ended; one that began before the window then alters a day
    that was read already.
    """
    for start, group in _by_start(begins):
        if start <= first:
            continue
        midnight = f"{start}T00:00:00Z"
        ended = f"endtime ge {midnight} and starttime lt {midnight}"
        for row in _rows(step, group, ended, "starttime"):
            workflow = row["_workflow_value"].casefold()
            begins[workflow] = max(first, min(begins[workflow], _day(row["starttime"])))


def _by_start(begins: dict[str, date]) -> list[tuple[date, list[str]]]:
    groups: dict[date, list[str]] = defaultdict(list)
    for workflow, start in begins.items():
        groups[start].append(workflow)
    return sorted(groups.items())


def _rows(
    step: StepContext, workflows: Iterable[str], condition: str, columns: str
) -> Iterable[dict[str, Any]]:
    named = " or ".join(f"_workflow_value eq {workflow}" for workflow in workflows)
    pages = step.api.pages(
        "dataverse",
        f"{step.scope.api_url}/api/data/v9.2/flowruns",
        {"$select": f"{columns},_workflow_value", "$filter": f"{condition} and ({named})"},
        pager=ODataNextLink(),
        headers=headers(_PAGE),
    )
    return every(pages, _ROW, "flowruns")


def _admitted(step: StepContext, source: SourceReading, since: date) -> None:
    """Note the days on which Dataverse says itself that it could not take in every run."""
    pages = step.api.pages(
        "dataverse",
        f"{step.scope.api_url}/api/data/v9.2/flowevents",
        {
            "$select": "eventtype,createdon",
            "$filter": f"eventtype eq 'FlowRunIngestion' and createdon ge {since}T00:00:00Z",
        },
        pager=ODataNextLink(),
        headers=headers(_PAGE),
    )
    days = sorted({_day(row["createdon"]) for row in every(pages, _EVENT, "flowevents")})
    if days:
        source.falls_short(
            f"Dataverse says that it missed flow runs on {', '.join(map(str, days[:5]))}"
            f"{' and later' if len(days) > 5 else ''}; counts of these days are too low"  # noqa: PLR2004 - enough to look for the cause
        )


# --- the Flow service


def _flow_api(step: StepContext, source: SourceReading, flows: Sequence[AskedFlow]) -> None:
    named = {flow.name: flow for flow in flows if flow.name is not None}
    if len(named) < len(flows):
        source.falls_short(
            f"{len(flows) - len(named)} flows are known to Dataverse alone, which tells no runs of "
            "theirs; how often they ran is not known"
        )
    longest = min(_RETENTION, timedelta(days=step.settings.flow_runs_days))
    starts = window_starts(
        step.store,
        source.source,
        list(named.values()),
        first=_first_whole_day(step.now, longest),
        overlap=_overlap(step.settings),
    )
    today = step.now.astimezone(UTC).date()
    for batch in step.read_each(
        lambda name: _runs(step, name, starts[named[name].id]), list(named)
    ):
        days: dict[int, tuple[date, Days]] = {}
        for name, result in batch:
            if isinstance(result, NotFound):
                continue  # deleted since the flows were listed
            if isinstance(result, ApiError):
                source.falls_short(f"{name}: {result}")
                continue
            days[named[name].id] = (starts[named[name].id], result)
            source.rows += sum(sum(counts.values()) for counts in result.values())
        replace_days(step.store, source.source, days, today=today)


def _runs(step: StepContext, name: str, start: date) -> Days:
    path = (
        f"/providers/Microsoft.ProcessSimple/scopes/admin/environments/{step.scope.name}"
        f"/flows/{name}/runs"
    )
    parameters = {"api-version": "2016-11-01", "$filter": f"startTime ge {start}T00:00:00Z"}
    found: Days = defaultdict(Counter)
    pages = step.api.pages("flow", path, parameters, pager=NextLink())
    for record in every(pages, _RUN, path):
        properties = record["properties"]
        found[_day(properties["startTime"])][kind_of(properties["status"])] += 1
    return found


COLLECTOR = Collector("flow_runs", "environment", collect, after=("connectors", "flows"))
