"""Groups, people and their faces: made, listed, searched and deleted."""

from __future__ import annotations

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
from tencentcloud.iai.v20180301 import models as models2018
from tencentcloud.iai.v20200303 import models as models2020

from infra.local.faults import Fault
from tests import pictures
from tests.local.iai.conftest import LANDSCAPE, PORTRAIT, FaceCloud, b64

VALUE = "InvalidParameterValue"
MIRRORED = b64(pictures.jpeg(pictures.mirrored(pictures.portrait())))
DARK = b64(pictures.jpeg(pictures.lit(pictures.portrait(), 0.4)))


def refusal(cloud: FaceCloud, action: str, **parameters: Any) -> str:
    with pytest.raises(TencentCloudSDKException) as refused:
        cloud.ask(action, **parameters)
    return str(refused.value.get_code())


@pytest.mark.parametrize("version", ["2018-03-01", "2020-03-03"])
def test_answers_have_the_documented_fields(cloud: FaceCloud, version: str) -> None:
    models = {"2018-03-01": models2018, "2020-03-03": models2020}[version]

    def ask(action: str, **parameters: Any) -> dict[str, Any]:
        answer = cloud.ask(action, version=version, **parameters)
        documented = vars(getattr(models, f"{action}Response")())
        assert answer.keys() == {name.lstrip("_") for name in documented}
        return answer

    ask("CreateGroup", GroupId="staff", GroupName="员工库", Tag="note", GroupExDescriptions=["学号"])
    described = [{"PersonExDescriptionIndex": 0, "PersonExDescription": "7"}]
    person = {"GroupId": "staff", "PersonId": "ada", "PersonName": "Ada", "Image": PORTRAIT}
    first = ask("CreatePerson", **person, Gender=2, PersonExDescriptionInfos=described)
    assert re.fullmatch(r"\d{19}", first["FaceId"])
    second = ask("CreateFace", PersonId="ada", Images=[MIRRORED])
    assert ask("GetPersonBaseInfo", PersonId="ada") == {
        "PersonName": "Ada",
        "Gender": 2,
        "FaceIds": [first["FaceId"], *second["SucFaceIds"]],
        "RequestId": cloud_request_id(),
    }
    (listed,) = ask("GetPersonList", GroupId="staff")["PersonInfos"]
    assert (listed["PersonId"], listed["PersonExDescriptions"]) == ("ada", ["7"])
    (in_group,) = ask("GetPersonGroupInfo", PersonId="ada")["PersonGroupInfos"]
    assert in_group == {"GroupId": "staff", "PersonExDescriptions": ["7"]}
    (group,) = ask("GetGroupList")["GroupInfos"]
    assert (group["GroupId"], group["GroupName"], group["Tag"]) == ("staff", "员工库", "note")
    assert ask("GetGroupInfo", GroupId="staff")["GroupExDescriptions"] == ["学号"]
    found = ask("SearchFaces", GroupIds=["staff"], Image=PORTRAIT, NeedPersonInfo=1)
    assert found["Results"][0]["Candidates"][0]["PersonId"] == "ada"
    assert ask("DeleteFace", PersonId="ada", FaceIds=[first["FaceId"], "none"])["SucFaceIds"] == [first["FaceId"]]
    ask("DeletePerson", PersonId="ada")
    ask("DeleteGroup", GroupId="staff")
    assert ask("GetGroupList")["GroupNum"] == 0


class _AnyRequestId:
    def __eq__(self, other: object) -> bool:
        return isinstance(other, str) and len(other) == 36

    __hash__ = object.__hash__


def cloud_request_id() -> _AnyRequestId:
    """Equal to whatever a RequestId is."""
    return _AnyRequestId()


@pytest.mark.behaviour(
    service="iai",
    what="Ids of groups and people are unique, of letters, digits and -%@#&_, and at most 64 bytes",
    standing="documented",
    source="IAI 867/45014",
)
def test_ids_have_a_form_and_are_unique(cloud: FaceCloud) -> None:
    cloud.somebody("a-%@#&_9")
    person = {"GroupId": "staff", "PersonName": "Ada", "Image": PORTRAIT}
    assert refusal(cloud, "CreatePerson", PersonId="a-%@#&_9", **person) == f"{VALUE}.PersonIdAlreadyExist"
    assert refusal(cloud, "CreatePerson", PersonId="Åda", **person) == f"{VALUE}.PersonIdIllegal"
    assert refusal(cloud, "CreatePerson", PersonId="a" * 65, **person) == f"{VALUE}.PersonIdTooLong"
    assert refusal(cloud, "CreateFace", PersonId="a/b", Images=[PORTRAIT]) == f"{VALUE}.PersonIdIllegal"
    assert refusal(cloud, "CreateGroup", GroupId="staff", GroupName="other") == f"{VALUE}.GroupIdAlreadyExist"
    assert refusal(cloud, "CreateGroup", GroupId="other", GroupName="staff") == f"{VALUE}.GroupNameAlreadyExist"
    assert refusal(cloud, "CreateGroup", GroupId="a b", GroupName="other") == f"{VALUE}.GroupIdIllegal"


@pytest.mark.parametrize(
    ("action", "parameters", "code"),
    [
        ("CreateGroup", {"GroupId": "g", "GroupName": "g" * 61}, "GroupNameTooLong"),
        ("CreateGroup", {"GroupId": "g", "GroupName": "a b"}, "GroupNameIllegal"),
        ("CreateGroup", {"GroupId": "g", "GroupName": "g", "Tag": "t" * 41}, "GroupTagTooLong"),
        (
            "CreateGroup",
            {"GroupId": "g", "GroupName": "g", "GroupExDescriptions": list("abcdef")},
            "GroupExDescriptionsExceed",
        ),
        (
            "CreateGroup",
            {"GroupId": "g", "GroupName": "g", "GroupExDescriptions": ["a", "a"]},
            "GroupExDescriptionsNameIdentical",
        ),
        ("GetGroupList", {"Limit": 1001}, "LimitExceed"),
        ("GetGroupList", {"Offset": 1}, "OffsetExceed"),
        ("GetGroupInfo", {"GroupId": "none"}, "GroupIdNotExist"),
        ("DeleteGroup", {"GroupId": "none"}, "GroupIdNotExist"),
        ("GetPersonList", {"GroupId": "none"}, "GroupIdNotExist"),
        ("GetPersonBaseInfo", {"PersonId": "none"}, "PersonIdNotExist"),
        ("GetPersonGroupInfo", {"PersonId": "none"}, "PersonIdNotExist"),
        ("GetPersonGroupInfo", {"PersonId": "none", "Limit": 101}, "LimitExceed"),
        ("DeletePerson", {"PersonId": "none"}, "PersonIdNotExist"),
        ("CreateFace", {"PersonId": "none", "Images": [PORTRAIT]}, "PersonIdNotExist"),
        ("CreateFace", {"PersonId": "a" * 65, "Images": [PORTRAIT]}, "PersonIdTooLong"),
        ("CreateFace", {"PersonId": "a", "Images": ["x"], "FaceMatchThreshold": 101}, "FaceMatchThresholdIllegal"),
        ("CreateFace", {"PersonId": "a", "Images": ["x"], "QualityControl": 5}, "QualityControlIllegal"),
        (
            "CreatePerson",
            {"GroupId": "g", "PersonId": "a", "PersonName": "a", "Image": PORTRAIT, "Gender": 3},
            "PersonGenderIllegal",
        ),
        ("CreatePerson", {"GroupId": "g", "PersonId": "a", "PersonName": "a", "Image": PORTRAIT}, "GroupIdNotExist"),
    ],
)
def test_bad_values_get_their_own_code(cloud: FaceCloud, action: str, parameters: dict[str, Any], code: str) -> None:
    assert refusal(cloud, action, **parameters) == f"{VALUE}.{code}"


def test_lists_come_in_pages_newest_first(cloud: FaceCloud) -> None:
    for name in ("one", "two", "three"):
        cloud.ask("CreateGroup", GroupId=name, GroupName=name)
    page = cloud.ask("GetGroupList", Offset=1, Limit=1)
    assert ([group["GroupId"] for group in page["GroupInfos"]], page["GroupNum"]) == (["two"], 3)


def test_a_person_starts_with_one_face_of_the_picture(cloud: FaceCloud) -> None:
    face = cloud.somebody()
    assert cloud.faces_of() == [face]
    landscape = {"GroupId": "staff", "PersonId": "bob", "PersonName": "Bob", "Image": LANDSCAPE}
    assert refusal(cloud, "CreatePerson", **landscape) == f"{VALUE}.NoFaceInPhoto"
    poor = {**landscape, "Image": DARK, "QualityControl": 4}
    assert refusal(cloud, "CreatePerson", **poor) == "FailedOperation.FaceQualityNotQualified"


@pytest.mark.behaviour(
    service="iai",
    what="With UniquePersonControl, somebody who is there already is named and not enrolled again",
    standing="documented",
    source="IAI 867/45014",
)
def test_somebody_who_is_there_already_is_named(cloud: FaceCloud) -> None:
    cloud.somebody("ada")
    twin: dict[str, Any] = {"GroupId": "staff", "PersonId": "twin", "PersonName": "Twin", "Image": MIRRORED}
    again = cloud.ask("CreatePerson", **twin, UniquePersonControl=1)
    assert (again["SimilarPersonId"], again["FaceId"]) == ("ada", "")
    assert refusal(cloud, "GetPersonBaseInfo", PersonId="twin") == f"{VALUE}.PersonIdNotExist"
    assert cloud.ask("CreatePerson", **twin)["FaceId"]


@pytest.mark.behaviour(
    service="iai",
    what="GetPersonGroupInfo names the groups that somebody is in, with their descriptions; nobody is in more than one",
    standing="assumed",
    source="tencentcloud-sdk-python iai/v20200303/models.py",
)
def test_somebodys_groups_are_told_with_their_descriptions(cloud: FaceCloud) -> None:
    cloud.somebody()
    told = cloud.ask("GetPersonGroupInfo", PersonId="ada")
    assert (told["PersonGroupInfos"], told["GroupNum"]) == ([{"GroupId": "staff", "PersonExDescriptions": []}], 1)
    assert cloud.ask("GetPersonGroupInfo", PersonId="ada", Offset=1)["PersonGroupInfos"] == []
    assert refusal(cloud, "GetPersonGroupInfo", PersonId="ada", Offset=2) == f"{VALUE}.OffsetExceed"


@pytest.mark.behaviour(
    service="iai",
    what="DeleteGroup deletes everybody who is in no other group",
    standing="documented",
    source="tencentcloud-sdk-python iai/v20200303/iai_client.py",
)
def test_deleting_a_group_deletes_who_is_in_it(cloud: FaceCloud) -> None:
    cloud.somebody()
    cloud.ask("DeleteGroup", GroupId="staff")
    assert refusal(cloud, "GetPersonBaseInfo", PersonId="ada") == f"{VALUE}.PersonIdNotExist"


@pytest.mark.behaviour(
    service="iai",
    what="CreateFace reports picture by picture: RetCode, and ids, indexes and boxes of those that were added",
    standing="documented",
    source="IAI 867/32795",
)
def test_create_face_reports_each_picture(cloud: FaceCloud) -> None:
    cloud.somebody()
    tiny = b64(pictures.png(pictures.portrait(60)))
    answer = cloud.ask("CreateFace", PersonId="ada", Images=[LANDSCAPE, MIRRORED, b64(b"no picture"), tiny])
    assert answer["RetCode"] == [-1101, 0, -1102, -1109]
    assert (answer["SucFaceNum"], answer["SucIndexes"]) == (1, [1])
    assert len(answer["SucFaceRects"]) == 1
    assert cloud.faces_of()[1:] == answer["SucFaceIds"]


@pytest.mark.behaviour(
    service="iai",
    what="A face that is not more alike than FaceMatchThreshold (60 by default) is not added: RetCode -1604",
    standing="documented",
    source="IAI 867/32795",
)
def test_a_face_that_is_not_alike_is_not_added(cloud: FaceCloud) -> None:
    cloud.somebody()
    assert cloud.ask("CreateFace", PersonId="ada", Images=[MIRRORED])["RetCode"] == [0]
    strict = cloud.ask("CreateFace", PersonId="ada", Images=[DARK], FaceMatchThreshold=100)
    assert (strict["RetCode"], strict["SucFaceNum"], strict["SucFaceIds"]) == ([-1604], 0, [])


@pytest.mark.behaviour(
    service="iai",
    what="QualityControl looks at focus and light: RetCode -1601 for a face that fails it",
    standing="assumed",
    source="IAI 867/32795",
)
def test_a_poor_picture_is_not_added_under_quality_control(cloud: FaceCloud) -> None:
    cloud.somebody()
    codes = [
        cloud.ask("CreateFace", PersonId="ada", Images=[DARK], QualityControl=level)["RetCode"][0] for level in range(5)
    ]
    assert codes[:3] == [0, 0, 0]
    assert codes[3:] == [-1601, -1601]


@pytest.mark.behaviour(
    service="iai", what="Of several faces, the largest is enrolled", standing="documented", source="IAI 867/32795"
)
def test_the_largest_face_is_enrolled(cloud: FaceCloud) -> None:
    cloud.somebody()
    group = b64(pictures.jpeg(pictures.group(5)))
    rect = cloud.ask("CreateFace", PersonId="ada", Images=[group])["SucFaceRects"][0]
    assert rect.items() <= cloud.ask("DetectFace", Image=group)["FaceInfos"][0].items()


@pytest.mark.behaviour(
    service="iai",
    what="At most four pictures a call (UploadFaceNumExceed) and five faces a person (PersonFaceNumExceed)",
    standing="documented",
    source="IAI 867/32795",
)
def test_four_pictures_a_call_and_five_faces_a_person(cloud: FaceCloud) -> None:
    cloud.somebody()
    assert refusal(cloud, "CreateFace", PersonId="ada", Images=[PORTRAIT] * 5) == f"{VALUE}.UploadFaceNumExceed"
    assert cloud.ask("CreateFace", PersonId="ada", Images=[PORTRAIT] * 4)["SucFaceNum"] == 4
    assert refusal(cloud, "CreateFace", PersonId="ada", Images=[PORTRAIT]) == f"{VALUE}.PersonFaceNumExceed"
    assert len(cloud.faces_of()) == 5


@pytest.mark.behaviour(
    service="iai",
    what="CreateFace is not idempotent: the same picture again is another face",
    standing="documented",
    source="IAI 867/32795",
)
def test_the_same_picture_again_is_another_face(cloud: FaceCloud) -> None:
    cloud.somebody()
    for _ in range(2):
        cloud.ask("CreateFace", PersonId="ada", Images=[PORTRAIT])
    assert len(set(cloud.faces_of())) == 3


def test_faces_come_by_url_and_a_failed_download_adds_none(cloud: FaceCloud) -> None:
    cloud.somebody()
    url = cloud.shelf.put("portrait.jpg", pictures.jpeg(pictures.portrait()))
    assert cloud.ask("CreateFace", PersonId="ada", Urls=[url], Images=[LANDSCAPE])["RetCode"] == [0]
    urls = [url, "http://shelf.example.com/none.jpg"]
    assert refusal(cloud, "CreateFace", PersonId="ada", Urls=urls) == "FailedOperation.ImageDownloadError"
    assert len(cloud.faces_of()) == 2


@pytest.mark.behaviour(
    service="iai",
    what="Two CreateFace calls on one person at once: the second gets FailedOperation.CreateFaceConcurrent",
    standing="documented",
    source="tencentcloud-sdk-python iai/v20200303/errorcodes.py",
)
def test_faces_are_added_to_one_person_one_call_at_a_time(cloud: FaceCloud) -> None:
    cloud.somebody("ada")
    cloud.somebody("bob")
    url = cloud.shelf.put("portrait.jpg", pictures.jpeg(pictures.portrait()))
    started, go_on = threading.Event(), threading.Event()

    def hold() -> None:
        started.set()
        assert go_on.wait(30)

    cloud.faults.add(Fault("run", service="shelf", action_run=hold))
    with ThreadPoolExecutor(1) as thread:
        first = thread.submit(cloud.ask, "CreateFace", PersonId="ada", Urls=[url])
        assert started.wait(30)
        second = refusal(cloud, "CreateFace", PersonId="ada", Images=[PORTRAIT])
        other = cloud.ask("CreateFace", PersonId="bob", Images=[PORTRAIT])
        go_on.set()
        assert second == "FailedOperation.CreateFaceConcurrent"
        assert (other["SucFaceNum"], first.result()["SucFaceNum"]) == (1, 1)
    assert cloud.ask("CreateFace", PersonId="ada", Images=[PORTRAIT])["SucFaceNum"] == 1


@pytest.mark.behaviour(
    service="iai",
    what="A new face shows after up to five seconds (none by default), and counts against its person at once",
    standing="documented",
    source="IAI 867/32795",
)
def test_a_face_takes_its_time_to_show(cloud: FaceCloud) -> None:
    first = cloud.somebody()
    cloud.iai.settle = 5
    (second,) = cloud.ask("CreateFace", PersonId="ada", Images=[PORTRAIT])["SucFaceIds"]
    assert cloud.faces_of() == [first]
    assert refusal(cloud, "CreateFace", PersonId="ada", Images=[PORTRAIT] * 4) == f"{VALUE}.PersonFaceNumExceed"
    cloud.clock.skip(5)
    assert cloud.faces_of() == [first, second]


@pytest.mark.behaviour(
    service="iai",
    what="Somebody keeps at least one face: DeleteFaceNumExceed",
    standing="documented",
    source="IAI 867/45019",
)
def test_the_last_face_cannot_be_deleted(cloud: FaceCloud) -> None:
    first = cloud.somebody()
    (second,) = cloud.ask("CreateFace", PersonId="ada", Images=[PORTRAIT])["SucFaceIds"]
    both = {"PersonId": "ada", "FaceIds": [first, second]}
    assert refusal(cloud, "DeleteFace", **both) == f"{VALUE}.DeleteFaceNumExceed"
    assert cloud.ask("DeleteFace", PersonId="ada", FaceIds=[first])["SucDeletedNum"] == 1
    assert cloud.faces_of() == [second]


def test_searching_ranks_people_by_likeness(cloud: FaceCloud) -> None:
    cloud.somebody("ada")
    mirrored: dict[str, Any] = {"GroupId": "staff", "PersonId": "mirrored", "PersonName": "Mirrored", "Image": MIRRORED}
    cloud.ask("CreatePerson", **mirrored)
    answer = cloud.ask("SearchFaces", GroupIds=["staff"], Image=MIRRORED)
    candidates = answer["Results"][0]["Candidates"]
    assert [candidate["PersonId"] for candidate in candidates] == ["mirrored", "ada"]
    assert candidates[0]["Score"] == 100 > candidates[1]["Score"] > 60
    assert (answer["FaceNum"], candidates[0]["PersonName"]) == (2, None)
    only = cloud.ask("SearchFaces", GroupIds=["staff"], Image=MIRRORED, FaceMatchThreshold=99)
    assert len(only["Results"][0]["Candidates"]) == 1


def test_searching_where_nobody_is_or_for_nobody_is_refused(cloud: FaceCloud) -> None:
    cloud.ask("CreateGroup", GroupId="empty", GroupName="empty")
    assert refusal(cloud, "SearchFaces", GroupIds=["empty"], Image=PORTRAIT) == f"{VALUE}.NoFaceInGroups"
    cloud.somebody()
    assert refusal(cloud, "SearchFaces", GroupIds=["staff"], Image=LANDSCAPE) == f"{VALUE}.NoFaceInPhoto"
    assert refusal(cloud, "SearchFaces", GroupIds=["none"], Image=PORTRAIT) == f"{VALUE}.GroupIdNotExist"


def test_versions_share_one_library(cloud: FaceCloud) -> None:
    face = cloud.somebody()
    assert cloud.ask("GetPersonBaseInfo", version="2018-03-01", PersonId="ada")["FaceIds"] == [face]
