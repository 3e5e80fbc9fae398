"""Where a document of the outside world may be asked for: allowed hosts, public addresses alone.

An address somebody else wrote (in a setting, a definition, a redirect) must lead our requests
nowhere but to the public host it names. So a host has to be allowed by name, every address its
name stands for has to be public, and the connection is made to one of the very addresses that were
looked at: a name that is resolved once more could stand for another one by then.
"""

from __future__ import annotations

import ipaddress
import queue
import socket
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from collectors.api.errors import AddressRefused, Unreachable
from connectory.upstream_settings import allowed

Resolver = Callable[[str, int, float], Sequence[str]]
"""Returns the addresses a host's name stands for, by name and port, within so many seconds."""

_HTTPS: Final = 443
_LONGEST: Final = 2_000
# What the library calls public and yet leads inside: addresses that wrap others (mapped,
# translated, tunnelled), and the address under which a large cloud answers its own machines.
_WRAPPING: Final = tuple(
    ipaddress.ip_network(network)
    for network in (
        "::ffff:0:0/96",
        "::/96",
        "64:ff9b::/96",
        "64:ff9b:1::/48",
        "2002::/16",
        "2001::/23",
        "3fff::/20",
        "192.88.99.0/24",
        "192.0.0.0/24",
        "168.63.129.16/32",
    )
)


_SIXTH: Final = 6
_UNICAST: Final = ipaddress.IPv6Network("2000::/3")
"""All that was ever given out of the newer protocol."""


@dataclass(frozen=True, slots=True)
class Target:
    """An address that may be asked.

    Attributes:
        url: It as written.
        host: Its host, case-folded.
        port: Its port.
        path: Path and query.
        addresses: What the host stands for; each was looked at.
    """

    url: str
    host: str
    port: int
    path: str
    addresses: tuple[str, ...]


def public(address: str) -> bool:
    """Tell whether an address belongs to the public Internet, and to nobody's inside.

    Args:
        address: As a resolver tells it, with or without a zone.
    """
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    if any(found in network for network in _WRAPPING if network.version == found.version):
        return False
    inside = (
        found.is_private
        or found.is_loopback
        or found.is_link_local
        or found.is_multicast
        or found.is_reserved
        or found.is_unspecified
    )
    if found.version == _SIXTH and (found.scope_id or found not in _UNICAST):
        return False
    return found.is_global and not inside


def checked(
    url: str,
    *,
    hosts: tuple[str, ...],
    ports: tuple[int, ...],
    resolve: Resolver,
    seconds: float,
) -> Target:
    """Return where an address leads, once nothing about it is amiss.

    Args:
        url: Anybody's.
        hosts: Hosts that may be asked.
        ports: Ports that may be asked.
        resolve: Tells what a name stands for.
        seconds: How long that may take.

    Raises:
        AddressRefused: It leads elsewhere; nothing was sent.
        Unreachable: The host is not known.
    """
    host, port, path = _parts(url)
    if not allowed(host, hosts) or port not in ports:
        raise AddressRefused(
            "the host or port is not allowed", url, "add it to drift.upstream if it is to be asked"
        )
    addresses = tuple(dict.fromkeys(resolve(host, port, seconds)))
    if not addresses:
        raise Unreachable("the host is not known", url, "check its name")
    inside = [address for address in addresses if not public(address)]
    if inside:
        raise AddressRefused(
            f"its host stands for an address that is not public ({inside[0][:64]})",
            url,
            "nothing was sent; documents of inner hosts cannot be read",
        )
    return Target(url, host, port, path, addresses)


def _parts(url: str) -> tuple[str, int, str]:
    """Return host, port, and path with query of a plain https address.

    Raises:
        AddressRefused: It is none: readers of crooked addresses disagree about where they lead.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    plain = (
        parts.scheme == "https"
        and url.isascii()
        and url.isprintable()
        and not {" ", "\\"} & set(url)
        and "@" not in parts.netloc
        and len(url) <= _LONGEST
    )
    host = (parts.hostname or "").casefold()
    if not plain or not host:
        raise AddressRefused("not a plain https address", url, "nothing was sent there")
    path = parts.path or "/"
    return host, port or _HTTPS, f"{path}?{parts.query}" if parts.query else path


def _looked_up(host: str, port: int) -> Sequence[str]:
    return [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def system_addresses(
    host: str,
    port: int,
    seconds: float,
    look_up: Callable[[str, int], Sequence[str]] = _looked_up,
) -> Sequence[str]:
    """Return what this machine's own resolver tells.

    Args:
        host: The name.
        port: Where the host will be asked.
        seconds: How long to wait for it.
        look_up: The resolver, which cannot be told how long to try.

    Raises:
        Unreachable: It knows no such host, or takes longer.
    """
    told: queue.SimpleQueue[Sequence[str] | OSError] = queue.SimpleQueue()

    def ask() -> None:
        try:
            told.put(look_up(host, port))
        except (OSError, UnicodeError) as error:
            told.put(error if isinstance(error, OSError) else OSError(str(error)))

    # Whoever takes longer is left alone.
    threading.Thread(target=ask, daemon=True, name="resolve").start()
    try:
        answer = told.get(timeout=max(seconds, 0.0))
    except queue.Empty:
        raise Unreachable("no answer in time from the resolver", host, "check the network") from None  # fmt: skip
    if isinstance(answer, OSError):
        raise Unreachable("the host is not known", host, "check its name") from answer
    return answer
