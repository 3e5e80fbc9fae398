"""The national clouds: the same services under other names, or not at all.

Hosts and scopes of the clouds outside the commercial one come from public clients that disagree in
places (docs/permissions.md lists where). What stands here is a default; ``http.hosts``,
``http.scopes`` and ``http.host_suffixes`` replace any of it. A service without a host here is not
offered in that cloud, and what it would have told is a stated gap.
"""

from __future__ import annotations

from collections.abc import Mapping

from collectors.api.hosts import COMMERCIAL, Cloud, below


def _cloud(
    login: str, hosts: Mapping[str, str], scopes: Mapping[str, str], *, data: str, blob: str
) -> Cloud:
    """Return a cloud whose services answer, besides at their host, at regional names below it.

    Args:
        login: Host of the sign-in service.
        hosts: Host by service.
        scopes: Resource by service, where it is not the host itself.
        data: What the names of Dataverse databases end in.
        blob: What the names of storage accounts end in.
    """
    regional = ("bap", "powerapps", "flow", "powerplatform")
    resources = {family: f"https://{host}" for family, host in hosts.items()} | dict(scopes)
    return Cloud(
        login=f"https://{login}",
        hosts={family: f"https://{host}" for family, host in hosts.items()},
        scopes={
            **{family: f"{resource}/.default" for family, resource in resources.items()},
            "dataverse": "{origin}/.default",
        },
        patterns={
            **{family: below(hosts[family]) for family in regional},
            "dataverse": below(data),
            "blob": below(blob),
        },
    )


GCC_HIGH = _cloud(
    "login.microsoftonline.us",
    {
        "bap": "high.api.bap.microsoft.us",
        "powerapps": "high.api.powerapps.us",
        "flow": "high.api.flow.microsoft.us",
        "powerplatform": "api.high.powerplatform.microsoft.us",
        "graph": "graph.microsoft.us",
        "activity": "manage.office365.us",
        "loganalytics": "api.loganalytics.us",
        "appinsights": "api.applicationinsights.us",
    },
    {
        # Another public client asks for https://high.service.apps.appsplatform.us here.
        "bap": "https://high.service.powerapps.us",
        "powerapps": "https://high.service.powerapps.us",
        "flow": "https://high.service.flow.microsoft.us",
    },
    data="crm.microsoftdynamics.us",
    blob="blob.core.usgovcloudapi.net",
)

DOD = _cloud(
    "login.microsoftonline.us",
    {
        "bap": "api.bap.appsplatform.us",
        "powerapps": "api.apps.appsplatform.us",
        "flow": "api.flow.appsplatform.us",
        "powerplatform": "api.appsplatform.us",
        "graph": "dod-graph.microsoft.us",
        "activity": "manage.protection.apps.mil",
        "loganalytics": "api.loganalytics.us",
        "appinsights": "api.applicationinsights.us",
    },
    {
        "bap": "https://service.apps.appsplatform.us",
        "powerapps": "https://service.apps.appsplatform.us",
        "flow": "https://service.flow.appsplatform.us",
    },
    data="crm.appsplatform.us",
    blob="blob.core.usgovcloudapi.net",
)

CHINA = _cloud(
    # The older name of this sign-in service is login.chinacloudapi.cn.
    "login.partner.microsoftonline.cn",
    {
        "bap": "api.bap.partner.microsoftonline.cn",
        "powerapps": "api.powerapps.cn",
        "flow": "api.powerautomate.cn",
        "powerplatform": "api.powerplatform.partner.microsoftonline.cn",
        "graph": "microsoftgraph.chinacloudapi.cn",
        "loganalytics": "api.loganalytics.azure.cn",
        "appinsights": "api.applicationinsights.azure.cn",
    },
    {
        "bap": "https://service.powerapps.cn",
        "powerapps": "https://service.powerapps.cn",
        "flow": "https://service.powerautomate.cn",
    },
    data="crm.dynamics.cn",
    blob="blob.core.chinacloudapi.cn",
)

# Signs in and keeps its directory, its databases and its storage in the commercial cloud.
GCC = _cloud(
    "login.microsoftonline.com",
    {
        "bap": "gov.api.bap.microsoft.us",
        "powerapps": "gov.api.powerapps.us",
        "flow": "gov.api.flow.microsoft.us",
        "powerplatform": "api.gov.powerplatform.microsoft.us",
        "graph": "graph.microsoft.com",
        "activity": "manage-gcc.office.com",
        "loganalytics": "api.loganalytics.azure.com",
        "appinsights": "api.applicationinsights.io",
    },
    {
        # Another public client asks for https://service.powerapps.us here.
        "bap": "https://gov.service.powerapps.us",
        "powerapps": "https://gov.service.powerapps.us",
        "flow": "https://gov.service.flow.microsoft.us",
        "loganalytics": "https://api.loganalytics.io",
    },
    data="crm9.dynamics.com",
    blob="blob.core.windows.net",
)

CLOUDS: Mapping[str, Cloud] = {
    "commercial": COMMERCIAL,
    "gcc": GCC,
    "gcc_high": GCC_HIGH,
    "dod": DOD,
    "china": CHINA,
}
