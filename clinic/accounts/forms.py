from django.contrib.admin.forms import AdminPasswordChangeForm

from clinic.accounts.lockout import counted


class ChangeOwnPasswordForm(AdminPasswordChangeForm):
    """Asks for the password that one has, and counts wrong ones: who finds an open desk does not guess on."""

    def clean_old_password(self) -> str:
        with counted("change password", str(self.user.pk)) as right:
            right.append(super().clean_old_password())
        return right[0]
