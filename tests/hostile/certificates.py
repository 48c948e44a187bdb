"""A throw-away authority: root, intermediate and the certificates of hosts, as a province's portal would have them."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Party:
    """A certificate and the key that goes with it."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)


class Authority:
    """A root that clients trust, and an intermediate that signs for hosts."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.root = _party("Gốc thử nghiệm", None, authority=True)
        self.intermediate = _party("Trung gian thử nghiệm", self.root, authority=True)
        self.trusted = self._write("goc.pem", self.root.pem)
        self.chain = self._write("trung-gian.pem", self.intermediate.pem)

    def server(self, host: str, *, whole: bool, ended: bool = False) -> ssl.SSLContext:
        """Return what a server of this name speaks TLS with; it sends the intermediate too when `whole`."""
        party = _party(host, self.intermediate, ended=ended)
        key = party.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        sent = party.pem + (self.intermediate.pem if whole else b"")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self._write(f"{host}-{whole}-{ended}.pem", sent + key))
        return context

    def _write(self, name: str, content: bytes) -> Path:
        file = self.folder / name
        file.write_bytes(content)
        return file


def _party(name: str, signer: Party | None, *, authority: bool = False, ended: bool = False) -> Party:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject if signer is None else signer.certificate.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - 30 * DAY)
        .not_valid_after(now + (-DAY if ended else DAY))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
    )
    if not authority:
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
    return Party(builder.sign(key if signer is None else signer.key, hashes.SHA256()), key)
