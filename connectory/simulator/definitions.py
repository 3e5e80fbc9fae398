"""Where the tenant's connectors come from: blueprints, read from a folder or invented.

Documents that cannot be read are kept byte for byte; real tenants hold such documents too.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from connectory.simulator.invented import invent
from connectory.simulator.openapi import Blueprint, backend_of, operations_of, parse
from connectory.simulator.state import Json

INVENTED_POOL: Final = 360
PLAIN_COLOR: Final = "#007ee5"


def load_pool(directory: Path | None, seed: int) -> list[Blueprint]:
    """Return the blueprints a tenant is made from, always in the same order.

    With a directory, each sub-folder holds `apiDefinition.swagger.json` and optionally
    `apiProperties.json`; without one, the definitions are invented from `seed`.

    Raises:
        FileNotFoundError: the directory holds no connector definition.
    """
    if directory is None:
        return list(_invented(seed))
    folders = sorted(directory.glob("*/apiDefinition.swagger.json"))
    if not folders:
        raise FileNotFoundError(f"{directory}: no sub-folder has an apiDefinition.swagger.json")
    return [_read(path.parent) for path in folders]


@lru_cache(maxsize=4)
def _invented(seed: int) -> tuple[Blueprint, ...]:
    """Return the invented blueprints of a seed, made once; tenants do not change blueprints."""
    return tuple(invent(index, seed) for index in range(INVENTED_POOL))


def _read(folder: Path) -> Blueprint:
    content = (folder / "apiDefinition.swagger.json").read_bytes()
    document = parse(content)
    info = _object(_object(document).get("info"))
    title = info.get("title")
    properties_file = folder / "apiProperties.json"
    properties = _object(
        _object(parse(properties_file.read_bytes())).get("properties")
        if properties_file.exists()
        else None
    )
    scripts = [name for name in _list(properties.get("scriptOperations")) if isinstance(name, str)]
    color = properties.get("iconBrandColor")
    return Blueprint(
        key=folder.name,
        title=title.strip() if isinstance(title, str) and title.strip() else _spoken(folder.name),
        description=info["description"] if isinstance(info.get("description"), str) else None,
        content=content,
        operations=operations_of(document),
        backend_url=backend_of(document),
        brand_color=color if isinstance(color, str) else PLAIN_COLOR,
        connection_parameters=_object(properties.get("connectionParameters")),
        connection_parameter_sets=_object(properties.get("connectionParameterSets")) or None,
        policies=[
            policy
            for policy in _list(properties.get("policyTemplateInstances"))
            if isinstance(policy, dict)
        ],
        script_operations=scripts,
        has_script=bool(scripts) or (folder / "script.csx").exists(),
    )


def _object(value: Any) -> Json:
    return dict(value) if isinstance(value, Mapping) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _spoken(folder: str) -> str:
    """Turn a folder's name such as `c-order-hub` into words."""
    return re.sub(r"^[a-z]-", "", folder).replace("-", " ").strip().title() or folder
