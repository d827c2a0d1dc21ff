from django.contrib.auth.forms import SetPasswordForm


class ChangeOwnPasswordForm(SetPasswordForm):
    """Only the new one: the page asks for the old one before (clinic.accounts.step_up), and counts wrong ones there."""
