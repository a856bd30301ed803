"""Makes `.venv`: everything pinned, nothing else, on a machine that has Python and no more.

1. If `.venv` is there, of this Python, and made from the same pinned lists, nothing happens.
2. Otherwise it is made from nothing: what builds sources, then all the rest, each file checked against its hash, then
   facestamp itself and the provider's SDK, which stay where they are. Nothing is built with anything that is not
   pinned. Where only what describes those two has changed, that last step is enough.
3. pip is told little and says much: its words go to `.venv/setup.log`, and a count of them is shown.

Run by the Makefile with the Python found there, so it needs no more than the standard library.
"""

from __future__ import annotations

import hashlib
import importlib.util
import re
import subprocess
import sys
import time
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / ".venv"
BUILD, ALL = ROOT / "requirements-build.txt", ROOT / "requirements-dev.txt"
OWN = (ROOT, ROOT / "infra" / "sdks" / "tencentcloud")
"""What this repository brings itself: facestamp, and the SDK that Pulumi generated."""
EVERY = 20
"""Distributions between two lines of progress."""


def main() -> None:
    """Make it, or leave it; exits with one sentence if that cannot be."""
    note = FOLDER / "made"
    wanted = [stands_for(BUILD, ALL, Path(__file__)), stands_for(*(folder / "pyproject.toml" for folder in OWN))]
    made = note.read_text(encoding="ascii").split() if note.is_file() else []
    if made == wanted:
        return
    if made[:1] == wanted[:1]:
        finish(note, wanted)
        return
    if importlib.util.find_spec("ensurepip") is None:
        version = ".".join(map(str, sys.version_info[:2]))
        sys.exit(
            f"This Python has no ensurepip, so it can make no .venv: install Debian's python{version}-venv package."
        )
    began = time.monotonic()
    print(f"Setting up .venv with Python {sys.version.split()[0]}, once; this takes a minute or two.", flush=True)
    venv.create(FOLDER, clear=True, with_pip=True)
    pinned = ("--require-hashes", "--no-build-isolation", "--use-pep517")
    pip(*pinned, "-r", str(BUILD))
    pip(*pinned, "-r", str(ALL))
    finish(note, wanted)
    print(f"  ready after {time.monotonic() - began:.0f} s", flush=True)


def finish(note: Path, wanted: list[str]) -> None:
    """Install what is the repository's own, and note what all of it was made from."""
    pip("--no-deps", "--no-build-isolation", *(part for folder in OWN for part in ("-e", str(folder))))
    note.write_text("\n".join(wanted), encoding="ascii")


def stands_for(*sources: Path) -> str:
    """A digest of what `.venv` is made from: this Python, and these files."""
    digest = hashlib.sha256(sys.version.encode())
    for source in sources:
        digest.update(source.read_bytes())
    return digest.hexdigest()


def pip(*arguments: str) -> None:
    """Install, showing how far it is; exits with pip's last words if it fails."""
    python = FOLDER / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    command = [str(python), "-m", "pip", "install", "--disable-pip-version-check", "--progress-bar=off", *arguments]
    collected = 0
    said: list[str] = []
    with (
        (FOLDER / "setup.log").open("a", encoding="utf-8") as log,
        subprocess.Popen(  # noqa: S603 -- the interpreter that was just made
            command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        ) as process,
    ):
        assert process.stdout is not None  # noqa: S101 -- it was opened as a pipe
        for line in process.stdout:
            log.write(line)
            said.append(line)
            if line.startswith("Collecting "):
                collected += 1
                if collected % EVERY == 0:
                    print(f"  {collected} packages fetched, {name(line)} is next", flush=True)
            elif line.startswith("Installing collected packages") and collected > EVERY:
                print(f"  installing {collected} packages", flush=True)
    if process.returncode:
        sys.exit("".join(said[-15:]) + "pip could not install what is pinned; .venv/setup.log has all of it.")


def name(line: str) -> str:
    """The distribution that one of pip's lines is about."""
    match = re.match(r"Collecting ([A-Za-z0-9._-]+?)(?:==| |$)", line)
    return match[1] if match else "another"


if __name__ == "__main__":
    main()
