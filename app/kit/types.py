"""The shapes that several bodies share: mail, telephone, SIRET, département, domain."""

import re
from collections.abc import Iterable
from typing import Annotated, Any

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, StringConstraints
from pydantic_core import CoreSchema, PydanticCustomError, core_schema
from stdnum.fr import siret as siret_number

DOMAIN = re.compile(r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")


class Code:
    """The mark of a text that is one code of a nomenclature."""

    def __init__(self, codes: Iterable[str]) -> None:
        self.codes = list(codes)

    def __get_pydantic_core_schema__(self, _: Any, __: Any) -> CoreSchema:
        return core_schema.literal_schema(self.codes)


def _email(value: str) -> str:
    try:
        return validate_email(value, check_deliverability=False).normalized
    except EmailNotValidError:
        raise PydanticCustomError("ep_email", "L'adresse électronique n'est pas valide.") from None


def telephone(value: str) -> str:
    try:
        number = phonenumbers.parse(value, "FR")
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_possible_number(number):
        raise PydanticCustomError("ep_telephone", "Le numéro de téléphone n'est pas valide.")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _siret(value: str) -> str:
    compact = re.sub(r"\s", "", value)
    if not siret_number.is_valid(compact) or not compact.strip("0"):
        raise PydanticCustomError("ep_siret", "Le numéro SIRET n'est pas valide (14 chiffres et leur clé).")
    return compact


def _domain(value: str) -> str:
    lowered = value.lower().lstrip("@")
    if not DOMAIN.fullmatch(lowered):
        raise PydanticCustomError("ep_domaine", "Le nom de domaine n'est pas valide.")
    return lowered


Email = Annotated[str, StringConstraints(max_length=254), AfterValidator(_email)]
Telephone = Annotated[str, StringConstraints(max_length=30), AfterValidator(telephone)]
Siret = Annotated[str, StringConstraints(max_length=24), AfterValidator(_siret)]
Domaine = Annotated[str, StringConstraints(max_length=254), AfterValidator(_domain)]
CodeCaisse = Annotated[str, StringConstraints(pattern=r"^[0-9]{3}$")]
