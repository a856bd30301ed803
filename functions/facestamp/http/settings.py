"""What the API's function is told: every route, as its own function is told of it, and who may call.

The variables are those of an upload's function. What the routes agree in is told once; what is a route's own begins
with its place among them, `FACESTAMP_R1__PREFIX`, because SCF takes no name above 64 bytes.

| variable                 | holds                                                          |
|--------------------------|----------------------------------------------------------------|
| `FACESTAMP_ROUTES`       | the routes' names, comma-separated                             |
| `FACESTAMP_API_KEYS`     | `name:scope+scope:sha256` of each bearer key, comma-separated  |
| `FACESTAMP_SIGNING_KEYS` | `id:scope+scope:secret`, two at most                           |
| `FACESTAMP_CAM_SCOPES`   | `scope+scope` of whom the Function URL lets in                 |
| `FACESTAMP_URL_HOSTS`    | hosts whose pictures may be named by `url`, comma-separated    |
| `FACESTAMP_ORIGINS`      | origins whose pages may call, comma-separated                  |
| `FACESTAMP_PHOTO_ORIGIN` | the photo bucket's own domain, such as `https://photos.a.com`  |
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from facestamp.http.keys import SCOPES, ApiKey, Keys, SigningKey
from facestamp.settings import Settings, SettingsError, joined


@dataclass(frozen=True)
class ApiSettings:
    """One deployment, as its API sees it."""

    routes: Mapping[str, Settings]
    bucket: str
    state_bucket: str
    face_region: str
    endpoint: str
    keys: Keys
    url_hosts: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    photo_origin: str = ""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> ApiSettings:
        """Read the function's variables; raises `SettingsError` with one sentence."""
        told = joined(environment)
        names = _list(told.get("ROUTES", ""))
        for name in ("BUCKET", "STATE_BUCKET", "FACE_REGION", "ROUTES"):
            if not told.get(name):
                raise SettingsError(f"Set FACESTAMP_{name}.")
        return cls(
            routes={
                name: Settings.from_environment(_of_route(name, place, environment))
                for place, name in enumerate(names, start=1)
            },
            bucket=told["BUCKET"],
            state_bucket=told["STATE_BUCKET"],
            face_region=told["FACE_REGION"],
            endpoint=told.get("ENDPOINT", ""),
            keys=Keys(
                api=tuple(ApiKey(*parts) for parts in _keys("API_KEYS", told)),
                signing=tuple(SigningKey(*parts) for parts in _keys("SIGNING_KEYS", told)),
                cam=_scopes("CAM_SCOPES", told.get("CAM_SCOPES", "")),
            ),
            url_hosts=_list(told.get("URL_HOSTS", "").lower()),
            origins=_list(told.get("ORIGINS", "")),
            photo_origin=told.get("PHOTO_ORIGIN", ""),
        )


def own(place: int) -> str:
    """How the names of a route's own variables begin; the first route's place is 1."""
    return f"FACESTAMP_R{place}__"


def _of_route(route: str, place: int, environment: Mapping[str, str]) -> dict[str, str]:
    """The variables as that route's own function has them."""
    mine = own(place)
    shared = {name: value for name, value in environment.items() if "__" not in name}
    told = {f"FACESTAMP_{name[len(mine) :]}": value for name, value in environment.items() if name.startswith(mine)}
    return {**shared, **told, "FACESTAMP_ROUTE": route}


def _keys(name: str, told: Mapping[str, str]) -> list[tuple[str, frozenset[str], str]]:
    keys = []
    for entry in _list(told.get(name, "")):
        known, scopes, secret = [*entry.split(":", 2), "", ""][:3]
        if not known or not secret:
            raise SettingsError(f"FACESTAMP_{name} is not a list of name:scope+scope:key.")
        keys.append((known, _scopes(name, scopes), secret))
    return keys


def _scopes(name: str, text: str) -> frozenset[str]:
    scopes = frozenset(filter(None, text.split("+")))
    if not scopes <= set(SCOPES):
        raise SettingsError(f"FACESTAMP_{name} names an unknown scope: choose from {', '.join(SCOPES)}.")
    return scopes


def _list(text: str) -> tuple[str, ...]:
    return tuple(filter(None, text.split(",")))
