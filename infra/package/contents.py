"""What ships: the entry points, `facestamp`, and what of their libraries can be imported on our path.

What no function needs is left out: tests, types, scripts, metadata (nothing asks for it at run time but for packages
that are not there: email-validator, h2), and pycryptodome, which the COS SDK needs for client-side encryption alone and
which is half of the whole.
"""

from __future__ import annotations

import importlib.metadata
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Final

from packaging.version import Version

from infra.package import wheels
from infra.package.pins import Pin, pinned
from infra.package.problem import Unpackable
from infra.package.runtime import Runtime

ROOT: Final = Path(__file__).parents[2]
FUNCTIONS: Final = ROOT / "functions"
TARGET: Final = ROOT / "build"
WHEELS: Final = TARGET / "wheels"

LEFT_OUT: Final = frozenset({"pycryptodome"})
"""Distributions that are pinned, as others ask for them, and never imported."""
UNUSED: Final = (
    *("qcloud_cos/crypto.py", "qcloud_cos/cos_encryption_client.py"),  # pycryptodome's only users
    *("pydantic/v1/", "pydantic/mypy.py", "urllib3/contrib/emscripten/", "charset_normalizer/cli/"),
    "idna/cli.py",
    *("crcmod/test.py", "annotated_types/test_cases.py", "starlette/testclient.py", "anyio/pytest_plugin.py"),
    *("starlette/templating.py", "starlette/staticfiles.py", "starlette/schemas.py", "anyio/_backends/_trio.py"),
    "crcmod/_crcfunext",  # built from source, so there only where there was a compiler; the module does without
)
_CODE: Final = (".py", ".so", ".pyd", ".pem")
"""What is taken of a distribution: modules, and the certificates that HTTPS needs."""
_PAGE: Final = (".html", ".css", ".js", ".svg")
"""What is taken of our own packages beside modules: the page that the API serves."""


def libraries(requirements: Path, runtime: Runtime | None = None, cache: Path = WHEELS) -> dict[str, bytes]:
    """The files of the pinned distributions that ship, by their names in the package. Raises `Unpackable`.

    For a runtime they come from wheels; for this machine (None) from where they are installed.
    """
    return shipping(pinned(requirements, runtime, but=LEFT_OUT), runtime, cache)


def shipping(pins: Sequence[Pin], runtime: Runtime | None, cache: Path = WHEELS) -> dict[str, bytes]:
    """What of these distributions ships."""
    if runtime is not None:
        found = wheels.files(pins, runtime, cache)
        return {name: content for name, content in found.items() if _ships(PurePosixPath(name))}
    return {
        name: Path(str(distribution.locate_file(name))).read_bytes()
        for distribution in map(_installed, pins)
        for name in _files(distribution)
        if _ships(PurePosixPath(name))
    }


def own(source: Path) -> Mapping[str, bytes]:
    """Our own files: the entry points, which are at the root, and the modules and page of the packages beside them."""
    roots = [folder for folder in source.iterdir() if (folder / "__init__.py").exists()]
    packaged = [file for folder in roots for file in folder.rglob("*") if file.suffix in (".py", *_PAGE)]
    return {file.relative_to(source).as_posix(): file.read_bytes() for file in (*source.glob("*.py"), *packaged)}


def entries(source: Path = FUNCTIONS) -> list[str]:
    """The modules that handlers are in."""
    return sorted(path.stem for path in source.glob("*.py"))


def _installed(pin: Pin) -> importlib.metadata.Distribution:
    try:
        distribution = importlib.metadata.distribution(pin.name)
    except importlib.metadata.PackageNotFoundError:
        installed = "none is installed"
    else:
        if Version(distribution.version) == Version(pin.version):
            return distribution
        installed = f"{distribution.version} is installed"
    raise Unpackable(
        f"functions/requirements.txt pins {pin.name}=={pin.version}, and {installed}:"
        " install it with `pip install --require-hashes -r requirements-dev.txt`, then package again."
    )


def _files(distribution: importlib.metadata.Distribution) -> list[str]:
    """What a distribution has installed. An old pip leaves another list, which Python 3.10 does not read."""
    if distribution.read_text("RECORD") is not None:
        return [file.as_posix() for file in distribution.files or ()]
    return [line.removeprefix("../") for line in (distribution.read_text("installed-files.txt") or "").splitlines()]


def _ships(file: PurePosixPath) -> bool:
    parts = file.parts
    return (
        file.suffix in _CODE
        and ".." not in parts
        and not {"__pycache__", "tests", "__main__.py"} & set(parts)
        and not parts[0].endswith((".dist-info", ".egg-info", ".data"))
        and not file.as_posix().startswith(UNUSED)
    )
