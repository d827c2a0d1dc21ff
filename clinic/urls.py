from django.contrib import admin
from django.urls import include, path

from clinic import views

urlpatterns = [
    path("", views.home, name="home"),
    path("about/", views.about, name="about"),
    path("accessibility/", views.accessibility, name="accessibility"),
    path("notices/<slug:slug>/", views.notice, name="notice"),
    path("privacy/", views.privacy, name="privacy"),
    path(".well-known/security.txt", views.security_txt, name="security_txt"),
    path("robots.txt", views.robots, name="robots"),
    path("admin/", admin.site.urls),
    path("", include("procedures.urls")),
    path("", include("appointments.public.urls")),
]

handler400 = "clinic.server.error_pages.bad_request"
handler403 = "clinic.accounts.refusals.permission_denied"
handler404 = "clinic.server.error_pages.page_not_found"
handler500 = "clinic.server.error_pages.server_error"
