"""What is said to somebody who lacks something to deploy with, and how the local cloud stands in for an account."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from infra.engine import environments
from infra.settings.stackfile import Unready

KEYS = {"TENCENTCLOUD_SECRET_ID": "id", "TENCENTCLOUD_SECRET_KEY": "key"}
READY = {**KEYS, "PULUMI_CONFIG_PASSPHRASE": ""}


@pytest.fixture
def stacks(tmp_path: Path) -> Path:
    """A folder with a project and one stack that is filled in, and one that is not."""
    (tmp_path / "Pulumi.yaml").write_text("name: facestamp\n", encoding="ascii")
    for stack, appid in (("ours", "1250000001"), ("example", "<APPID>")):
        buckets = {f"facestamp:{kind}Bucket": f"our-{kind}s" for kind in ("photo", "state", "code")}
        config = {"tencentcloud:region": "ap-guangzhou", "facestamp:appId": appid, **buckets}
        (tmp_path / f"Pulumi.{stack}.yaml").write_text(yaml.safe_dump({"config": config}), encoding="ascii")
    return tmp_path


def test_a_stack_without_a_file_is_told_which_there_are(stacks: Path) -> None:
    with pytest.raises(Unready, match=r"There is no infra/Pulumi\.theirs\.yaml: copy .* \(example, ours\)"):
        environments.real("theirs", READY, stacks)


def test_a_stack_must_be_named(stacks: Path) -> None:
    with pytest.raises(Unready, match="Name a stack: STACK=dev"):
        environments.real("", READY, stacks)


def test_placeholders_must_be_filled_in(stacks: Path) -> None:
    with pytest.raises(Unready, match=r"Pulumi\.example\.yaml still has .* fill in facestamp:appId\."):
        environments.real("example", READY, stacks)


def test_without_credentials_it_says_where_to_get_them_and_how_to_do_without(stacks: Path, tmp_path: Path) -> None:
    with pytest.raises(Unready, match=r"No credentials: export TENCENTCLOUD_SECRET_ID .* `make up`"):
        environments.real("ours", {"HOME": str(tmp_path), "PULUMI_CONFIG_PASSPHRASE": ""}, stacks)


def test_state_is_kept_in_the_home_folder_unless_another_place_is_chosen(stacks: Path, tmp_path: Path) -> None:
    home = {"HOME": str(tmp_path), **READY}
    assert environments.real("ours", home, stacks)["PULUMI_BACKEND_URL"] == "file://~"
    chosen = environments.real("ours", {**home, "PULUMI_BACKEND_URL": "s3://states"}, stacks)
    assert chosen["PULUMI_BACKEND_URL"] == "s3://states"

    (tmp_path / ".pulumi").mkdir()
    (tmp_path / ".pulumi" / "credentials.json").write_text('{"current": "https://api.pulumi.com"}', encoding="ascii")

    assert "PULUMI_BACKEND_URL" not in environments.real("ours", home, stacks)


def test_a_state_of_ones_own_needs_a_passphrase(stacks: Path, tmp_path: Path) -> None:
    with pytest.raises(Unready, match=r"No passphrase: .* PULUMI_CONFIG_PASSPHRASE_FILE"):
        environments.real("ours", {"HOME": str(tmp_path), **KEYS}, stacks)

    logged_in = {"HOME": str(tmp_path), **KEYS, "PULUMI_ACCESS_TOKEN": "token"}
    assert environments.real("ours", logged_in, stacks) == logged_in


def test_an_account_is_never_sent_functions_that_look_for_a_laptop(stacks: Path) -> None:
    told = yaml.safe_load((stacks / "Pulumi.ours.yaml").read_text("ascii"))
    told["config"]["facestamp:endpoint"] = "http://127.0.0.1:9000"
    (stacks / "Pulumi.ours.yaml").write_text(yaml.safe_dump(told), encoding="ascii")

    with pytest.raises(Unready, match="sets facestamp:endpoint"):
        environments.real("ours", READY, stacks)


def test_the_local_cloud_needs_no_placeholder_filled_in_and_changes_no_file(stacks: Path, tmp_path: Path) -> None:
    before = (stacks / "Pulumi.example.yaml").read_bytes()

    environments.local_project(tmp_path / "project", stacks / "Pulumi.example.yaml", {"facestamp:endpoint": "http://x"})

    told = yaml.safe_load((tmp_path / "project" / "Pulumi.example.yaml").read_text("utf-8"))
    assert told["config"] == {
        "tencentcloud:region": "ap-guangzhou",
        "facestamp:appId": "1250000000",
        "tencentcloud:allowedAccountIds": ["100000000001"],
        "facestamp:photoBucket": "our-photos",
        "facestamp:stateBucket": "our-states",
        "facestamp:codeBucket": "our-codes",
        "facestamp:endpoint": "http://x",
    }
    assert (stacks / "Pulumi.example.yaml").read_bytes() == before


def test_the_stacks_encryption_stays_where_the_file_is_written_anew(stacks: Path, tmp_path: Path) -> None:
    project = tmp_path / "project"
    environments.local_project(project, stacks / "Pulumi.ours.yaml", {})
    with (project / "Pulumi.ours.yaml").open("a", encoding="utf-8") as file:
        file.write("encryptionsalt: v1:salt\n")

    environments.local_project(project, stacks / "Pulumi.ours.yaml", {})

    assert yaml.safe_load((project / "Pulumi.ours.yaml").read_text("utf-8"))["encryptionsalt"] == "v1:salt"


def test_secrets_stay_where_they_are_encrypted_and_no_passphrase_is_needed_for_the_copy(
    stacks: Path, tmp_path: Path
) -> None:
    source = stacks / "Pulumi.ours.yaml"
    told = yaml.safe_load(source.read_text("utf-8"))
    told["config"]["facestamp:api"] = {"signingKeys": [{"id": "now", "secret": {"secure": "v1:abc"}}]}
    source.write_text(yaml.safe_dump({**told, "encryptionsalt": "v1:theirs", "secretsprovider": "kms"}), "utf-8")

    environments.local_project(tmp_path / "project", source, {})

    copy = yaml.safe_load((tmp_path / "project" / "Pulumi.ours.yaml").read_text("utf-8"))
    assert copy.keys() == {"config"}
    [key] = copy["config"]["facestamp:api"]["signingKeys"]
    assert len(key["secret"]) == 64
    mine = {**KEYS, "PULUMI_CONFIG_PASSPHRASE": "mine", "PULUMI_CONFIG_PASSPHRASE_FILE": "/mine"}
    around = environments.own_state(tmp_path, mine)
    assert [value for name, value in around.items() if "PASSPHRASE" in name] == [""]


def test_a_state_in_the_home_folder_is_seen(tmp_path: Path) -> None:
    states = tmp_path / ".pulumi" / "stacks" / "facestamp"
    states.mkdir(parents=True)
    (states / "ours.json").write_text("{}", encoding="ascii")

    assert environments.at_home("ours", tmp_path)
    assert not environments.at_home("theirs", tmp_path)


def test_what_a_stack_file_lacks_is_named(stacks: Path) -> None:
    (stacks / "Pulumi.half.yaml").write_text("config:\n  tencentcloud:region: ap-guangzhou\n", encoding="ascii")
    (stacks / "Pulumi.torn.yaml").write_text("config: [", encoding="ascii")

    with pytest.raises(Unready, match=r"half\.yaml does not say facestamp:appId and facestamp:photoBucket and"):
        environments.real("half", READY, stacks)
    with pytest.raises(Unready, match=r"torn\.yaml is no YAML: "):
        environments.real("torn", READY, stacks)


def test_a_temporary_key_reaches_the_local_cloud_with_its_token(tmp_path: Path) -> None:
    given = {**KEYS, "TENCENTCLOUD_SECURITY_TOKEN": "token", "FACESTAMP_ENDPOINT": "http://127.0.0.1:9000"}

    around = environments.local(given, "ap-guangzhou", tmp_path / "ca.pem")

    assert around["TENCENTCLOUD_SECURITY_TOKEN"] == "token"


def test_nothing_of_the_users_own_account_is_taken_to_the_local_cloud(tmp_path: Path) -> None:
    mine = {"TENCENTCLOUD_PROFILE": "work", "AWS_CA_BUNDLE": "other.pem"}
    given = {**KEYS, **mine, "FACESTAMP_ENDPOINT": "http://127.0.0.1:9000"}

    around = environments.own_state(tmp_path, environments.local(given, "ap-guangzhou", tmp_path / "ca.pem"))

    assert not mine.keys() & around.keys()
    assert KEYS.items() <= around.items()
    assert around["HTTPS_PROXY"] == "http://127.0.0.1:9000"
    assert around["SSL_CERT_FILE"] == str(tmp_path / "ca.pem")
    assert around["PULUMI_BACKEND_URL"] == (tmp_path / "state").as_uri()


def test_the_command_says_in_one_line_what_is_missing(tmp_path: Path) -> None:
    clean = {"HOME": str(tmp_path), "PATH": str(tmp_path), **READY}

    ran = _engine("deploy", "--stack", "local", "--yes", environment=clean)

    assert ran.returncode == 2
    assert ran.stdout == ""
    assert "The Pulumi CLI (3.247 or newer) is missing: install Pulumi" in ran.stderr


def test_nothing_is_changed_where_nobody_can_be_asked() -> None:
    for command in ("deploy", "sweep", "destroy"):
        ran = _engine(command, "--stack", "local", environment=dict(os.environ))

        assert ran.returncode == 2
        assert ran.stderr.strip().endswith("YES=1 goes ahead.")


def test_with_the_local_cloud_gone_it_says_to_start_it(tmp_path: Path) -> None:
    programs = dict.fromkeys(("FACESTAMP_PULUMI", "FACESTAMP_BRIDGE", "FACESTAMP_PROVIDER"), sys.executable)
    environment = {**os.environ, **programs, **KEYS, "FACESTAMP_ENDPOINT": "http://127.0.0.1:1"}
    # What the machine trusts for itself says nothing about it.
    gone = {**environment, "SSL_CERT_FILE": sys.executable, "FACESTAMP_CA": str(tmp_path / "ca.pem")}

    ran = _engine("preview", "--stack", "local", environment=gone)
    unheard = _engine("preview", "--stack", "local", environment={**environment, "FACESTAMP_CA": sys.executable})
    shutil.rmtree(environments.LOCAL / KEYS["TENCENTCLOUD_SECRET_ID"])

    assert ran.returncode == 2
    assert "No local cloud is running" in ran.stderr
    assert unheard.returncode == 1
    assert unheard.stderr.splitlines()[-1].startswith("STS cannot be reached: ")
    assert "Traceback" not in unheard.stderr


def test_without_tools_the_engines_tests_are_skipped_with_one_line_unless_they_must_run(tmp_path: Path) -> None:
    clean = {"HOME": str(tmp_path), "PATH": str(tmp_path)}

    skipped = _engine("test", environment=clean)
    refused = _engine("test", environment={**clean, "FACESTAMP_ENGINE": "required"})

    assert skipped.returncode == 0
    assert skipped.stderr.startswith("Skipped: the real engine is not tried. The Pulumi CLI")
    assert skipped.stderr.count("\n") == 1
    assert refused.returncode == 2


def _engine(*words: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 -- our own
        [sys.executable, "-m", "infra.engine", *words],
        cwd=environments.ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
