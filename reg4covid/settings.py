"""Settings of the portal: one file, read from environment variables.

Without any variable set, the portal runs for development: SQLite, local memory, DEBUG on. ``DEBUG=false``
is production, which has to set what ``_required`` asks for; a missing setting stops the start with a
sentence that names it. ``LOCAL=true`` beside it is the portal as readers see it, on one's own machine, as
``make run`` starts it. ``docs/deployment.md`` lists every variable.
"""

from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured
from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.csp import CSP
from django.utils.translation import gettext_lazy as _

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
if (BASE_DIR / ".env").exists():
    env.read_env(BASE_DIR / ".env")

DEBUG = env.bool("DEBUG", default=True)
# Nobody but this machine is served, over plain HTTP: required settings have defaults.
LOCAL = env.bool("LOCAL", default=DEBUG)


def _required(name, meaning, *, local):
    """The value of a variable that production must set; ``local`` stands in when only this machine is served."""
    value = env.str(name, default="")
    if value:
        return value
    if LOCAL:
        return local
    raise ImproperlyConfigured(f"Set the environment variable {name}: {meaning} (DEBUG is off, so it has no default).")


SECRET_KEY = _required(
    "SECRET_KEY",
    "a long random string that signs sessions, for instance from `python -c 'import secrets; "
    "print(secrets.token_urlsafe(50))'`",
    local="for-this-machine-only",
)
ALLOWED_HOSTS = [
    host.strip()
    for host in _required(
        "ALLOWED_HOSTS",
        "the host names that the portal answers to, separated by commas, for instance `portal.example.org`",
        local="localhost,127.0.0.1,[::1],.localhost",
    ).split(",")
]
# The address that citations, share links and feeds are written with, whatever host a request came by.
SITE_URL = _required(
    "SITE_URL",
    "the address of the portal that citations and share links carry, for instance `https://portal.example.org`",
    local="http://127.0.0.1:8000",
).rstrip("/")
# Who runs this installation and how to reach them: the footer and the About page say so.
OPERATOR_NAME = _required(
    "OPERATOR_NAME", "the organization that runs this portal, as the footer names it", local="a demonstration"
)
CONTACT_EMAIL = _required("CONTACT_EMAIL", "the address that readers report errors to", local="editors@example.org")

DATABASES = {
    "default": env.db_url("DATABASE_URL", default=f"sqlite:///{BASE_DIR / 'db.sqlite3'}"),
}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # Readers never wait for a writer (WAL), and a writer takes its lock at once or waits its turn.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
# Each thread keeps its connection: opening one takes longer than most queries, and so does a pool's handing over. What
# the database has ended is noticed by the first query of a page, and by the page cache for all else.
DATABASES["default"] |= {"CONN_MAX_AGE": None, "CONN_HEALTH_CHECKS": False}

# The index of the catalogue: a cache of the database that every host makes by itself. Empty: in memory.
_sqlite_file = DATABASES["default"]["NAME"] if "sqlite3" in DATABASES["default"]["ENGINE"] else ""
if "memory" in str(_sqlite_file):
    _index_folder = ""
else:
    _index_folder = str(Path(_sqlite_file).parent / "index") if _sqlite_file else str(BASE_DIR / "index")
INDEX_DIR = env.str("INDEX_DIR", default=_index_folder)

# How many proxies in front of the portal add to X-Forwarded-For: what the one before them wrote is the client's word.
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=0 if LOCAL else 1)

# Whoever wrote a record or a revision alone does not publish or accept it alone.
SECOND_PERSON = env.bool("SECOND_PERSON", default=True)

# What takes longer than a reader waits stands in a queue in the database.
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

# How much of a worker's memory may hold pages that are made.
PAGE_CACHE_BYTES = env.int("PAGE_CACHE_MB", default=16) * 2**20
CACHES = {"default": env.cache_url("CACHE_URL", default="locmemcache://")}

INSTALLED_APPS = [
    "modeltranslation",  # before the admin, whose registration it extends
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "unfold.contrib.import_export",
    "reg4covid.apps.DeskConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",  # for the pages of allauth.mfa
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "django_filters",
    "django_tasks_db",
    "django_htmx",
    "import_export",
    "reversion",
    "taggit",
    "accounts",
    "countries",
    "practices",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "practices.api.middleware.ApiMiddleware",  # outside of the page cache: it counts what that answers too
    "reg4covid.page_cache.PageCacheMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "reg4covid.middleware.CompressionMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "reg4covid.middleware.PathLanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

FILE_UPLOAD_HANDLERS = [
    "reg4covid.uploads.LimitedUploadHandler",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

ROOT_URLCONF = "reg4covid.urls"
WSGI_APPLICATION = "reg4covid.wsgi.application"
# The website is rendered with Jinja2, several times as fast as Django's own language on lists. The desk, the pages of
# accounts and the e-mails, which extend others' templates or are few, are in Django's.
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [BASE_DIR / "templates" / "website"],
        "OPTIONS": {
            "environment": "reg4covid.jinja2.environment",
            "context_processors": ["reg4covid.context_processors.site"],
        },
    },
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "reg4covid.context_processors.site",
            ],
            "builtins": ["django.templatetags.i18n", "django.templatetags.static"],
        },
    },
]

UNFOLD = {
    "SITE_TITLE": _("Editorial desk"),
    "SITE_HEADER": _("Editorial desk"),
    "SITE_SUBHEADER": _("Network Resiliency Practices"),
    "SHOW_VIEW_ON_SITE": True,
    "DASHBOARD_CALLBACK": "practices.admin.front.front_page",
    "STYLES": [lambda request: static("css/desk.css")],
    "SCRIPTS": [lambda request: static("js/desk.js")],
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("img/favicon.svg")}],
    "ACCOUNT": {
        "navigation": [
            {"title": _("Second factor"), "link": reverse_lazy("mfa_index")},
            {"title": _("Change password"), "link": reverse_lazy("account_change_password")},
        ]
    },
    "SIDEBAR": {"show_search": True, "navigation": "reg4covid.desk.navigation"},
    # Shades of the portal's blue.
    "COLORS": {
        "primary": {
            "50": "#f2f7fb",
            "100": "#e1edf6",
            "200": "#c4dbee",
            "300": "#98c1e0",
            "400": "#6ba6d3",
            "500": "#3d85bf",
            "600": "#0b4f8a",
            "700": "#094274",
            "800": "#08355e",
            "900": "#062947",
            "950": "#041a2e",
        },
    },
}

CSRF_FAILURE_VIEW = "reg4covid.views.permission_denied"
AUTH_USER_MODEL = "accounts.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "admin:index"

# Accounts: people are invited, sign in with the address that an administrator gave them, and cannot change it.
ACCOUNT_ADAPTER = "accounts.adapters.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # whoever sets a password got the link by e-mail
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # no letters to strangers
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "accounts.invitations.LinkTokens"  # noqa: S105 (a class)
ACCOUNT_LOGIN_ON_PASSWORD_RESET = True
ACCOUNT_SESSION_REMEMBER = True
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES

# Who publishes or administers accounts signs in with a second factor. On one's own machine there is nobody to keep out.
REQUIRE_SECOND_FACTOR = env.bool("REQUIRE_SECOND_FACTOR", default=not LOCAL)
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Network Resiliency Practices"
MFA_TOTP_TOLERANCE = 1  # clocks of telephones differ by some seconds
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = LOCAL

# Single sign-on, off unless a server is named. It opens accounts that were invited and makes none.
SOCIALACCOUNT_ADAPTER = "accounts.adapters.SingleSignOnAdapter"
SOCIALACCOUNT_LOGIN_ON_GET = True  # a form may lead to no other host (form-action)
SOCIALACCOUNT_EMAIL_AUTHENTICATION = True
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
SOCIALACCOUNT_PROVIDERS = {}
if OIDC_SERVER_URL := env.str("OIDC_SERVER_URL", default=""):
    SOCIALACCOUNT_PROVIDERS["openid_connect"] = {
        "APPS": [
            {
                "provider_id": "sso",
                "name": env.str("OIDC_NAME", default="Single sign-on"),
                "client_id": env.str("OIDC_CLIENT_ID"),
                "secret": env.str("OIDC_CLIENT_SECRET"),
                "settings": {"server_url": OIDC_SERVER_URL},
            }
        ],
        "OAUTH_PKCE_ENABLED": True,
    }

_mail = env.email_url("EMAIL_URL", default="consolemail://")
MAILERS = {
    "default": {
        "BACKEND": _mail["EMAIL_BACKEND"],
        "OPTIONS": {
            option: _mail[name]
            for option, name in {
                "host": "EMAIL_HOST",
                "port": "EMAIL_PORT",
                "username": "EMAIL_HOST_USER",
                "password": "EMAIL_HOST_PASSWORD",
                "use_tls": "EMAIL_USE_TLS",
                "use_ssl": "EMAIL_USE_SSL",
                "timeout": "EMAIL_TIMEOUT",
            }.items()
            if _mail.get(name)
        },
    }
}
if "host" in MAILERS["default"]["OPTIONS"]:
    MAILERS["default"]["OPTIONS"].setdefault("timeout", 10)  # seconds: a reader waits for the link to confirm
DEFAULT_FROM_EMAIL = env.str("EMAIL_FROM", default=CONTACT_EMAIL)

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LANGUAGE_CODE = "en"
LANGUAGES = [
    ("en", _("English")),
    ("ar", _("Arabic")),
    ("es", _("Spanish")),
    ("fr", _("French")),
    ("ru", _("Russian")),
    ("zh-hans", _("Chinese")),
]
# English dates as the UN writes them, day first.
FORMAT_MODULE_PATH = ["reg4covid.formats"]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True
# A record is shown in English first and then in whatever language it has.
MODELTRANSLATION_DEFAULT_LANGUAGE = "en"
MODELTRANSLATION_LANGUAGES = tuple(code for code, _name in LANGUAGES)
MODELTRANSLATION_FALLBACK_LANGUAGES = MODELTRANSLATION_LANGUAGES

# How many requests of one address the API answers: in a second or two of hurry, and in the long run.
API_LIMITS = {
    10: env.int("API_REQUESTS_IN_10_SECONDS", default=100),
    3600: env.int("API_REQUESTS_IN_AN_HOUR", default=6000),
}
# One representation for everybody: no session, no negotiation, no form to try requests with.
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "DEFAULT_PARSER_CLASSES": [],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "practices.api.negotiation.AlwaysJson",
    "DEFAULT_SCHEMA_CLASS": "practices.api.schema.ApiSchema",
    "EXCEPTION_HANDLER": "practices.api.problems.handle",
    "UNAUTHENTICATED_USER": None,
    "NUM_PROXIES": TRUSTED_PROXIES,
}
SPECTACULAR_SETTINGS = {
    "OAS_VERSION": "3.1.1",
    "TITLE": "Network Resiliency Practices",
    "DESCRIPTION": "What regulators and others did to keep networks up and people connected in a crisis.",
    "VERSION": "1",
    "CONTACT": {"name": OPERATOR_NAME, "email": CONTACT_EMAIL},
    "LICENSE": {"name": "CC BY 4.0", "url": "https://creativecommons.org/licenses/by/4.0/"},
    "SERVERS": [{"url": SITE_URL}],
    "SORT_OPERATIONS": False,
    "SORT_OPERATION_PARAMETERS": False,
    "ENUM_NAME_OVERRIDES": {
        "OrganizationKind": "practices.choices.OrganizationKind",
        "SourceKind": "practices.choices.SourceKind",
        "CrisisKind": "practices.choices.CrisisKind",
        "GroupKind": "countries.choices.GroupKind",
        "IncomeGroup": "countries.choices.IncomeGroup",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "practices.api.schema.choose_fields",
    ],
}

# Releases of the whole catalogue, which `make_release` writes and the Data page offers.
RELEASES_ROOT = Path(env.str("RELEASES_ROOT", default=str(BASE_DIR / "releases")))

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
# Editors read docs/editing.md at the desk, pictures and all.
STATICFILES_DIRS = [BASE_DIR / "static", ("guide", BASE_DIR / "docs" / "img" / "desk")]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# In development files are served as they are, without being collected first.
WHITENOISE_AUTOREFRESH = WHITENOISE_USE_FINDERS = DEBUG

# Public pages load nothing from another host and run no inline script or style.
SECURE_CSP = {
    "default-src": [CSP.SELF],
    "img-src": [CSP.SELF, "data:"],
    "object-src": [CSP.NONE],
    "base-uri": [CSP.SELF],
    "form-action": [CSP.SELF],
    "frame-ancestors": [CSP.NONE],
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
if not DEBUG:
    # TLS ends at a proxy in front of gunicorn; INSECURE_HTTP=true is for trying production settings by hand.
    secure = not env.bool("INSECURE_HTTP", default=LOCAL)
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = secure
    SESSION_COOKIE_SECURE = secure
    CSRF_COOKIE_SECURE = secure
    SECURE_HSTS_SECONDS = env.int("HSTS_SECONDS", default=3600) if secure else 0
    CSRF_TRUSTED_ORIGINS = [SITE_URL]
    # What other names of this domain do is not the portal's to promise to browsers.
    SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO" if not DEBUG else "WARNING")},
    # Django's own handler, in DEBUG, would say everything a second time.
    "loggers": {"django": {"handlers": []}},
}
