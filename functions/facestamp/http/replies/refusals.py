"""What each of Tencent's error codes means to the caller of the API, and what the caller can do about it.

`facestamp.codes` sorts the same codes by what is to be done about an upload, where a wrong parameter is the route's and
so its operator's. Here a parameter is the caller's. Whatever is not listed as the caller's is the service's, or the
operator's: the verdict tells which. Tencent's own message is never passed on, as it can quote a signed address.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from facestamp.asking import Unfinished
from facestamp.codes import ENROLMENT_UNKNOWN, PHOTO_FORGOTTEN, UNREADABLE
from facestamp.errors import ServiceError, Verdict
from facestamp.http.replies.problems import (
    ACCOUNT,
    BUSY,
    CONFLICT,
    FAULT,
    PARAMETER,
    THROTTLED,
    TIMEOUT,
    TOO_LARGE,
    UNKNOWN,
    UNUSABLE,
    UPSTREAM,
    Kind,
    Problem,
)
from facestamp.lease import Busy
from facestamp.settings import SettingsError

Meaning = tuple[Kind, str]
"""A kind of problem, and a sentence that says what to do."""


def _codes(table: str) -> frozenset[str]:
    return frozenset(table.split())


MEANINGS: Mapping[Meaning, frozenset[str]] = {
    # The picture
    (UNUSABLE, "Send a picture in which a face can be seen."): _codes(
        """
    FailedOperation.ImageFacedetectFailed FailedOperation.LifePhotoDetectFaces FailedOperation.LifePhotoDetectFake
    FailedOperation.LifePhotoDetectNoFaces InvalidParameterValue.NoFaceInPhoto
    """
    ),
    (UNUSABLE, "Send a picture in which the face is larger, sharper and not covered."): _codes(
        """
    FailedOperation.CompareFail FailedOperation.FaceQualityNotQualified FailedOperation.FaceSizeTooSmall
    """
    ),
    (
        UNUSABLE,
        "Send a picture of the same person: this one is not like the faces enrolled.",
    ): _codes("-1604"),
    (UNUSABLE, "Send the picture as a JPG, PNG or BMP that any viewer opens."): _codes(
        """
    FailedOperation.ImageDecodeFailed InvalidImageFormat InvalidImageSource InvalidParameterValue.ImageEmpty
    InvalidParameterValue.ImageEmptyError InvalidRange
    """
    ),
    (
        UNUSABLE,
        "Send a picture of 64 to 4,000 pixels a side and 3.75 MB at most, or upload it.",
    ): _codes(
        """
    -1109 EntityTooLarge EntityTooSmall FailedOperation.ImageResolutionExceed
    FailedOperation.ImageResolutionTooSmall FailedOperation.ImageSizeExceed FailedOperation.LifePhotoSizeError
    ImageResolutionExceed ImageTooLarge
    """
    ),
    (UNUSABLE, "Send a picture with fewer faces."): _codes("LimitExceeded.ErrorFaceNumExceed"),
    (UNUSABLE, "Name an address at which the picture can be fetched, or send the picture itself."): _codes(
        "FailedOperation.ImageDownloadError"
    ),
    (UNUSABLE, "This photo cannot be read: it is encrypted with its uploader's key, or blocked by COS."): _codes(
        """
    SSEContentNotSupported SSEHeaderNotAllowed SsecDecryptHeaderInvalid UnavailableForLegalReasons UnexpectedContent
    """
    ),
    (UNUSABLE, "Remove metadata from the photo: a stamp no longer fits into the 2 KB that COS keeps."): _codes(
        "MetadataTooLarge"
    ),
    (TOO_LARGE, "Send a smaller picture, or upload it with POST /v1/uploads."): _codes("RequestSizeLimitExceeded"),
    # What is asked for
    (PARAMETER, "Correct the parameter that the code names."): _codes(
        """
    FailedOperation.DuplicatedGroupDescription FailedOperation.SearchFacesExceed InvalidArgument
    InvalidParameter InvalidParameter.InvalidParameter InvalidParameterValue
    InvalidParameterValue.DeleteFaceNumExceed InvalidParameterValue.FaceMatchThresholdIllegal
    InvalidParameterValue.FaceModelVersionIllegal InvalidParameterValue.GroupExDescriptionsExceed
    InvalidParameterValue.GroupExDescriptionsNameIdentical InvalidParameterValue.GroupExDescriptionsNameIllegal
    InvalidParameterValue.GroupExDescriptionsNameTooLong InvalidParameterValue.GroupIdIllegal
    InvalidParameterValue.GroupIdTooLong InvalidParameterValue.GroupIdsExceed InvalidParameterValue.GroupNameIllegal
    InvalidParameterValue.GroupNameTooLong InvalidParameterValue.GroupTagIllegal InvalidParameterValue.GroupTagTooLong
    InvalidParameterValue.LimitExceed InvalidParameterValue.OffsetExceed
    InvalidParameterValue.PersonExDescriptionInfosExceed InvalidParameterValue.PersonExDescriptionsNameIdentical
    InvalidParameterValue.PersonExDescriptionsNameIllegal InvalidParameterValue.PersonExDescriptionsNameTooLong
    InvalidParameterValue.PersonGenderIllegal InvalidParameterValue.PersonIdIllegal
    InvalidParameterValue.PersonIdTooLong InvalidParameterValue.PersonNameIllegal
    InvalidParameterValue.PersonNameTooLong InvalidParameterValue.QualityControlIllegal
    InvalidParameterValue.SearchPersonsExceed InvalidParameterValue.UniquePersonControlIllegal
    InvalidParameterValue.UnsupportedGroupFaceModelVersion InvalidParameterValue.UploadFaceNumExceed
    InvalidParameterValue.UrlIllegal MissingParameter MissingParameter.ErrorParameterEmpty UnknownParameter
    """
    ),
    (PARAMETER, "Ask for fewer results at once."): _codes("ResponseSizeLimitExceeded"),
    (PARAMETER, "Name a photo by a key that COS can have."): _codes("InvalidObjectName InvalidURI KeyTooLong"),
    # What is not there, and what is in the way
    (UNKNOWN, "There is no such photo."): _codes("NoSuchCopySource NoSuchKey NoSuchResource NoSuchTagSet NoSuchUpload"),
    (UNKNOWN, "There is no such person; create it first."): _codes("InvalidParameterValue.PersonIdNotExist"),
    (UNKNOWN, "There is no such group; create it first."): _codes(
        "InvalidParameterValue.GroupIdNotExist InvalidParameterValue.GroupIdNotExists"
    ),
    (UNKNOWN, "The person is not in this group."): _codes("FailedOperation.GroupPersonMapNotExist"),
    (UNKNOWN, "There is no such thing in the person library."): _codes("ResourceNotFound"),
    (CONFLICT, "It is there already: read it, or choose another id or name."): _codes(
        """
    FailedOperation.GroupPersonMapExist InvalidParameterValue.GroupIdAlreadyExist
    InvalidParameterValue.GroupNameAlreadyExist InvalidParameterValue.PersonExistInGroup
    InvalidParameterValue.PersonIdAlreadyExist
    """
    ),
    (CONFLICT, "Make room first: delete a face of this person, or take the person out of a group."): _codes(
        "InvalidParameterValue.GroupNumPerPersonExceed InvalidParameterValue.PersonFaceNumExceed"
    ),
    (CONFLICT, "Make room first: delete what is no longer needed, or use another group."): _codes(
        "InvalidParameterValue.GroupFaceNumExceed InvalidParameterValue.GroupNumExceed"
    ),
    (CONFLICT, "Enrol somebody first: no face is in these groups."): _codes("InvalidParameterValue.NoFaceInGroups"),
    (CONFLICT, "Use groups of one face model version."): _codes(
        """
    FailedOperation.AcrossVersionsError FailedOperation.GroupCannotUpgrade FailedOperation.GroupLostFaces
    FailedOperation.JobCannnotRollback FailedOperation.UpgradeJobIdNotExist
    """
    ),
    (CONFLICT, "Read the person, and delete faces that should not be there: what became of an enrolment is unknown."): (
        frozenset({ENROLMENT_UNKNOWN})
    ),
    (CONFLICT, "This photo was forgotten; upload it again."): frozenset({PHOTO_FORGOTTEN}),
    (CONFLICT, "Restore the photo first: it is archived."): _codes(
        "InvalidObjectState RestoreAlreadyInProgress RestoreNonArchiveObject"
    ),
    (CONFLICT, "The photo is not, or no longer, in a state that allows this: look at it, and ask again."): _codes(
        """
    AppendPositionErr FileAlreadyExists InvalidPart InvalidPartOrder InvalidUploadStatus MethodNotAllowed NotModified
    ObjectLocked ObjectNotAppendable PreconditionFailed UploadIdNotSupported
    """
    ),
    (BUSY, "Try again in a few seconds: this is being worked on."): _codes(
        """
    FailedOperation.ConflictOperation FailedOperation.CreateFaceConcurrent FailedOperation.GroupInDeletedState
    PathConflict QuotaOperationConflict ResourceInUse UploadConflict
    """
    ),
    # The services
    (TIMEOUT, "Try again: there was no answer in time."): _codes(
        """
    ClientNetworkError FailedOperation.RequestTimeout Facestamp.NoTimeLeft NoAnswer RequestTimeout ServerNetworkError
    """
    ),
    (FAULT, "Please report this, with the request id in the header x-request-id."): _codes(
        """
    ActionOffline BadRequest BadRquest ClientError ClientParamsError DryRunOperation
    IncorrectNumberOfFilesInPostRequest InvalidAction InvalidCopySource InvalidDelimiter InvalidDigest
    InvalidPicOperations InvalidPolicyDocument InvalidRequest InvalidTag ListPartUploadIdIsEmpty MalformedPOSTRequest
    MalformedPolicy MalformedXML MissingContentLength MissingRequestBodyError NoSuchVersion NotImplemented
    UnsupportedOperation UnsupportedOperation.UnknowMethod UnsupportedProtocol VerifyAlgorithmNotSupported
    XMLSizeLimit
    """
    ),
    (ACCOUNT, "The answer was in a form that no document has; tell the operator of this deployment."): (
        frozenset({UNREADABLE})
    ),
}
"""What means something else here than its verdict says, or has more to tell."""

_BY_VERDICT: Mapping[Verdict | None, Meaning] = {
    Verdict.RETRY: (UPSTREAM, "Try again: a Tencent service failed, and such failures pass."),
    Verdict.THROTTLE: (THROTTLED, "Ask less often: try again after the seconds in Retry-After."),
    Verdict.REJECT: (UNUSABLE, "Send another picture: this refusal is final."),
    Verdict.OPERATOR: (ACCOUNT, "Tell the operator of this deployment: its log says what has to be done."),
    None: (UPSTREAM, "Try again: a Tencent service answered with a code that no document has."),
}
_BY_CODE: Final = {code: meaning for meaning, group in MEANINGS.items() for code in group}


def meaning(error: ServiceError) -> Meaning:
    """What a refusal or a failure means to the caller."""
    code = "NoSuchKey" if (error.code, error.service) == ("NoSuchVersion", "cos") else error.code
    return _BY_CODE.get(code) or _BY_VERDICT[error.verdict]


def problem_of(error: Exception) -> Problem:
    """What an exception means to the caller of the API: an endpoint's, the library's, or one that nobody foresaw."""
    if isinstance(error, Unfinished):
        error = error.errors[0] if error.errors and not error.busy else Busy(same=False)
    if isinstance(error, Problem):
        return error
    if isinstance(error, Busy):
        return Problem(BUSY, "Try again in a few seconds: another request, or an upload, is being worked on.")
    if isinstance(error, SettingsError):
        return Problem(ACCOUNT, "Tell the operator of this deployment: its log says which setting to change.")
    if isinstance(error, ServiceError):
        kind, detail = meaning(error)
        return Problem(kind, detail, error.code, error.request_id)
    return Problem(FAULT, "Please report this, with the request id in the header x-request-id.")
