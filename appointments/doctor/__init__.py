"""What the doctor asks of these tables (clinic/operations/doctor/): settings.DOCTOR names the modules."""
