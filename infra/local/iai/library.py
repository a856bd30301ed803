"""The person libraries: groups, the people in them, and their faces.

One library for the whole account, shared by both versions of the API and all regions (assumed: no document says). A
new face takes effect after `settle` seconds of the cloud's clock; Tencent promises one second ordinarily and five at
most (CreateFace, IAI 867/32795). Until then readers do not see it, but it counts against the five of its person.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from facestamp.faces import Box
from infra.local.clock import Clock
from infra.local.faces import Found
from infra.local.gateway import Refused

FACES_PER_PERSON = 5


@dataclass(frozen=True)
class Enrolled:
    """A face in the library."""

    id: str
    descriptor: tuple[float, ...]
    box: Box
    visible: float
    """From this moment of the cloud's clock."""


@dataclass
class Person:
    """Somebody; unique in the account."""

    id: str
    name: str
    gender: int
    group: str
    descriptions: list[str]
    created: float
    faces: list[Enrolled] = field(default_factory=list)


@dataclass
class Group:
    """A person library."""

    id: str
    name: str
    tag: str
    descriptions: list[str]
    created: float


class Library:
    """Everything enrolled, behind one lock. Errors are Tencent's, as `Refused`."""

    def __init__(self, clock: Clock, settle: float = 0.0) -> None:
        self.settle = settle
        self._clock = clock
        self._groups: dict[str, Group] = {}
        self._people: dict[str, Person] = {}
        self._enrolling: set[str] = set()
        self._lock = threading.RLock()

    def create_group(self, id: str, name: str, tag: str, descriptions: list[str]) -> None:
        """Make a group; its id and its name are unique."""
        with self._lock:
            if id in self._groups:
                raise _refused("GroupIdAlreadyExist", "The group ID already exists. It must be unique.")
            if any(group.name == name for group in self._groups.values()):
                raise _refused("GroupNameAlreadyExist", "The group name already exists. It must be unique.")
            self._groups[id] = Group(id, name, tag, descriptions, self._clock.now())

    def group(self, id: str) -> Group:
        """The group of this id."""
        with self._lock:
            if id not in self._groups:
                raise _refused("GroupIdNotExist", "The group ID does not exist.")
            return self._groups[id]

    def groups(self) -> list[Group]:
        """All groups, newest first."""
        with self._lock:
            return list(reversed(self._groups.values()))

    def keep(self, group: Group, people: list[Person]) -> None:
        """Take in a group and the people in it, as an earlier library had them; replaces a group of that id."""
        with self._lock:
            self._groups[group.id] = group
            self._people.update({person.id: person for person in people})

    def delete_group(self, id: str) -> None:
        """Delete a group with the people in it."""
        with self._lock:
            self.group(id)
            del self._groups[id]
            self._people = {key: person for key, person in self._people.items() if person.group != id}

    def require_new(self, person_id: str) -> None:
        """Raise if there is such a person."""
        with self._lock:
            if person_id in self._people:
                raise _refused("PersonIdAlreadyExist", "The person ID already exists. It must be unique.")

    def create_person(
        self, id: str, name: str, gender: int, group: str, descriptions: list[str], face: Found
    ) -> Enrolled:
        """Enrol somebody with a first face."""
        with self._lock:
            self.group(group)
            self.require_new(id)
            person = Person(id, name, gender, group, descriptions, self._clock.now())
            self._people[id] = person
            return self._enrol(person, face)

    def person(self, id: str) -> Person:
        """The person of this id."""
        with self._lock:
            if id not in self._people:
                raise _refused("PersonIdNotExist", "The person ID does not exist.")
            return self._people[id]

    def people(self, group: str) -> list[Person]:
        """Who is in a group, newest first."""
        with self._lock:
            self.group(group)
            return [person for person in reversed(self._people.values()) if person.group == group]

    def delete_person(self, id: str) -> None:
        """Delete somebody with all faces."""
        with self._lock:
            self.person(id)
            del self._people[id]

    def visible(self, person: Person) -> list[Enrolled]:
        """The faces that have taken effect, oldest first."""
        with self._lock:
            return [face for face in person.faces if face.visible <= self._clock.now()]

    @contextmanager
    def enrolling(self, person_id: str) -> Iterator[Person]:
        """Alone with a person while faces are added; raises CreateFaceConcurrent where another call is at it."""
        with self._lock:
            person = self.person(person_id)
            if person_id in self._enrolling:
                raise Refused("FailedOperation.CreateFaceConcurrent", "Adding faces does not support concurrency.")
            self._enrolling.add(person_id)
        try:
            yield person
        finally:
            with self._lock:
                self._enrolling.discard(person_id)

    def require_room(self, person: Person, faces: int) -> None:
        """Raise unless so many more faces fit."""
        with self._lock:
            if len(person.faces) + faces > FACES_PER_PERSON:
                raise _refused("PersonFaceNumExceed", "One person can have up to 5 face images.")

    def add_face(self, person: Person, face: Found) -> Enrolled:
        """One more face of somebody who has room for it."""
        with self._lock:
            # Deleted while the pictures were being looked at.
            self.person(person.id)
            return self._enrol(person, face)

    def delete_faces(self, person_id: str, face_ids: list[str]) -> list[str]:
        """Take faces away, those that there are; at least one must stay. Gives back which were."""
        with self._lock:
            person = self.person(person_id)
            gone = [face.id for face in person.faces if face.id in face_ids]
            if gone and len(gone) == len(person.faces):
                raise _refused("DeleteFaceNumExceed", "Every person must have at least one face image.")
            person.faces = [face for face in person.faces if face.id not in gone]
            return gone

    def _enrol(self, person: Person, face: Found) -> Enrolled:
        # 19 digits, as the documents' examples have.
        number = str(10**18 + secrets.randbelow(8 * 10**18))
        enrolled = Enrolled(number, face.descriptor, face.box, self._clock.now() + self.settle)
        person.faces.append(enrolled)
        return enrolled


def _refused(code: str, message: str) -> Refused:
    return Refused(f"InvalidParameterValue.{code}", message)
