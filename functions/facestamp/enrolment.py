"""CreateFace, once: the protocol that lets a photo become a person's face and never two.

CreateFace has no client token, is not idempotent, refuses concurrent calls for one person, and takes effect within
five seconds. So each person has a chain of turns (`facestamp.chain`), and whoever changes the person's faces takes one:
`enrol` adds photos, `begin` makes the person with a first face, `withdraw` deletes faces or the person.

1. The last outcome carries the ledger: every claim's answer so far. Ours is there, its face is still the person's, and
   nobody is at work: use it, make no call. So is a face's deletion, for an upload from before it.
2. The newest turn has no outcome and is not over: busy.
3. Take the next turn.
4. Resolve what earlier holders left open: the person's faces, less those accounted for, show what their call did.
5. Write down the person's faces, then call, if the call's time-out fits before the lease's end; it is never retried.
6. Write the outcome. If there was no answer, there is none: the next holder looks, as in 4.

It assumes that nobody else adds faces to the person, and that the photo stays as it was while the service fetches it:
an overwrite in that moment enrols the new content under the old claim. Others may delete faces and people, in the
console or with a group: what is known of a face that is gone does not count. Deleted here, a face is forgotten at once,
so that its photo can be enrolled again, by a request or by another upload; by the same upload it never is.
`tests/functions/test_enrolment_model.py` explores every interleaving of this very code.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Literal, NamedTuple

from facestamp.chain import NOT_APPLIED, Chain
from facestamp.codes import ENROLMENT_UNKNOWN
from facestamp.errors import ServiceError, Verdict, retcode
from facestamp.lease import Claimant
from facestamp.ledger import Answer, apart, faces_of

PERSON_MAY_CHANGE = frozenset({"InvalidParameterValue.PersonIdNotExist", "InvalidParameterValue.PersonFaceNumExceed"})
"""Refusals that speak of the person, not of the photo: a new upload of the same photo may ask again."""

LAST_FACE = "InvalidParameterValue.DeleteFaceNumExceed"
"""Tencent's rule: every person has at least one face."""

NOBODY = "InvalidParameterValue.PersonIdNotExist"


def enrol(
    chain: Chain,
    claimant: Claimant,
    claims: Sequence[str],
    create: Callable[[tuple[str, ...]], Answer],
    uploaded: float | None = None,
) -> dict[str, Answer]:
    """Each claim's answer, from an earlier turn or from one CreateFace for all the others.

    `create` calls it for the photos of these claims, in order, exactly once; it raises `NoAnswer` if nobody knows
    whether it took effect. `uploaded` is when the photos were written, in COS's seconds: those whose face was deleted
    since are answered FACE_DELETED; None: they are asked for now. Raises `Busy`, or `ServiceError` where another try
    can help. An answer may be that its photo was refused for a reason that passes (`passing`); only such a one is not
    kept.
    """
    wanted = tuple(dict.fromkeys(claims))
    turn = None
    while turn is None:
        seen, ledger = chain.look()
        if not seen.open and ledger.told(uploaded).keys() >= set(wanted):
            ledger = ledger.standing(chain.faces(), chain.store.now())
            if (known := ledger.told(uploaded)).keys() >= set(wanted):
                return {claim: known[claim] for claim in wanted}
        turn = chain.take(claimant, seen, ledger)
    before = turn.ledger.told(uploaded)
    missing = tuple(claim for claim in wanted if claim not in before)
    if not missing:
        turn.end(turn.ledger)
        return {claim: before[claim] for claim in wanted}
    answer = turn.call(missing, lambda: _final(lambda: create(missing)))
    told = dict.fromkeys(missing, answer) if "Error" in answer else apart(answer, missing)
    kept = {claim: answer for claim, answer in told.items() if _lasts(answer, alone=len(missing) == 1)}
    ledger = turn.end(turn.ledger.knowing(kept, chain.store.now()))
    all_known = {**before, **told, **ledger.answers}
    return {claim: all_known[claim] for claim in wanted}


def begin(chain: Chain, claimant: Claimant, create: Callable[[], Answer]) -> Answer:
    """CreatePerson: somebody new, with a first face. What was known of an earlier person of that id is forgotten, but
    for what was deleted: an upload from then is not enrolled for somebody else.

    The answer is in CreateFace's terms (`SucFaceIds`); without a face id nobody was made. The same claim again gets the
    same answer while the person is there; another one raises `ServiceError` with PersonIdAlreadyExist, without a call.
    """
    turn = chain.turn(claimant)
    known = turn.ledger.answers.get(claimant.claim)
    if known or turn.faces is not None:
        turn.end(turn.ledger)
        if known and "Error" not in known:
            return known
        code = ENROLMENT_UNKNOWN if known else "InvalidParameterValue.PersonIdAlreadyExist"
        raise ServiceError("iai", "CreatePerson", code)
    answer = turn.call((claimant.claim,), create)
    now = chain.store.now()
    made = turn.ledger.ended(now).knowing({claimant.claim: answer}, now)
    turn.end(made if answer.get("SucFaceIds") else turn.ledger)
    return answer


class Wanted(NamedTuple):
    """What is to be withdrawn from a person."""

    faces: frozenset[str] = frozenset()
    """By their ids."""
    contents: frozenset[str] = frozenset()
    """Those that photos of these contents became, whoever asked and how, answered or not."""
    person: Literal["stays", "if-last", "goes"] = "stays"
    """`if-last`: the person is deleted where no other face would be left, by Tencent's rule; `goes`: in any case."""


class Withdrawn(NamedTuple):
    """What is gone now."""

    faces: tuple[str, ...] = ()
    """Ids of the faces that were deleted by this."""
    person: bool = False
    """Whether the person was deleted."""
    there: bool = True
    """Whether there was such a person at all."""


class Deletions(NamedTuple):
    """The two calls that delete; both may be made again."""

    faces: Callable[[Sequence[str]], Mapping[str, object]]
    """DeleteFace."""
    person: Callable[[], object]
    """DeletePerson, exactly once: one that takes effect late would delete who comes after."""


def withdraw(chain: Chain, claimant: Claimant, wanted: Wanted, deletions: Deletions) -> Withdrawn:
    """Delete faces, or the person, and all that the chain tells of them: their photos can be enrolled again, but not by
    the same upload.

    Raises `Busy`, or `ServiceError`: with `LAST_FACE` where nothing was deleted because no face would be left, and with
    ENROLMENT_UNKNOWN where a photo's face is one of several and nobody knows which.
    """
    turn = chain.turn(claimant)
    found = [answer for claim, answer in turn.ledger.answers.items() if claim.partition("/")[0] in wanted.contents]
    ids = wanted.faces.union(*(answer.get("SucFaceIds") or () for answer in found))
    if wanted.person != "goes":
        if any(faces_of(answer) - ids for answer in found):
            turn.end(turn.ledger)
            raise ServiceError("iai", "DeleteFace", ENROLMENT_UNKNOWN)
        if not ids:
            turn.end(turn.ledger)
            # An earlier attempt may have come as far as this.
            turn.clean()
            return Withdrawn(there=turn.faces is not None)
    has = (turn.faces or frozenset()).union(*(faces_of(answer) for answer in turn.ledger.answers.values()))

    def erase() -> frozenset[str] | None:
        """The faces deleted; None if the person was."""
        if wanted.person != "goes":
            try:
                told = deletions.faces(sorted(ids))["SucFaceIds"]
                return ids & (has | frozenset(told if isinstance(told, list) else ()))
            except ServiceError as error:
                if error.code != LAST_FACE or wanted.person == "stays" or has - ids:
                    raise
        deletions.person()
        return None

    try:
        gone = turn.call((), erase, seconds=chain.call_seconds * (2 if wanted.person == "if-last" else 1))
    except ServiceError as error:
        if error.code != NOBODY:
            raise
        turn.clean()
        return Withdrawn(there=False)
    if gone is None:
        turn.end(turn.ledger.ended(chain.store.now()))
        turn.clean()
        return Withdrawn(tuple(sorted(has)), person=True)
    turn.end(turn.ledger.without(gone, chain.store.now()))
    turn.clean()
    return Withdrawn(tuple(sorted(gone)))


def passing(answer: Answer) -> str:
    """The code of a photo that was not added for a reason that may pass, beyond the documented ones; or empty."""
    for code in answer.get("RetCode") or ():
        if code and retcode(code).verdict is not Verdict.REJECT:
            return str(code)
    return ""


def _lasts(answer: Answer, alone: bool) -> bool:
    """Whether the answer is this photo's for good; a refusal of a call for several may speak of another one."""
    if "Error" in answer:
        return alone and answer["Error"] not in PERSON_MAY_CHANGE
    return not passing(answer)


def _final(create: Callable[[], Answer]) -> Answer:
    try:
        return create()
    except ServiceError as error:
        if error.verdict is not Verdict.REJECT or error.code in NOT_APPLIED:
            raise
        return {"Error": error.code}
