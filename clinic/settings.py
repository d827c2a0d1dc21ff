"""
The project's settings, in Django's order, read from the environment in one place.

An empty environment is production and refuses to start, naming what is missing. `make run`, `make serve`
and the tests set what they need themselves; README.md's table lists every variable.
"""

from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured
from django.utils.csp import CSP

from clinic import database_limits, database_url, email_url, env_file, environment, log_settings, site_url
from clinic.local import localdb

BASE_DIR = Path(__file__).resolve().parent.parent
# What this machine makes for itself: secrets of local runs, the private Postgres, collected files.
LOCAL_DIR = BASE_DIR / ".local"

env = environ.Env(
    SECRET_KEY=(str, ""),
    SITE_URL=(str, ""),
    DATABASE_URL=(str, ""),
    EMAIL_URL=(str, ""),
    DEBUG=(environment.switch("DEBUG"), False),
    ALLOWED_HOSTS=(list, []),
    ENV_FILE=(str, ""),
    BIND=(environment.address("BIND", "localhost"), "127.0.0.1"),
    PORT=(environment.between("PORT", 1, 65535), 8000),
    WEB_CONCURRENCY=(environment.between("WEB_CONCURRENCY", 1, 512), 2),
    TRUSTED_PROXIES=(environment.addresses("TRUSTED_PROXIES"), []),
    HSTS_SUBDOMAINS=(environment.switch("HSTS_SUBDOMAINS"), False),
    HSTS_PRELOAD=(environment.switch("HSTS_PRELOAD"), False),
    SECRET_KEY_FALLBACKS=(list, []),
    SECURITY_CONTACT=(str, ""),
    SECURITY_EXPIRES=(str, ""),
    HEARTBEAT_URL=(str, ""),
    METRICS_TOKEN=(environment.secret("METRICS_TOKEN", 20), ""),
    LOG_JSON=(environment.switch("LOG_JSON"), False),
    ANY_DATABASE=(environment.switch("ANY_DATABASE"), False),
    BACKUP_PUBLIC_KEY=(str, ""),
    SCRATCH_DATABASE_URL=(str, ""),
    SECOND_FACTOR=(environment.switch("SECOND_FACTOR"), False),
    SECOND_FACTOR_KEYS=(list, []),
    OIDC_URL=(str, ""),
    OIDC_CLIENT_ID=(str, ""),
    OIDC_CLIENT_SECRET=(str, ""),
    OIDC_SUPERUSERS=(environment.switch("OIDC_SUPERUSERS"), False),
)
env.ENVIRON = environment.with_files(env_file.under(env.ENVIRON, env("ENV_FILE")), env.scheme)
# A backup keeps them, wherever they stood. Each process has another DATABASE_URL.
GIVEN_SETTINGS_AND_SECRETS = environment.given(env.ENVIRON, {*env.scheme} - {"ENV_FILE", "DATABASE_URL"})
DEBUG = env("DEBUG")
# For clinic/server/gunicorn_conf.py.
BIND, PORT, WEB_CONCURRENCY, TRUSTED_PROXIES = env("BIND"), env("PORT"), env("WEB_CONCURRENCY"), env("TRUSTED_PROXIES")
SECRET_KEY, SECRET_KEY_FALLBACKS, SITE_URL = env("SECRET_KEY"), env("SECRET_KEY_FALLBACKS"), env("SITE_URL")

if DEBUG:
    SECRET_KEY = SECRET_KEY or "only for development on this machine"
    SITE_URL = SITE_URL or f"http://127.0.0.1:{PORT}"

needed = {
    "SECRET_KEY": SECRET_KEY,
    "SITE_URL": SITE_URL,
    "DATABASE_URL": env("DATABASE_URL") or DEBUG,
    # Without one, mails land in a folder: right for http, which is for this machine only.
    "EMAIL_URL": env("EMAIL_URL") or SITE_URL.startswith("http://"),
}
if missing := [name for name, value in needed.items() if not value]:
    raise ImproperlyConfigured(f"Set {', '.join(missing)}: README.md says how. To try the site here: make run")

site = site_url.read(SITE_URL)
SITE_URL, HTTPS, IS_LOCAL = site.url, site.is_https, site.is_local
if DEBUG and not IS_LOCAL:
    raise ImproperlyConfigured("DEBUG shows visitors the inside of the site: it is for a loopback SITE_URL only")

ALLOWED_HOSTS = [site.host, *env("ALLOWED_HOSTS"), *(site_url.LOOPBACK if DEBUG else ())]

INSTALLED_APPS = [
    "clinic.apps.ClinicAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.sitemaps",
    "crispy_forms",
    "pgtrigger",
    "pghistory",
    "procrastinate.contrib.django",
    "django_otp",
    "django_otp_webauthn",
    "clinic.apps.ClinicConfig",
    "procedures",
    # Last, so that every permission exists when the roles are given theirs (clinic/accounts/roles.py).
    "appointments",
]

MIDDLEWARE = [
    "clinic.server.middleware.make_room_for_calls",
    # The headers of every answer: before anything that answers by itself.
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "clinic.server.headers.complete",
    "clinic.server.way_here.refuse_a_circle",
    "django.middleware.security.SecurityMiddleware",
    "clinic.server.middleware.answer_livez",
    "clinic.operations.watchers.answer_watchers",
    "clinic.server.middleware.choose_the_language",
    "clinic.server.middleware.name_the_request",
    "clinic.server.middleware.read_the_clinic_once",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "clinic.server.middleware.compress",
    "django.middleware.http.ConditionalGetMiddleware",
    "clinic.server.middleware.refuse_what_is_marked",
    "clinic.server.middleware.refuse_zero_bytes",
    "clinic.server.middleware.style_bare_refusals",
    # The next five touch no cookie until a view asks for one, and only views under /admin/ do.
    "clinic.accounts.sessions.ignore_staff_cookies",
    "clinic.accounts.sessions.Sessions",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]

ROOT_URLCONF = "clinic.urls"
WSGI_APPLICATION = "clinic.wsgi.application"
CSRF_FAILURE_VIEW = "clinic.accounts.typed.csrf_failure"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "clinic.context.practice",
            ],
            "builtins": ["clinic.templatetags.typed"],
        },
    },
]

database = env("DATABASE_URL")
DATABASES = {"default": database_url.read(database) if database else localdb.settings(LOCAL_DIR / "postgres")}
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DATABASES["default"]["OPTIONS"] = database_limits.options(database_limits.WEB, DATABASES["default"].get("OPTIONS", {}))
DATABASES["default"]["OPTIONS"]["pool"] = dict(database_limits.POOL)
# A restore drill looks into a database that is another site's (clinic/whose_database.py).
ANY_DATABASE = env("ANY_DATABASE")
# Where backups are restored and compared, and what they are sealed to (clinic/operations/backups).
SCRATCH_DATABASE_URL, BACKUP_PUBLIC_KEY = env("SCRATCH_DATABASE_URL"), env("BACKUP_PUBLIC_KEY")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

MAILERS = email_url.mailers(env("EMAIL_URL"), outbox=LOCAL_DIR / "outbox" if IS_LOCAL else None)

# Where the doctor's functions are (clinic/operations/doctor): `manage.py doctor`, /readyz and the heartbeat ask them.
DOCTOR = [
    *(f"clinic.operations.doctor.{name}" for name in ("database", "machine", "site")),
    *(f"appointments.doctor.{name}" for name in ("mails", "times")),
]
# Asked each minute as long as the doctor finds no error: whoever listens there wakes somebody when it stops.
HEARTBEAT_URL = env("HEARTBEAT_URL")
if HEARTBEAT_URL and not (HEARTBEAT_URL.startswith("https://") or IS_LOCAL):
    raise ImproperlyConfigured("HEARTBEAT_URL must begin with https://: who reads it could ask it in our place")

LOGGING = log_settings.settings(as_json=(LOG_JSON := env("LOG_JSON")))

# Where the functions are whose figures /metrics shows (clinic/operations/metrics.py), and who may read them.
METRICS, METRICS_TOKEN = ["clinic.operations.metrics", "appointments.doctor.metrics"], env("METRICS_TOKEN")

# When visitors' pages change although nobody writes anything: moments, as app.Model.field.
PAGES_CHANGE_AT = ["clinic.Announcement.starts_at", "clinic.Announcement.ends_at", "procedures.Revision.published_at"]

# The addresses that take a file, and how many bytes each reads. No other reads one (clinic.server.bodies): a calendar
# is 20 MB, and comes back packed in a form once it was looked at; a drawing is 100 kB, with the form around it.
TAKES_FILES = {"/admin/appointments/appointment/import/": 28_000_000, "/admin/procedures/drawing/add/": 200_000}
# The limits of each address are lower, or this one.
DATA_UPLOAD_MAX_MEMORY_SIZE = max(TAKES_FILES.values())

AUTHENTICATION_BACKENDS = [
    "clinic.accounts.lockout.CountedBackend",
    # Signs nobody in: it lets those read whom `manage.py break_glass` names.
    "clinic.accounts.emergency.EmergencyBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "clinic.accounts.passwords.NoKnownWord"},
]
PASSWORD_HASHERS = [
    "clinic.accounts.hashing.Argon2Hasher",
    "clinic.accounts.hashing.PBKDF2Hasher",
]

LOGIN_URL, LOGIN_REDIRECT_URL = "admin:login", "admin:index"

# Staff give a second factor wherever the site is open to others.
SECOND_FACTOR = HTTPS or env("SECOND_FACTOR")
# What the seeds of authenticator apps are encrypted with, the newest first; SECRET_KEY where there is none.
SECOND_FACTOR_KEYS = env("SECOND_FACTOR_KEYS")
# A passkey belongs to this host. Browsers make none for an address like 127.0.0.1.
OTP_WEBAUTHN_RP_ID = site.host
OTP_WEBAUTHN_RP_NAME_CALLABLE = "clinic.accounts.passkeys.name_of_the_clinic"
OTP_WEBAUTHN_ALLOWED_ORIGINS = [SITE_URL if HTTPS else f"http://localhost:{PORT}"]
# Beside the password only: a passkey alone signs nobody in.
OTP_WEBAUTHN_ALLOW_PASSWORDLESS_LOGIN = False

# Sign-in with the clinic's Microsoft or Google accounts, beside the password (clinic/accounts/oidc.py).
OIDC_URL, OIDC_SUPERUSERS = env("OIDC_URL").rstrip("/"), env("OIDC_SUPERUSERS")
OIDC_CLIENT_ID, OIDC_CLIENT_SECRET = env("OIDC_CLIENT_ID"), env("OIDC_CLIENT_SECRET")
if OIDC_URL:
    if not (OIDC_URL.startswith("https://") or IS_LOCAL):
        raise ImproperlyConfigured("OIDC_URL must begin with https://: who listens could sign in as anybody")
    if not (OIDC_CLIENT_ID and OIDC_CLIENT_SECRET):
        raise ImproperlyConfigured("OIDC_URL needs OIDC_CLIENT_ID and OIDC_CLIENT_SECRET: the provider gives both")
    AUTHENTICATION_BACKENDS.append("clinic.accounts.oidc.ClinicAccountBackend")

LANGUAGE_CODE = "en-us"
USE_I18N = True
USE_TZ = True
# The server's own zone; what people read is in the clinic's zone, which is data (clinic.models.Clinic).
TIME_ZONE = "UTC"

STATIC_URL = "static/"
STATIC_ROOT = LOCAL_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage" if DEBUG else "clinic.collected_files.Files"
    },
}

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
# A cookie named __Host- is one that no other host of the domain can have set. Browsers send it to public pages, too:
# those ignore it (clinic.accounts.sessions).
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else "sessionid"
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "csrftoken"
SESSION_COOKIE_PATH = CSRF_COOKIE_PATH = "/" if HTTPS else "/admin/"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_ENGINE = "clinic.accounts.session_store"
# The session itself ends after 12 hours (clinic.models.StaffSession); its cookie says whose it was for 12 more.
SESSION_COOKIE_AGE = 24 * 60 * 60
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

SECURE_SSL_REDIRECT = HTTPS
# Whatever host was asked, the one address of the site is where to go.
SECURE_SSL_HOST = urlsplit(SITE_URL).netloc
# What probes and watches it comes by http (clinic.server.middleware, clinic.operations.watchers).
SECURE_REDIRECT_EXEMPT = [r"^(livez|readyz|metrics)$"]
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if HTTPS else 0
# The clinic's other subdomains are not ours to promise https for, unless it says so. Browsers' lists want that, too.
SECURE_HSTS_PRELOAD = HTTPS and env("HSTS_PRELOAD")
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS and (env("HSTS_SUBDOMAINS") or env("HSTS_PRELOAD"))
SILENCED_SYSTEM_CHECKS = [
    *([] if SECURE_HSTS_INCLUDE_SUBDOMAINS else ["security.W005"]),
    *([] if SECURE_HSTS_PRELOAD else ["security.W021"]),
]
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# Visitors' pages run nothing, so nothing connects: Lighthouse reads robots.txt by it. Staff's run the admin's scripts.
SECURE_CSP = {
    "default-src": [CSP.NONE],
    "connect-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "base-uri": [CSP.NONE],
    "frame-ancestors": [CSP.NONE],
}
STAFF_CSP = SECURE_CSP | {
    "script-src": [CSP.SELF],
    "img-src": [CSP.SELF, "data:"],
}
# whitenoise would let the pages of any other site read our files.
WHITENOISE_ALLOW_ALL_ORIGINS = False

# For clinic/security_txt.py; without a contact it is the clinic's mailbox.
SECURITY_CONTACT = env("SECURITY_CONTACT")
try:
    SECURITY_EXPIRES = date.fromisoformat(env("SECURITY_EXPIRES")) if env("SECURITY_EXPIRES") else None
except ValueError as error:
    raise ImproperlyConfigured("SECURITY_EXPIRES must be a day like 2027-06-30") from error
if SECURITY_CONTACT and not SECURITY_CONTACT.startswith(("mailto:", "https://", "tel:")):
    raise ImproperlyConfigured("SECURITY_CONTACT must begin with mailto:, https:// or tel:")

CRISPY_ALLOWED_TEMPLATE_PACKS = CRISPY_TEMPLATE_PACK = "clinic_forms"
CRISPY_FAIL_SILENTLY = False
