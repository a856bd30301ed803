"""`make up`: the local cloud as a program of its own, met by clients in other processes."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import stat
import subprocess
import sys
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from qcloud_cos import CosConfig, CosS3Client
from tencentcloud.common.common_client import CommonClient
from tencentcloud.common.credential import Credential
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile

from facestamp import stamp
from tests import pictures

ROOT = Path(__file__).parents[2]
KEYS = [
    "TENCENTCLOUD_SECRET_ID",
    "TENCENTCLOUD_SECRET_KEY",
    "TENCENTCLOUD_SECURITY_TOKEN",
    "TENCENTCLOUD_REGION",
    "FACESTAMP_ENDPOINT",
    "FACESTAMP_BUCKET",
    "FACESTAMP_PREFIX",
    "FACESTAMP_STATE_BUCKET",
    "FACESTAMP_GROUP_ID",
    "FACESTAMP_API_URL",
    "FACESTAMP_API_KEY",
]
PASSING = ("FACESTAMP_ENDPOINT", "FACESTAMP_API_URL")
"""What holds the port."""


def program(port: str, env: Path, *options: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "infra.local", "up", "--env", str(env), *options]
    environment = {**os.environ, "FACESTAMP_PORT": port}
    return subprocess.Popen(  # noqa: S603 -- our own program
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


class Running:
    """The program, once it has said that it is ready."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.env_file = folder / ".local" / "env"
        self.process = program("0", self.env_file, *options)
        self.said: list[str] = []
        self.until("Ctrl-C stops it.")
        self.env = dict(line.split("=", 1) for line in self.env_file.read_text("ascii").splitlines())

    def until(self, words: str) -> str:
        """The next line that holds `words`."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.append(line)
            if words in line:
                return line
        raise AssertionError(f"it ended without saying {words!r}")

    def cos(self) -> Any:
        env = self.env
        config = CosConfig(
            Region=env["TENCENTCLOUD_REGION"],
            SecretId=env["TENCENTCLOUD_SECRET_ID"],
            SecretKey=env["TENCENTCLOUD_SECRET_KEY"],
            Scheme="http",
            Proxies={"http": env["FACESTAMP_ENDPOINT"]},
        )
        return CosS3Client(config, retry=0)

    def faces(self, action: str, parameters: dict[str, Any]) -> Any:
        env = self.env
        profile = ClientProfile(httpProfile=HttpProfile(protocol="http", proxy=env["FACESTAMP_ENDPOINT"]))
        credential = Credential(env["TENCENTCLOUD_SECRET_ID"], env["TENCENTCLOUD_SECRET_KEY"])
        client = CommonClient("iai", "2020-03-03", credential, env["TENCENTCLOUD_REGION"], profile)
        return client.call_json(action, parameters)["Response"]

    def ask(self, path: str) -> Any:
        with urllib.request.urlopen(self.env["FACESTAMP_ENDPOINT"] + path) as answer:  # noqa: S310 -- loopback
            return json.load(answer)

    def call(self, path: str) -> requests.Response:
        """The API, under the name that it is told by, which not every system's resolver knows."""
        host = urllib.parse.urlsplit(self.env["FACESTAMP_API_URL"]).netloc
        headers = {"Host": host, "Authorization": f"Bearer {self.env['FACESTAMP_API_KEY']}"}
        return requests.get(self.env["FACESTAMP_ENDPOINT"] + path, headers=headers, timeout=60)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        assert self.process.stdout is not None
        self.process.stdout.read()
        status = self.process.wait()
        self.process.stdout.close()
        return status


@contextlib.contextmanager
def up(folder: Path, *options: str) -> Iterator[Running]:
    running = Running(folder, *options)
    try:
        yield running
    finally:
        if running.process.poll() is None:
            running.process.kill()
            running.process.communicate()


def test_any_client_can_be_pointed_at_it_by_its_env_file(tmp_path: Path) -> None:
    with up(tmp_path) as cloud:
        assert list(cloud.env) == KEYS
        assert stat.S_IMODE(cloud.env_file.stat().st_mode) == 0o600
        assert [group["GroupId"] for group in cloud.faces("GetGroupList", {})["GroupInfos"]] == [
            cloud.env["FACESTAMP_GROUP_ID"]
        ]
        photo = {"Bucket": cloud.env["FACESTAMP_BUCKET"], "Key": cloud.env["FACESTAMP_PREFIX"] + "ada.jpg"}

        cloud.cos().put_object(**photo, Body=pictures.jpeg(pictures.portrait()))
        told = cloud.until("stamped")

        assert "photos/ada.jpg: stamped, ok, 1 face, 3 paid" in told
        read = stamp.read(cloud.cos().head_object(**photo))
        assert read is not None
        assert read.count == 1
        assert cloud.ask("/")["paid"] == 3
        answered = cloud.call(f"/v1/photo?key={photo['Key']}")
        assert answered.status_code == 200
        assert answered.json()["key"] == photo["Key"]
        assert "photos/ada.jpg: readPhoto 200, ok, 1 face, 0 paid" in cloud.until("readPhoto")
        assert cloud.stop() == 0
        assert not cloud.env_file.exists()


def test_it_says_where_the_api_is_and_what_opens_it(tmp_path: Path) -> None:
    with up(tmp_path) as cloud:
        api, key = cloud.env["FACESTAMP_API_URL"], cloud.env["FACESTAMP_API_KEY"]
        assert api == cloud.env["FACESTAMP_ENDPOINT"].replace("127.0.0.1", "api.localhost")
        assert f"Open {api}/ in a browser and sign in with the key {key}" in "".join(cloud.said)
        assert cloud.call("/healthz").json() == {"status": "ok"}
        assert cloud.stop() == 0


def test_https_is_trusted_by_the_certificate_beside_the_env_file(tmp_path: Path) -> None:
    with up(tmp_path) as cloud:
        trusted = cloud.env_file.with_name("ca.pem")
        proxies = {"https": cloud.env["FACESTAMP_ENDPOINT"]}
        answer = requests.get("https://service.cos.myqcloud.com/", proxies=proxies, verify=str(trusted), timeout=10)
        assert answer.status_code == 403
        assert cloud.stop() == 0
        assert not trusted.exists()


def test_a_terminal_that_is_closed_ends_it_too(tmp_path: Path) -> None:
    with up(tmp_path) as cloud:
        assert cloud.stop(signal.SIGHUP) == 0
        assert not cloud.env_file.exists()


def test_of_two_the_last_ones_env_file_stays_until_that_one_ends(tmp_path: Path) -> None:
    with up(tmp_path) as first, up(tmp_path) as last:
        assert first.stop() == 0
        assert last.env["FACESTAMP_ENDPOINT"] in last.env_file.read_text("ascii")
        assert last.stop() == 0
        assert not last.env_file.exists()


def test_killed_it_leaves_no_process_behind(tmp_path: Path) -> None:
    with up(tmp_path) as cloud:
        cloud.process.kill()

        # What it printed to ends only when no process of its own has it open any more.
        cloud.process.communicate(timeout=60)

    assert cloud.process.returncode == -signal.SIGKILL


def test_what_was_kept_is_there_when_it_starts_again(tmp_path: Path) -> None:
    keep = ("--keep", str(tmp_path / "kept"))
    with up(tmp_path, *keep) as cloud:
        before = cloud.env
        photo = {"Bucket": before["FACESTAMP_BUCKET"], "Key": before["FACESTAMP_PREFIX"] + "ada.jpg"}
        body = pictures.jpeg(pictures.portrait())
        cloud.cos().put_object(**photo, Body=body, CacheControl="no-cache", Metadata={"x-cos-meta-title": "Ada"})
        cloud.until("stamped")
        headers = cloud.cos().head_object(**photo)
        assert cloud.stop() == 0

    with up(tmp_path, *keep) as cloud:
        assert {name: value for name, value in cloud.env.items() if name not in PASSING} == {
            name: value for name, value in before.items() if name not in PASSING
        }
        again = cloud.cos().head_object(**photo)
        passing = ("Date", "x-cos-request-id", "x-cos-trace-id")
        assert {k: v for k, v in again.items() if k not in passing} == {
            k: v for k, v in headers.items() if k not in passing
        }
        assert cloud.cos().get_object(**photo)["Body"].get_raw_stream().read() == body

        cloud.cos().put_object(**photo, Body=body)

        assert "stamped, ok, 1 face, 0 paid" in cloud.until("stamped")
        assert cloud.stop() == 0


def test_a_port_that_is_taken_is_said_in_one_sentence(tmp_path: Path) -> None:
    with up(tmp_path) as cloud:
        port = cloud.env["FACESTAMP_ENDPOINT"].rpartition(":")[2]
        second = program(port, tmp_path / "other")
        said, _ = second.communicate()
        cloud.stop()

    assert second.returncode == 2
    assert said == (f"Port {port} is taken: stop what listens there, or set FACESTAMP_PORT to another one.\n")


@pytest.mark.parametrize("asked", ["nine", "-1", "65536", "9000.5"])
def test_a_port_that_is_none_is_said_in_one_sentence(tmp_path: Path, asked: str) -> None:
    refused = program(asked, tmp_path / "env")
    said, _ = refused.communicate()

    assert refused.returncode == 2
    assert said.startswith(f"FACESTAMP_PORT is {asked!r}: give a port")
