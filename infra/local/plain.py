"""The plain script that a user would write for the same job, for `make bench` to measure beside the function.

It downloads the photo, turns it into base64, calls the three operations in turn with the image in each request, and
uploads the photo again with the answers as metadata. It knows nothing of the uploader's headers, of duplicates or of
failures, and it would wake its own trigger.

It runs as a program of its own, as a function does: a key in on stdin, its times out on stdout.
"""

from __future__ import annotations

import base64
import json
import os
import sys
import time
from collections.abc import Mapping
from typing import Any

from qcloud_cos import CosConfig, CosS3Client
from tencentcloud.common.common_client import CommonClient
from tencentcloud.common.credential import Credential
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile

OPERATIONS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("DetectFace", {"MaxFaceNum": 10}),
    ("AnalyzeFace", {}),
    ("DetectFaceAttributes", {"MaxFaceNum": 10, "FaceAttributesType": "Headpose,Smile,Mouth,Eye,Mask"}),
)


def stamp(cos: Any, faces: Any, bucket: str, key: str) -> None:
    """Put what the operations say onto the photo."""
    photo = cos.get_object(Bucket=bucket, Key=key)["Body"].get_raw_stream().read()
    image = base64.b64encode(photo).decode()
    answers = {action: faces.call_json(action, {"Image": image, **more})["Response"] for action, more in OPERATIONS}
    boxes = [
        {name: info[name] for name in ("X", "Y", "Width", "Height")} for info in answers["DetectFace"]["FaceInfos"]
    ]
    cos.put_object(Bucket=bucket, Key=key, Body=photo, Metadata={"x-cos-meta-faces": json.dumps(boxes)})


def main(environment: Mapping[str, str] = os.environ) -> None:
    """Stamp each key that stdin names."""
    endpoint, region = environment["FACESTAMP_ENDPOINT"], environment["TENCENTCLOUD_REGION"]
    pair = environment["TENCENTCLOUD_SECRET_ID"], environment["TENCENTCLOUD_SECRET_KEY"]
    cos = CosS3Client(
        CosConfig(Region=region, SecretId=pair[0], SecretKey=pair[1], Scheme="http", Proxies={"http": endpoint}),
        retry=0,
    )
    profile = ClientProfile(httpProfile=HttpProfile(protocol="http", proxy=endpoint))
    faces = CommonClient("iai", "2020-03-03", Credential(*pair), region, profile)
    for line in sys.stdin:
        wall, processor = time.perf_counter(), time.process_time()
        stamp(cos, faces, environment["FACESTAMP_BUCKET"], line.strip())
        print(json.dumps([time.perf_counter() - wall, time.process_time() - processor]), flush=True)


if __name__ == "__main__":
    main()
