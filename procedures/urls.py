from django.urls import path

from procedures import views

urlpatterns = [
    path("procedures/", views.procedures, name="procedures"),
    path("procedures/<slug:procedure>/", views.page, name="procedure"),
    path("procedures/<slug:procedure>/<slug:page>/", views.page, name="procedure_page"),
]
