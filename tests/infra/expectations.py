"""What a stack with everything on has to mean, written by hand, in the words of `tests.infra.meanings`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from facestamp.http.keys import ApiKey, Keys, SigningKey
from facestamp.http.settings import ApiSettings
from facestamp.operations import OPERATIONS
from facestamp.settings import Settings
from tests.infra.conftest import API, MEMBERS, PHOTOS
from tests.infra.meanings import Meaning

REGION = "ap-guangzhou"
PICTURES, RECORDS, CODE = "pictures-1250000000", "records-1250000000", "code-1250000000"
PACKAGE = b"what make package built"
SETTINGS: Mapping[str, Any] = {
    "versioning": True,
    "record_days": 90,
    "tags": {"team": "photos"},
    "alarm_url": "https://alarms.example.com/x",
    "alarm_groups": [7, 8],
    "api": {
        **API,
        "auth": "CAM",
        "camScopes": ["analyse"],
        "urlHosts": ["pictures.example.com"],
        "origins": ["https://www.example.com"],
    },
}
"""Beside the tests' own."""
TAGS = {"app": "facestamp", "stack": "test", "team": "photos"}

DIGEST = "cd538ac874f056a9"
TOKENS = "@&?|#()='\",;:<>[]{}/ \n\t\r\\"
TEXTS = (
    "level happened request_id object action code verdict error where caller callers_id tencent_request_id"
    " SCF_FunctionName SCF_RequestId SCF_Type"
)
NUMBERS = {
    **dict.fromkeys(["status", "milliseconds", "SCF_StatusCode", "SCF_RetryNum", "SCF_Duration"], "long"),
    "SCF_MemUsage": "double",
}
ALWAYS = {"weekdays": [1, 2, 3, 4, 5, 6, 7], "startTime": 0, "endTime": 86399}
STAMPS = {
    *("cos:GetObject", "cos:HeadObject", "cos:GetObjectACL", "cos:PutObjectACL"),
    *("cos:GetObjectTagging", "cos:PutObjectTagging", "cos:PutObject", "cos:PutObjectCopy"),
}
FINDS = {"ci:CreateDetectFaceJob", "ci:CreateFaceEffectJob"}
KEEPS, FORGETS = {"cos:GetObject", "cos:PutObject"}, {"cos:GetObject", "cos:PutObject", "cos:DeleteObject"}
PEOPLE = (
    "AnalyzeFace CreateFace CreateGroup CreatePerson DeleteFace DeleteGroup DeletePerson DetectFace"
    " DetectFaceAttributes GetGroupInfo GetGroupList GetPersonBaseInfo GetPersonGroupInfo GetPersonList SearchFaces"
)


def _state(route: str) -> dict[str, set[str]]:
    return {
        f"{RECORDS}/leases/{route}/*": KEEPS,
        f"{RECORDS}/records/{route}/*": FORGETS,
        f"{RECORDS}/answers/{route}/*": FORGETS,
        f"{RECORDS}/dead/{route}/*": {"cos:PutObject", "cos:DeleteObject"},
    }


def _told(route: Mapping[str, Any], person: str = "") -> Settings:
    return Settings(
        route=route["name"],
        bucket=PICTURES,
        prefix=route["prefix"],
        suffixes=(".jpg", ".jpeg", ".png", ".bmp"),
        state_bucket=RECORDS,
        operations=tuple(OPERATIONS[name].model_validate(asked) for name, asked in route["operations"].items()),
        face_region=REGION,
        person_id=person,
    )


def _granted(part: str, tree: Mapping[str, set[str]], service: tuple[str, ...] = ("cos", "ci")) -> Meaning:
    places = {"", *(f"qcs::{each}:{REGION}:uid/1250000000" for each in service)}
    return {"name": f"facestamp-test-{part}", "places": places, "granted": dict(tree), "tags": TAGS}


def _working(part: str, told: Any, handler: str, memory: int, prefix: str = "") -> Meaning:
    return {
        "name": f"facestamp-test-{part}",
        "namespace": "default",
        "handler": handler,
        "runtime": "Python3.10",
        "memSize": memory,
        "timeout": 30,
        "role": f"facestamp-test-{part}",
        "enablePublicNet": True,
        "cosBucketName": CODE,
        "cosBucketRegion": REGION,
        "cosObjectName": f"/facestamp-{DIGEST}.zip",
        "clsLogsetId": "ClsLogset-logs",
        "clsTopicId": "ClsTopic-logs",
        "tags": TAGS,
        "told": told,
        "woken": [
            (PICTURES, REGION, f"cos:ObjectCreated:{event}", prefix)
            for event in ("CompleteMultipartUpload", "Post", "Put")
            if prefix
        ],
    }


def _worker(part: str, granted: Meaning, function: Meaning, memory: int) -> dict[tuple[str, str], Meaning]:
    name = f"facestamp-test-{part}"
    return {
        ("CamRole", part): {"name": name, "for SCF": True, "tags": TAGS},
        ("CamPolicy", part): granted,
        ("CamRolePolicyAttachment", part): {"roleId": f"CamRole-{part}", "policyId": f"CamPolicy-{part}"},
        ("ScfFunction", part): function,
        ("ScfReservedConcurrencyConfig", part): {
            "functionName": name,
            "namespace": "default",
            "reservedConcurrencyMem": memory,
        },
    }


def _retried(part: str) -> Meaning:
    asked = {"retryConfigs": [{"retryNum": 2}], "msgTtl": 21600}
    return {"functionName": f"facestamp-test-{part}", "namespace": "default", "asyncTriggerConfig": asked}


def _alarm(metric: str) -> dict[str, Any]:
    return {
        "metricName": metric,
        "operator": "gt",
        "value": "0",
        "period": 300,
        "continuePeriod": 1,
        "noticeFrequency": 3600,
        "isPowerNotice": 0,
    }


_IN_PLACE = f"bucket/{PICTURES}"
_PHOTOS, _MEMBERS = _told(PHOTOS), _told(MEMBERS, "members/{person_id}/")
_API = ApiSettings(
    routes={"photos": _PHOTOS, "members": _MEMBERS},
    bucket=PICTURES,
    state_bucket=RECORDS,
    face_region=REGION,
    endpoint="",
    keys=Keys(
        api=(ApiKey("shop", frozenset({"read", "analyse", "enrol", "admin"}), "0" * 64),),
        signing=(SigningKey("now", frozenset({"read"}), "not-a-secret-but-long-enough-for-one"),),
        cam=frozenset({"analyse"}),
    ),
    url_hosts=("pictures.example.com",),
    origins=("https://www.example.com",),
    photo_origin="https://photos.example.com",
)

EXPECTED: Mapping[tuple[str, str], Meaning] = {
    ("CosBucket", "photos"): {
        "name": PICTURES,
        "emptied when destroyed": False,
        "versions": True,
        "tags": TAGS,
        "pages": [
            {
                "allowedOrigins": ["*"],
                "allowedMethods": ["PUT", "POST", "GET", "HEAD"],
                "allowedHeaders": ["*"],
                "exposeHeaders": ["ETag", "Content-Length", "x-cos-request-id"],
                "maxAgeSeconds": 600,
            }
        ],
        "goes": [
            ("", True, {"abortIncompleteMultipartUpload": 1}),
            ("", True, {"nonCurrentExpiration": 30}),
        ],
    },
    ("CosBucket", "state"): {
        "name": RECORDS,
        "emptied when destroyed": False,
        "versions": False,
        "tags": TAGS,
        "pages": None,
        "goes": [
            ("answers/", True, {"expiration": 30}),
            ("records/", True, {"expiration": 90}),
            ("requests/", True, {"expiration": 1}),
        ],
    },
    ("CosBucket", "code"): {
        "name": CODE,
        "emptied when destroyed": True,
        "versions": False,
        "tags": TAGS,
        "pages": None,
        "goes": [],
    },
    ("CosBucketObject", "package"): {
        "in": CODE,
        "named": f"facestamp-{DIGEST}.zip",
        "holds": DIGEST,
        "tags": TAGS,
    },
    ("CiBucketAttachment", "photos"): {"bucket": PICTURES},
    **_worker(
        "photos",
        _granted(
            "photos",
            {
                f"{PICTURES}/photos/*": STAMPS,
                f"{_IN_PLACE}/photos/*": FINDS,
                **_state("photos"),
                f"{RECORDS}/*": {"cos:GetBucket"},
                "*": {"iai:DetectFace", "iai:AnalyzeFace", "iai:DetectFaceAttributes"},
            },
        ),
        _working("photos", _PHOTOS, "on_upload.main_handler", 256, "photos/"),
        5 * 256,
    ),
    ("ScfFunctionEventInvokeConfig", "photos"): _retried("photos"),
    **_worker(
        "members",
        _granted(
            "members",
            {
                f"{PICTURES}/members/*": STAMPS,
                f"{_IN_PLACE}/members/*": FINDS,
                **_state("members"),
                f"{RECORDS}/enrolments/*": KEEPS,
                f"{RECORDS}/*": {"cos:GetBucket"},
                "*": {"iai:DetectFace", "iai:CreateFace", "iai:GetPersonBaseInfo"},
            },
        ),
        _working("members", _MEMBERS, "on_upload.main_handler", 256, "members/"),
        5 * 256,
    ),
    ("ScfFunctionEventInvokeConfig", "members"): _retried("members"),
    **_worker(
        "api",
        _granted(
            "api",
            {
                **{f"{PICTURES}/{prefix}*": {*STAMPS, "cos:PostObject"} for prefix in ("photos/", "members/")},
                **{f"{_IN_PLACE}/{prefix}*": FINDS for prefix in ("photos/", "members/")},
                **_state("photos"),
                **_state("members"),
                f"{RECORDS}/enrolments/*": KEEPS,
                f"{RECORDS}/requests/*": KEEPS,
                f"{RECORDS}/*": {"cos:GetBucket"},
                "*": {f"iai:{action}" for action in PEOPLE.split()},
            },
        ),
        _working("api", _API, "on_http.main_handler", 512),
        8 * 512,
    ),
    ("ScfTrigger", "api"): {
        "functionName": "facestamp-test-api",
        "namespace": "default",
        "type": "http",
        "qualifier": "$LATEST",
        "enable": "OPEN",
        "triggerDesc": {
            "AuthType": "CAM",
            "NetConfig": {"EnableExtranet": True, "EnableIntranet": False},
            "CorsConfig": {"Enable": False},
        },
    },
    ("ClsLogset", "logs"): {"logsetName": "facestamp-test", "tags": TAGS},
    ("ClsTopic", "logs"): {"logsetId": "ClsLogset-logs", "topicName": "facestamp-test", "period": 30, "tags": TAGS},
    ("ClsIndex", "logs"): {
        "topic": "ClsTopic-logs",
        "on": True,
        "words": {"caseSensitive": False, "containZH": True, "tokenizer": TOKENS},
        "names in their case": False,
        "fields": {
            **dict.fromkeys(TEXTS.split(), ("text", True, TOKENS, False)),
            **{name: (kind, True, "", False) for name, kind in NUMBERS.items()},
        },
    },
    ("ClsAlarm", "dead-letters"): {
        "name": "facestamp-test-dead-letters",
        "status": True,
        "alarmTargets": [
            {
                "logsetId": "ClsLogset-logs",
                "topicId": "ClsTopic-logs",
                "number": 1,
                "query": "level:ERROR AND (verdict:operator OR verdict:reject)",
                "syntaxRule": 1,
                "startTimeOffset": -10,
                "endTimeOffset": 0,
            }
        ],
        "monitorTime": {"type": "Period", "time": 5},
        "condition": "[$1.__QUERYCOUNT__] > 0",
        "alarmLevel": 2,
        "triggerCount": 1,
        "alarmPeriod": 60,
        "monitorNotice": {"notices": [{"noticeId": "MonitorAlarmNotice-alarms", "alarmLevels": [2]}]},
        "tags": TAGS,
    },
    ("MonitorAlarmNotice", "alarms"): {
        "name": "facestamp-test",
        "noticeType": "ALL",
        "noticeLanguage": "en-US",
        "urlNotices": [{"url": "https://alarms.example.com/x", **ALWAYS}],
        "userNotices": [{"receiverType": "GROUP", "groupIds": [7, 8], "noticeWays": ["EMAIL"], **ALWAYS}],
    },
    ("MonitorAlarmPolicy", "alarms"): {
        "policyName": "facestamp-test",
        "monitorType": "MT_QCE",
        "namespace": "SCF_V2",
        "enable": 1,
        "noticeIds": ["MonitorAlarmNotice-alarms"],
        "conditions": {"isUnionRule": 0, "rules": [_alarm(metric) for metric in ("Error", "Throttle", "Http432")]},
    },
    ("MonitorPolicyBindingObject", "alarms"): {
        "policy": "MonitorAlarmPolicy-alarms",
        "over": [
            (REGION, ("functionName", f"facestamp-test-{part}"), ("namespace", "default"))
            for part in ("api", "members", "photos")
        ],
    },
}
"""By a resource's kind and the name that the program gives it."""
