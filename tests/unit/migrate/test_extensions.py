"""Which package brings a missing extension."""

import pytest

from candlefish.migrate.extensions import install_hint, missing_extension


@pytest.mark.parametrize(
    ("message", "extension"),
    [
        ('extension "postgis" is not available', "postgis"),
        ('could not open extension control file "/usr/share/extension/vector.control": No such file', "vector"),
        ('type "geometry" does not exist', None),
    ],
)
def test_the_server_names_the_extension_it_misses(message: str, extension: str | None) -> None:
    assert missing_extension(message) == extension


@pytest.mark.parametrize(
    ("extension", "words"),
    [
        ("postgis", "apt-get install postgresql-15-postgis-3"),
        ("plpython3u", "apt-get install postgresql-plpython3-15"),
        ("vector", "postgresql-15-pgvector from PostgreSQL's own Debian repository"),
        ("aws_s3", "only at the cloud provider"),
        ("never_heard_of", "apt-cache search"),
    ],
)
def test_the_hint_says_where_to_get_it(extension: str, words: str) -> None:
    assert words in install_hint(extension)
