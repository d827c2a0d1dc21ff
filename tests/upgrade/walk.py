"""Opens every admin page of the database that DATABASE_URL names, as a superuser, and says which ones fail."""

import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")
django.setup()

from django.contrib import admin  # noqa: E402
from django.contrib.auth import get_user_model  # noqa: E402
from django.test import Client  # noqa: E402

from appointments.models import Inquiry  # noqa: E402


def main() -> None:
    client = Client(headers={"host": "127.0.0.1:8000"}, raise_request_exception=False)
    client.force_login(get_user_model().objects.create_superuser("walker"))
    pages = ["/admin/", "/", "/about/", "/procedures/kyphoplasty/", "/appointments/", "/appointments/times/"]
    for model in admin.site._registry:
        address = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        pages += [address, *(f"{address}{pk}/change/" for pk in model.objects.values_list("pk", flat=True)[:50])]
    for inquiry in Inquiry.objects.all():
        pages += [inquiry.own_page_url(), f"/admin/appointments/inquiry/{inquiry.pk}/times/"]
    answers = {page: client.get(page, follow=True).status_code for page in pages}
    print(len(pages), "pages,", {page: status for page, status in answers.items() if status != 200})
    sys.exit(any(status != 200 for status in answers.values()))


if __name__ == "__main__":
    main()
