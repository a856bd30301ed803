"""The function platform on this machine: packages as they are deployed, in processes that can import nothing else.

- `platform`: `Scf`, which COS notifies and the gateway asks.
- `api`, `descriptions`: its management calls, as a provider or a user makes them.
- `deployed`, `function`, `triggers`, `packages`: what is deployed, checked as the documents say.
- `delivery`: the asynchronous queue with its retries, and the disorder that tests ask for.
- `instances`, `worker`, `bootstrap`: running a function, from the platform's lines down to the process.
- `fronts`, `integration`: HTTP requests as events, and what functions return as responses.
- `outcome`, `logs`: what became of it.
"""

from infra.local.scf.api import HOST
from infra.local.scf.delivery import Chaos
from infra.local.scf.fronts import URL_HOSTS, FunctionUrls
from infra.local.scf.logs import LogLine
from infra.local.scf.outcome import Invocation, Outcome
from infra.local.scf.platform import Scf

__all__ = ["HOST", "URL_HOSTS", "Chaos", "FunctionUrls", "Invocation", "LogLine", "Outcome", "Scf"]
