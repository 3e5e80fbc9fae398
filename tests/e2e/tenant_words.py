"""Words that a tenant could contain in order to be more than words on a page."""

from __future__ import annotations

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
