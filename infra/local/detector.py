"""What happens inside one of the engine's processes: a picture's bytes go in, its faces come out.

dlib finds faces by histograms of gradients on the picture shrunk to 1,000 pixels, places 68 landmarks on each, and
describes each by 128 numbers that lie within 0.6 of each other for one person. A detector that two threads share
crashes the process, so each process has its own, and one thread that looks.
"""

from __future__ import annotations

import importlib.util
import io
import math
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import dlib
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps

from facestamp.faces import Box, Points, Size
from infra.local.landmarks import Marks, Measures, box, measure, ninety
from infra.local.pictures import Unreadable

LONG_SIDE = 1000
"""Pixels to which a larger picture is shrunk; a face of about 40 of them is the smallest that is found."""
LEAST_SCORE = 0.5
"""dlib's confidence below which a find is taken for a mistake."""

SHARP = 20.0
"""A Laplacian's deviation on a face in focus. On Tencent's scale an ordinary portrait is above 80, a very blurred one
below 40; a logarithm spreads what lies between."""


class Quality(NamedTuple):
    """0 to 100 each, on the scales of FaceQualityInfo."""

    sharpness: int
    brightness: int


@dataclass(frozen=True)
class Found:
    """One face, in pixels of the picture as it is seen."""

    box: Box
    score: float
    """dlib's confidence: 0.5 and more."""
    points: Points
    """Tencent's 90, by feature."""
    descriptor: tuple[float, ...]
    """128 numbers; the distance to another face's tells whether it is the same person."""
    measures: Measures
    quality: Quality

    @property
    def area(self) -> int:
        """What "the largest face" goes by: its box's pixels."""
        return self.box.width * self.box.height


@dataclass(frozen=True)
class Look:
    """What one look at a picture gave."""

    format: str
    """PNG, JPEG, BMP, GIF, WEBP …, as Pillow names them."""
    size: Size
    """The frame that all coordinates are in: as seen where EXIF was heeded, else as stored."""
    faces: tuple[Found, ...]
    """Largest first."""


class _Models(NamedTuple):
    detector: Any
    predictor: Any
    recogniser: Any


_models: _Models | None = None


class _Turn(Protocol):
    def __call__(self, marks: Marks, width: int, height: int) -> Marks: ...


_TURNS: dict[int, _Turn] = {
    0: lambda marks, width, height: marks,
    90: lambda marks, width, height: np.stack([width - 1 - marks[:, 1], marks[:, 0]], axis=1),
    180: lambda marks, width, height: np.array([width - 1, height - 1]) - marks,
    270: lambda marks, width, height: np.stack([marks[:, 1], height - 1 - marks[:, 0]], axis=1),
}
"""Back from a picture that was turned counter-clockwise by so many degrees to one of `width` and `height`."""


def _end_with(owner: BaseProcess) -> None:
    owner.join()
    os._exit(1)


def load() -> None:
    """Read the models, once in each process. Their package's own loader needs an old setuptools: it is not imported."""
    global _models  # noqa: PLW0603 - a pool's initializer has no other place for what its process keeps
    # Ctrl-C reaches the whole group; whoever owns the engine closes it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if owner := multiprocessing.parent_process():
        # One that is killed closes nothing, and a pool's process would wait for its next picture for ever.
        threading.Thread(target=_end_with, args=(owner,), daemon=True).start()
    spec = importlib.util.find_spec("face_recognition_models")
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError("The package face_recognition_models, which holds dlib's models, is not installed.")
    folder = Path(spec.submodule_search_locations[0]) / "models"
    _models = _Models(
        dlib.get_frontal_face_detector(),
        dlib.shape_predictor(str(folder / "shape_predictor_68_face_landmarks.dat")),
        dlib.face_recognition_model_v1(str(folder / "dlib_face_recognition_resnet_model_v1.dat")),
    )


def look(image: bytes, exif: bool, rotate: bool) -> Look:
    """Find the faces in a picture's bytes; raises `Unreadable`.

    With `exif` the picture is first turned as its orientation says. With `rotate` a picture that shows no face is
    tried on its other three sides, and coordinates are given in the picture as it was.
    """
    kind, picture = _decode(image, exif)
    size = Size(*picture.size)
    picture.thumbnail((LONG_SIDE, LONG_SIDE), Image.Resampling.LANCZOS, reducing_gap=None)
    for degrees in (0, 90, 180, 270) if rotate else (0,):
        turned = picture.rotate(degrees, expand=True) if degrees else picture
        back = partial(_TURNS[degrees], width=picture.width, height=picture.height)
        faces = _find(turned, back, size.width / picture.width)
        if faces:
            break
    return Look(kind, size, tuple(sorted(faces, key=lambda face: -face.area)))


def _decode(image: bytes, exif: bool) -> tuple[str, Image.Image]:
    try:
        with Image.open(io.BytesIO(image)) as opened:
            kind = "JPEG" if opened.format == "MPO" else str(opened.format)
            opened.load()
            picture = ImageOps.exif_transpose(opened) if exif else opened.copy()
        return kind, _rgb(picture)
    except (OSError, SyntaxError, ValueError, TypeError, OverflowError, Image.DecompressionBombError):
        # Pillow lets its decoders' own errors through for some damaged files.
        raise Unreadable("The bytes are not a whole picture.") from None


def _rgb(picture: Image.Image) -> Image.Image:
    """In colour, whatever it came in; transparency on white, and 16 bits brought to 8."""
    if picture.mode.startswith("I"):
        deep = np.asarray(picture, dtype=np.float64)
        return Image.fromarray((deep / 257).clip(0, 255).astype(np.uint8)).convert("RGB")
    if "A" in picture.getbands() or "transparency" in picture.info:
        clear = picture.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", clear.size, "white"), clear).convert("RGB")
    return picture.convert("RGB")


def _find(picture: Image.Image, back: Callable[[Marks], Marks], scale: float) -> list[Found]:
    if _models is None:
        raise RuntimeError("The models have not been loaded in this process.")
    pixels: npt.NDArray[np.uint8] = np.ascontiguousarray(picture)
    found = []
    # Upsampled once: dlib's window is 80 pixels, and people in a group are smaller.
    for rectangle, score in list(zip(*_models.detector.run(pixels, 1, LEAST_SCORE)[:2], strict=True)):
        shape = _models.predictor(pixels, rectangle)
        descriptor = tuple(float(number) for number in _models.recogniser.compute_face_descriptor(pixels, shape))
        marks = np.array([(part.x, part.y) for part in shape.parts()], dtype=np.float64)
        upright = box(marks)
        corners = np.array([upright[:2], (upright.x + upright.width, upright.y + upright.height)], dtype=np.float64)
        seen = (back(marks) + 0.5) * scale - 0.5
        frame = _spanned((back(corners) + 0.5) * scale - 0.5)
        found.append(Found(frame, score, ninety(seen), descriptor, measure(seen), _quality(picture, upright)))
    return found


def _spanned(corners: Marks) -> Box:
    left, top = np.floor(corners.min(axis=0)).astype(int).tolist()
    right, bottom = np.ceil(corners.max(axis=0)).astype(int).tolist()
    return Box(left, top, right - left, bottom - top)


def _quality(picture: Image.Image, face: Box) -> Quality:
    """How sharp (what a Laplacian leaves of the face at 128 pixels) and how bright (its mean lightness)."""
    crop = picture.crop((face.x, face.y, face.x + face.width, face.y + face.height)).convert("L")
    grey = np.asarray(crop.resize((128, 128), Image.Resampling.BICUBIC), dtype=np.float64)
    edges = grey[:-2, 1:-1] + grey[2:, 1:-1] + grey[1:-1, :-2] + grey[1:-1, 2:] - 4 * grey[1:-1, 1:-1]
    sharpness = 100 * math.log1p(float(edges.std())) / math.log1p(SHARP)
    return Quality(min(100, round(sharpness)), round(float(grey.mean()) / 2.55))
