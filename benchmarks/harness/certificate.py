"""A certificate for 127.0.0.1 and the authority that signed it, so that every client can verify the server."""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Final, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HOST: Final = "127.0.0.1"

VALID: Final = timedelta(days=1)
"""Longer than any run."""


class Certificate(NamedTuple):
    """The files that a server and its clients are given."""

    chain: Path
    key: Path
    authority: Path


def write_certificate(folder: Path) -> Certificate:
    """Write a key, its certificate, and the certificate of an authority whose key nobody keeps."""
    authority_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    authority = _builder("candlefish benchmark's authority", authority_key.public_key()).add_extension(
        x509.BasicConstraints(ca=True, path_length=0), critical=True
    )
    issuer = authority.issuer_name(_name("candlefish benchmark's authority")).sign(authority_key, hashes.SHA256())
    server = _builder("candlefish benchmark", key.public_key()).add_extension(
        x509.SubjectAlternativeName([x509.IPAddress(ip_address(HOST))]), critical=False
    )
    files = Certificate(folder / "server.crt", folder / "server.key", folder / "authority.crt")
    files.authority.write_bytes(_pem(issuer))
    files.chain.write_bytes(_pem(server.issuer_name(issuer.subject).sign(authority_key, hashes.SHA256())))
    files.key.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return files


def _builder(name: str, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(_name(name))
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + VALID)
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)
