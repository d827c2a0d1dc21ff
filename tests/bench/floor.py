"""
What Django itself costs, and gunicorn without it: the site's floor, no example.

A view that says hello, one that inserts a row as Django comes (a connection for each request) and one that takes its
connection from a pool; hello once more without what startproject puts before each view; and an answer of a page's size
and headers that no Django has seen.
"""

import os

import environ
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.core.wsgi import get_wsgi_application
from django.db import connections
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

database = environ.Env.db_url_config(os.environ["DATABASE_URL"])
pool = {"min_size": 1, "max_size": 10}
settings.configure(
    ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], SECRET_KEY=os.environ["SECRET_KEY"],
    INSTALLED_APPS=[f"django.contrib.{name}" for name in ("auth", "contenttypes", "sessions", "messages")],
    MIDDLEWARE=[
        "django.middleware.security.SecurityMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
        "django.middleware.clickjacking.XFrameOptionsMiddleware",
    ],
    DATABASES={"default": database, "pooled": database | {"OPTIONS": database.get("OPTIONS", {}) | {"pool": pool}}},
)  # fmt: skip

BODY = bytes(5_400)
HEADERS = [
    ("Content-Type", "text/html; charset=utf-8"), ("Content-Length", str(len(BODY))), ("Content-Encoding", "gzip"),
    ("Cache-Control", "public, max-age=0, must-revalidate, s-maxage=5, stale-while-revalidate=3"),
    ("ETag", 'W/"9a0fda5cf81956e8715af78c504c6ec0"'), ("Vary", "Accept-Encoding"), ("X-Frame-Options", "DENY"),
    ("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'"),
    ("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
]  # fmt: skip


def hello(request: HttpRequest) -> HttpResponse:
    return _said("hello, world")


@csrf_exempt
def insert(request: HttpRequest, alias: str) -> HttpResponse:
    with connections[alias].cursor() as cursor:
        cursor.execute("INSERT INTO bench_floor (words) VALUES (%s)", [request.POST["message"]])
    return _said("stored")


def _said(words: str) -> HttpResponse:
    # A client that keeps its connection must know where an answer ends.
    return HttpResponse(words, headers={"Content-Length": len(words)})


urlpatterns = [
    path("hello", hello),
    path("hello/lean", hello),
    path("insert", insert, {"alias": "default"}),
    path("insert-pooled", insert, {"alias": "pooled"}),
]


def bare(environ, start_response):
    start_response("200 OK", list(HEADERS))
    return [BODY]


django = get_wsgi_application()
settings.MIDDLEWARE = []  # Each handler keeps what it finds here when it is made.
others = {"/bare": bare, "/hello/lean": WSGIHandler()}


def application(environ, start_response):
    return others.get(environ["PATH_INFO"], django)(environ, start_response)
