"""The certificate authority of one local cloud: made at random when the cloud starts, forgotten when it stops.

Some clients have `https://` written into them, as the Pulumi provider has for Cloud Infinite. Through a proxy they ask
for a tunnel (CONNECT), and inside it for a certificate of the host that they want; whoever trusts this authority gets
one. What there is to trust, `ca.pem`, is a file to name in SSL_CERT_FILE, in REQUESTS_CA_BUNDLE or as `verify`.

No private key is kept in a file. OpenSSL can read a host's key from a file only, so that it is in one, which only this
user can read, for as long as reading takes; the authority's own never is.
"""

from __future__ import annotations

import datetime
import ipaddress
import os
import ssl
import tempfile
import threading
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

NAME: Final = "facestamp's local cloud"
DAYS: Final = 90
"""How long its certificates are good: longer than any cloud runs, shorter than what clients refuse."""


class Authority:
    """Issues certificates for hosts; its own is at `certificate`, in `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
        self._contexts: dict[str, ssl.SSLContext] = {}
        self._lock = threading.Lock()
        public = self._key.public_key()
        own = (
            _unsigned(self._name, self._name, public)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(issuing=True), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
            .sign(self._key, hashes.SHA256())
        )
        self.certificate = folder / "ca.pem"
        """What clients are to trust."""
        self.certificate.write_bytes(own.public_bytes(Encoding.PEM))

    def context(self, host: str) -> ssl.SSLContext:
        """What a server speaks TLS with as `host`, a name or an address without a port."""
        with self._lock:
            if host not in self._contexts:
                self._contexts[host] = self._issue(host)
            return self._contexts[host]

    def _issue(self, host: str) -> ssl.SSLContext:
        key = ec.generate_private_key(ec.SECP256R1())
        issued = (
            _unsigned(x509.Name([]), self._name, key.public_key())
            # A certificate without a subject is a host's by this extension alone, which is critical then (RFC 5280).
            .add_extension(x509.SubjectAlternativeName([_called(host)]), critical=True)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(issuing=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False)
            .sign(self._key, hashes.SHA256())
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        descriptor, path = tempfile.mkstemp(dir=self._folder)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(secret + issued.public_bytes(Encoding.PEM))
            context.load_cert_chain(path)
        finally:
            os.unlink(path)
        return context


def _unsigned(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.timezone.utc)
    return x509.CertificateBuilder(
        issuer_name=issuer,
        subject_name=subject,
        public_key=key,
        serial_number=x509.random_serial_number(),
        # A day back, for a client whose clock is behind.
        not_valid_before=now - datetime.timedelta(days=1),
        not_valid_after=now + datetime.timedelta(days=DAYS),
    )


def _called(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _usage(*, issuing: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not issuing,
        key_cert_sign=issuing,
        crl_sign=issuing,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
