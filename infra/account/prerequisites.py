"""What must be so in an account before anything is asked of it: it is the right one, and SCF may work in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from infra.account.clients import Clients, Refused
from infra.settings import stackfile
from infra.settings.stackfile import Unready

ROLE: Final = "SCF_QcsRole"
"""The role with which SCF itself reads packages, binds COS triggers and writes logs (583/31444)."""


def right_account(config: Mapping[str, Any], clients: Clients) -> None:
    """See whose the credentials are; raises `Unready` if the stack is for another account.

    The provider looks too, but not for what is done around it.
    """
    allowed = stackfile.accounts(config)
    account = str(clients.ask("sts", "GetCallerIdentity").get("AccountId"))
    if allowed and account not in allowed:
        raise Unready(
            f"The credentials are of the account {account}, and the stack is for {' or '.join(allowed)}: export that "
            f"account's, or change tencentcloud:allowedAccountIds."
        )


def scf_opened(clients: Clients) -> None:
    """See that SCF has its role in the account; raises `Unready`."""
    try:
        clients.ask("cam", "GetRole", RoleName=ROLE)
    except Refused as refused:
        if not refused.code.endswith("RoleNotExist"):
            raise
        raise Unready(
            f"The account has no role {ROLE}, without which SCF can neither read a package nor bind a trigger: open "
            "https://console.cloud.tencent.com/scf once, as somebody who may grant what it asks for."
        ) from None
