"""The demo: photos go up with the ordinary COS SDK, and come back stamped; then the HTTP API is called.

`infra.local.shots` and `infra.local.tour` say beforehand how each must end. What comes out otherwise is told at the
end, and the demo has failed. The drawings are made from the stamps alone, as any client could.
"""

from __future__ import annotations

import base64
import io
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from PIL import Image, UnidentifiedImageError

from facestamp import stamp
from infra.local import drawing, port, scenes
from infra.local.cloud import LocalCloud
from infra.local.report import faces_table, kilobytes, metadata_lines
from infra.local.shots import PERSON, Result, Shot, shots
from infra.local.tour import Tour

TARGET: Final = Path(__file__).parents[2] / "build" / "demo"
GROUP: Final = "facestamp-demo"
_OURS: Final = (
    "facestamp demo: a local cloud, nine uploads, fourteen calls. No account, no Docker, nothing leaves this machine."
)


def run(target: Path = TARGET, asked: int | None = None) -> int:
    """Run it all; 0 if everything came out as it must. Pictures go to `target`; `asked` is the port."""
    began = time.perf_counter()
    _say(_OURS, "")
    asked = port.chosen() if asked is None else asked
    if asked and not port.is_free(asked):
        _say(f"  Port {asked} is taken, so the local cloud takes a free one.")
        asked = 0
    with LocalCloud(port=asked) as cloud:
        _timed(f"local cloud on {cloud.endpoint}", lambda: None)
        _timed("package built, Pulumi program run", cloud.deploy)
        _timed("face models loaded", lambda: warm(cloud))
        _timed(f"group {GROUP} made, {PERSON} in it", lambda: _enrol_first(cloud))
        results = []
        for number, shot in enumerate(shots(cloud.outputs["prefixes"]), 1):
            _say("", f"{number}. {shot.title}: {shot.says}")
            result = _shoot(cloud, shot)
            _tell(result)
            results.append(result)
        people = cloud.api("iai", "2020-03-03").call_json("GetPersonBaseInfo", {"PersonId": PERSON})["Response"]
        _say(f"  GetPersonBaseInfo: {people['PersonName']} has {len(people['FaceIds'])} faces")
        wrong = [f"{result.shot.title}: {difference}." for result in results for difference in result.differences()]
        if len(people["FaceIds"]) != 2:
            wrong.append(f"{PERSON} has {len(people['FaceIds'])} faces, not 2.")
        _say("", f"The HTTP API at {cloud.api_url}: one call of each kind")
        tour, calls = Tour(cloud), []
        for told in tour.take():
            _say(f"  {told.step.line}", f"    {told.line}")
            calls.append(told)
    wrong += [told.difference for told in calls if told.difference]
    drawn = [*_draw(results, target), target / "overlay.svg"]
    drawn[-1].write_text(tour.drawing, encoding="utf-8")
    _say("", "Pictures:", *(f"  {_short(path)}" for path in drawn), "")
    paid, asked_for = (sum(getattr(each, name) for each in (*results, *calls)) for name in ("paid", "requests"))
    took = time.perf_counter() - began
    _say(f"{len(results)} uploads, {len(calls)} calls, {asked_for} requests, {paid} paid, {took:.0f} s in all.")
    if wrong:
        _say("What differs from what was expected:", *(f"  {line}" for line in wrong))
        return 1
    _say("Everything came out as expected.")
    return 0


def warm(cloud: LocalCloud) -> None:
    """Let every process of the face engine load its models, so that no upload waits for that."""
    pictures = [scenes.jpeg(scenes.landscape(120 + 8 * number, 96)) for number in range(2)]
    threads = [threading.Thread(target=cloud.engine.look, args=(picture,)) for picture in pictures]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _enrol_first(cloud: LocalCloud) -> None:
    faces = cloud.api("iai", "2020-03-03")
    picture = base64.b64encode(scenes.jpeg(scenes.portrait())).decode()
    faces.call_json("CreateGroup", {"GroupName": GROUP, "GroupId": GROUP})
    person = {"GroupId": GROUP, "PersonId": PERSON, "PersonName": PERSON.title(), "Image": picture}
    faces.call_json("CreatePerson", person)


def _shoot(cloud: LocalCloud, shot: Shot) -> Result:
    client, before = cloud.cos(), len(cloud.journal)
    _say(f"  put {shot.key} ({kilobytes(len(shot.body))})")
    began = time.perf_counter()
    client.put_object(Bucket=cloud.bucket, Key=shot.key, Body=shot.body)
    cloud.scf.settle(timeout=120)
    seconds = time.perf_counter() - began
    headers = client.head_object(Bucket=cloud.bucket, Key=shot.key)
    made = [call for call in cloud.journal.calls() if call.number > before and call.worker and not call.by]
    return Result(shot, stamp.read(headers), headers, seconds, len(made), sum(call.paid for call in made))


def _tell(result: Result) -> None:
    _say(
        f"  {result.stamp.status if result.stamp else 'no stamp'} after {result.seconds:.1f} s:"
        f" {result.requests} requests by the function, {result.paid} paid"
    )
    if result.stamp and result.stamp.faces:
        _say(*(f"  {line}" for line in faces_table(result.stamp.faces)))
    _say(*(f"  {line}" for line in metadata_lines(result.headers)))


def _draw(results: Iterable[Result], target: Path) -> list[Path]:
    target.mkdir(parents=True, exist_ok=True)
    for old in target.glob("*.png"):
        old.unlink()
    paths, tiles = [], []
    for number, result in enumerate(results, 1):
        faces = result.stamp.faces if result.stamp else ()
        told = ", ".join(_told(result))
        photo = _opened(result)
        tiles.append((drawing.marked(photo, faces) if photo else None, f"{number}. {result.shot.title}", told))
        if photo:
            name = f"{number}-{result.shot.title.lower().replace(' ', '-')}.png"
            drawing.picture(photo, faces, result.shot.title, told).save(target / name)
            paths.append(target / name)
    drawing.sheet(tiles).save(target / "all.png")
    return [target / "all.png", *paths]


def _told(result: Result) -> Iterator[str]:
    found = result.stamp
    yield found.status if found else "no stamp"
    if found and found.count:
        yield f"{found.count} face{'s' if found.count > 1 else ''}"
    if found and found.enrolment:
        yield f"enrolled for {found.enrolment.person_id}"
    if found:
        yield from sorted(set(found.errors.values()))
    yield f"{result.paid} paid"


def _opened(result: Result) -> Image.Image | None:
    try:
        photo = Image.open(io.BytesIO(result.shot.body))
    except UnidentifiedImageError:
        return None
    return drawing.upright(photo, result.stamp.size if result.stamp else None)


def _timed(what: str, work: Callable[[], Any]) -> None:
    began = time.perf_counter()
    work()
    _say(f"  {what} ({time.perf_counter() - began:.1f} s)")


def _short(path: Path) -> str:
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


def _say(*lines: str) -> None:
    for line in lines:
        print(line, flush=True)
