"""What is said about a face: what can be measured, null for what no local model can know, zero for what nobody asked.

Tencent returns every attribute in every answer; those that were not requested "have no reference value" and are zero
(DetectFaceAttributes, IAI 867/47396; data types 867/45020). The same holds for all but the five largest faces.
"""

from __future__ import annotations

from typing import Any

from facestamp.attributes import KINDS
from infra.local.faces import Found
from infra.local.gateway import Refused

_PARTS = {
    "Eye": ("Glass", "EyeOpen", "EyelidType", "EyeSize"),
    "Eyebrow": ("EyebrowDensity", "EyebrowCurve", "EyebrowLength"),
    "Hair": ("Length", "Bang", "Color"),
    "Hat": ("Style", "Color"),
    "Mouth": ("MouthOpen",),
}
"""Kinds that are several AttributeItems."""
_NUMBERS = ("Age", "Beauty", "Smile")


def requested(kinds: str) -> frozenset[str]:
    """FaceAttributesType as a set of the answer's fields; None and nothing are the empty set.

    Kinds may come in any case: one is documented as Headpose where it is asked for, HeadPose where it is answered.

    Raises `Refused` with InvalidParameter.InvalidParameter for a kind that does not exist.
    """
    by_name = {kind.lower(): kind for kind in KINDS}
    names = {name.strip().lower() for name in kinds.split(",")} - {"", "none"}
    if not names <= by_name.keys():
        raise Refused("InvalidParameter.InvalidParameter", "FaceAttributesType names an attribute that does not exist.")
    return frozenset(by_name[name] for name in names)


def detailed(face: Found, kinds: frozenset[str]) -> dict[str, Any]:
    """FaceDetailAttributesInfo: all sixteen, of which `kinds` mean something."""
    return {kind: _measured(kind, face) if kind in kinds else _zero(kind) for kind in KINDS}


def brief(face: Found, wanted: bool) -> dict[str, Any]:
    """DetectFace's FaceAttributesInfo."""
    hair = {"Length": 0, "Bang": 0, "Color": 0}
    if not wanted:
        numbers = dict.fromkeys(("Gender", "Age", "Expression", "Pitch", "Yaw", "Roll", "Beauty"), 0)
        return {**numbers, **dict.fromkeys(("Glass", "Hat", "Mask", "EyeOpen"), False), "Hair": hair}
    return {
        **dict.fromkeys(("Gender", "Age", "Beauty", "Glass", "Hat", "Mask", "Hair")),
        **_pose(face),
        "Expression": round(face.measures.smile),
        "EyeOpen": face.measures.eyes_open >= 0.5,
    }


def quality(face: Found) -> dict[str, Any]:
    """DetectFace's FaceQualityInfo; how much of the face is covered is not known."""
    sharpness, brightness = face.quality
    glare = max(0, abs(brightness - 50) - 20)
    return {
        "Score": max(0, sharpness - 2 * glare),
        "Sharpness": sharpness,
        "Brightness": brightness,
        "Completeness": dict.fromkeys(("Eyebrow", "Eye", "Nose", "Cheek", "Mouth", "Chin")),
    }


def good_enough(face: Found, control: int) -> bool:
    """Whether a face passes QualityControl 0 to 4, judged by focus and light alone.

    1 turns away what is very blurred; 2 also what is blurred and badly lit; 3 what is either; 4 wants both at their
    best. Tencent also judges what covers the face.
    """
    sharpness, brightness = face.quality
    blurred, badly_lit = sharpness < 60, not 30 <= brightness <= 70
    return not (
        (control >= 1 and sharpness < 40)
        or (control >= 2 and blurred and badly_lit)
        or (control >= 3 and (blurred or badly_lit))
        or (control >= 4 and sharpness < 80)
    )


def _pose(face: Found) -> dict[str, int]:
    return {"Pitch": round(face.measures.pitch), "Yaw": round(face.measures.yaw), "Roll": round(face.measures.roll)}


def _measured(kind: str, face: Found) -> Any:
    known: dict[str, Any] = {
        "HeadPose": _pose(face),
        "Smile": round(face.measures.smile),
        # Type 1 is an open mouth, but a closed eye.
        "Mouth": {"MouthOpen": _item(face.measures.mouth_open)},
        "Eye": {**dict.fromkeys(_PARTS["Eye"]), "EyeOpen": _item(1 - face.measures.eyes_open)},
    }
    return known.get(kind)


def _item(likely: float) -> dict[str, Any]:
    """An AttributeItem of two types, of which 1 is so likely."""
    chosen = int(likely >= 0.5)
    return {"Type": chosen, "Probability": round(likely if chosen else 1 - likely, 4)}


def _zero(kind: str) -> Any:
    if kind in _NUMBERS:
        return 0
    if kind == "HeadPose":
        return {"Pitch": 0, "Yaw": 0, "Roll": 0}
    if kind in _PARTS:
        return {part: {"Type": 0, "Probability": 0.0} for part in _PARTS[kind]}
    return {"Type": 0, "Probability": 0.0}
