"""Bytecode in the one form that its values allow, whatever compiled it and whatever else that process held."""

from __future__ import annotations

import marshal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.package import pyc
from infra.package.pyc import Unreadable, rewritten

HERE = sys.version_info[:2]
SOURCE = '''
"""A module with what compilers keep: names, texts, numbers, sets, code in code."""
import os.path as path
from typing import Any

KINDS = {"face", "eye", None, 1, 2.5, 1j, b"raw", (1, None), "ü"}
BIG, LONG, TEXT = 2**80, "word " * 99, "ü and ü"


class Thing:
    """Holds."""

    kind: Any = None

    def closed(self, kind, *rest, word="word", **more):
        def inner():
            return self, kind, lambda: (kind, word, "a/b", "a/b", -(2**70))
        return inner() if kind in {"face", None, 3, "x y"} else [n for n in rest if n in {"", None, Ellipsis}]
'''

constants: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.just(...)
    | st.integers()
    | st.floats(allow_nan=False)
    | st.complex_numbers(allow_nan=False)
    | st.text()
    | st.binary(),
    lambda inner: st.lists(inner, max_size=4).map(tuple) | st.frozensets(inner, max_size=4),
    max_leaves=30,
)


def compiled(noise: str = "", seed: str = "0") -> bytes:
    """What a fresh process marshals of the source, with something else going on in it."""
    text = f"import marshal, sys\n{noise}\n"
    text += "sys.stdout.buffer.write(marshal.dumps(compile(sys.argv[1], 'm.py', 'exec')))"
    return subprocess.run(  # noqa: S603 -- our own interpreter and our own text
        [sys.executable, "-S", "-c", text, SOURCE], env={"PYTHONHASHSEED": seed}, capture_output=True, check=True
    ).stdout


@given(constants)
def test_a_constant_stays_what_it_is(constant: Any) -> None:
    again = marshal.loads(rewritten(marshal.dumps(constant), HERE))  # noqa: S302 -- our own bytes
    assert repr(again) == repr(constant) or (again == constant and type(again) is type(constant))


@given(constants)
def test_how_it_was_written_does_not_show(constant: Any) -> None:
    """Format 2 marks nothing for reuse, and nothing as interned."""
    plain, marked = (rewritten(marshal.dumps(constant, version), HERE) for version in (2, 4))
    assert plain == marked
    assert rewritten(marked, HERE) == marked


def test_a_module_stays_what_it_is() -> None:
    stream = compiled()
    again = marshal.loads(rewritten(stream, HERE))  # noqa: S302 -- our own bytes
    assert again == marshal.loads(stream) == compile(SOURCE, "m.py", "exec", dont_inherit=True)  # noqa: S302 -- our own bytes
    space: dict[str, Any] = {"__name__": "m"}
    exec(again, space)  # noqa: S102 -- our own source
    assert space["Thing"]().closed("other", 1, None) == [None]
    assert space["Thing"]().closed("face")[2]() == ("face", "word", "a/b", "a/b", -(2**70))


@pytest.mark.parametrize(
    "noise",
    [
        "kept = [sys.intern(t) for t in ('a/b', 'x y', 'face', 'ü and ü')]",
        "kept = compile(sys.argv[1], 'm.py', 'exec')",
        "import json, re, pathlib",
    ],
)
def test_what_else_a_process_holds_does_not_show(noise: str) -> None:
    assert rewritten(compiled(noise), HERE) == rewritten(compiled(), HERE)


def test_the_order_of_a_set_does_not_show() -> None:
    assert len({rewritten(compiled(seed=str(seed)), HERE) for seed in range(8)}) == 1


def test_what_comes_again_is_written_once() -> None:
    twice = ("some words", ("some words", 2**70), "some words", 2**70)
    stream = rewritten(marshal.dumps(twice, 2), HERE)
    assert stream.count(b"some words") == 1
    first, (second, number), third, same = marshal.loads(stream)  # noqa: S302 -- our own bytes
    assert first is second is third
    assert number is same


def test_the_head_of_a_compiled_file_stays(tmp_path: Path) -> None:
    head = bytes(range(pyc.HEADER))
    file = head + marshal.dumps(compile("x = 1", "m.py", "exec"))
    assert pyc.canonical(file, HERE)[: pyc.HEADER] == head


@pytest.mark.parametrize(
    ("stream", "words"),
    [
        (b"", "ends too early"),
        (b"z\x05abc", "ends too early"),
        (b"s\xff\xff\xff\xff", "ends too early"),
        (b"r\x00\x00\x00\x00", "no object 0"),
        (b"[\x00\x00\x00\x00", "type b'\\['"),
        (b"NN", "1 bytes follow"),
    ],
)
def test_what_is_no_compiled_module_is_refused(stream: bytes, words: str) -> None:
    with pytest.raises(Unreadable, match=words):
        rewritten(stream, HERE)
