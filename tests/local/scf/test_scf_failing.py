"""The documented ways in which an invocation fails, and what a caller is told."""

from __future__ import annotations

import json
import os
import threading

import pytest

from infra.local.scf import Scf
from tests.local.scf.small import Deploy


@pytest.mark.behaviour(
    service="scf",
    what="An exception that leaves the handler is statusCode 430, errorCode -1, with the stack trace",
    standing="documented",
    source="SCF 583/55592",
)
def test_an_exception(scf: Scf, deploy: Deploy) -> None:
    name = deploy("def main_handler(event, context):\n    raise ValueError('no such face')\n")
    invocation, outcome = scf.invoke(name, {})
    told = json.loads(outcome.returned(invocation.request_id))
    trace = told.pop("stackTrace")
    assert told == {
        "errorCode": -1,
        "errorMessage": "user code exception caught",
        "requestId": invocation.request_id,
        "statusCode": 430,
    }
    lines = trace.splitlines()
    assert lines[0] == "Traceback (most recent call last):"
    assert lines[1].endswith('index.py", line 2, in main_handler')
    assert lines[-1] == "ValueError: no such face"
    assert "bootstrap" not in trace
    error = next(line for line in scf.logs() if line.text.startswith("ERROR"))
    assert "ValueError: no such face" in error.text


def test_the_instance_survives_an_exception(scf: Scf, deploy: Deploy) -> None:
    name = deploy("def main_handler(event, context):\n    return 1 / event\n")
    assert scf.invoke(name, 0)[1].status == 430
    assert scf.invoke(name, 1)[1].ok
    assert [i.coldstart for i in scf.invocations] == [True, False]


@pytest.mark.behaviour(
    service="scf",
    what="A handler whose file or function is not in the package is statusCode 437",
    standing="documented",
    source="SCF 583/42611",
)
@pytest.mark.parametrize("handler", ["missing.main_handler", "index.missing", "index.number"])
def test_the_handler_is_not_there(scf: Scf, deploy: Deploy, handler: str) -> None:
    name = deploy("number = 1\ndef main_handler(event, context):\n    return 1\n", Handler=handler)
    _, outcome = scf.invoke(name, {})
    assert (outcome.status, outcome.message) == (437, "HandlerNotFound")


@pytest.mark.behaviour(
    service="scf",
    what="A module that cannot be imported is statusCode 443, and the next event tries to import it again",
    standing="assumed",
    source="SCF 583/42611",
)
@pytest.mark.parametrize("source", ["import pytest\n", "def broken(:\n", "1 / 0\n"])
def test_the_module_does_not_load(scf: Scf, deploy: Deploy, source: str) -> None:
    name = deploy(source)
    for _ in range(2):
        invocation, outcome = scf.invoke(name, {})
        assert (outcome.status, invocation.coldstart) == (443, True)
        assert "Error" in outcome.trace


@pytest.mark.behaviour(
    service="scf",
    what="A handler that outlives its timeout is killed with its instance: statusCode 433",
    standing="documented",
    source="SCF 583/42611",
)
def test_a_timeout(scf: Scf, deploy: Deploy) -> None:
    name = deploy(
        "import os, threading\n"
        "def main_handler(event, context):\n"
        "    print('waiting')\n"
        "    if event:\n"
        "        threading.Event().wait()\n"
        "    return os.getpid()\n",
        Timeout=1,
    )
    process = json.loads(scf.invoke(name, False)[1].result)
    invocation, outcome = scf.invoke(name, True)
    assert (outcome.status, outcome.message) == (433, "Invoking task timed out after 1 seconds")
    assert "waiting" in [line.text for line in scf.logs(invocation=invocation.request_id)]
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)


@pytest.mark.behaviour(
    service="scf",
    what="An instance that is not loaded within the init timeout is statusCode 450",
    standing="documented",
    source="SCF 583/42611",
)
def test_loading_takes_too_long(scf: Scf, deploy: Deploy) -> None:
    name = deploy("import threading\nthreading.Event().wait()\n", InitTimeout=3)
    assert scf.invoke(name, {})[1].status == 450


@pytest.mark.behaviour(
    service="scf",
    what="A process that ends while it runs is statusCode 439",
    standing="documented",
    source="SCF 583/42611",
)
@pytest.mark.parametrize("how", ["os._exit(3)", "sys.exit()", "os.kill(os.getpid(), 9)"])
def test_the_process_ends(scf: Scf, deploy: Deploy, how: str) -> None:
    name = deploy(f"import os, sys\ndef main_handler(event, context):\n    print('last words')\n    {how}\n")
    invocation, outcome = scf.invoke(name, {})
    assert (outcome.status, outcome.message) == (439, "User process exit when running")
    assert "last words" in [line.text for line in scf.logs(invocation=invocation.request_id)]


def test_killing_an_instance_from_outside(scf: Scf, deploy: Deploy, tmp_path: object) -> None:
    started = f"{tmp_path}/started"
    os.mkfifo(started)
    name = deploy(
        "import threading\n"
        "def main_handler(event, context):\n"
        "    with open(event, 'w') as started:\n"
        "        started.write('.')\n"
        "    threading.Event().wait()\n",
        Timeout=60,
    )
    statuses: list[int] = []
    thread = threading.Thread(target=lambda: statuses.append(scf.invoke(name, started)[1].status))
    thread.start()
    with open(started) as pipe:
        pipe.read()
    scf.kill(scf.invocations[0].worker)
    thread.join()
    assert statuses == [439]
    scf.kill("nobody")


@pytest.mark.behaviour(
    service="scf",
    what="An instance that holds more memory than was configured is killed: statusCode 434",
    standing="documented",
    source="SCF 583/42611",
)
@pytest.mark.parametrize("after", ["return 1", "import threading; threading.Event().wait()"])
def test_out_of_memory(scf: Scf, deploy: Deploy, after: str) -> None:
    name = deploy(
        f"def main_handler(event, context):\n    held = b'x' * 200_000_000\n    {after}\n", MemorySize=128, Timeout=60
    )
    assert scf.invoke(name, {})[1].status == 434


@pytest.mark.behaviour(
    service="scf",
    what="A result of more than 6 MB is statusCode 407",
    standing="documented",
    source="SCF 583/42611",
)
def test_the_result_is_too_large(scf: Scf, deploy: Deploy) -> None:
    name = deploy("def main_handler(event, context):\n    return 'x' * event\n")
    assert scf.invoke(name, 6 * 1024 * 1024 - 2)[1].ok
    _, outcome = scf.invoke(name, 6 * 1024 * 1024 - 1)
    assert (outcome.status, outcome.message) == (407, "The size of response exceeds the upper limit (6MB)")


@pytest.mark.behaviour(
    service="scf",
    what="A result that JSON cannot express fails like an exception",
    standing="documented",
    source="SCF 583/9694",
)
def test_the_result_is_no_json(scf: Scf, deploy: Deploy) -> None:
    name = deploy("def main_handler(event, context):\n    return {1, 2}\n")
    _, outcome = scf.invoke(name, {})
    assert outcome.status == 430
    assert "set is not JSON serializable" in outcome.trace


@pytest.mark.behaviour(
    service="scf",
    what="A role that may not be taken on is statusCode 441, and not tried again",
    standing="assumed",
    source="SCF 583/42611",
)
def test_the_role_cannot_be_taken_on(scf: Scf, deploy: Deploy) -> None:
    name = deploy("def main_handler(event, context):\n    return 1\n")
    scf.cam.delete_role("stamper")
    assert scf.invoke(name, {})[1].status == 441
