"""What the answers to a route's operations say of a photo, as its stamp."""

from __future__ import annotations

from collections.abc import Mapping

from facestamp import stamp
from facestamp.fold import fold
from facestamp.operations import Answer, Operation
from facestamp.stamp import Stamp
from facestamp.state import Record, record_key
from facestamp.subject import Subject


def summary(subject: Subject, operations: tuple[Operation, ...], answers: Mapping[str, Answer]) -> Stamp:
    """The stamp: `ok` if any operation saw a face, `rejected` if none would look, else `no-face`.

    `answers` are the record's: an operation's digest to what was asked and answered.
    """
    responses = {o.name: o.read(answers[o.digest(subject.person_id)]["Response"]) for o in operations}
    findings = tuple(responses.values())
    size, faces = fold(findings, subject.picture.upright)
    count = max([len(faces), *(found.faces for found in findings)])
    looked = any(not found.rejected for found in findings)
    return Stamp(
        identity=subject.look.identity,
        plan=subject.plan,
        status="ok" if count else "no-face" if looked else "rejected",
        count=count,
        size=size,
        faces=faces,
        enrolment=next((found.enrolment for found in findings if found.enrolment), None),
        errors={name: found.rejected for name, found in responses.items() if found.rejected},
        result=record_key(subject.photo),
    )


def confirmed(subject: Subject, operations: tuple[Operation, ...], record: Record) -> bool:
    """Whether the stamp on the object is, to the letter, the one that the record gives."""
    if record.forgotten:
        told = forgotten(subject.look.identity, subject.plan)
    elif all(operation.digest(subject.person_id) in record.answers for operation in operations):
        told = summary(subject, operations, record.answers)
    else:
        return False
    there = {name: value for name, value in subject.look.headers.items() if name in stamp.NAMES}
    return there == stamp.write(told, stamp.room_beside(subject.look.headers))


def forgotten(identity: str, plan: str) -> Stamp:
    """The stamp of a photo of which nothing is known any more."""
    return Stamp(identity, plan, "forgotten")
