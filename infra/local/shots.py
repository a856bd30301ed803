"""The demo's uploads, each with the end that it must have: status, faces in their places, errors, calls paid."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from facestamp.faces import Face
from facestamp.stamp import Stamp
from infra.local import scenes
from infra.local.scenes import Region

PERSON: Final = "ada"


@dataclass(frozen=True)
class Shot:
    """One upload, and what must come of it."""

    title: str
    key: str
    body: bytes
    says: str
    """What to see in it."""
    status: str
    paid: int
    """Face calls that Tencent would bill."""
    faces: tuple[Region, ...] = ()
    points: bool = True
    """Whether the route asks for landmarks."""
    error: str = ""
    """The code that every operation must have been refused with."""
    enrolled: str = ""
    """Who must have been enrolled."""


@dataclass(frozen=True)
class Result:
    """What came of a shot."""

    shot: Shot
    stamp: Stamp | None
    headers: Mapping[str, str]
    seconds: float
    requests: int
    paid: int

    def differences(self) -> Iterator[str]:
        """What is not as it must be, a sentence each."""
        shot, found = self.shot, self.stamp
        if found is None:
            yield "there is no stamp"
            return
        if found.status != shot.status:
            yield f"the status is {found.status}, not {shot.status}"
        if self.paid != shot.paid:
            yield f"{self.paid} calls were paid, not {shot.paid}"
        if found.count != len(shot.faces) or len(found.faces) != len(shot.faces):
            yield f"{found.count} faces were found, not {len(shot.faces)}"
        for number, region in enumerate(shot.faces, 1):
            here = [face for face in found.faces if _inside(face, region)]
            if len(here) != 1:
                yield f"{len(here)} faces are where face {number} is"
            elif shot.points and sum(map(len, (here[0].points or {}).values())) != 90:
                yield f"face {number} has not its 90 points"
        if set(found.errors.values()) != ({shot.error} if shot.error else set()):
            yield f"the errors are {dict(found.errors)}, not {shot.error or 'none'}"
        if (found.enrolment.person_id if found.enrolment else "") != shot.enrolled:
            yield f"not {shot.enrolled or 'nobody'} was enrolled, but {found.enrolment}"


def shots(prefixes: Mapping[str, str]) -> list[Shot]:
    """The demo's uploads, in order."""
    photos, members = prefixes["photos"], prefixes["members"]
    portrait = scenes.jpeg(scenes.portrait())
    face: Region = scenes.FACE
    bust = scenes.lit(scenes.mirrored(scenes.cropped()), 0.9)
    return [
        Shot("A portrait", f"{photos}portrait.jpg", portrait, "three operations side by side", "ok", 3, (face,)),
        Shot("The same portrait again", f"{photos}portrait.jpg", portrait, "its record is there", "ok", 0, (face,)),
        Shot(
            "Five faces",
            f"{photos}group.jpg",
            scenes.jpeg(scenes.row(5)),
            "the largest first, 450 points in one header line",
            "ok",
            3,
            tuple(scenes.row_faces(5)),
        ),
        Shot(
            "No face",
            f"{photos}coffee.jpg",
            scenes.jpeg(scenes.landscape()),
            "a finding too, and errors cost nothing",
            "no-face",
            1,
        ),
        Shot(
            "An oversized photo",
            f"{photos}oversized.jpg",
            scenes.jpeg(scenes.big(6000, 4000)),
            "analysed through a thumbnail, told in the photo's own pixels",
            "ok",
            3,
            (scenes.big_face(6000, 4000),),
        ),
        Shot(
            "A turned photo",
            f"{photos}turned.jpg",
            scenes.jpeg(scenes.row(2), orientation=6),
            "stored lying on its side, EXIF orientation 6",
            "ok",
            3,
            tuple(scenes.row_faces(2)),
        ),
        Shot(
            "Text that calls itself a photo",
            f"{photos}notes.jpg",
            b"Not a picture at all.\n" * 40,
            "refused by its first bytes",
            "rejected",
            0,
            error="FailedOperation.ImageDecodeFailed",
        ),
        Shot(
            "A GIF that calls itself a photo",
            f"{photos}moving.jpg",
            scenes.gif(scenes.portrait(256)),
            "a format that the services do not take",
            "rejected",
            0,
            error="FailedOperation.ImageDecodeFailed",
        ),
        Shot(
            "An enrolment",
            f"{members}{PERSON}/mirrored.jpg",
            scenes.jpeg(bust),
            f"the key names the person: {PERSON}",
            "ok",
            2,
            ((360 - 221, 64, 360 - 126, 187),),
            points=False,
            enrolled=PERSON,
        ),
    ]


def _inside(face: Face, region: Region) -> bool:
    if face.box is None:
        return False
    x, y = face.box.x + face.box.width / 2, face.box.y + face.box.height / 2
    return region[0] <= x <= region[2] and region[1] <= y <= region[3]
