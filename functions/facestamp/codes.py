"""Every error code that Tencent documents for what facestamp calls, by what is to be done about it.

From the API documents of DetectFace (460/63223), AnalyzeFace (867/45019), DetectFaceAttributes (867/47396) and
CreateFace (867/32795), the face service's whole list (`errorcodes.py` of tencentcloud-sdk-python-iai, both versions),
the codes common to every API 3.0 (such as 1388/114322), COS (436/7730) and Cloud Infinite's error codes, where its
`X-ErrNo` is explained. `facestamp.errors` tells what the four verdicts mean.
"""

from __future__ import annotations

from collections.abc import Mapping


def _codes(table: str) -> frozenset[str]:
    """The words of a table, less its comments."""
    lines = (line.partition("# ")[0] for line in table.splitlines())
    return frozenset(word for line in lines for word in line.split())


NO_TIME = "Facestamp.NoTimeLeft"
"""Our own: the invocation ends before the call would have to."""

RETRY = _codes(
    """
    # Face service
    FailedOperation FailedOperation.ConflictOperation FailedOperation.CreateFaceConcurrent
    FailedOperation.GroupInDeletedState FailedOperation.ImageDownloadError FailedOperation.RequestTimeout
    FailedOperation.RpcFail FailedOperation.ServerError FailedOperation.UnKnowError InternalError
    ResourceInUse ResourceUnavailable ResourceUnavailable.Delivering ResourceUnavailable.GetAuthInfoError
    ServiceUnavailable
    # Ours
    Facestamp.NoTimeLeft
    # The API 3.0 SDK's own, for a connection that broke and an answer that was not the service's
    ClientNetworkError ServerNetworkError
    # COS; first what can only have happened to the bytes on their way
    BadDigest EntitySizeNotMatch IncompleteBody InvalidSHA1Digest KmsInternalException PathConflict
    QuotaOperationConflict RequestTimeout UploadConflict UserNetworkTooSlow
    """
)

THROTTLE = _codes(
    """
    FailedOperation.RequestLimitExceeded KmsFreqControl RequestLimitExceeded SlowDown
    """
)

REJECT = _codes(
    """
    # Face service: the photo
    FailedOperation.FaceQualityNotQualified FailedOperation.FaceSizeTooSmall FailedOperation.ImageDecodeFailed
    FailedOperation.ImageFacedetectFailed FailedOperation.ImageResolutionExceed
    FailedOperation.ImageResolutionTooSmall FailedOperation.ImageSizeExceed
    FailedOperation.LifePhotoDetectFaces FailedOperation.LifePhotoDetectFake
    FailedOperation.LifePhotoDetectNoFaces FailedOperation.LifePhotoSizeError InvalidParameterValue.ImageEmpty
    InvalidParameterValue.ImageEmptyError InvalidParameterValue.NoFaceInPhoto InvalidParameterValue.UrlIllegal
    LimitExceeded.ErrorFaceNumExceed RequestSizeLimitExceeded ResponseSizeLimitExceeded
    # Face service: the person, or the request about them
    FailedOperation.CompareFail FailedOperation.DuplicatedGroupDescription FailedOperation.GroupPersonMapExist
    FailedOperation.GroupPersonMapNotExist FailedOperation.SearchFacesExceed
    InvalidParameterValue.DeleteFaceNumExceed InvalidParameterValue.GroupExDescriptionsExceed
    InvalidParameterValue.GroupExDescriptionsNameIdentical
    InvalidParameterValue.GroupExDescriptionsNameIllegal InvalidParameterValue.GroupExDescriptionsNameTooLong
    InvalidParameterValue.GroupIdAlreadyExist InvalidParameterValue.GroupIdIllegal
    InvalidParameterValue.GroupIdTooLong InvalidParameterValue.GroupIdsExceed
    InvalidParameterValue.GroupNameAlreadyExist InvalidParameterValue.GroupNameIllegal
    InvalidParameterValue.GroupNameTooLong InvalidParameterValue.GroupNumPerPersonExceed
    InvalidParameterValue.GroupTagIllegal InvalidParameterValue.GroupTagTooLong
    InvalidParameterValue.NoFaceInGroups InvalidParameterValue.OffsetExceed
    InvalidParameterValue.PersonExDescriptionInfosExceed
    InvalidParameterValue.PersonExDescriptionsNameIdentical
    InvalidParameterValue.PersonExDescriptionsNameIllegal
    InvalidParameterValue.PersonExDescriptionsNameTooLong InvalidParameterValue.PersonExistInGroup
    InvalidParameterValue.PersonFaceNumExceed InvalidParameterValue.PersonGenderIllegal
    InvalidParameterValue.PersonIdAlreadyExist InvalidParameterValue.PersonIdIllegal
    InvalidParameterValue.PersonIdNotExist InvalidParameterValue.PersonIdTooLong
    InvalidParameterValue.PersonNameIllegal InvalidParameterValue.PersonNameTooLong
    InvalidParameterValue.SearchPersonsExceed InvalidParameterValue.UploadFaceNumExceed ResourceNotFound
    # CreateFace's RetCodes that no error code names: the image's size, and the likeness to the person
    -1109 -1604
    # Ours
    Facestamp.PhotoForgotten
    # COS: the object, its state, or what became of it meanwhile
    AppendPositionErr EntityTooLarge EntityTooSmall FileAlreadyExists ImageResolutionExceed ImageTooLarge
    InvalidImageFormat InvalidImageSource InvalidObjectName InvalidObjectState InvalidPart InvalidPartOrder
    InvalidRange InvalidURI InvalidUploadStatus KeyTooLong MetadataTooLarge MethodNotAllowed NoSuchCopySource
    NoSuchKey NoSuchResource NoSuchTagSet NoSuchUpload NotModified ObjectLocked ObjectNotAppendable
    PreconditionFailed RestoreAlreadyInProgress RestoreNonArchiveObject SSEContentNotSupported
    SSEHeaderNotAllowed SsecDecryptHeaderInvalid UnavailableForLegalReasons UnexpectedContent
    UploadIdNotSupported
    """
)

ENROLMENT_UNKNOWN = "Facestamp.EnrolmentUnknown"
"""Our own: the person's faces changed in a way that no call of ours explains."""

FACE_DELETED = "Facestamp.FaceDeleted"
"""Our own: the photo was a face, which was deleted since; uploaded again, it is enrolled again."""

PHOTO_FORGOTTEN = "Facestamp.PhotoForgotten"
"""Our own: somebody had the photo forgotten, so it becomes nobody's face until it is uploaded again."""

UNREADABLE = "Facestamp.AnswerUnreadable"
"""Our own: the answer was paid for, and is in no form that a document has."""

OPERATOR: Mapping[str, frozenset[str]] = {
    "Look at the person's faces, and delete what is too many: {action} may have had an effect, or somebody else had.": (
        frozenset({ENROLMENT_UNKNOWN})
    ),
    "{action} answered in a form that no document has; the record has it: please report its shape, without values.": (
        frozenset({UNREADABLE})
    ),
    "Grant {permission}.": _codes(
        """
    AccessDenied AccessForbidden AuthFailure.UnauthorizedOperation IpInBlacklist IpNotInWhitelist
    NoProcessAuthority UnauthorizedOperation
    """
    ),
    "{action} was called with credentials that are wrong or expired: check the function's execution role.": _codes(
        """
    AuthFailure AuthFailure.InvalidAuthorization AuthFailure.InvalidSecretId AuthFailure.MFAFailure
    AuthFailure.SecretIdNotFound AuthFailure.SignatureFailure AuthFailure.TokenFailure ExpiredToken
    InvalidAccessKeyId InvalidCredential SignatureDoesNotMatch
    """
    ),
    "{action} was signed at a time that is not the service's: check the clock that the function runs by.": _codes(
        """
    AuthFailure.SignatureExpire RequestHasExpired RequestTimeTooSkewed
    """
    ),
    "The account cannot pay for {action}, or is suspended: settle it in the billing console.": _codes(
        """
    PaymentRequired ResourceUnavailable.ChargeStatusException ResourceUnavailable.Freeze
    ResourceUnavailable.InArrears ResourceUnavailable.LowBalance ResourceUnavailable.StopUsing
    ResourceUnavailable.UnknownStatus ResourcesSoldOut.ChargeStatusException
    """
    ),
    "The service behind {action} is not active in this account: activate it in its console.": _codes(
        """
    NoSuchProduct ResourceUnavailable.NotExist ResourceUnavailable.NotReady ResourceUnavailable.Recover
    """
    ),
    "A quota of the account is used up for {action}: have it raised, or delete what is no longer needed.": _codes(
        """
    AttachmentFull InvalidParameterValue.AccountFaceNumExceed InvalidParameterValue.GroupFaceNumExceed
    InvalidParameterValue.GroupNumExceed InventoryFull LimitExceeded NoBucketQuotaPolicy PolicyFull
    PolicyVersionFull QuotaConflict ResourceInsufficient TooManyBuckets
    """
    ),
    "A setting of the route does not suit {action}: check parameters, model version and region.": _codes(
        """
    FailedOperation.AcrossVersionsError FailedOperation.GroupCannotUpgrade FailedOperation.GroupLostFaces
    FailedOperation.JobCannnotRollback FailedOperation.UpgradeJobIdNotExist
    InvalidParameterValue.FaceMatchThresholdIllegal InvalidParameterValue.FaceModelVersionIllegal
    InvalidParameterValue.GroupIdNotExist InvalidParameterValue.GroupIdNotExists
    InvalidParameterValue.LimitExceed InvalidParameterValue.QualityControlIllegal
    InvalidParameterValue.UniquePersonControlIllegal InvalidParameterValue.UnsupportedGroupFaceModelVersion
    UnsupportedRegion
    """
    ),
    "The bucket cannot serve {action}: check its name, region, state, key and Cloud Infinite binding.": _codes(
        """
    ActionAccelerateNotSupported BucketAccelerateNotEnabled BucketAlreadyExists BucketAlreadyOwnedByYou
    BucketLocked BucketNameTooLong BucketNotEmpty BucketVersionNotOpen DNSRecordVerifyFailed DomainAuditFailed
    DomainConfigConflict InvalidBucketName InvalidBucketState InvalidLocationConstraint InvalidLockedTime
    InvalidRegionName InvalidTargetBucketForLogging InventoryConfigurationNotFoundError
    JsonAPINotSupportOnMAZBucket KmsException KmsKeyDisabled KmsKeyNotExist LoggingConfExists
    LoggingPrefixInvalid MAZOperationNotSupportOnOAZBucket MultiAZFeatureNotSupport MultiBucketNotSupport
    NoSuchBucket NoSuchCORSConfiguration NoSuchEncryptionConfiguration NoSuchJob NoSuchLifecycleConfiguration
    NoSuchObjectLockConfiguration NoSuchPolicyVersion NoSuchWebsiteConfiguration NotSupportedStorageClass
    NotifyRuleEventConflict NotifyRulePrefixConflict NotifyRuleSuffixConflict
    OAZOperationNotSupportOnMAZBucket OriginConfigurationNotFoundError RecordAlreadyExist
    ReplicationConfigurationNotFoundError TargetBucketNameInvalid UserCnameInvalid UserNotSourceBucketOwner
    UserNotTargetBucketOwner WebsiteURLInvalid
    """
    ),
    "{action} was not understood as it was sent, which is a mistake of facestamp's: please report it.": _codes(
        """
    ActionOffline BadRequest BadRquest ClientError ClientParamsError DryRunOperation
    IncorrectNumberOfFilesInPostRequest InvalidAction InvalidArgument InvalidCopySource InvalidDelimiter
    InvalidDigest InvalidParameter InvalidParameter.InvalidParameter InvalidParameterValue
    InvalidPicOperations InvalidPolicyDocument InvalidRequest InvalidTag ListPartUploadIdIsEmpty
    MalformedPOSTRequest MalformedPolicy MalformedXML MissingContentLength MissingParameter
    MissingParameter.ErrorParameterEmpty MissingRequestBodyError NoSuchVersion NotImplemented UnknownParameter
    UnsupportedOperation UnsupportedOperation.UnknowMethod UnsupportedProtocol VerifyAlgorithmNotSupported
    XMLSizeLimit
    """
    ),
}
"""What the operator is to do, and the codes that call for it; `{action}` is the action that was refused."""

PERMISSIONS: Mapping[str, str] = {
    "ci:DetectFace": (
        "ci:CreateFaceEffectJob and ci:CreateDetectFaceJob to the function's role, and see that AI content recognition"
        " is enabled on the bucket"
    ),
    "cos:PutObjectCopy": (
        "cos:PutObjectCopy, cos:PutObject, cos:PutObjectACL and cos:PutObjectTagging to the function's role"
    ),
}
"""What to grant, and to whom, where that is not the action itself to the function's role; both names where documents
differ (460/63223 and Cloud Infinite's granularity page, 436/10881 and 436/31923), what the copy's headers may need
beside it, and what looks like a missing permission."""

FAMILIES = ("RequestLimitExceeded", "AuthFailure", "UnauthorizedOperation")
"""The codes whose sub-codes (after a dot) the documents treat as one; a sub-code that is not listed goes with them."""

RETCODES: Mapping[int, str] = {
    -1101: "InvalidParameterValue.NoFaceInPhoto",
    -1102: "FailedOperation.ImageDecodeFailed",
    -1109: "-1109",
    -1601: "FailedOperation.FaceQualityNotQualified",
    -1604: "-1604",
}
"""CreateFace's RetCodes under the error codes that say the same, or as they are where there is none."""

RETCODE_OTHER = "FailedOperation.ServerError"
"""What the document says any other RetCode but 0 means, in the same words."""

_ERRNO_NAMES: Mapping[str, str] = {
    "InvalidRequest": "-103 -106 -107 -124 -156 -166 -29033 -60998 -60997 -60983 -60955 -60950",
    "InvalidBucketName": "-104 -46152 -46154 -46642",
    "InvalidPicOperations": "-105 -109 -60957 -60967",
    "AccessDenied": "-108 -154 -46661 -60936",
    "UnavailableForLegalReasons": "-110 -5062 -46617 -46621 -46646",
    "InternalError": "-120",
    "RequestTimeout": "-901 -902",
    "ResourceUnavailable.InArrears": "-162",
    "ResourceUnavailable.NotExist": "-163",
    "RequestLimitExceeded": "-164 -165 -29214 -60949",
    "FailedOperation.ImageSizeExceed": "-167 -168 -60996",
    "FailedOperation.ImageDecodeFailed": "-441 -443 -62999",
    "FailedOperation.ImageResolutionExceed": "-442 -447",
    "NoSuchKey": "-6101 -46628",
    "InvalidRange": "-29034",
    "InvalidParameterValue.ImageEmpty": "-40168",
    "PathConflict": "-46614",
    "SignatureDoesNotMatch": "-46618 -60938 -60932",
    "RequestHasExpired": "-46619",
    "BucketLocked": "-46620",
    "ResourceUnavailable.StopUsing": "-46627 -60948",
    "FailedOperation.ImageDownloadError": "-60987",
    "UnsupportedRegion": "-60972",
}

ERRNOS: Mapping[int, str] = {int(number): name for name, numbers in _ERRNO_NAMES.items() for number in numbers.split()}
"""Cloud Infinite's `X-ErrNo` numbers under the error codes that come nearest."""
