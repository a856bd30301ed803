"""Nothing of the uploader's is lost: beside its stamp, a photo is after stamping what it was before."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import quote
from zlib import crc32

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from facestamp import stamp
from infra.local.cloud import LocalCloud
from infra.local.cos.facts import STORAGE_CLASSES
from infra.local.readings import Readings
from tests import pictures
from tests.conftest import Clouds
from tests.uploads.owner import Owner

PORTRAIT = pictures.jpeg(pictures.portrait())
LARGE = PORTRAIT + b"\0" * 2**20
"""Over one megabyte, so that it can come in two parts."""

Headers = Mapping[str, str | bytes]
FRIEND = "100000000011"
SUB_ACCOUNT = "qcs::cam::uin/100000000001:uin/100000000012"

EVERYTHING: Headers = {
    "Content-Type": "image/jpeg",
    "Cache-Control": "max-age=600, must-revalidate",
    "Content-Disposition": 'attachment; filename="a; b.jpg"',
    "Content-Encoding": "identity",
    "Content-Language": "en, zh",
    "Expires": "Wed, 21 Oct 2026 07:28:00 GMT",
    "x-cos-storage-class": "STANDARD_IA",
    "x-cos-server-side-encryption": "AES256",
    "x-cos-acl": "public-read",
    "x-cos-tagging": "album=space&year=1999",
    "x-cos-meta-album": "Space",
    "x-cos-meta-face": "not a stamp's line",
    "x-cos-meta-face-album": "nor this",
}

CASES: dict[str, Headers] = {
    "nothing at all": {},
    "every standard header": {n: v for n, v in EVERYTHING.items() if not n.startswith("x-cos-")},
    "everything at once": EVERYTHING,
    "a type that is no image's": {"Content-Type": "application/x-whatever; charset=utf-8"},
    "a Content-Encoding that is not so": {"Content-Encoding": "gzip"},
    "a Content-Disposition in raw UTF-8": {"Content-Disposition": 'inline; filename="宇航员.jpg"'},
    "an Expires that is no date": {"Expires": "0"},
    **{f"storage class {c}": {"x-cos-storage-class": c} for c in STORAGE_CLASSES if "ARCHIVE" not in c},
    **{f"ACL {acl}": {"x-cos-acl": acl} for acl in ("default", "private", "public-read", "authenticated-read")},
    "a grant to read": {"x-cos-grant-read": f'id="{FRIEND}"'},
    "several grants": {
        "x-cos-grant-read": f'id="{FRIEND}",id="{SUB_ACCOUNT}"',
        "x-cos-grant-write": f'id="{FRIEND}"',
        "x-cos-grant-read-acp": f'id="{SUB_ACCOUNT}"',
        "x-cos-grant-write-acp": f'id="{FRIEND}"',
        "x-cos-grant-full-control": 'id="100000000013"',
    },
    "public, and a grant": {"x-cos-acl": "public-read", "x-cos-grant-full-control": f'id="{FRIEND}"'},
    "private, and a grant": {"x-cos-acl": "private", "x-cos-grant-read": f'id="{FRIEND}"'},
    "one tag": {"x-cos-tagging": "album=space"},
    "a tag without a value": {"x-cos-tagging": "favourite="},
    "ten tags in odd letters": {
        "x-cos-tagging": "&".join(
            f"{quote(f'key {n} +-=._:/@', safe='')}={quote(f'宇 {n}+&'[:4], safe='')}" for n in range(10)
        )
    },
    "SSE-COS": {"x-cos-server-side-encryption": "AES256"},
    "SSE-KMS": {"x-cos-server-side-encryption": "cos/kms"},
    "SSE-KMS with a key of its own": {
        "x-cos-server-side-encryption": "cos/kms",
        "x-cos-server-side-encryption-cos-kms-key-id": "3f7fe8f5-0000-11e9-aaaa-525400000000",
    },
    "metadata in raw UTF-8": {"x-cos-meta-place": "广州 · Кантон", "x-cos-meta-latin": "Café".encode("latin-1")},
    "metadata in odd letters": {"x-cos-meta-odd": "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~ %41 a%20b", "x-cos-meta-1": "~"},
    "metadata with spaces inside": {"x-cos-meta-spaced": "two  spaces\tand a tab"},
    "empty metadata": {"x-cos-meta-empty": "", "x-cos-meta-full": "x"},
    "metadata whose names look like ours": {"x-cos-meta-face-stamps": "1", "x-cos-meta-facestamp": "2"},
    "metadata in capitals": {"X-COS-META-Album": "Space"},
}


def form_fields(headers: Headers) -> dict[str, str]:
    """What a form can say of these headers."""
    return {
        ("acl" if name == "x-cos-acl" else name): value
        for name, value in headers.items()
        if isinstance(value, str) and value and value != "default"
    }


WAYS: dict[str, Callable[[Owner, str, Headers], None]] = {
    "Put": lambda owner, key, headers: owner.put_raw(key, PORTRAIT, headers),
    "Post": lambda owner, key, headers: owner.post(key, PORTRAIT, form_fields(headers)),
    "multipart": lambda owner, key, headers: owner.put_in_parts(key, LARGE, headers),
}


def assert_kept(owner: Owner, key: str, upload: Callable[[], None]) -> None:
    """Upload, look, let the functions work, and look again."""
    with owner.cloud.scf.hold():
        upload()
        before = owner.seen(key)
    owner.cloud.scf.settle()
    read = owner.stamped(key)
    assert (read.status, read.count) == ("ok", 1)
    assert owner.seen(key) == before


@pytest.mark.parametrize("headers", CASES.values(), ids=CASES.keys())
def test_what_came_with_a_put_is_kept(owner: Owner, name: str, headers: Headers) -> None:
    assert_kept(owner, key := f"photos/{name}.jpg", lambda: owner.put_raw(key, PORTRAIT, headers))


@pytest.mark.parametrize("way", ["Post", "multipart"])
@pytest.mark.parametrize("case", ["nothing at all", "everything at once", "metadata in raw UTF-8", "several grants"])
def test_what_came_with_another_kind_of_upload_is_kept(owner: Owner, name: str, way: str, case: str) -> None:
    assert_kept(owner, key := f"photos/{name}.jpg", lambda: WAYS[way](owner, key, CASES[case]))


@pytest.mark.parametrize("keeps", [True, False], ids=["kept by copies", "dropped by copies"])
def test_tags_are_kept_whatever_a_copy_does_with_them(clouds: Clouds, keeps: bool) -> None:
    owner = Owner(clouds(Readings(copy_keeps_tags=keeps)))
    for number, case in enumerate(case for case in CASES if "tag" in case or case == "everything at once"):
        key = f"photos/{number}.jpg"
        assert_kept(owner, key, lambda key=key, case=case: owner.put_raw(key, PORTRAIT, CASES[case]))  # type: ignore[misc] # bound at once


def test_what_is_set_after_the_upload_is_kept(owner: Owner, name: str) -> None:
    key = f"photos/{name}.jpg"

    def upload() -> None:
        client = owner.cloud.cos()
        client.put_object(Bucket=owner.bucket, Key=key, Body=PORTRAIT)
        client.put_object_acl(Bucket=owner.bucket, Key=key, ACL="public-read")
        tags = {"TagSet": {"Tag": [{"Key": "album", "Value": "outer space"}]}}
        client.put_object_tagging(Bucket=owner.bucket, Key=key, Tagging=tags)

    assert_kept(owner, key, upload)


def test_on_a_versioned_bucket_only_the_version_is_new(clouds: Clouds) -> None:
    owner = Owner(clouds(changes={"facestamp:versioning": True}))
    assert_kept(owner, "photos/a.jpg", lambda: owner.put_raw("photos/a.jpg", PORTRAIT, EVERYTHING))
    found = owner.cloud.cos().list_objects_versions(Bucket=owner.bucket, Prefix="photos/a.jpg")["Version"]
    assert len(found) == 2


def test_a_rejected_file_is_kept_as_well(owner: Owner, name: str) -> None:
    key = f"photos/{name}.jpg"
    with owner.cloud.scf.hold():
        owner.put_raw(key, pictures.gif(pictures.portrait(80)), {**EVERYTHING, "Content-Type": "image/gif"})
        before = owner.seen(key)
    owner.cloud.scf.settle()
    assert owner.stamped(key).status == "rejected"
    assert owner.seen(key) == before


def test_a_second_stamp_keeps_all_as_well(owner: Owner, name: str) -> None:
    """The stamp is taken off, as by a tool that rewrites metadata, and put on again from the record."""
    key = f"photos/{name}.jpg"
    assert_kept(owner, key, lambda: owner.put_raw(key, PORTRAIT, EVERYTHING))
    first = owner.stamped(key)
    assert_kept(owner, key, lambda: owner.put_raw(key, PORTRAIT, EVERYTHING))
    assert owner.stamped(key) == first


# -- any combination ---------------------------------------------------------------------------------------------------

_printable = st.characters(min_codepoint=0x20, max_codepoint=0x7E)
_value = st.one_of(
    st.text(_printable, max_size=40),
    st.text(st.characters(min_codepoint=0xA1, max_codepoint=0xFFFF, exclude_categories=["Cs"]), max_size=12),
).map(str.strip)
_tag_text = st.text(st.sampled_from("abcXYZ019 +-=._:/@"), max_size=20)
_grantees = st.lists(st.sampled_from([FRIEND, SUB_ACCOUNT, "100000000013"]), min_size=1, unique=True).map(
    lambda ids: ",".join(f'id="{one}"' for one in ids)
)


@st.composite
def anything(draw: st.DrawFn) -> dict[str, str | bytes]:
    """Headers that COS takes, in any combination."""
    headers: dict[str, str | bytes] = {}
    for name in ("Content-Type", "Cache-Control", "Content-Disposition", "Content-Language", "Expires"):
        if draw(st.booleans()):
            headers[name] = draw(_value.filter(bool))
    if draw(st.booleans()):
        headers["Content-Encoding"] = draw(st.sampled_from(["identity", "gzip", "br", "aws-chunked"]))
    optional = {
        "x-cos-storage-class": st.sampled_from([c for c in STORAGE_CLASSES if "ARCHIVE" not in c]),
        "x-cos-server-side-encryption": st.sampled_from(["AES256", "cos/kms"]),
        "x-cos-acl": st.sampled_from(["default", "private", "public-read"]),
        "x-cos-grant-read": _grantees,
        "x-cos-grant-full-control": _grantees,
    }
    for name, values in optional.items():
        if draw(st.booleans()):
            headers[name] = draw(values)
    if headers.get("x-cos-acl") == "default":
        headers.pop("x-cos-grant-read", None)
        headers.pop("x-cos-grant-full-control", None)
    tags = draw(st.dictionaries(_tag_text.filter(bool), _tag_text, max_size=10))
    if tags:
        headers["x-cos-tagging"] = "&".join(f"{quote(k, safe='')}={quote(v, safe='')}" for k, v in tags.items())
    names = st.text(st.sampled_from("abcz09-"), min_size=1, max_size=20).map(lambda text: f"x-cos-meta-{text}")
    headers.update(draw(st.dictionaries(names.filter(lambda name: name not in stamp.NAMES), _value, max_size=6)))
    return headers


@settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(headers=anything(), way=st.sampled_from(["Put", "multipart"]))
def test_any_combination_is_kept(shared_cloud: LocalCloud, headers: dict[str, str | bytes], way: str) -> None:
    owner = Owner(shared_cloud)
    key = f"photos/any/{crc32(repr((way, headers)).encode()):x}.jpg"
    assert_kept(owner, key, lambda: WAYS[way](owner, key, headers))
