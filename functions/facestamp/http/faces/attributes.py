"""What a face looks like: DetectFace's attributes and quality (IAI 867/44989), and DetectFaceAttributes' (867/47396).

The structures are Tencent's (867/45020) with their names in snake case. Tencent fills in every value whether it was
asked for or not, and null where it cannot tell: only what was asked for and is known stands in an answer here.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from facestamp.http.models import Maybe, Told

Score = Annotated[int, Field(ge=0, le=100)]


class HairStyle(Told):
    """Tencent's FaceHairAttributesInfo."""

    length: Maybe[int] = None
    """0: bald, 1: short, 2: medium, 3: long, 4: tied."""
    bang: Maybe[int] = None
    """0: with a fringe, 1: without."""
    color: Maybe[int] = None
    """0: black, 1: golden, 2: brown, 3: grey or white."""


class FaceAttributesInfo(Told):
    """What DetectFace says of one of the five largest faces."""

    gender: Maybe[int] = None
    """0 to 49: female, 50 to 100: male; the nearer to 0 or 100, the surer."""
    age: Maybe[int] = None
    """0 to 100."""
    expression: Maybe[int] = None
    """0: calm, to 100: laughing."""
    glass: Maybe[bool] = None
    """Whether there are glasses."""
    pitch: Maybe[int] = None
    """Up and down, -30 to 30 degrees."""
    yaw: Maybe[int] = None
    """Left and right, -30 to 30 degrees."""
    roll: Maybe[int] = None
    """In the picture's plane, -180 to 180 degrees."""
    beauty: Maybe[int] = None
    """0 to 100."""
    hat: Maybe[bool] = None
    """Whether there is a hat."""
    mask: Maybe[bool] = None
    """Whether there is a mask."""
    hair: Maybe[HairStyle] = None
    eye_open: Maybe[bool] = None
    """Whether both eyes are open."""


class Completeness(Told):
    """How little of each part is covered, 0 to 100; up to 80 (nose 60, cheek and chin 70, mouth 50) it is covered."""

    eyebrow: Maybe[int] = None
    eye: Maybe[int] = None
    nose: Maybe[int] = None
    cheek: Maybe[int] = None
    mouth: Maybe[int] = None
    chin: Maybe[int] = None


class FaceQualityInfo(Told):
    """How well one of the thirty largest faces can be recognized."""

    score: Maybe[int] = None
    """All in all, 0 to 100; from 70 on it is fit to be enrolled."""
    sharpness: Maybe[int] = None
    """0 to 100; from 80 on it is fit to be enrolled."""
    brightness: Maybe[int] = None
    """0 to 100; from 30 to 70 it is fit to be enrolled."""
    completeness: Maybe[Completeness] = None


class AttributeItem(Told):
    """One of several types, and how likely it is the right one."""

    type: Maybe[int] = None
    probability: Maybe[float] = None
    """0 to 1."""


class Eye(Told):
    """The eyes."""

    glass: Maybe[AttributeItem] = None
    """0: no glasses, 1: glasses, 2: sunglasses."""
    eye_open: Maybe[AttributeItem] = None
    """0: open, 1: closed."""
    eyelid_type: Maybe[AttributeItem] = None
    """0: single eyelid, 1: double eyelid."""
    eye_size: Maybe[AttributeItem] = None
    """0: small, 1: ordinary, 2: large."""


class Eyebrow(Told):
    """The eyebrows."""

    eyebrow_density: Maybe[AttributeItem] = None
    """0: light, 1: dense."""
    eyebrow_curve: Maybe[AttributeItem] = None
    """0: straight, 1: curved."""
    eyebrow_length: Maybe[AttributeItem] = None
    """0: short, 1: long."""


class Hair(Told):
    """The hair."""

    length: Maybe[AttributeItem] = None
    """0: bald, 1: short, 2: medium, 3: long, 4: tied."""
    bang: Maybe[AttributeItem] = None
    """0: without a fringe, 1: with one."""
    color: Maybe[AttributeItem] = None
    """0: black, 1: golden, 2: brown, 3: grey or white."""


class Hat(Told):
    """What is worn on the head."""

    style: Maybe[AttributeItem] = None
    """0: no hat, 1: ordinary hat, 2: helmet, 3: guard's cap."""
    color: Maybe[AttributeItem] = None
    """0: no hat, 1: red, 2: yellow, 3: blue, 4: black, 5: grey or white, 6: mixed."""


class HeadPose(Told):
    """Where the head is turned, in degrees."""

    pitch: Maybe[int] = None
    """Up and down, -30 to 30."""
    yaw: Maybe[int] = None
    """Left and right, -30 to 30."""
    roll: Maybe[int] = None
    """In the picture's plane, -180 to 180."""


class Mouth(Told):
    """The mouth."""

    mouth_open: Maybe[AttributeItem] = None
    """0: closed, 1: open."""


class FaceDetailAttributesInfo(Told):
    """The attributes that were asked for and are known; none for the sixth largest face and on."""

    age: Maybe[int] = None
    """0 to 65, which stands for 65 and older."""
    beauty: Maybe[int] = None
    """0 to 100."""
    emotion: Maybe[AttributeItem] = None
    """0: calm, 1: happy, 2: surprised, 3: angry, 4: sad, 5: disgusted, 6: afraid."""
    eye: Maybe[Eye] = None
    eyebrow: Maybe[Eyebrow] = None
    gender: Maybe[AttributeItem] = None
    """0: male, 1: female."""
    hair: Maybe[Hair] = None
    hat: Maybe[Hat] = None
    head_pose: Maybe[HeadPose] = None
    mask: Maybe[AttributeItem] = None
    """0: no mask, 1: one that covers nothing, 2: the chin, 3: the mouth, 4: worn rightly."""
    mouth: Maybe[Mouth] = None
    moustache: Maybe[AttributeItem] = None
    """0: no beard, 1: a beard."""
    nose: Maybe[AttributeItem] = None
    """0: upturned, 1: aquiline, 2: ordinary, 3: bulbous."""
    shape: Maybe[AttributeItem] = None
    """0: square, 1: triangular, 2: oval, 3: heart, 4: round."""
    skin: Maybe[AttributeItem] = None
    """0: yellow, 1: brown, 2: black, 3: white."""
    smile: Maybe[int] = None
    """0 to 100."""
