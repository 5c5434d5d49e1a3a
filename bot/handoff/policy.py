"""The policy: how a shop's people share conversations, as data (policy.yml, or the shop's own file)."""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator
from sqlalchemy.orm import Session

from kernel.db import Database
from kernel.yaml_files import read_yaml

_OURS = Path(__file__).parent / "policy.yml"
# The name under which a session carries it.
_CARRIED_AS = "bot.handoff_policy"
Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]


class Title(BaseModel):
    model_config = ConfigDict(extra="forbid")

    es: str
    en: str


class Team(BaseModel):
    """`reasons` are the handoffs that this team knows how to help with."""

    model_config = ConfigDict(extra="forbid")

    title: Title
    reasons: tuple[Code, ...] = ()


class Policy(BaseModel):
    model_config = ConfigDict(extra="forbid")

    teams: dict[Code, Team]
    fallback: Code
    priorities: dict[Code, int]
    capacity: Annotated[int, Field(ge=1)]
    lease_minutes: Annotated[int, Field(ge=1)]
    reply_minutes: Annotated[int, Field(ge=1)]
    resolve_minutes: Annotated[int, Field(ge=1)]
    anger: tuple[str, ...]

    @model_validator(mode="after")
    def _has_fallback(self) -> Policy:
        if self.fallback not in self.teams:
            raise ValueError(f"the fallback {self.fallback} is none of the teams")
        return self

    @property
    def lease(self) -> timedelta:
        return timedelta(minutes=self.lease_minutes)

    def team_for(self, reason: str) -> str:
        return next((code for code, team in self.teams.items() if reason in team.reasons), self.fallback)

    def priority_of(self, reason: str) -> int:
        return self.priorities.get(reason, 0)


def read(path: Path | None) -> Policy:
    """The shop's policy; what its file leaves out is ours. Raises: ValueError (with the place)."""
    ours = read_yaml(_OURS)
    if path is None:
        return Policy.model_validate(ours)
    try:
        theirs = read_yaml(path) or {}
        return Policy.model_validate(ours | theirs)
    except (OSError, yaml.YAMLError, TypeError) as error:
        raise ValueError(f"{path} cannot be read: {type(error).__name__}") from error


def carry(database: Database, policy: Policy) -> None:
    """From here on every session of `database` knows it."""
    database.carried[_CARRIED_AS] = policy


def of(session: Session) -> Policy:
    """Ours, where nobody carried one: a bare database, as tools and tests use it."""
    policy = session.info.get(_CARRIED_AS)
    if policy is None:
        return _ours()
    assert isinstance(policy, Policy)
    return policy


@cache
def _ours() -> Policy:
    return read(None)
