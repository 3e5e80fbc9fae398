"""The first settings file: the documented example with some values filled in."""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

from connectory.config import ConfigError, parse_settings

_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def refuse_overwriting(place: Path) -> None:
    """Make sure that nothing stands where the file is to be.

    Raises:
        ConfigError: Something does.
    """
    if os.path.lexists(place):
        raise ConfigError(f"there is one already; {place}; change it, or name another --output")


def write(place: Path, values: Mapping[str, str]) -> None:
    """Write the example with these values, readable by its owner alone.

    Args:
        place: Where to; never overwritten.
        values: Text values by section and key, e.g. ``tenant.id``.

    Raises:
        ConfigError: A value is wrong, or the file cannot be written.
    """
    text = filled(example(), values)
    parse_settings(tomllib.loads(text), place)
    refuse_overwriting(place)
    try:
        with os.fdopen(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(text)
    except OSError as error:
        raise ConfigError(
            f"cannot be written: {error.strerror}; {place}; name another --output"
        ) from error


def example() -> str:
    """Return the text of config.example.toml: the one in the wheel, else the checkout's."""
    here = Path(__file__).resolve().parent
    name = "config.example.toml"
    place = next(folder / name for folder in (here, here.parent) if (folder / name).is_file())
    return place.read_text(encoding="utf-8")


def filled(text: str, values: Mapping[str, str]) -> str:
    """Return a settings text with the values of some keys replaced.

    Raises:
        ConfigError: The tenant id is no GUID.
    """
    if "tenant.id" in values and not _GUID.fullmatch(values["tenant.id"]):
        raise ConfigError("not a tenant id; --tenant; write the GUID, not the domain")
    section, lines = "", []
    for line in text.splitlines():
        if heading := re.fullmatch(r"\[(\w+)\]", line):
            section = heading[1]
        key = re.match(r"(\w+) = ", line)
        named = f"{section}.{key[1]}" if key else ""
        # A string of JSON is one of TOML, too.
        lines.append(f"{key[1]} = {json.dumps(values[named])}" if key and named in values else line)
    return "\n".join(lines) + "\n"
