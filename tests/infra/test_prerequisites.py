"""What an account needs is looked at before anything is asked of it, and told in one sentence."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

import pytest
from qcloud_cos import CosClientError

from infra.account import prerequisites
from infra.account.clients import Clients, Refused, said
from infra.local.cloud import REGION, LocalCloud
from infra.settings.permissions import trust
from infra.settings.stackfile import Unready


@pytest.fixture
def empty() -> Iterator[LocalCloud]:
    """An account with nothing in it."""
    with LocalCloud(engine=cast("Any", object())) as cloud:
        yield cloud


def environment(cloud: LocalCloud) -> dict[str, str]:
    owner = cloud.cam.owner
    return {
        "TENCENTCLOUD_SECRET_ID": owner.secret_id,
        "TENCENTCLOUD_SECRET_KEY": owner.secret_key,
        "FACESTAMP_ENDPOINT": cloud.endpoint,
    }


@pytest.mark.parametrize("allowed", [["100000000001"], [100000000001, "7"], '["100000000001"]', [], None])
def test_the_account_that_the_stack_names_is_right(empty: LocalCloud, allowed: Any) -> None:
    config = {"tencentcloud:allowedAccountIds": allowed}
    prerequisites.right_account(config, Clients(REGION, environment(empty)))
    assert [call.action for call in empty.journal.calls()] == ["GetCallerIdentity"]


def test_another_account_is_refused(empty: LocalCloud) -> None:
    config = {"tencentcloud:allowedAccountIds": ["100000000002"]}
    with pytest.raises(Unready, match="are of the account 100000000001, and the stack is for 100000000002: export"):
        prerequisites.right_account(config, Clients(REGION, environment(empty)))


def test_scf_must_have_its_role(empty: LocalCloud) -> None:
    clients = Clients(REGION, environment(empty))
    with pytest.raises(Unready, match=r"no role SCF_QcsRole, .* open https://console\.cloud\.tencent\.com/scf once"):
        prerequisites.scf_opened(clients)

    empty.cam.create_role("SCF_QcsRole", trust())

    prerequisites.scf_opened(clients)


def test_who_may_not_ask_is_told_what_is_refused(empty: LocalCloud) -> None:
    empty.cam.create_role("nobody", trust())
    who = empty.cam.assume("nobody", "worker", "invocation")
    given = {
        "TENCENTCLOUD_SECRET_ID": who.secret_id,
        "TENCENTCLOUD_SECRET_KEY": who.secret_key,
        "TENCENTCLOUD_SECURITY_TOKEN": who.token,
        "FACESTAMP_ENDPOINT": empty.endpoint,
    }
    with pytest.raises(Refused, match=r"CAM refuses: AuthFailure\.UnauthorizedOperation: "):
        prerequisites.scf_opened(Clients(REGION, given))


def test_a_network_that_does_not_answer_is_one_sentence() -> None:
    nowhere = {
        "TENCENTCLOUD_SECRET_ID": "id",
        "TENCENTCLOUD_SECRET_KEY": "key",
        "FACESTAMP_ENDPOINT": "http://127.0.0.1:1",
    }
    with pytest.raises(Refused, match=r"^STS cannot be reached: "):
        prerequisites.right_account({}, Clients(REGION, nowhere))
    unheard = said(CosClientError("HTTPConnectionPool(host='127.0.0.1', port=1):\n Max retries exceeded " * 20))
    assert unheard.startswith("COS cannot be reached: HTTPConnectionPool")
    assert "\n" not in unheard
    assert len(unheard) < 400
