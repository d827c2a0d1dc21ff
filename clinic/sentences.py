"""Sentences that are put together from parts, some of which end with a full stop of their own."""

from django.utils.html import format_html


def ended(words: str) -> str:
    """The words with one full stop at their end, also after "9:30 a.m." or "John Roe, M.D."; what is HTML stays it."""
    if not words or words.endswith((".", "!", "?", "…")):
        return words
    return format_html("{}.", words) if hasattr(words, "__html__") else f"{words}."
