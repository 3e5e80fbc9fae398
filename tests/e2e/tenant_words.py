"""Words that a tenant could contain in order to be more than words on a page."""

from __future__ import annotations

from factories_asking import SENDING
from sqlalchemy import Engine, update

import models
from connectory.database import writing

ELSEWHERE = "elsewhere.example"
NAME = (
    f"![seen](https://{ELSEWHERE}/p.png) <img src=https://{ELSEWHERE}/i.png onerror=window.told=1>"
    " **bold** :material/bomb: :red[red] $x^2$"
)
PERSON = f"[Ada](https://{ELSEWHERE}/a) www.{ELSEWHERE} <script>window.told=1</script>"
PLACE = f"<a href=https://{ELSEWHERE}/e>Finance</a> `code` https://{ELSEWHERE}/env"
PROSE = f"# Title\n\n| a | b |\n|---|---|\n\n![x](//{ELSEWHERE}/d.png) javascript:alert(1) ada@{ELSEWHERE}"


BAIT = "/healthz?bait="
MESSAGE = f"""<!doctype html><html lang="de"><head>
<meta http-equiv="refresh" content="0;url={BAIT}refresh">
<style>@import url({BAIT}import); body{{background:url({BAIT}background);font-family:X}}
@font-face{{font-family:X;src:url({BAIT}font)}}</style>
<link rel="stylesheet" href="{BAIT}sheet"><link rel="prefetch" href="{BAIT}prefetch">
<link rel="preload" as="image" href="{BAIT}preload"><link rel="icon" href="{BAIT}icon">
<script>top.told = 1; fetch("{BAIT}script")</script><script src="{BAIT}source"></script></head>
<body onload="top.told = 1"><p>Only words</p><img src="{BAIT}image" onerror="top.told = 1">
<img src="https://{ELSEWHERE}/pixel.png"><iframe src="{BAIT}frame"></iframe>
<object data="{BAIT}object"></object><embed src="{BAIT}embed">
<video src="{BAIT}video" poster="{BAIT}poster" autoplay></video>
<svg><image href="{BAIT}drawing"/></svg>
<form action="{BAIT}form"><button>Send</button></form>
<a href="{BAIT}link" ping="{BAIT}ping">Answer</a></body></html>"""
"""A message that tries all it can to be more than words; each attempt asks for its own address."""


def make_hostile(engine: Engine) -> None:
    """Give people, places and things in a store of ``factories`` hostile names."""
    with writing(engine) as connection:
        for model, values in (
            (models.ConnectorVersion, {"description": PROSE, "publisher": PERSON}),
            (models.EnvironmentVersion, {"display_name": PLACE}),
            (models.PrincipalVersion, {"display_name": PERSON}),
            (models.ConnectionVersion, {"display_name": NAME, "account_name": PERSON}),
            (models.FlowVersion, {"display_name": NAME}),
            (models.AppVersion, {"display_name": NAME}),
            (models.ConnectionReferenceVersion, {"display_name": NAME}),
        ):
            connection.execute(update(model).values(**values))
        connection.execute(
            update(models.ConnectorVersion)
            .where(models.ConnectorVersion.connector_id.in_([1, 3]))
            .values(display_name=NAME)
        )
        connection.execute(update(models.Step).values(reason=PROSE))
        connection.execute(update(models.StepSource).values(reason=PROSE))
        connection.execute(
            update(models.Run).where(models.Run.reason.is_not(None)).values(reason=PROSE)
        )
        for model, values in (
            (models.Campaign, {"name": NAME, "purpose": PROSE, "opened_by": PERSON}),
            (models.AttestationRequest, {"asked_name": PERSON, "reason": PROSE}),
            (models.RetirementPlan, {"planned_by": PERSON}),
            (models.OutboxMessage, {"subject": NAME, "recipient_name": PERSON, "reason": PROSE}),
            (models.OutboxEvent, {"told": PROSE, "actor": PERSON}),
        ):
            connection.execute(update(model).values(**values))
        connection.execute(
            update(models.OutboxContent)
            .where(models.OutboxContent.outbox_id == SENDING)
            .values(html=MESSAGE, text=PROSE)
        )
