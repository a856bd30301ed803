"""Cloud Monitor, version 2018-07-24: alarm policies on functions, the notices that they send, what they watch.

Kept and told, as the Pulumi provider and a user ask for them (`policies`, `notices`, `objects`), with the checks that a
policy on functions has to pass (`conditions`). Nothing is measured and nothing is evaluated: no alarm is ever raised,
and no notice ever sent.
"""

from infra.local.monitor.service import service
from infra.local.monitor.store import Alarms

__all__ = ["Alarms", "service"]
