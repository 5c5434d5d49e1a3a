"""Agents and teams over HTTP: who is there, and who helps with what."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request

from bot.desk.access import Viewer, WrongRole, acting, looking, speaking
from bot.desk.desk import Desk
from bot.handoff import agents, policy
from bot.handoff.acts import Doer
from bot.schemas.desk import AgentView, Arrangement, Presence, TeamView
from kernel.db import Database

router = APIRouter(prefix="/bot/api", tags=["handoff"])


@router.get("/teams")
def list_teams(request: Request, _viewer: Annotated[Viewer, Depends(looking)]) -> list[TeamView]:
    database: Database = request.app.state.database
    with database.read() as session:
        teams = policy.of(session).teams
    return [
        TeamView(code=code, title=team.title.model_dump(), reasons=list(team.reasons)) for code, team in teams.items()
    ]


@router.get("/agents")
def list_agents(request: Request, _viewer: Annotated[Viewer, Depends(looking)]) -> list[AgentView]:
    """Everyone who has been at the desk, with whether they are there now."""
    database: Database = request.app.state.database
    with database.read() as session:
        load, capacity = agents.load(session), policy.of(session).capacity
        return [AgentView.of(each, load.get(each.staff_id, 0), capacity) for each in agents.known(session)]


@router.put("/presence")
def be_there(request: Request, body: Presence, viewer: Annotated[Viewer, Depends(speaking)]) -> AgentView:
    """A sign of life: the caller is there, and keeps the conversations they have. At least once a minute."""
    database: Database = request.app.state.database
    with database.write() as session:
        agent = agents.see(session, viewer.id, viewer.name, body.is_away)
        return AgentView.of(agent, agents.load(session).get(viewer.id, 0), policy.of(session).capacity)


@router.put("/agents/{staff_id}")
def arrange(request: Request, staff_id: str, body: Arrangement, doer: Annotated[Doer, Depends(acting)]) -> AgentView:
    """Say whose conversations an agent sees and takes, and how many. For admins."""
    if not doer.is_admin:
        raise WrongRole
    desk: Desk = request.app.state.desk
    desk.arrange(doer, staff_id, body.teams, body.capacity)
    database: Database = request.app.state.database
    with database.read() as session:
        agent = agents.find(session, staff_id)
        return AgentView.of(agent, agents.load(session).get(staff_id, 0), policy.of(session).capacity)
