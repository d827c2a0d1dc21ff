"""What Django itself costs: a view that says hello, and one that inserts a row. The site's floor, no example."""

import os

import environ
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import path

database = environ.Env.db_url_config(os.environ["DATABASE_URL"])
database["OPTIONS"] = database.get("OPTIONS", {}) | {"pool": {"min_size": 1, "max_size": 10}}
settings.configure(
    ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], SECRET_KEY=os.environ["SECRET_KEY"], DATABASES={"default": database}
)


def hello(request: HttpRequest) -> HttpResponse:
    return _said("hello, world")


def insert(request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO bench_floor (words) VALUES (%s)", [request.POST["message"]])
    return _said("stored")


def _said(words: str) -> HttpResponse:
    # A client that keeps its connection must know where an answer ends.
    return HttpResponse(words, headers={"Content-Length": len(words)})


urlpatterns = [path("hello", hello), path("insert", insert)]
application = get_wsgi_application()
