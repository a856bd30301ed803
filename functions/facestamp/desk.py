"""The desk that one invocation's operations work at: the seams, within the deadline."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

from tenacity import RetryCallState, Retrying, retry_if_exception_type, wait_random_exponential

from facestamp import enrolment
from facestamp.chain import Chain
from facestamp.codes import NO_TIME
from facestamp.cos import MEASURE_TIMEOUT, Cos
from facestamp.deadline import RESERVE
from facestamp.enrolment import Deletions, Wanted, Withdrawn
from facestamp.errors import ServiceError, Verdict
from facestamp.iai import CALL_SECONDS, FaceService
from facestamp.lease import Busy, Claimant
from facestamp.operations import Answer, Desk, Photo
from facestamp.operations.base import NOT_DOWNLOADED
from facestamp.state import State, person_prefix

VERSION = "2020-03-03"
"""Of the face service's API, where nobody asks for another."""

Result = TypeVar("Result")

_TURN = wait_random_exponential(multiplier=0.5, max=4)
"""Seconds between two looks at a person's chain: photos of one person often come together, and SCF would try a photo
whose turn it is not but twice more.
"""


class Sent(NamedTuple):
    """A picture, as the face service can be given it."""

    url: Callable[[], str] | None
    """An address that the service fetches."""
    base64: Callable[[], str] | None
    """The picture itself: where there is no address, or it cannot be fetched."""
    unchanged: Callable[[], bool] = lambda: True
    """Asks whether the picture is still the one that was looked at."""


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
        sent = Sent(photo.url, photo.base64, photo.unchanged)
        answer = self.enrol_all(person_id, {claim: sent}, parameters, version, photo.uploaded)[claim]
        code = enrolment.passing(answer)
        if code:
            raise ServiceError("iai", "CreateFace", code, verdict=Verdict.RETRY)
        return answer if "Error" in answer else {**answer, "PersonId": person_id}

    def enrol_all(
        self,
        person_id: str,
        pictures: Mapping[str, Sent],
        parameters: Mapping[str, Any],
        version: str,
        uploaded: float | None = None,
    ) -> dict[str, Answer]:
        """CreateFace once for all of these claims that have no answer yet; each claim's answer.

        `uploaded` is when the pictures were, in COS's seconds: one whose face was deleted since stays out. Waits for
        its turn. Raises `Busy` if that does not come in time, and `ServiceError` where another try can help.
        """

        def create(claims: tuple[str, ...]) -> Answer:
            chosen = [pictures[claim] for claim in claims]
            return self._send("CreateFace", version, {**parameters, "PersonId": person_id}, chosen, many=True)

        def enrol(chain: Chain, claimant: Claimant) -> dict[str, Answer]:
            return enrolment.enrol(chain, claimant, tuple(pictures), create, uploaded)

        return self._at_turn(person_id, enrol, " ".join(pictures), version)

    def stands(self, person_id: str, claim: str, version: str) -> bool:
        """Whether the claim has an answer that still holds, as far as can be told without taking a turn."""
        chain = self._chain(person_id, version)
        seen, ledger = chain.look()
        return (
            not seen.open
            and claim in ledger.answers
            and claim in ledger.standing(chain.faces(), self.state.now()).answers
        )

    def begin(
        self, person_id: str, claim: str, parameters: Mapping[str, Any], picture: Sent, version: str = VERSION
    ) -> Answer:
        """CreatePerson with a first face, in its turn. Without a `FaceId` nobody was made; raises as `enrol_all`."""

        def create() -> Answer:
            told = self._send("CreatePerson", version, {**parameters, "PersonId": person_id}, [picture], many=False)
            return {**told, "SucFaceIds": [told["FaceId"]] if told.get("FaceId") else []}

        def begin(chain: Chain, claimant: Claimant) -> Answer:
            return enrolment.begin(chain, claimant, create)

        return self._at_turn(person_id, begin, claim, version)

    def withdraw(self, person_id: str, wanted: Wanted, version: str = VERSION) -> Withdrawn:
        """Delete a person's faces, or the person, in its turn; what was deleted. Their photos can be enrolled again, by
        a request or by another upload.

        For one photo, whoever enrolled it, and whether or not an answer was heard:

            desk.withdraw(person, Wanted(contents=frozenset({identity}), person="if-last"))

        `Withdrawn.person` says that the person had to go, being left without a face, and `Withdrawn.there` that there
        was one at all. Waits for its turn; raises `Busy` if that does not come in time, and `ServiceError`: with
        `enrolment.LAST_FACE` if the person stays and has no other face, and with `codes.ENROLMENT_UNKNOWN` if the
        photo's face cannot be told from others. Needs iai:GetPersonBaseInfo, iai:DeleteFace and iai:DeletePerson.
        """

        def delete(ids: Sequence[str]) -> Mapping[str, object]:
            return self.faces.call("DeleteFace", version, {"PersonId": person_id, "FaceIds": list(ids)})

        def withdraw(chain: Chain, claimant: Claimant) -> Withdrawn:
            return enrolment.withdraw(chain, claimant, wanted, deletions)

        deletions = Deletions(delete, lambda: self.faces.call_once("DeletePerson", version, {"PersonId": person_id}))
        return self._at_turn(person_id, withdraw, "withdraw", version)

    def _send(
        self, action: str, version: str, request: Mapping[str, Any], pictures: Sequence[Sent], many: bool
    ) -> dict[str, Any]:
        """One call by addresses, and inline if the service cannot fetch those."""

        def named(name: str, values: Sequence[str]) -> dict[str, Any]:
            return {**request, **({f"{name}s": list(values)} if many else {name: values[0]})}

        if not all(picture.unchanged() for picture in pictures):
            # It was somebody else's turn in between; new content has an event of its own.
            raise ServiceError("cos", "GetObject", "NoSuchKey")
        urls = [picture.url() for picture in pictures if picture.url]
        if len(urls) == len(pictures):
            try:
                return self.faces.call_once(action, version, named("Url", urls))
            except ServiceError as error:
                if error.code not in NOT_DOWNLOADED or not all(picture.base64 for picture in pictures):
                    raise
        # Nothing was added, for the service had no image: this is no second enrolment.
        inline = [picture.base64() for picture in pictures if picture.base64]
        return self.faces.call_once(action, version, named("Image", inline))

    def _at_turn(self, person_id: str, work: Callable[[Chain, Claimant], Result], claim: str, version: str) -> Result:
        """Do something on the person's chain, trying again while others are at it and there is time."""

        def attempt() -> Result:
            chain = self._chain(person_id, version)
            return work(chain, Claimant(f"{self.token}/{uuid.uuid4().hex}", claim, self.seconds()))

        return Retrying(retry=retry_if_exception_type(Busy), wait=_TURN, stop=self._too_late, reraise=True)(attempt)

    def _chain(self, person_id: str, version: str) -> Chain:
        def faces() -> frozenset[str] | None:
            try:
                told = self.faces.call("GetPersonBaseInfo", version, {"PersonId": person_id})
            except ServiceError as error:
                if error.code == enrolment.NOBODY:
                    return None
                raise
            return frozenset(told.get("FaceIds") or ())

        return Chain(self.state, person_prefix(person_id), faces, CALL_SECONDS)

    def _too_late(self, state: RetryCallState) -> bool:
        return state.upcoming_sleep + CALL_SECONDS + RESERVE > self.seconds()
