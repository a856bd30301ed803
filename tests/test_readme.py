"""What README.md says, done."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from infra.local import envfile
from infra.local.cloud import LocalCloud
from tests import pictures

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted(
    path
    for pattern in ("*.md", ".github/*.md", "functions/*.md", "infra/**/*.md", "events/*.md", "tests/*.md")
    for path in ROOT.glob(pattern)
)
TARGETS = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))


def test_the_snippet_that_reads_a_stamp(cloud: LocalCloud, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    (snippet,) = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
    key = f"photos/{name}.jpg"
    cloud.cos().put_object(Bucket=cloud.bucket, Key=key, Body=pictures.jpeg(pictures.portrait()))
    cloud.scf.settle()

    exec(snippet, {"cos": cloud.cos(), "bucket": cloud.bucket, "key": key})  # noqa: S102 -- our own README

    said = capsys.readouterr().out.splitlines()
    assert said[0] == "ok 1 Size(width=512, height=512)"
    assert said[1].startswith("Box(x=")
    assert said[1].count("Point(") == 13


def test_the_calls_that_can_be_pasted(cloud: LocalCloud, tmp_path: Path) -> None:
    (snippet,) = re.findall(r"```sh\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
    assert shutil.which("curl"), "install curl: the README's calls are made with it"
    (tmp_path / "portrait.jpg").write_bytes(pictures.jpeg(pictures.portrait()))
    told = envfile.settings(cloud)
    envfile.place(tmp_path / ".local" / "env", envfile.lines(told))
    faces, group = cloud.api("iai", "2020-03-03"), told["FACESTAMP_GROUP_ID"]
    faces.call_json("CreateGroup", {"GroupName": group, "GroupId": group})

    ran = subprocess.run(["/bin/sh", "-eu", "-c", snippet], cwd=tmp_path, capture_output=True, check=True)  # noqa: S603 -- our own README
    faces.call_json("DeleteGroup", {"GroupId": group})

    detected, made, found = _objects(ran.stdout.decode())
    assert len(detected["face_infos"]) == 1
    assert made["face_id"]
    assert [candidate["person_id"] for candidate in found["results"][0]["candidates"]] == ["ada"]
    assert ran.stderr == b""


def _objects(text: str) -> list[dict[str, Any]]:
    """The JSON objects that stand one behind the other."""
    decoder, found = json.JSONDecoder(), []
    while text:
        value, end = decoder.raw_decode(text)
        found.append(value)
        text = text[end:].lstrip()
    return found


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(document: Path) -> None:
    targets = re.findall(r"\]\(([^)#]+)\)", document.read_text("utf-8"))

    gone = [target for target in targets if "://" not in target and not (document.parent / target).exists()]

    assert gone == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_targets_that_are_named_are_there(document: Path) -> None:
    named = set(re.findall(r"\bmake ([a-z]+)\b(?=`| [A-Z]+=|\n|      )", document.read_text("utf-8")))

    assert named - TARGETS == set()


def test_the_workflow_runs_what_ci_runs() -> None:
    workflow = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text("utf-8"))
    script = (ROOT / ".ci/run").read_text("utf-8")

    assert [step["run"] for step in workflow["jobs"]["run"]["steps"] if "run" in step] == [".ci/run"]
    assert "make check\nmake test\n" in script
