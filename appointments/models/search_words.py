"""`Inquiry.search_words` as Postgres searches it: one index of all words, asked for their beginnings."""

from collections.abc import Iterable

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.search import SearchQueryField, SearchVectorField
from django.db import models
from django.db.models import BooleanField, F, Func, Value
from django.db.models.functions import Cast


class Matches(Func):
    """Whether words (a tsvector) fit a query (a tsquery)."""

    arg_joiner = " @@ "
    template = "(%(expressions)s)"
    output_field = BooleanField()


# `search_words` as an index takes them: as they are, since nothing is left for a language's rules to do.
WORDS = Func(
    Func(Func(F("search_words"), Value(" "), function="string_to_array"), Value(""), function="array_remove"),
    function="array_to_tsvector",
    output_field=SearchVectorField(),
)


def beginnings(words: Iterable[str]) -> Cast:
    """A query for rows of which each of these words begins a word."""
    quoted = (word.replace("\\", "\\\\").replace("'", "''") for word in words)
    return Cast(Value(" & ".join(f"'{word}':*" for word in quoted)), SearchQueryField())


class Findable(models.Model):
    """By what somebody finds an inquiry, as inquiries.search writes it; nobody reads it anywhere."""

    # Each word after a space.
    search_words = models.TextField(blank=True)
    # The runs of three letters of its names: those nearly the same share most of them. The default of the database is
    # for processes of the release before, which know no such column.
    search_trigrams = ArrayField(models.TextField(), default=list, db_default=[], blank=True, editable=False)

    class Meta:
        abstract = True
