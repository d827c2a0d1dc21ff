"""Which pages each process keeps. It imports nothing of ours: gunicorn asks before Django is set up."""

import re

# The pages that are the same for everyone: not free times, own pages, previews and the admin.
KEPT_BY_US = re.compile(
    r"/|/(about|accessibility|privacy|appointments)/|/notices/[\w-]+/|/procedures/([\w-]+/){0,2}"
    r"|/robots\.txt|/sitemap\.xml|/\.well-known/security\.txt",
    re.ASCII,
)
