"""What the clinic offers: procedures, their pages, every version of the words on them, and who signed them off."""

from procedures.models.drawing import Drawing
from procedures.models.fact import Fact
from procedures.models.old_address import OldAddress
from procedures.models.page import GLOSSARY, OVERVIEW, Page
from procedures.models.procedure import Procedure
from procedures.models.revision import Revision, Words
from procedures.models.sign_off import SignOff

__all__ = ["GLOSSARY", "OVERVIEW", "Drawing", "Fact", "OldAddress", "Page", "Procedure", "Revision", "SignOff", "Words"]
