"""COS, and Cloud Infinite behind the same host: `Cos` is the service, `HOSTS` and `DOMAINS` what to mount it on.

moto keeps the objects (`store`); everything that makes it COS is said in the other modules, one for each matter:
what a request is aimed at (`target`), who sent it (`signature`, `sigv4`, `forms`) and in whose words (`s3`), what is
kept beside the bytes (`facts`, `acl`), what is done (`objects`, `copying`, `multipart`, `listing`, `buckets`,
`settings`, `infinite`, `images`, `thumbnails`), and what goes by itself (`lifecycle`).

`COS 436/7749` stands for https://cloud.tencent.com/document/product/436/7749, and `COS international 436/35709` for
the page of that number on www.tencentcloud.com.
"""

from infra.local.cos.service import Cos
from infra.local.cos.target import DOMAINS, HOSTS

__all__ = ["DOMAINS", "HOSTS", "Cos"]
