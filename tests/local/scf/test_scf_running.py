"""A function runs in a process of its own, which knows only what the platform and the package give it."""

from __future__ import annotations

import json
import os
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from infra.local.cam import Cam
from infra.local.clock import Clock
from infra.local.scf import Scf
from tests.local.scf.small import Deploy, zipped

ECHO = "def main_handler(event, context):\n    return {'event': event, 'context': context}\n"


def result(scf: Scf, name: str, event: object = None) -> Any:
    """What the handler returns, which must not fail."""
    _, outcome = scf.invoke(name, event)
    assert outcome.ok, outcome
    return json.loads(outcome.result)


@pytest.mark.behaviour(
    service="scf",
    what="The handler is called with the event and a context, both dicts; the context has Tencent's eleven keys",
    standing="documented",
    source="SCF 583/9210",
)
def test_the_handler_gets_the_event_and_a_context(scf: Scf, deploy: Deploy) -> None:
    name = deploy(ECHO, Timeout=7, MemorySize=256)
    given = result(scf, name, {"key": "日本 = ;"})
    assert given["event"] == {"key": "日本 = ;"}
    context = given["context"]
    request_id = scf.invocations[0].request_id
    credentials = dict(pair.split("=", 1) for pair in context.pop("environ").split(";"))
    assert context == {
        "memory_limit_in_mb": 256,
        "time_limit_in_ms": 7000,
        "request_id": request_id,
        "environment": '{"SCF_NAMESPACE":"default"}',
        "function_version": "$LATEST",
        "function_name": "stamp",
        "namespace": "default",
        "tencentcloud_region": "ap-guangzhou",
        "tencentcloud_appid": "1250000000",
        "tencentcloud_uin": "100000000001",
    }
    assert credentials.keys() == {
        *("SCF_NAMESPACE", "TRIGGER_SRC"),
        *("TENCENTCLOUD_SECRETID", "TENCENTCLOUD_SECRETKEY", "TENCENTCLOUD_SESSIONTOKEN"),
    }


@pytest.mark.behaviour(
    service="scf",
    what="The process sees the documented variables and the function's own, and nothing of this machine's",
    standing="documented",
    source="SCF 583/14570",
)
def test_the_environment_is_replaced(scf: Scf, deploy: Deploy) -> None:
    name = deploy(
        "import os\nATIMPORT = dict(os.environ)\ndef main_handler(event, context):\n    return ATIMPORT\n",
        Environment={"Variables": [{"Key": "FACESTAMP_ROUTE", "Value": "people"}]},
    )
    seen = result(scf, name)
    package = str(scf.function(name).package)
    assert seen.pop("FACESTAMP_ROUTE") == "people"
    assert seen.pop("PWD") == package
    assert seen.pop("USER_CODE_ROOT") == package + "/"
    assert seen.pop("PYTHONPATH") == package + ":/opt"
    # An interpreter may set LC_CTYPE for itself.
    seen.pop("LC_CTYPE", None)
    assert seen == {
        "HOME": "/home/qcloud",
        "LANG": "en_US.UTF8",
        "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "PYTHONDONTWRITEBYTECODE": "x",
        "TZ": "UTC",
        "_SCF_SERVER_PORT": "28902",
        "SCF_FUNCTIONNAME": "stamp",
        "SCF_FUNCTIONVERSION": "$LATEST",
        "SCF_NAMESPACE": "default",
        "SCF_RUNTIME": "Python3.10",
        "TENCENTCLOUD_APPID": "1250000000",
        "TENCENTCLOUD_REGION": "ap-guangzhou",
        "TENCENTCLOUD_RUNENV": "SCF",
        "TENCENTCLOUD_TZ": "UTC",
        "TENCENTCLOUD_UIN": "100000000001",
    }


@pytest.mark.behaviour(
    service="scf",
    what="The execution role's temporary key is put into the environment before every invocation, each time another;"
    " while the module is imported there is none",
    standing="assumed",
    source="scfcli's runner; SCF 583/32389",
)
def test_each_invocation_has_a_key_of_its_own(scf: Scf, cam: Cam, deploy: Deploy) -> None:
    name = deploy(
        "import os\n"
        "AT_IMPORT = 'TENCENTCLOUD_SECRETID' in os.environ\n"
        "def main_handler(event, context):\n"
        "    return [AT_IMPORT, os.environ['TENCENTCLOUD_SECRETID'], os.environ['TENCENTCLOUD_SESSIONTOKEN']]\n"
    )
    (at_import, first, token), (_, second, _) = result(scf, name), result(scf, name)
    assert not at_import
    assert first != second
    holder = cam.holder(first)
    assert (holder.role, holder.worker, holder.invocation) == ("stamper", "stamp-1", scf.invocations[0].request_id)
    identity = cam.identity(first)
    assert identity is not None
    assert identity.token == token


def test_without_a_role_there_are_no_credentials(scf: Scf, deploy: Deploy) -> None:
    name = deploy("import os\ndef main_handler(event, context):\n    return sorted(os.environ)\n", Role="")
    assert not {"TENCENTCLOUD_SECRETID", "TENCENTCLOUD_SECRETKEY"} & set(result(scf, name))


@pytest.mark.behaviour(
    service="scf",
    what="A function can import its package and the standard library, and nothing else that this machine has",
    standing="documented",
    source="SCF 583/11061",
)
def test_only_what_was_packaged_can_be_imported(scf: Scf, deploy: Deploy) -> None:
    name = deploy(
        "import os, sys, sqlite3, ssl\n"
        "def main_handler(event, context):\n"
        "    found = []\n"
        "    for module in ('pytest', 'requests', 'infra', 'facestamp', 'bootstrap'):\n"
        "        try:\n"
        "            __import__(module)\n"
        "            found.append(module)\n"
        "        except ImportError:\n"
        "            pass\n"
        "    return [found, sys.path[0], os.getcwd()]\n"
    )
    package = str(scf.function(name).package)
    assert result(scf, name) == [[], package, os.path.realpath(package)]


def test_the_package_cannot_be_written_to(scf: Scf, deploy: Deploy) -> None:
    name = deploy(
        "import os, stat\n"
        "def main_handler(event, context):\n"
        "    return [stat.S_IMODE(os.stat(path).st_mode) & 0o222 for path in ('.', 'index.py')]\n"
    )
    assert result(scf, name) == [0, 0]


@pytest.mark.behaviour(
    service="scf",
    what="An instance imports the module once, serves one event at a time, and is used again",
    standing="documented",
    source="SCF 583/9694",
)
def test_an_instance_is_used_again(scf: Scf, deploy: Deploy) -> None:
    name = deploy(
        "import os\nCOUNT = []\ndef main_handler(event, context):\n"
        "    COUNT.append(1)\n    return [os.getpid(), len(COUNT)]\n"
    )
    (process, first), (same, second) = result(scf, name), result(scf, name)
    assert (process, first, second) == (same, 1, 2)
    assert [i.coldstart for i in scf.invocations] == [True, False]
    scf.retire()
    other, count = result(scf, name)
    assert other != process
    assert count == 1


@pytest.mark.behaviour(
    service="scf",
    what="The runtime asked for is recorded and told, and this machine's own Python runs the function",
    standing="assumed",
    source="SCF 583/11061 lists Python 3.10 as the newest; a function must not depend on which it is",
)
def test_the_local_interpreter_runs_it(scf: Scf, deploy: Deploy) -> None:
    name = deploy(
        "import os, sys\ndef main_handler(event, context):\n    return [sys.version, os.environ['SCF_RUNTIME']]\n"
    )
    assert result(scf, name) == [sys.version, "Python3.10"]


def test_a_changed_function_starts_anew(scf: Scf, deploy: Deploy) -> None:
    name = deploy("def main_handler(event, context):\n    return 'old'\n")
    assert result(scf, name) == "old"
    code = {"ZipFile": zipped(index="def main_handler(event, context):\n    return 'new'\n")}
    scf.change(name, lambda function: scf.with_code(function, code))
    assert result(scf, name) == "new"


def test_an_instance_that_runs_while_its_function_changes_is_not_used_again(
    scf: Scf, deploy: Deploy, tmp_path: Path
) -> None:
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    source = "import os\ndef main_handler(event, context):\n    event and open(event).read()\n    return os.getpid()\n"
    name = deploy(source, Timeout=60)
    old: list[int] = []
    thread = threading.Thread(target=lambda: old.append(result(scf, name, str(gate))))
    thread.start()
    with open(gate, "w"):
        scf.delete(name)
        deploy(source)
    thread.join()
    with pytest.raises(ProcessLookupError):
        os.kill(old[0], 0)
    assert result(scf, name) != old[0]


@pytest.mark.behaviour(
    service="scf",
    what="The root logger writes everything from DEBUG on to stdout before user code is loaded",
    standing="documented",
    source="scfcli's runner",
)
def test_what_is_printed_and_logged_is_the_functions_log(scf: Scf, deploy: Deploy) -> None:
    name = deploy(
        "import logging, os, sys\n"
        "print('loading')\n"
        "def main_handler(event, context):\n"
        "    logging.getLogger('deep').debug('a debug line')\n"
        "    print('to stderr', file=sys.stderr)\n"
        "    print('不', end='')\n"
        "    return 1\n"
    )
    result(scf, name)
    first = scf.invocations[0].request_id
    assert [line.text for line in scf.logs(invocation=first) if line.type == "Custom"] == [
        *("loading", "a debug line", "to stderr", "不"),
    ]
    result(scf, name)
    assert [line.text for line in scf.logs(name)[-6:] if line.type == "Custom"] == ["a debug line", "to stderr", "不"]


@pytest.mark.behaviour(
    service="scf",
    what="An invocation's log is START, what loading prints, Init Report on a cold start, what the handler prints,"
    " ERROR if it failed, Response, END and Report",
    standing="documented",
    source="SCF 583/52637",
)
def test_the_platform_frames_the_log(scf: Scf, deploy: Deploy) -> None:
    name = deploy("print('loading')\ndef main_handler(event, context):\n    print('working')\n    return 'done'\n")
    result(scf, name)
    result(scf, name)
    cold, warm = (i.request_id for i in scf.invocations)
    texts = [line.text for line in scf.logs(invocation=cold)]
    assert texts[0] == f"START RequestId:{cold}"
    assert texts[1] == "loading"
    assert texts[2].startswith(f"Init Report RequestId: {cold} Coldstart: ")
    assert "Memory: 128MB MemUsage: " in texts[2]
    assert texts[3:6] == ["working", f'Response RequestId:{cold} RetMsg:"done"', f"END RequestId:{cold}"]
    assert texts[6].startswith(f"Report RequestId:{cold} Duration:")
    assert len(texts) == 7
    assert [line.text.split()[0] for line in scf.logs(invocation=warm)] == [
        *("START", "working", "Response", "END", "Report"),
    ]


def test_tmp_is_there(scf: Scf, deploy: Deploy, tmp_path: Path) -> None:
    name = deploy(
        "import tempfile\ndef main_handler(event, context):\n"
        "    with tempfile.TemporaryFile() as file:\n        return file.write(b'abc')\n"
    )
    assert result(scf, name) == 3


def test_a_megabyte_each_way(scf: Scf, deploy: Deploy) -> None:
    name = deploy("def main_handler(event, context):\n    return event\n")
    assert result(scf, name, "x" * 3_000_000) == "x" * 3_000_000


def test_closing_leaves_no_process_and_no_code(
    clock: Clock, cam: Cam, tmp_path: Path, deploy: Deploy, scf: Scf
) -> None:
    name = deploy("import os\ndef main_handler(event, context):\n    return os.getpid()\n")
    process = result(scf, name)
    scf.close()
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)
    assert list((tmp_path / "code").iterdir()) == []
