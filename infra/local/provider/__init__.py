"""What the Pulumi provider would ask of the cloud for each resource: the management calls, really made.

A resource arrives by its type and its inputs, as the program registered them. It becomes the calls that the provider
makes when it creates one, in its order and with its mapping of arguments, signed with the account's key. Two things
differ: the provider signs some of COS's calls in S3's way, and it reads more back. Documents: the provider's own
resources of those names, and the APIs of CAM 2019-01-16, SCF 2018-04-16, CLS 2020-10-16, Cloud Monitor 2018-07-24, COS
and Cloud Infinite.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from infra.local.cam import Identity
from infra.local.provider import access, functions, storage, watching
from infra.local.provider.calls import Calls, Inputs, State

__all__ = ["Inputs", "NotProvisionable", "Provider", "State"]

Create = Callable[[Calls, Inputs], tuple[str, State]]

CREATES: Mapping[str, Create] = {
    f"tencentcloud:index/{name[0].lower()}{name[1:]}:{name}": create
    for part in (access, storage, functions, watching)
    for name, create in part.CREATES.items()
}


class NotProvisionable(Exception):
    """The program registered a resource that this module cannot turn into calls."""


class Provider:
    """Creates resources in one region, through the proxy `endpoint`, as the account `owner`."""

    def __init__(self, endpoint: str, owner: Identity, region: str) -> None:
        self._calls = Calls(endpoint, owner, region)

    def create(self, kind: str, inputs: Inputs) -> tuple[str, State]:
        """Create a resource of the type `kind`; its id, and what the provider computes for it.

        Raises `NotProvisionable` for a type or an input that is not known here, and the SDKs' own exceptions for what
        the cloud refuses.
        """
        create = CREATES.get(kind)
        if create is None:
            raise NotProvisionable(f"The local cloud cannot make a {kind}: add its calls to infra/local/provider/.")
        remaining = {name: value for name, value in inputs.items() if value is not None}
        made = create(self._calls, remaining)
        if remaining:
            raise NotProvisionable(f"The local cloud does not know what {kind} does with {', '.join(remaining)}.")
        return made

    def read(self, kind: str, identifier: str) -> State:
        """Look at a resource that is there already; raises `NotProvisionable`, and what the cloud answers."""
        if not kind.endswith(":CosBucket"):
            raise NotProvisionable(f"The local cloud cannot look at a {kind}: add its calls to infra/local/provider/.")
        return storage.seen(self._calls, identifier)

    def guard(self, accounts: list[str]) -> None:
        """Ask whose the credentials are, where only some accounts are allowed; raises `NotProvisionable`."""
        if accounts and (account := self._calls.sts("GetCallerIdentity")["AccountId"]) not in accounts:
            raise NotProvisionable(f"These are credentials of the account {account}, which this stack is not for.")
