"""The guide for editors: docs/editing.md, as the desk shows it."""

from functools import cache
from itertools import pairwise
from pathlib import PurePath

from django.conf import settings
from django.templatetags.static import static
from django.utils.safestring import mark_safe
from django.utils.text import slugify
from markdown_it import MarkdownIt

TEXT = settings.BASE_DIR / "docs" / "editing.md"


@cache
def guide():
    """The guide as HTML. Headings have the anchors that its own links name; pictures are static files."""
    markdown = MarkdownIt().enable("table")
    tokens = markdown.parse(TEXT.read_text(encoding="utf-8"))
    for opening, content in pairwise(tokens):
        if opening.type == "heading_open":
            opening.attrSet("id", slugify(content.content))
        for part in content.children or ():
            if part.type == "image":
                part.attrSet("src", static(f"guide/{PurePath(part.attrGet('src')).name}"))
    return mark_safe(markdown.renderer.render(tokens, markdown.options, {}))  # noqa: S308 (text of our own)
