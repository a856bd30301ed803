"""Keys in every kind of letter, however the event spells them."""

from __future__ import annotations

import pytest

from infra.local.readings import Readings
from tests import pictures
from tests.conftest import Clouds
from tests.uploads.owner import Owner

PORTRAIT = pictures.jpeg(pictures.portrait())

KEYS = {
    "plain": "photos/ada.jpg",
    "spaces": "photos/ada at home .jpg",
    "plus": "photos/a+b ++.jpg",
    "percent": "photos/100%.jpg",
    "what looks encoded": "photos/%41.jpg",
    "what looks encoded twice": "photos/%2541%25.jpg",
    "what looks like a broken code": "photos/%zz%4.jpg",
    "CJK": "photos/宇航员/照片 1.jpg",
    "emoji": "photos/👩‍🚀.jpg",
    "marks": "photos/!\"#$&'()*,:;<=>?@[]^`{|}~.jpg",
    "a question": "photos/who?.jpg",
    "capital suffix": "photos/DSC_0001.JPG",
    "slashes in a row": "photos//a///b.jpg",
    "a dot alone": "photos/.jpg",
    "two dots": "photos/..jpg",
    "a line break and a tab": "photos/a\nb\tc.jpg",
    "a letter in two code points": "photos/e\u0301.jpg",
    "text that turns around": "photos/\u202egpj.a.jpg",
    "850 bytes": "photos/" + "a" * (850 - len("photos/.jpg")) + ".jpg",
    "850 bytes of CJK": "photos/" + "照" * 279 + "12.jpg",
}

SPELLINGS = {
    "verbatim, short region": Readings(),
    "encoded, long region, pattern": Readings(event_key="encoded", event_region="long", event_name="pattern"),
}


def test_the_longest_key_is_the_longest() -> None:
    assert [len(KEYS[name].encode()) for name in ("850 bytes", "850 bytes of CJK")] == [850, 850]


@pytest.mark.parametrize("readings", SPELLINGS.values(), ids=SPELLINGS.keys())
def test_every_key_is_stamped_once(clouds: Clouds, readings: Readings) -> None:
    owner = Owner(clouds(readings))
    calls = owner.calls()
    for key in KEYS.values():
        owner.cloud.cos().put_object(Bucket=owner.bucket, Key=key, Body=PORTRAIT)
    owner.cloud.scf.settle()

    assert {name: owner.stamped(key).count for name, key in KEYS.items()} == dict.fromkeys(KEYS, 1)
    assert len(calls.paid()) == 3 * len(KEYS)
    for key in KEYS.values():
        owner.again(key)
        assert owner.kept(owner.stamped(key).result) is not None
    assert len(calls.paid()) == 3 * len(KEYS)
    records = [owner.record(key) for key in KEYS.values()]
    assert [record and record["photo"]["key"] for record in records] == list(KEYS.values())


@pytest.mark.parametrize("readings", SPELLINGS.values(), ids=SPELLINGS.keys())
def test_keys_whose_spellings_meet_are_each_stamped(clouds: Clouds, readings: Readings) -> None:
    """One key is the encoding of the other, so an event may mean either; both are there, and both are stamped."""
    owner = Owner(clouds(readings))
    for key in ("photos/A.jpg", "photos/%41.jpg", "photos/%2541.jpg"):
        owner.put(key, PORTRAIT)
    assert [owner.stamped(key).count for key in ("photos/A.jpg", "photos/%41.jpg", "photos/%2541.jpg")] == [1, 1, 1]


@pytest.mark.parametrize("readings", SPELLINGS.values(), ids=SPELLINGS.keys())
def test_the_encoded_key_first(clouds: Clouds, readings: Readings) -> None:
    owner = Owner(clouds(readings))
    for key in ("photos/%2541.jpg", "photos/%41.jpg", "photos/A.jpg"):
        owner.put(key, PORTRAIT)
    assert [owner.stamped(key).count for key in ("photos/%2541.jpg", "photos/%41.jpg", "photos/A.jpg")] == [1, 1, 1]


@pytest.mark.parametrize(
    "key",
    ["photos/", "photos/album/", "photos/notes.txt", "photos/jpg", "photos/a.jpg.gif", "other/a.jpg", "photo.jpg"],
)
def test_what_is_no_photo_of_the_route_is_left_alone(owner: Owner, key: str) -> None:
    calls = owner.calls()
    owner.put(key, PORTRAIT)
    owner.again(key)
    assert owner.stamp(key) is None
    assert calls() == []
