"""Examples of the contract: what a newcomer pastes, and what the documentation shows."""

from typing import Any

from pydantic import ConfigDict


def examples(*values: Any, **extra: Any) -> ConfigDict:
    """Return the configuration of a model with its examples, and other keywords of its JSON schema."""
    return ConfigDict(json_schema_extra=({"examples": list(values)} if values else {}) | extra)
