"""CLS, the log service, version 2020-10-16: log sets, their topics with an index each, and functions' lines in them.

A function whose ClsTopicId is set has its lines arrive here (`Cls.take`), as the fields that SCF writes (`records`).
What can be searched for is decided by the index (`indexes`) that was in force when a line arrived; how it is asked for
is in `query` and `searching`. Log sets and topics are managed in `sets` and `topics`. Alarms on topics are kept and
told (`alarms`, `watches`), and never raised.

Not here: other regions, metric topics, uploads by anybody else, SQL, shipping, notices of CLS's own.
"""

from infra.local.cls.service import service
from infra.local.cls.store import Cls

__all__ = ["Cls", "service"]
