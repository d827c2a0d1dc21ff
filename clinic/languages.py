"""The language that words are written in. It belongs to the words (a page, a mail), never to a request's header."""

from django.conf import settings

# Words that name no other language: "en". They are not written anew for each country that settings.LANGUAGE_CODE names.
SITE_LANGUAGE = settings.LANGUAGE_CODE.partition("-")[0]
