"""The local cloud, put together: the gateway, and behind it COS, Cloud Infinite, IAI, SCF and CAM.

    with LocalCloud() as cloud:
        cloud.deploy()
        cloud.cos().put_object(Bucket=cloud.bucket, Key="photos/ada.jpg", Body=photo)
        cloud.scf.settle()

It lives in this process and its children, on one loopback port, and forgets everything when it stops.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from qcloud_cos import CosConfig, CosS3Client, CosServiceError
from tencentcloud.common.common_client import CommonClient
from tencentcloud.common.credential import Credential
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile

from infra import package
from infra.account import steps
from infra.local import cls, control, cos, frontpage, iai, monitor, scf
from infra.local.authority import Authority
from infra.local.cam import Cam, Identity
from infra.local.clock import Clock
from infra.local.faces import Engine
from infra.local.faults import Faults
from infra.local.gateway import Gateway, Server
from infra.local.journal import Journal
from infra.local.keyring import Keyring
from infra.local.provision import provision, stack_file
from infra.local.readings import Readings

REGION = "ap-guangzhou"
PHOTO_DOMAIN = "photos.localhost"
"""The photo bucket's own domain."""


class LocalCloud:
    """Everything that Tencent would be, for one account in one region."""

    def __init__(
        self,
        port: int = 0,
        readings: Readings | None = None,
        fast: bool = True,
        engine: Engine | None = None,
        owner: Identity | None = None,
        keyring: Keyring | None = None,
        outside: iai.Outside | None = None,
    ) -> None:
        """Start it. Port 0 takes any free one; `fast` skips the platform's waits; an `engine` can be shared.

        `owner` is the account's key pair, and `keyring` opens the API; by default both are new. `outside` has the face
        service fetch pictures from the real network, of the hosts that it names, which the API then takes too.
        """
        self.readings = readings or Readings()
        self.clock, self.journal, self.faults = Clock(), Journal(), Faults()
        self._folder = Path(tempfile.mkdtemp(prefix="facestamp-cloud-"))
        self._own_engine = engine is None
        self.engine = engine or Engine()
        self.cam = Cam(self.clock, owner=owner)
        self.gateway = Gateway(self.clock, self.journal, self.faults)
        self.gateway.authority = Authority(self._folder)
        self.certificates: Path = self.gateway.authority.certificate
        """What clients trust who come over TLS: name it in SSL_CERT_FILE, or as `verify`."""
        self.scf = scf.Scf(self.clock, self.cam, self.readings, self._folder, fast, region=REGION)
        self.storage = cos.Cos(self.clock, self.cam, self.engine, self.scf.notify, self.readings)
        self._outside = outside
        download = iai.Download(self.gateway.handle, self.gateway.answers_for, outside)
        self.iai = iai.Iai(self.clock, self.cam, self.engine, download, self.readings)
        self.gateway.holder, self.gateway.kill = self.cam.holder, self.scf.kill
        self.cls = cls.Cls(self.clock, self.cam, REGION)
        self.scf.fetch, self.scf.ship = self._read, self.cls.take
        self.scf.has_bucket, self.scf.has_topic = self._has_bucket, self.cls.has
        self.alarms = monitor.Alarms(self.clock, self.cam)
        self.cls.has_notice = self.alarms.notices.__contains__
        logs, alarms = cls.service(self.cls), monitor.service(self.alarms)
        for host, service in (
            (cos.HOSTS, self.storage),
            (iai.HOST, self.iai),
            (scf.HOST, self.scf),
            (scf.URL_HOSTS, scf.FunctionUrls(self.scf)),
            (scf.GATEWAY_HOSTS, scf.ApiGateways(self.scf)),
            (control.HOST, control.Control(self.cam)),
            (logs.host, logs),
            (alarms.host, alarms),
            (frontpage.HOST, frontpage.FrontPage(self)),
            (cos.DOMAINS, self.storage),
        ):
            self.gateway.mount(host, service)
        self._server = Server(self.gateway, port)
        self.keyring = keyring or Keyring()
        self.outputs: Mapping[str, Any] = {}
        """The stack's outputs, once it has been deployed."""

    def __enter__(self) -> LocalCloud:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def endpoint(self) -> str:
        """Where it listens: the proxy to set in any client."""
        return f"http://127.0.0.1:{self._server.port}"

    @property
    def port(self) -> int:
        """Of the endpoint."""
        return self._server.port

    @property
    def api_url(self) -> str:
        """Where the API answers, under a name that browsers resolve by themselves."""
        return f"http://api.localhost:{self.port}"

    @property
    def bucket(self) -> str:
        """The photo bucket, with the appid."""
        return str(self.outputs["photoBucket"])

    @property
    def state_bucket(self) -> str:
        """The state bucket, with the appid."""
        return str(self.outputs["stateBucket"])

    def deploy(self, changes: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
        """Build the package and run the Pulumi program; the stack's outputs.

        `changes` are configuration keys to set differently from `Pulumi.local.yaml`, such as `facestamp:routes`. The
        API opens to `keyring`; `facestamp:api` of None leaves it out.
        """
        built = package.build()
        api = {
            **self.keyring.config(),
            "photoOrigin": f"http://{PHOTO_DOMAIN}:{self.port}",
            "urlHosts": list(self._outside.hosts) if self._outside else [],
        }
        config = {**stack_file(), "facestamp:api": api, **(changes or {}), "facestamp:package": str(built.path)}
        config = {key: value for key, value in config.items() if value is not None}
        self.outputs = provision(config, self.endpoint, self.cam.owner)
        steps.recognise(self.cos(), self.bucket)
        # A domain points to a bucket where domains are kept, which no stack does.
        domain = {"Name": PHOTO_DOMAIN, "Type": "REST", "Status": "ENABLED"}
        self.cos().put_bucket_domain(Bucket=self.bucket, DomainConfiguration={"DomainRule": [domain]})
        return self.outputs

    def cos(self, identity: Identity | None = None) -> Any:
        """A COS client of the ordinary SDK, for the account's owner or for whoever has this key."""
        who = identity or self.cam.owner
        proxies = {"http": self.endpoint}
        config = CosConfig(
            Region=REGION,
            SecretId=who.secret_id,
            SecretKey=who.secret_key,
            Token=who.token or None,
            Scheme="http",
            Proxies=proxies,
        )
        return CosS3Client(config, retry=0)

    def _has_bucket(self, name: str) -> bool:
        return name in (bucket.name for bucket in self.storage.store.buckets())

    def _read(self, bucket: str, key: str) -> bytes | None:
        try:
            body: bytes = self.cos().get_object(Bucket=bucket, Key=key)["Body"].get_raw_stream().read()
        except CosServiceError:
            return None
        return body

    def api(self, service: str, version: str, identity: Identity | None = None) -> Any:
        """An API 3.0 client of the ordinary SDK: `cloud.api("iai", "2020-03-03").call_json("CreateGroup", {...})`."""
        who = identity or self.cam.owner
        profile = ClientProfile(httpProfile=HttpProfile(protocol="http", proxy=self.endpoint))
        credential = Credential(who.secret_id, who.secret_key, who.token or None)
        return CommonClient(service, version, credential, REGION, profile)

    def stop(self) -> None:
        """End every process and close the port."""
        self.scf.close()
        self._server.stop()
        self.storage.close()
        if self._own_engine:
            self.engine.close()
        shutil.rmtree(self._folder, ignore_errors=True)
