"""What the Pulumi provider would ask of the cloud for each resource: the management calls, really made.

A resource arrives by its type and its inputs, as the program registered them. It becomes the calls that the provider
makes when it creates one, in its order and with its mapping of arguments, signed with the account's key. Two things
differ: the provider signs some of COS's calls in S3's way, and it reads more back. Documents: the provider's own
resources of those names, and the APIs of CAM 2019-01-16, SCF 2018-04-16, COS and Cloud Infinite.
"""

from __future__ import annotations

import base64
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

from qcloud_cos import CosConfig, CosS3Auth, CosS3Client
from tencentcloud.common.common_client import CommonClient
from tencentcloud.common.credential import Credential
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile

from infra.local.cam import Identity

Inputs = dict[str, Any]
State = dict[str, Any]

ACTIVE_SECONDS = 30.0
"""How long a function may be in the making."""
_PAGE = {"Page": 1, "Rp": 200}


class NotProvisionable(Exception):
    """The program registered a resource that this module cannot turn into calls."""


class Provider:
    """Creates resources in one region, through the proxy `endpoint`, as the account `owner`."""

    def __init__(self, endpoint: str, owner: Identity, region: str) -> None:
        self.region = region
        self._credential = Credential(owner.secret_id, owner.secret_key)
        self._profile = ClientProfile(httpProfile=HttpProfile(protocol="http", proxy=endpoint, reqTimeout=60))
        self._cos = CosS3Client(
            CosConfig(
                Region=region,
                SecretId=owner.secret_id,
                SecretKey=owner.secret_key,
                Scheme="http",
                Proxies={"http": endpoint},
            ),
            retry=0,
        )
        self._creates: dict[str, Callable[[Inputs], tuple[str, State]]] = {
            "tencentcloud:index/camRole:CamRole": self._role,
            "tencentcloud:index/camPolicy:CamPolicy": self._policy,
            "tencentcloud:index/camRolePolicyAttachment:CamRolePolicyAttachment": self._attachment,
            "tencentcloud:index/cosBucket:CosBucket": self._bucket,
            "tencentcloud:index/ciBucketAttachment:CiBucketAttachment": self._infinite,
            "tencentcloud:index/scfFunction:ScfFunction": self._function,
        }

    def create(self, kind: str, inputs: Inputs) -> tuple[str, State]:
        """Create a resource of the type `kind`; its id, and what the provider computes for it.

        Raises `NotProvisionable` for a type or an input that is not known here, and the SDKs' own exceptions for what
        the cloud refuses.
        """
        create = self._creates.get(kind)
        if create is None:
            raise NotProvisionable(f"The local cloud cannot make a {kind}: add its calls to infra/local/provider.py.")
        remaining = {name: value for name, value in inputs.items() if value is not None}
        made = create(remaining)
        if remaining:
            raise NotProvisionable(f"The local cloud does not know what {kind} does with {', '.join(remaining)}.")
        return made

    def _call(self, service: str, version: str, action: str, parameters: dict[str, Any]) -> dict[str, Any]:
        client = CommonClient(service, version, self._credential, self.region, profile=self._profile)
        return cast("dict[str, Any]", client.call_json(action, parameters)["Response"])

    def _cam(self, action: str, **parameters: Any) -> dict[str, Any]:
        return self._call("cam", "2019-01-16", action, parameters)

    def _scf(self, action: str, **parameters: Any) -> dict[str, Any]:
        return self._call("scf", "2018-04-16", action, parameters)

    def _role(self, given: Inputs) -> tuple[str, State]:
        name = given.pop("name")
        role_id = self._cam(
            "CreateRole",
            RoleName=name,
            PolicyDocument=given.pop("document"),
            Description=given.pop("description", ""),
            ConsoleLogin=int(given.pop("consoleLogin", False)),
        )["RoleId"]
        listed = self._cam("DescribeRoleList", **_PAGE)["List"]
        found = next(role for role in listed if role["RoleId"] == role_id)
        return role_id, {"roleArn": found["RoleArn"]}

    def _policy(self, given: Inputs) -> tuple[str, State]:
        policy_id = self._cam(
            "CreatePolicy",
            PolicyName=given.pop("name"),
            PolicyDocument=given.pop("document"),
            Description=given.pop("description", ""),
        )["PolicyId"]
        found = self._cam("GetPolicy", PolicyId=policy_id)
        return str(policy_id), {"type": found["Type"], "createMode": 2}

    def _attachment(self, given: Inputs) -> tuple[str, State]:
        role_id, policy_id = given.pop("roleId"), given.pop("policyId")
        self._cam("AttachRolePolicy", AttachRoleId=role_id, PolicyId=int(policy_id))
        self._cam("ListAttachedRolePolicies", RoleId=role_id, **_PAGE)
        return f"{role_id}#{policy_id}", {"policyType": "User", "createMode": 2}

    def _bucket(self, given: Inputs) -> tuple[str, State]:
        bucket = given.pop("bucket")
        acl = given.pop("acl", "private")
        self._cos.create_bucket(Bucket=bucket, ACL=acl)
        self._cos.put_bucket_acl(Bucket=bucket, ACL=acl)
        if rules := given.pop("corsRules", None):
            self._cos.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRule": [_cors(rule) for rule in rules]})
        if rules := given.pop("lifecycleRules", None):
            kept = {"Rule": [_expiring(rule) for rule in rules]}
            self._cos.put_bucket_lifecycle(Bucket=bucket, LifecycleConfiguration=kept)
        if algorithm := given.pop("encryptionAlgorithm", None):
            applied = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": algorithm}}
            self._cos.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={"Rule": [applied]})
        if given.pop("versioningEnable", False):
            self._cos.put_bucket_versioning(Bucket=bucket, Status="Enabled")
        return bucket, {"cosBucketUrl": f"{bucket}.cos.{self.region}.myqcloud.com"}

    def _infinite(self, given: Inputs) -> tuple[str, State]:
        bucket = given.pop("bucket")
        address = f"http://{bucket}.pic.{self.region}.myqcloud.com/"
        auth = CosS3Auth(self._cos.get_conf(), "", params={})
        self._cos.send_request(method="PUT", url=address, bucket=bucket, auth=auth, headers={}, ci_request=True)
        return bucket, {"ciStatus": "on"}

    def _function(self, given: Inputs) -> tuple[str, State]:
        name, namespace = given.pop("name"), given.pop("namespace", "default")
        triggers = given.pop("triggers", [])
        self._scf(
            "CreateFunction",
            FunctionName=name,
            Namespace=namespace,
            Code={"ZipFile": base64.b64encode(Path(given.pop("zipFile")).read_bytes()).decode()},
            Handler=given.pop("handler"),
            Description=given.pop("description", ""),
            MemorySize=given.pop("memSize", 128),
            Timeout=given.pop("timeout", 3),
            Environment={"Variables": [{"Key": k, "Value": v} for k, v in given.pop("environment", {}).items()]},
            Runtime=given.pop("runtime"),
            Role=given.pop("role", ""),
            Type="Event",
            PublicNetConfig={
                "PublicNetStatus": "ENABLE" if given.pop("enablePublicNet", False) else "DISABLE",
                "EipConfig": {"EipStatus": "DISABLE"},
            },
        )
        self._until_active(name, namespace)
        for trigger in triggers:
            self._scf(
                "CreateTrigger",
                FunctionName=name,
                Namespace=namespace,
                TriggerName=_trigger_name(trigger),
                Type=trigger["type"],
                TriggerDesc=trigger["triggerDesc"],
                Enable="OPEN",
            )
        found = self._scf("GetFunction", FunctionName=name, Namespace=namespace)
        return f"{namespace}+{name}", {
            "functionId": found.get("FunctionId", ""),
            "status": found.get("Status", ""),
            "triggerInfos": [
                {"name": told["TriggerName"], "type": told["Type"], "triggerDesc": told["TriggerDesc"]}
                for told in found.get("Triggers") or ()
            ],
        }

    def _until_active(self, name: str, namespace: str) -> None:
        """Ask again and again, as the provider does: SCF tells nobody when a function has been made."""
        end = time.monotonic() + ACTIVE_SECONDS
        while (status := self._scf("GetFunction", FunctionName=name, Namespace=namespace)["Status"]) != "Active":
            if status not in ("Creating", "Updating") or time.monotonic() > end:
                raise TimeoutError(f"The function {name} is {status}, not Active.")
            time.sleep(0.05)


def _trigger_name(trigger: dict[str, Any]) -> str:
    """A COS trigger is named by its bucket's host, which the provider completes from the bucket's name."""
    if trigger["type"] != "cos":
        return str(trigger["name"])
    return f"{trigger['name']}.cos.{trigger['cosRegion']}.myqcloud.com"


def _expiring(rule: dict[str, Any]) -> dict[str, Any]:
    """A rule in the names of COS (436/8280)."""
    [days] = rule.pop("expiration").values()
    told = {_COS_NAMES[name]: value for name, value in rule.items() if name != "filterPrefix"}
    return {**told, "Filter": {"Prefix": rule["filterPrefix"]}, "Status": "Enabled", "Expiration": {"Days": str(days)}}


def _cors(rule: dict[str, Any]) -> dict[str, Any]:
    """A rule in the names of COS (436/8279)."""
    return {_COS_NAMES[name]: str(value) if isinstance(value, int) else value for name, value in rule.items()}


_COS_NAMES = {
    "id": "ID",
    "allowedOrigins": "AllowedOrigin",
    "allowedMethods": "AllowedMethod",
    "allowedHeaders": "AllowedHeader",
    "exposeHeaders": "ExposeHeader",
    "maxAgeSeconds": "MaxAgeSeconds",
}
