import re

from django import template

register = template.Library()


@register.filter
def dialed(phone: str) -> str:
    """
    What a tel: link dials for a number as the clinic wrote it: "(212) 555-0100 ext. 3" dials +12125550100;ext=3.

    Numbers without a country code are of the United States.
    """
    number, _, extension = re.sub(r"(?i)\s*(ext\.?|x)\s*(?=\d+\s*$)", ";", phone).partition(";")
    digits = re.sub(r"\D", "", number)
    if number.strip().startswith("+") or (len(digits) == 11 and digits.startswith("1")):
        digits = f"+{digits}"
    elif len(digits) == 10:
        digits = f"+1{digits}"
    return f"{digits};ext={extension.strip()}" if extension else digits
