"""What the answers to a route's operations say of a photo, as its stamp."""

from __future__ import annotations

from collections.abc import Mapping

from facestamp.fold import fold
from facestamp.operations import Answer, Operation
from facestamp.stamp import Stamp
from facestamp.state import record_key
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
