"""The desk that one invocation's operations work at: the seams, within the deadline."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tenacity import RetryCallState, Retrying, retry_if_exception_type, wait_random_exponential

from facestamp import enrolment
from facestamp.codes import NO_TIME
from facestamp.cos import MEASURE_TIMEOUT, Cos
from facestamp.deadline import RESERVE
from facestamp.enrolment import People
from facestamp.errors import ServiceError
from facestamp.iai import CALL_SECONDS, FaceService
from facestamp.lease import Busy, Claimant
from facestamp.operations import Answer, Desk, Photo
from facestamp.operations.base import NOT_DOWNLOADED
from facestamp.state import State, person_prefix

_TURN = wait_random_exponential(multiplier=0.5, max=4)
"""Seconds between two looks at a person's chain: photos of one person often come together, and SCF would try a photo
whose turn it is not but twice more.
"""


@dataclass(frozen=True)
class WorkDesk(Desk):
    """The seams of one invocation."""

    cos: Cos
    faces: FaceService
    state: State
    token: str
    seconds: Callable[[], float]
    """How long a lease taken now should last."""

    def call(self, action: str, version: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """Call the face service, trying again where that helps."""
        return self.faces.call(action, version, parameters)

    def detect(self, photo: Photo, max_face_num: int) -> dict[str, Any]:
        """Cloud Infinite's DetectFace on the stored object; not begun if it could be paid and lost."""
        if self.seconds() < MEASURE_TIMEOUT + RESERVE:
            raise ServiceError("ci", "DetectFace", NO_TIME)
        return self.cos.detect_face(photo.bucket, photo.key, max_face_num)

    def enrol(self, person_id: str, claim: str, parameters: Mapping[str, Any], photo: Photo, version: str) -> Answer:
        """CreateFace through the person's chain, as soon as it is this photo's turn: `facestamp.enrolment`."""

        def faces(person: str) -> frozenset[str]:
            try:
                told = self.faces.call("GetPersonBaseInfo", version, {"PersonId": person})
            except ServiceError as error:
                if error.code == "InvalidParameterValue.PersonIdNotExist":
                    return frozenset()
                raise
            return frozenset(told.get("FaceIds") or ())

        def create() -> Answer:
            if not photo.unchanged():
                # It was somebody else's turn in between; the new content has an event of its own.
                raise ServiceError("cos", "GetObject", "NoSuchKey")
            request = {**parameters, "PersonId": person_id}
            try:
                return self.faces.call_once("CreateFace", version, {**request, "Urls": [photo.url()]})
            except ServiceError as error:
                if error.code not in NOT_DOWNLOADED:
                    raise
            # Nothing was added, for the service had no image: this is no second enrolment.
            return self.faces.call_once("CreateFace", version, {**request, "Images": [photo.base64()]})

        def attempt() -> Answer:
            claimant = Claimant(self.token, claim, self.seconds())
            people = People(faces, create)
            return enrolment.enrol(self.state, people, person_id, person_prefix(person_id), claimant, CALL_SECONDS)

        answer = Retrying(retry=retry_if_exception_type(Busy), wait=_TURN, stop=self._too_late, reraise=True)(attempt)
        return answer if "Error" in answer else {**answer, "PersonId": person_id}

    def _too_late(self, state: RetryCallState) -> bool:
        return state.upcoming_sleep + CALL_SECONDS + RESERVE > self.seconds()
