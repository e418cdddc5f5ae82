"""The pooler's own certificate: the one that was given, or one that it signs itself."""

from pathlib import Path

from candlefish import process
from candlefish.errors import EngineError
from candlefish.pooler.credentials import Certificate
from candlefish.pooler.files import write_file

OWN_DAYS = 3650
"""Longer than any container lives. Clients of a self-signed certificate use sslmode=require, which looks at no date."""

OPENSSL_TIMEOUT_S = 60.0
"""A key on an elliptic curve takes milliseconds; a machine short of randomness may take longer."""


def write_certificate(certificate: Certificate | None, folder: Path) -> tuple[Path, Path]:
    """Write certificate and key into the folder, or make a pair there, and return their paths."""
    chain, key = folder / "tls.crt", folder / "tls.key"
    if certificate is not None:
        write_file(chain, certificate.certificate.rstrip() + "\n")
        write_file(key, certificate.key.rstrip() + "\n")
    elif not (chain.exists() and key.exists()):
        _sign_own(chain, key)
    return chain, key


def _sign_own(chain: Path, key: Path) -> None:
    write_file(key, "")  # so that openssl writes into a file that only its owner can read
    done = process.run(
        [
            process.find_binary("openssl"), "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
            "-nodes", "-days", str(OWN_DAYS), "-subj", "/CN=candlefish-pgbouncer", "-keyout", key, "-out", chain,
        ],
        timeout_s=OPENSSL_TIMEOUT_S,
    )  # fmt: skip
    if done.returncode:
        raise EngineError("openssl could not make a certificate for the pooler", detail=done.stderr.strip()[-300:])
