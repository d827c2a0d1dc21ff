"""What is true of the whole practice: who it is, when it is open, where else it is found."""

from clinic.models.clinic import Clinic, validate_https, validate_phone, validate_region, validate_time_zone
from clinic.models.clinic_account import ClinicAccount
from clinic.models.emergency_access import EmergencyAccess
from clinic.models.kept_post import KeptPost
from clinic.models.lines import LanguageLine, SocialLink
from clinic.models.notices import Announcement, Notice
from clinic.models.opening_hours import OpeningHours, Weekday
from clinic.models.proof import Proof, ProofKind
from clinic.models.second_factor import BackupCode, SecondFactor
from clinic.models.sign_in import WrongPasswords
from clinic.models.site_identity import SiteIdentity
from clinic.models.staff_session import StaffSession

# Migrations name the validators here.
__all__ = [
    "Announcement", "BackupCode", "Clinic", "ClinicAccount", "EmergencyAccess", "KeptPost", "LanguageLine", "Notice",
    "OpeningHours", "Proof", "ProofKind", "SecondFactor", "SiteIdentity", "SocialLink", "StaffSession", "Weekday",
    "WrongPasswords", "validate_https", "validate_phone", "validate_region", "validate_time_zone",
]  # fmt: skip
