"""Telephone numbers, spelt one way everywhere."""

import phonenumbers


def normal_phone(text: str) -> str | None:
    """E.164, or None when it is no valid number (Senegal is assumed without a country code)."""
    try:
        number = phonenumbers.parse(text, "SN")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
