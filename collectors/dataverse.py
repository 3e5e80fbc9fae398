"""What all reads of Dataverse share: headers, and whom its owner ids really mean.

A row of Dataverse is owned by a *system user*, whose id is the database's own. Everything else in
the tenant knows people by their Entra object id, which the system user carries.
"""

from __future__ import annotations

from collections.abc import Iterable

from collectors.api.paging import ODataNextLink
from collectors.contract import StepContext
from collectors.records import Shape, every

NO_DATAVERSE = "this environment has no Dataverse database"
_AT_ONCE = 40


def headers(page_size: int) -> dict[str, str]:
    """Return the headers of a read.

    Args:
        page_size: Rows a page; columns that hold documents want few.
    """
    return {
        "Accept": "application/json",
        "OData-Version": "4.0",
        "OData-MaxVersion": "4.0",
        "Prefer": f"odata.maxpagesize={page_size}",
    }


class Owners:
    """Object ids of the owners of rows, looked up as they appear.

    Args:
        step: The step that reads rows of one environment.
    """

    def __init__(self, step: StepContext) -> None:
        self._step = step
        self._known = step.owners

    def look_up(self, ids: Iterable[str | None]) -> None:
        """Learn whom these ids mean, in as few requests as the length of an address allows.

        Raises:
            ApiError: Dataverse could not be asked.
        """
        fresh = sorted({one.casefold() for one in ids if one} - self._known.keys())
        for start in range(0, len(fresh), _AT_ONCE):
            some = fresh[start : start + _AT_ONCE]
            found = dict(zip(some, some, strict=True))
            pages = self._step.api.pages(
                "dataverse",
                f"{self._step.scope.api_url}/api/data/v9.2/systemusers",
                {
                    "$select": "systemuserid,azureactivedirectoryobjectid",
                    "$filter": " or ".join(f"systemuserid eq {one}" for one in some),
                },
                pager=ODataNextLink(),
                headers=headers(_AT_ONCE),
            )
            for record in every(pages, Shape(texts=("systemuserid",)), "systemusers"):
                person = record.get("azureactivedirectoryobjectid")
                if person:
                    found[record["systemuserid"].casefold()] = person.casefold()
            self._known.update(found)

    def person(self, owner: str | None) -> str | None:
        """Return the object id behind an owner; the id itself where a team owns the row."""
        return self._known.get(owner.casefold(), owner.casefold()) if owner else None
