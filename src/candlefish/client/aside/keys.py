"""The names of the keys that belong to a key: its lease, its entries of another form, and its fence in a sharded cache.

They live in the hash slot of their key: `{key}~name`, or `key~~name` where the key has a {tag} already. In a sharded
Redis the empty key, and one with a `}` but no tag, has no neighbour in its slot: it is loaded, never kept.
"""


def name_lease(key: str) -> str:
    """Name the lease of a key: who holds it loads the key."""
    return name_beside(key, "lease")


def name_side(key: str, fingerprint: bytes) -> str:
    """Name the entry of a form while the key itself holds one of another form."""
    return name_beside(key, fingerprint.hex())


def name_tag(prefix: str, tag: str) -> str:
    """Name the place where the version of a tag stands: to delete it is to invalidate all that it tags."""
    return f"{prefix}~tag:{tag}"


def name_beside(key: str, name: str) -> str:
    """Name a key in the hash slot of another."""
    opened = key.find("{")
    has_tag = opened >= 0 and key.find("}", opened) > opened + 1
    return f"{key}~~{name}" if has_tag else f"{{{key}}}~{name}"
