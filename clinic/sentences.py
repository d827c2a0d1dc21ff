"""Sentences that are put together from parts: their full stop, and what a browser leaves untranslated in them."""

from django.utils.html import format_html
from django.utils.safestring import SafeString


def ended(words: str) -> str:
    """
    The words with one full stop at their end, also after "9:30 a.m.", "John Roe, M.D." or a sentence that is quoted.

    What is HTML stays it.
    """
    if not words or words.rstrip("”").endswith((".", "!", "?", "…")):
        return words
    return format_html("{}.", words) if hasattr(words, "__html__") else f"{words}."


def untranslated(words: str) -> SafeString | str:
    """A name, a number or a reference as HTML that translating browsers leave as it is; nothing stays nothing."""
    return format_html('<span translate="no">{}</span>', words) if words else ""
