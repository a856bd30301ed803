"""What the operations share: the photo that they are asked about, the desk that they work at, and their findings."""

from __future__ import annotations

import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, NamedTuple

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_pascal

from facestamp.codes import UNREADABLE
from facestamp.errors import NO_FACE, ServiceError
from facestamp.faces import Box, Enrolment, Points, Size

Answer = Mapping[str, Any]
"""A service's answer as it is kept: Tencent's own structure, or `{"Error": code}` for one that is final."""

NOT_DOWNLOADED = frozenset({"FailedOperation.ImageDownloadError", "InvalidParameterValue.UrlIllegal"})
"""Codes that say that the service never had the image: send it inline."""


class TencentModel(BaseModel):
    """A frozen structure of Tencent's: fields in Python's case, aliases in Tencent's."""

    model_config = ConfigDict(
        defer_build=True, frozen=True, alias_generator=to_pascal, populate_by_name=True, extra="ignore"
    )


class Photo(NamedTuple):
    """The photo, as an operation may ask about it."""

    bucket: str
    key: str
    identity: str
    """What content this is: `facestamp.cos.Look.identity`."""
    as_stored: bool
    """False where the services must look at an upright, smaller rendering; its coordinates are scaled back later."""
    url: Callable[[], str]
    """A presigned address of what the services are to look at."""
    base64: Callable[[], str]
    """The same, inline: at most 5 MB."""
    unchanged: Callable[[], bool]
    """Asks whether the object still has this content."""
    person_id: str = ""
    """Whom it shows, where the route's keys tell."""
    uploaded: float | None = None
    """When it was uploaded, in COS's seconds; None where somebody asks for it now."""


class Findings(NamedTuple):
    """What one answer says about the photo, in pixels of a picture of `size`."""

    size: Size | None = None
    boxes: tuple[Box, ...] = ()
    shapes: tuple[Points, ...] = ()
    attributes: tuple[tuple[Box, Mapping[str, Any]], ...] = ()
    enrolment: Enrolment | None = None
    rejected: str = ""
    """The code with which the photo was refused for good."""

    @property
    def faces(self) -> int:
        """How many faces this operation saw."""
        enrolled = len(self.enrolment.face_ids) if self.enrolment else 0
        return max(len(self.boxes), len(self.shapes), len(self.attributes), enrolled)


class Desk(ABC):
    """What an operation may use; the pipeline supplies it for one invocation."""

    @abstractmethod
    def call(self, action: str, version: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """Call the face service; the content of `Response`. Raises `facestamp.errors.ServiceError`."""

    @abstractmethod
    def detect(self, photo: Photo, max_face_num: int) -> dict[str, Any]:
        """Cloud Infinite's DetectFace on the stored object: the content of its `Response` element."""

    @abstractmethod
    def enrol(self, person_id: str, claim: str, parameters: Mapping[str, Any], photo: Photo, version: str) -> Answer:
        """CreateFace, at most once for this claim: see `facestamp.enrolment`."""

    def ask_about(self, photo: Photo, action: str, version: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """Call the face service about the photo by address, and inline where it cannot fetch that."""
        try:
            return self.call(action, version, {**parameters, "Url": photo.url()})
        except ServiceError as error:
            if error.code not in NOT_DOWNLOADED:
                raise
        return self.call(action, version, {**parameters, "Image": photo.base64()})


class Operation(TencentModel, ABC):
    """One face operation with its parameters; the class's name is Tencent's name of the action."""

    model_config = ConfigDict(extra="forbid")

    permissions: ClassVar[tuple[str, ...]]
    """The CAM actions that it needs, in every spelling that Tencent's documents use."""
    keyed_by_person: ClassVar[bool] = False
    """Whether it needs to know whom the photo shows."""

    @property
    def name(self) -> str:
        """Tencent's name of the action."""
        return type(self).__name__

    def parameters(self) -> dict[str, Any]:
        """What the request holds besides the photo, under Tencent's names.

        Our defaults are Tencent's, so they are left out: 2018-03-01 does not document all that 2020-03-03 does.
        """
        return self.model_dump(by_alias=True, exclude={"version"}, exclude_defaults=True)

    def digest(self, person_id: str = "") -> str:
        """What makes an answer this operation's: its name, version and parameters, and the person; 16 hex digits."""
        person = person_id if self.keyed_by_person else ""
        told = json.dumps([self.name, self.model_dump(mode="json"), person], sort_keys=True)
        return hashlib.sha256(told.encode()).hexdigest()[:16]

    @abstractmethod
    def ask(self, photo: Photo, desk: Desk) -> Answer:
        """Ask the service; the answer to keep, without what was not asked for. Raises `ServiceError`."""

    @abstractmethod
    def findings(self, answer: Answer) -> Findings:
        """What a kept answer (not an error) says."""

    def read(self, answer: Answer) -> Findings:
        """What a kept answer says, be it an error, or in no form that we know."""
        code = answer.get("Error")
        if code is not None:
            return Findings() if code in NO_FACE else Findings(rejected=code)
        try:
            return self.findings(answer)
        except (ValidationError, LookupError, TypeError, AttributeError):
            # It has been paid for, so it is kept, and the other operations' answers go onto the stamp.
            return Findings(rejected=UNREADABLE)


def plan(operations: tuple[Operation, ...], person_id: str) -> str:
    """A digest of all that a route asks about a photo: 12 hex digits on the stamp."""
    told = ",".join(sorted(operation.digest(person_id) for operation in operations))
    return hashlib.sha256(told.encode()).hexdigest()[:12]
