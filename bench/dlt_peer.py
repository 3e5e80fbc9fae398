"""The peer of `bench/ingest.py`: the same events kept with dlt, in a process and venv of its own.

Started by `bench/ingest.py`, never by itself. Reads the pages with dlt's REST source and merges
them by day, source and event id into the database that is named, with dlt's own settings. Prints
the seconds that took, without starting up, and how many rows there are then.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from typing import Any


def main() -> None:
    """Load all pages once and say how long it took."""
    address, url, pages = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        os.environ["DLT_DATA_DIR"] = folder
        os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
        os.environ["RUNTIME__LOG_LEVEL"] = "ERROR"
        load(address, url, int(pages), folder)


def load(address: str, url: str, pages: int, folder: str) -> None:
    """Run dlt's pipeline."""
    import dlt  # noqa: PLC0415 - it reads its settings when it is imported
    from dlt.sources.rest_api import rest_api_source  # noqa: PLC0415

    source: Any = rest_api_source(
        {
            "client": {
                "base_url": address,
                "paginator": {
                    "type": "page_number",
                    "base_page": 0,
                    "maximum_page": pages,
                    "total_path": None,
                },
            },
            "resources": [
                {
                    "name": "calls",
                    "endpoint": {"path": "events", "data_selector": "$"},
                    "write_disposition": "merge",
                    "primary_key": ["day", "source", "event"],
                }
            ],
        }
    )
    kind = "sqlalchemy" if url.startswith("sqlite") else "postgres"
    pipeline = dlt.pipeline(
        "peer",
        pipelines_dir=folder,
        destination=getattr(dlt.destinations, kind)(url),
        dataset_name="peer",
    )
    begun = time.perf_counter()
    pipeline.run(source)
    seconds = time.perf_counter() - begun
    with pipeline.sql_client() as client:
        rows = client.execute_sql("SELECT count(*) FROM calls")
    print(seconds, (rows or [[0]])[0][0])


if __name__ == "__main__":
    main()
