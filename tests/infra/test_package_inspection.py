"""What a package may hold, and what it costs: looked at before it is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from infra.package import PYTHON310
from infra.package.budget import exceeded
from infra.package.coldstart import Timing
from infra.package.inspection import faults
from tests.infra.native import AARCH64, native

MAGIC = (3439).to_bytes(2, "little") + b"\r\n"
"""Of CPython 3.10's bytecode (Lib/importlib/_bootstrap_external.py)."""
UNCHECKED, CHECKED = (1).to_bytes(4, "little"), (3).to_bytes(4, "little")
MODULE = "fast.cpython-310-x86_64-linux-gnu.so"
OLD = {"libc.so.6": ["GLIBC_2.17", "GLIBC_2.2.5"], "libstdc++.so.6": ["GLIBCXX_3.4.19", "CXXABI_1.3"]}
PACKAGE = {
    "index.py": b"import helper",
    "__pycache__/index.cpython-310.pyc": MAGIC + UNCHECKED + b"index",
    "helper/__init__.py": b"",
    "helper/__pycache__/__init__.cpython-310.pyc": MAGIC + UNCHECKED,
    "helper/page.html": b"<!doctype html>",
    f"helper/{MODULE}": native(OLD),
    "helper/slow.abi3.so": native({"libc.so.6": ["GLIBC_2.14"]}),
}


def found(changed: Mapping[str, bytes], machine: Sequence[Path] = ()) -> list[str]:
    """What is wrong with the package above when this is in it, too."""
    return faults({**PACKAGE, **changed}, ["index"], PYTHON310, machine)


def test_a_package_for_the_runtime_has_no_fault() -> None:
    assert found({}) == []


def test_an_entry_point_that_is_not_at_the_root() -> None:
    assert faults(PACKAGE, ["index", "other"], PYTHON310) == ["other.py is not at its root"]


@pytest.mark.parametrize(
    ("name", "content", "fault"),
    [
        ("fast.cpython-311-x86_64-linux-gnu.so", native(OLD), "is neither for cp310 nor for the stable ABI"),
        ("fast.cpython-310-darwin.so", native(OLD), "is neither for cp310 nor for the stable ABI"),
        ("fast.so", native(OLD), "is neither for cp310 nor for the stable ABI"),
        (MODULE, native(OLD, AARCH64), "is for AArch64, not for x86-64"),
        (MODULE, native({"libc.so.6": ["GLIBC_2.18"]}), "needs GLIBC_2.18 of libc.so.6, which manylinux2014 has not"),
        (
            MODULE,
            native({"libc.so.6": ["GLIBC_2.4", "GLIBC_2.34"]}),
            "needs GLIBC_2.34 of libc.so.6, which manylinux2014 has not",
        ),
        (
            MODULE,
            native({"libstdc++.so.6": ["GLIBCXX_3.4.20"]}),
            "needs GLIBCXX_3.4.20 of libstdc++.so.6, which manylinux2014 has not",
        ),
        (
            MODULE,
            native({"libc.so.6": ["GLIBC_PRIVATE"]}),
            "needs GLIBC_PRIVATE of libc.so.6, which manylinux2014 has not",
        ),
        (MODULE, native({"libssl.so.1.1": []}), "needs libssl.so.1.1, which manylinux2014 has not"),
        (MODULE, b"MZ\x90\x00", "is no library of Linux"),
        (MODULE, native({})[:64], "is no library of Linux"),
    ],
)
def test_a_native_module_that_the_runtime_cannot_load(name: str, content: bytes, fault: str) -> None:
    assert found({f"other/{name}": content}) == [f"other/{name} {fault}"]


@pytest.mark.parametrize(
    "name",
    [
        *("tests/__init__.py", "helper/tests/test_it.py", "helper/__main__.py", "helper/cli.py", "helper/cli/run.py"),
        *("Crypto/Cipher/AES.py", "infra/local/cloud.py", "pip/__init__.py"),
    ],
)
def test_a_module_that_is_not_for_the_cloud(name: str) -> None:
    folder, _, file = name.rpartition("/")
    compiled = f"{folder}/__pycache__/{file.removesuffix('.py')}.cpython-310.pyc"
    found_ = found({name: b"", compiled: MAGIC + UNCHECKED})
    assert found_ == [f"{part} is not for the cloud" for part in sorted([name, compiled])]


@pytest.mark.parametrize("name", ["helper-1.0.dist-info/METADATA.py", "helper/notes.md", "helper/fast.c", ".env"])
def test_a_file_that_is_no_code(name: str) -> None:
    assert found({name: b""})


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("helper/__pycache__/gone.cpython-310.pyc", MAGIC + UNCHECKED),
        ("__pycache__/index.cpython-310.pyc", b"\xa7\r\r\n" + UNCHECKED),
        ("__pycache__/index.cpython-310.pyc", MAGIC + CHECKED),
        ("__pycache__/index.cpython-310.pyc", b""),
    ],
    ids=["without its source", "of another Python", "to be checked", "empty"],
)
def test_bytecode_that_would_not_be_loaded(name: str, content: bytes) -> None:
    (fault,) = found({name: content})
    assert fault.startswith(f"{name} is not the unchecked bytecode of a source beside it")


def test_a_source_without_bytecode_for_the_runtime() -> None:
    other = {"other.py": b"", "__pycache__/other.cpython-311.pyc": MAGIC + UNCHECKED}
    assert found(other) == ["other.py has no bytecode"]


def test_nothing_tells_where_it_was_made() -> None:
    here = Path("/home/ann/facestamp")
    traced = MAGIC + UNCHECKED + b"/home/ann/facestamp/functions/index.py"
    name = "__pycache__/index.cpython-310.pyc"
    assert found({name: traced}, [here]) == [f"{name} tells where it was made"]
    assert found({name: traced}, [Path("/home/bob/facestamp")]) == []


def test_what_many_machines_have_tells_nothing() -> None:
    assert found({"index.py": b"HOME = '/home/.config'"}, [Path("/home")]) == []


def timed(ratio: float, entry: str = "on_upload") -> Timing:
    """An import that takes so much longer than the SDKs alone."""
    return Timing(entry, 0.1 * ratio, 0.1)


def test_a_package_within_its_budget() -> None:
    assert list(exceeded(8_000_000, [timed(1.15), timed(1.9, "on_http")])) == []


def test_a_package_that_is_too_large() -> None:
    assert list(exceeded(8_010_000, [timed(1)])) == ["its zip has 8.01 MB, and may have 8"]


def test_a_handler_that_takes_too_long_to_import() -> None:
    (said,) = exceeded(1, [timed(1.3)])
    assert said == (
        "importing on_upload takes 1.30 times as long as importing the SDKs (130 ms against 100 ms), and may take"
        " 1.15 times as long"
    )


def test_both_at_once() -> None:
    assert len(list(exceeded(9_000_000, [timed(1.16)]))) == 2
