"""What makes two installations the same to readers: the code, the templates and what pages say of who runs them."""

import hashlib
from functools import cache

from django.conf import settings

FOLDERS = ("reg4covid", "countries", "practices", "templates", "static", "locale")
KINDS = {".py", ".html", ".css", ".js", ".svg", ".json", ".mo", ".xml"}


@cache
def release():
    """A digest of the files and settings that pages are made from: the same on every host with the same ones."""
    digest = hashlib.blake2b(digest_size=8)
    files = [settings.BASE_DIR / "requirements.txt"]
    for folder in FOLDERS:
        files += sorted(path for path in (settings.BASE_DIR / folder).rglob("*") if path.suffix in KINDS)
    for path in files:
        if path.exists():
            digest.update(path.name.encode() + b"\0" + path.read_bytes())
    for name in ("SITE_URL", "OPERATOR_NAME", "CONTACT_EMAIL"):
        digest.update(repr(getattr(settings, name)).encode())
    return digest.hexdigest()
