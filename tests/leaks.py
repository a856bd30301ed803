"""Reads through all that came out of a cloud's workers, for what must never be in it.

A line is everything that a function printed, returned or died of, and the platform's own lines around it. It may hold
no credential and no signature, no image, no key of a photo, no person and nothing about a face. What is kept in the
state bucket may name photos and faces, but holds no credential and no signature either.

What the API answers is what its caller asked for, signatures for uploads among it, and SCF writes down what a function
returns (583/52637). So of those lines only the keys of the API are searched for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from qcloud_cos import CosServiceError

from facestamp import stamp
from infra.local.cloud import LocalCloud
from infra.local.scf import LogLine

_SIGNED = re.compile(
    r"q-sign|q-ak|AKID|TC3-HMAC|x-cos-security-token|x-ci-security-token|\bauthorization\W{1,3}:", re.I
)
"""Any part of a signature or of a signed request, whoever made it."""

_IMAGE = re.compile(r"[A-Za-z0-9+/=_-]{150,}")
"""No honest line holds a run of text as long as this; a picture in base64, or a stamp's landmarks, does."""

_FACE = re.compile(
    r"x-cos-meta-face-|FaceShapeSet|FaceDetailInfos|FaceInfos|FaceIds|PersonId\b|\bBox\(x=|\bPoint\(x=|"
    r"""["'\\](X|Y|Width|Height|Pitch|Yaw|Roll)["'\\]+: ?-?\d|"""
    r"""["'\\](Age|Beauty|Emotion|Eye|EyeOpen|Eyebrow|Gender|Hair|Hat|HeadPose|Mask|Mouth|MouthOpen|Moustache|Nose|Shape|"""
    r"""Skin|Smile)["'\\]+: |\b(Age|Beauty|Gender|Smile)[=:;] ?\d"""
)
"""How Tencent's answers, our models and our stamps speak of faces."""

_FACE_ID = re.compile(r"(?<![\w-])\d{18,20}(?![\w-])")


def leaks(cloud: LocalCloud) -> list[str]:
    """The lines, and the keys in the state bucket, that hold what they must not."""
    opening = {*cloud.keyring.api.values(), *cloud.keyring.signing.values()}
    answers = [line.text for line in cloud.scf.logs() if _answers(line, cloud)]
    lines = [line.text for line in cloud.scf.logs() if not _answers(line, cloud)]
    words = {*opening, *cloud.cam.secrets(), *_photos(cloud), *_stamps(cloud)}
    telling = [answer for answer in answers if any(key in answer for key in opening)]
    return [*telling, *_lines(lines, words), *_kept(cloud)]


def _answers(line: LogLine, cloud: LocalCloud) -> bool:
    return line.function == cloud.outputs.get("apiFunction") and line.type == "Platform" and " RetMsg:" in line.text


def _lines(lines: list[str], words: Iterable[str]) -> list[str]:
    everything = "\n".join(lines)
    told = [word for word in words if word in everything]
    patterns = (_SIGNED, _IMAGE, _FACE, _FACE_ID)
    return [
        line
        for line in lines
        if any(word in line for word in told) or any(pattern.search(line) for pattern in patterns)
    ]


def _kept(cloud: LocalCloud) -> Iterator[str]:
    """Objects of the state bucket that hold a credential or a signature."""
    secrets = cloud.cam.secrets()
    bucket = cloud.outputs.get("stateBucket")
    bodies = {key: _body(cloud, bucket, key) for key in _keys(cloud, bucket)} if bucket else {}
    everything = "\n".join(bodies.values())
    told = [secret for secret in secrets if secret in everything]
    for key, body in bodies.items():
        if _SIGNED.search(body) or any(secret in body for secret in told):
            yield f"{key}: {body[:80]}"


def _photos(cloud: LocalCloud) -> set[str]:
    """The keys of all photos that anybody ever asked for."""
    bucket = str(cloud.outputs.get("photoBucket", ""))
    keys = {call.resource.partition("/")[2] for call in cloud.journal.calls() if call.resource.startswith(f"{bucket}/")}
    return {key for key in keys if len(key) >= 10}


def _stamps(cloud: LocalCloud) -> set[str]:
    """What the stamps in the photo bucket say of faces and people."""
    bucket = cloud.outputs.get("photoBucket")
    if not bucket:
        return set()
    telling = [name for name in stamp.NAMES if name.endswith(("boxes", "landmarks", "attributes", "person"))]
    heads = [_head(cloud, bucket, key) for key in _keys(cloud, bucket)]
    return {head[name] for head in heads for name in telling if len(head.get(name, "")) >= 8}


def _head(cloud: LocalCloud, bucket: str, key: str) -> dict[str, str]:
    try:
        told = cloud.cos().head_object(Bucket=bucket, Key=key)
    except CosServiceError:
        # An uploader's own encryption key is needed even to look; such an object has no stamp either.
        return {}
    return {name.lower(): value for name, value in told.items()}


def _keys(cloud: LocalCloud, bucket: str) -> Iterator[str]:
    marker = ""
    while True:
        page = cloud.cos().list_objects(Bucket=bucket, Marker=marker).get("Contents", [])
        yield from (entry["Key"] for entry in page)
        if len(page) < 1000:
            return
        marker = page[-1]["Key"]


def _body(cloud: LocalCloud, bucket: str, key: str) -> str:
    body: bytes = cloud.cos().get_object(Bucket=bucket, Key=key)["Body"].get_raw_stream().read()
    return body.decode()
