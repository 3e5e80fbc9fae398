"""On-premises data gateways, as the Power BI service lists them."""

from __future__ import annotations

import base64
import hashlib
import json
import re

from connectory.simulator.governance import Gateway
from connectory.simulator.wire.exchange import Json, Reply, Request, error
from connectory.simulator.wire.world import World

_GATEWAYS = re.compile(r"/v1\.0/myorg/gateways(?:/([^/]+))?/?", re.IGNORECASE)


def answer(world: World, request: Request) -> Reply:
    """Answer a request about gateways."""
    match = _GATEWAYS.fullmatch(request.path)
    if match is None:
        return error(404, "NotFound", f"No resource at {request.path}.")
    gateways = world.tenant.governance.gateways
    if match[1] is None:
        return Reply(200, {"value": [_record(one) for one in gateways]})
    found = next((one for one in gateways if one.id == match[1].casefold()), None)
    if found is None:
        return error(404, "DMTS_CanNotFindGatewayClusterError", "There is no such gateway.")
    return Reply(200, _record(found))


def _record(gateway: Gateway) -> Json:
    """Return a gateway; what its members are is told as a text of JSON inside the JSON."""
    modulus = base64.b64encode(hashlib.sha512(gateway.id.encode()).digest() * 4).decode()
    annotation = {
        "gatewayContactInformation": ["platform@gateways.example"],
        "gatewayVersion": "3000.274.4",
        "gatewayMachine": gateway.machine,
    }
    return {
        "id": gateway.id,
        "gatewayId": 0,
        "name": gateway.name,
        "type": "Resource",
        "publicKey": {"exponent": "AQAB", "modulus": modulus},
        "gatewayAnnotation": json.dumps(annotation),
    }
