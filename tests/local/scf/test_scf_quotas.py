"""Reserved quotas: as they are put and told, and what they do to those who are invoked."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from infra.local.scf import Scf
from infra.local.scf.function import Function
from infra.local.scf.quotas import Quotas
from tests.local.scf.small import Ask, Deploy, refused

QUICK = "def main_handler(event, context):\n    return 'ran'\n"


@pytest.mark.behaviour(
    service="scf",
    what="PutReservedConcurrencyConfig gives a function a quota in MB, Get tells it (null without one), Delete takes it"
    " back; a quota of 0 stops the function with 432",
    standing="documented",
    source="SCF 583/49313, 583/51247, 583/51249",
)
def test_a_reserved_quota_is_put_told_and_taken_back(ask: Ask, scf: Scf, deploy: Deploy) -> None:
    deploy(QUICK)
    assert ask("GetReservedConcurrencyConfig", FunctionName="stamp")["ReservedMem"] is None

    ask("PutReservedConcurrencyConfig", FunctionName="stamp", Namespace="default", ReservedConcurrencyMem=0)
    assert ask("GetReservedConcurrencyConfig", FunctionName="stamp")["ReservedMem"] == 0
    assert scf.invoke("stamp", {})[1].status == 432

    ask("PutReservedConcurrencyConfig", FunctionName="stamp", ReservedConcurrencyMem=256)
    assert ask("GetReservedConcurrencyConfig", FunctionName="stamp")["ReservedMem"] == 256
    assert scf.invoke("stamp", {})[1].ok

    ask("DeleteReservedConcurrencyConfig", FunctionName="stamp")
    assert ask("GetReservedConcurrencyConfig", FunctionName="stamp")["ReservedMem"] is None


def test_a_quota_goes_with_its_function(ask: Ask, scf: Scf, deploy: Deploy) -> None:
    deploy(QUICK)
    ask("PutReservedConcurrencyConfig", FunctionName="stamp", ReservedConcurrencyMem=0)
    ask("DeleteFunction", FunctionName="stamp")
    deploy(QUICK)
    assert scf.invoke("stamp", {})[1].ok


@pytest.mark.behaviour(
    service="scf",
    what="All reserved quotas together leave 12,800 of the account's 128,000 MB:"
    " LimitExceeded.FunctionReservedConcurrencyMemory",
    standing="documented",
    source="SCF 583/49313, 583/11637",
)
def test_not_everything_can_be_reserved(ask: Ask, deploy: Deploy) -> None:
    deploy(QUICK, "one")
    deploy(QUICK, "other")
    ask("PutReservedConcurrencyConfig", FunctionName="one", ReservedConcurrencyMem=100_000)
    code = refused(ask, "PutReservedConcurrencyConfig", FunctionName="other", ReservedConcurrencyMem=15_201)
    assert code == "LimitExceeded.FunctionReservedConcurrencyMemory"
    ask("PutReservedConcurrencyConfig", FunctionName="other", ReservedConcurrencyMem=15_200)
    ask("PutReservedConcurrencyConfig", FunctionName="one", ReservedConcurrencyMem=128)
    ask("PutReservedConcurrencyConfig", FunctionName="other", ReservedConcurrencyMem=115_072)


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({"FunctionName": "nobody", "ReservedConcurrencyMem": 128}, "ResourceNotFound.Function"),
        ({"FunctionName": "stamp"}, "MissingParameter"),
        ({"FunctionName": "stamp", "ReservedConcurrencyMem": -1}, "InvalidParameterValue"),
        ({"FunctionName": "stamp", "ReservedConcurrencyMem": "128"}, "InvalidParameterValue"),
    ],
)
def test_quotas_that_cannot_be(ask: Ask, deploy: Deploy, parameters: dict[str, object], code: str) -> None:
    deploy(QUICK)
    assert refused(ask, "PutReservedConcurrencyConfig", **parameters) == code


@pytest.mark.behaviour(
    service="scf",
    what="Functions without a reserved quota share what nobody has reserved; beyond it they meet 432",
    standing="documented",
    source="SCF 583/49313",
)
def test_the_others_share_what_is_left() -> None:
    quotas = Quotas("ap-guangzhou")
    quotas.reserve("own", 115_200)
    large = [Function(f"f{number}", memory=3072) for number in range(5)]
    assert [quotas.enter(function) == "" for function in large] == [True, True, True, True, False]
    assert quotas.enter(Function("own", memory=3072)) == ""
    quotas.leave(large[0])
    assert quotas.enter(large[4]) == ""
    assert Quotas("eu-frankfurt").total == 64_000


def test_an_invocation_that_is_over_makes_room(ask: Ask, scf: Scf, deploy: Deploy, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    deploy("def main_handler(event, context):\n    event and open(event).read()\n", Timeout=60)
    ask("PutReservedConcurrencyConfig", FunctionName="stamp", ReservedConcurrencyMem=128)
    thread = threading.Thread(target=scf.invoke, args=("stamp", str(gate)))
    thread.start()
    with open(gate, "w"):
        told = ask("Invoke", FunctionName="stamp")["Result"]
    thread.join()
    assert "exceeded reserved quota 128 MB" in told["RetMsg"]
    assert scf.invoke("stamp", "")[1].ok
