"""Agents: who of the staff is there, what they help with, and how much they have."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from bot.conversations.models import Conversation
from bot.handoff import policy
from bot.handoff.errors import AgentNotFound, TeamUnknown
from bot.handoff.models import Agent, Handoff
from kernel import clock
from kernel.rows import insert_if_absent

# Whose console was heard of within that time is there.
PRESENT_FOR = timedelta(minutes=2)


def see(session: Session, staff_id: str, name: str, is_away: bool | None = None) -> Agent:
    """A sign of life: they are there, and keep what they have. `is_away` of None leaves it as it is."""
    introduce(session, staff_id, name)
    agent = session.get_one(Agent, staff_id, with_for_update=True, populate_existing=True)
    agent.name, agent.seen_at = name or agent.name, clock.now()
    if is_away is not None:
        agent.is_away = is_away
    kept = update(Handoff).where(Handoff.agent_id == staff_id, Handoff.ended_at.is_(None))
    session.execute(kept.values(lease_until=clock.now() + policy.of(session).lease))
    session.flush()
    return agent


def introduce(session: Session, staff_id: str, name: str) -> None:
    """They are known at the desk from now on."""
    row: dict[str, Any] = {"staff_id": staff_id, "name": name, "teams": [], "capacity": None, "is_away": False}
    insert_if_absent(session, Agent, row | {"seen_at": None})


def find(session: Session, staff_id: str) -> Agent:
    """Raises: AgentNotFound, for who was never seen at the desk."""
    agent = session.get(Agent, staff_id)
    if agent is None:
        raise AgentNotFound
    return agent


def known(session: Session) -> list[Agent]:
    return list(session.scalars(select(Agent).order_by(Agent.name, Agent.staff_id)))


def arrange(session: Session, staff_id: str, teams: Sequence[str], capacity: int | None) -> Agent:
    """Say what an agent helps with, and how many conversations they take. Raises: AgentNotFound, TeamUnknown."""
    check_teams(session, teams)
    agent = find(session, staff_id)
    agent.teams, agent.capacity = sorted(set(teams)), capacity
    session.flush()
    return agent


def check_teams(session: Session, teams: Sequence[str]) -> None:
    """Raises: TeamUnknown."""
    unknown = set(teams) - policy.of(session).teams.keys()
    if unknown:
        raise TeamUnknown(team=sorted(unknown)[0])


def teams_of(session: Session, staff_id: str) -> list[str]:
    """Those they are bound to; none for who sees all."""
    agent = session.get(Agent, staff_id)
    return list(agent.teams) if agent else []


def is_present(agent: Agent) -> bool:
    return not agent.is_away and agent.seen_at is not None and clock.now() - agent.seen_at <= PRESENT_FOR


def who_is_there(session: Session, team: str | None) -> list[Agent]:
    """The agents who are there for a team."""
    seen = select(Agent).where(Agent.is_away.is_(False), Agent.seen_at >= clock.now() - PRESENT_FOR)
    return [agent for agent in session.scalars(seen) if not agent.teams or team is None or team in agent.teams]


def load(session: Session) -> dict[str, int]:
    """How many conversations each agent has; snoozed ones do not count."""
    awake = (Handoff.snoozed_until.is_(None)) | (Handoff.snoozed_until <= clock.now())
    held = (
        select(Handoff.agent_id, func.count())
        .join(Conversation, Conversation.id == Handoff.conversation_id)
        .where(Conversation.owner == "agent", Handoff.ended_at.is_(None), awake)
        .group_by(Handoff.agent_id)
    )
    return {agent_id: count for agent_id, count in session.execute(held) if agent_id}


def has_room(session: Session, staff_id: str) -> bool:
    agent = session.get(Agent, staff_id)
    capacity = agent.capacity if agent and agent.capacity else policy.of(session).capacity
    return load(session).get(staff_id, 0) < capacity
