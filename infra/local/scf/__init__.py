"""The function platform on this machine: packages as they are deployed, in processes that can import nothing else.

- `platform`: `Scf`, which COS notifies and the gateway asks.
- `api`, `parameters`, `descriptions`, `invoking`: its management calls, as a provider or a user makes them.
- `deployed`, `function`, `triggers`, `packages`: what is deployed, checked as the documents say.
- `quotas`: how much of it may run at the same moment.
- `delivery`: the asynchronous queue with its retries, and the disorder that tests ask for.
- `instances`, `worker`, `bootstrap`: running a function, from the platform's lines down to the process.
- `urls`, `apigateway`, `integration`: HTTP requests as events, and what functions return as responses.
- `outcome`, `logs`: what became of it.
"""

from infra.local.scf.api import HOST
from infra.local.scf.apigateway import HOSTS as GATEWAY_HOSTS
from infra.local.scf.apigateway import ApiGateways
from infra.local.scf.delivery import Chaos
from infra.local.scf.logs import LogLine
from infra.local.scf.outcome import Invocation, Outcome
from infra.local.scf.platform import Scf
from infra.local.scf.urls import HOSTS as URL_HOSTS
from infra.local.scf.urls import FunctionUrls

__all__ = [
    "GATEWAY_HOSTS",
    "HOST",
    "URL_HOSTS",
    "ApiGateways",
    "Chaos",
    "FunctionUrls",
    "Invocation",
    "LogLine",
    "Outcome",
    "Scf",
]
