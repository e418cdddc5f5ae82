"""An account of AWS that holds what was made in one throw-away folder, and remembers every secret that went through."""

import secrets
import string
import threading
from dataclasses import dataclass, field
from typing import Any

from tests.standin.protocol import Value

PUNCTUATION = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
"""API Reference of Secrets Manager, GetRandomPassword: ExcludePunctuation."""

DEFAULT_LENGTH = 32
"""Characters: as above, PasswordLength."""


class Refused(Exception):
    """AWS would refuse the call."""


@dataclass(frozen=True, slots=True)
class Given:
    """A secret that was handed over: to which resource's argument, or by which ephemeral resource."""

    type_name: str
    attribute: str
    resource: str
    value: str


@dataclass(slots=True)
class Account:
    """What there is: resources by their key, secrets by the ARN, and all secret values that ever passed."""

    region: str = "us-east-1"
    default_tags: dict[str, str] = field(default_factory=dict)
    resources: dict[str, tuple[str, dict[str, Value]]] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    given: list[Given] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)
    """Types that can't be made or changed just now, as when a zone has no instance of a class left."""

    lock: threading.RLock = field(default_factory=threading.RLock)

    def of_type(self, type_name: str) -> list[dict[str, Value]]:
        """Give what there is of a type, such as `aws_db_instance`."""
        with self.lock:
            return [value for name, value in self.resources.values() if name == type_name]

    def change(self, type_name: str, **arguments: Value) -> None:
        """Change the one resource of a type behind Terraform's back, as somebody does in the console."""
        (one,) = self.of_type(type_name)
        one.update(arguments)

    def secret_values(self) -> set[str]:
        """Give every secret that Terraform has been handed or has handed over."""
        with self.lock:
            return {one.value for one in self.given}

    def hand_over(self, type_name: str, attribute: str, resource: str, value: str) -> None:
        """Remember a secret."""
        with self.lock:
            self.given.append(Given(type_name, attribute, resource, value))

    def last_given(self, type_name: str, attribute: str, resource: str) -> str:
        """Give the secret that a resource was handed last."""
        with self.lock:
            found = [one for one in self.given if (one.type_name, one.attribute) == (type_name, attribute)]
            return next(one.value for one in reversed(found) if one.resource == resource)

    def put_secret(self, arn: str, value: str) -> None:
        """Make a value the current one of a secret."""
        with self.lock:
            self.secrets[arn] = value

    def get_secret(self, arn: str) -> str:
        """Give the current value of a secret."""
        with self.lock:
            if arn not in self.secrets:
                raise Refused(
                    "ResourceNotFoundException: Secrets Manager can't find the specified secret value for staging "
                    f"label: AWSCURRENT ({arn})"
                )
            return self.secrets[arn]


def random_password(config: dict[str, Any]) -> str:
    """Make a password as GetRandomPassword does: a new one each time, that nobody can predict."""
    kinds = {
        "exclude_lowercase": string.ascii_lowercase,
        "exclude_uppercase": string.ascii_uppercase,
        "exclude_numbers": string.digits,
        "exclude_punctuation": PUNCTUATION,
    }
    excluded = config.get("exclude_characters") or ""
    used = ["".join(sorted({*kind} - {*excluded})) for flag, kind in kinds.items() if not config.get(flag)]
    used = [kind for kind in used if kind]
    length = int(config.get("password_length") or DEFAULT_LENGTH)
    if not used or length < len(used):
        raise Refused(f"InvalidParameterException: no password of {length} characters out of what is not excluded")
    every = "".join(used) + (" " if config.get("include_space") else "")
    one_of_each = [secrets.choice(kind) for kind in used]
    rest = [secrets.choice(every) for _ in range(length - len(one_of_each))]
    password = one_of_each + rest
    secrets.SystemRandom().shuffle(password)
    return "".join(password)
