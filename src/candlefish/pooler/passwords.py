"""New passwords and tokens: letters and digits only, which every program takes in every place."""

import secrets
import string

PASSWORD_LENGTH = 32
"""190 bits; what the Terraform module makes has the same length."""

TOKEN_LENGTH = 64
"""ElastiCache takes 16 to 128 characters (ElastiCache User Guide, "Authenticating with the AUTH command")."""

_ALPHABET = string.ascii_letters + string.digits


def make_password(length: int = PASSWORD_LENGTH) -> str:
    """Return a random password."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))
