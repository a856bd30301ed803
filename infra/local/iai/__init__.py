"""IAI, Tencent's face service, on this machine: `Iai` answers for iai.tencentcloudapi.com.

A request passes through `service` (signature, version, region, permission), which reads its parameters by the model
of its action and calls the one function that answers it. Those functions stand in `analysis` (what is in a picture),
`enrolment` (faces into the library), `people` (the library itself) and `searching`. To add an action, write its model
and its function there, and register the function with `@action`.
"""

from infra.local.iai.download import Download
from infra.local.iai.outside import Outside
from infra.local.iai.service import HOST, Iai

__all__ = ["HOST", "Download", "Iai", "Outside"]
