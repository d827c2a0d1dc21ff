from django.contrib.sitemaps.views import sitemap
from django.urls import path
from django.views.decorators.http import require_safe

from clinic.server.http import for_everyone
from procedures import views
from procedures.sitemaps import SITEMAPS

urlpatterns = [
    path("sitemap.xml", for_everyone(require_safe(sitemap)), {"sitemaps": SITEMAPS}, name="sitemap"),
    path("procedures/", views.procedures, name="procedures"),
    path("procedures/glossary/", views.glossary, name="glossary"),
    path("procedures/drawings/<slug:digest>.svg", views.drawing, name="drawing"),
    path("procedures/<slug:procedure>/", views.page, name="procedure"),
    path("procedures/<slug:procedure>/print/", views.sheet, name="procedure_sheet"),
    path("procedures/<slug:procedure>/<slug:page>/", views.page, name="procedure_page"),
]
