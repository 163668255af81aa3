"""The CRUD application that we are compared with: FastAPI, a psycopg async pool, prepared statements, response models.

It checks keys, roles and idempotency keys, validates, and keeps an audit row beside each write, in one transaction.
"""

import gc
import hashlib
import os
import re
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson
import uvicorn
from fastapi import Depends, FastAPI, Header, HTTPException, Request, Response
from psycopg import AsyncConnection
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb
from psycopg_pool import AsyncConnectionPool
from uuid_utils.compat import uuid7

from bench.baselines import crud_shapes as shapes
from bench.baselines.crud_status import CHANGES, QUERIES, Status, told
from service.domain.working_time import WorkingCalendar

PARIS = ZoneInfo("Europe/Paris")
PERSON = re.compile(rb'"(p_[0-9a-f]{32})"')
calendars: dict[tuple[date, ...], WorkingCalendar] = {}


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    pool = AsyncConnectionPool(
        os.environ["TRAJECTOIRE_DATABASE_URL"],
        kwargs={"row_factory": dict_row, "prepare_threshold": 0},
        min_size=4,
        max_size=16,
        open=False,
    )
    await pool.open(wait=True)
    app.state.pool = pool
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
    yield
    await pool.close()


app = FastAPI(lifespan=lifespan)


async def connected(request: Request) -> AsyncIterator[AsyncConnection[Any]]:
    async with request.app.state.pool.connection() as connection:
        yield connection


Connected = Annotated[AsyncConnection[Any], Depends(connected)]


async def authenticated(
    connection: Connected, transformation: str, authorization: Annotated[str, Header()] = ""
) -> dict[str, Any]:
    """The key and the role of its owner, in one query."""
    parts = authorization.removeprefix("Bearer ").split("_")
    if len(parts) != 4:
        raise HTTPException(401)
    query = (
        "SELECT k.owner, k.secret_hash, k.scopes, k.expires_at, k.revoked_at, m.role, t.* FROM api_keys k "
        "LEFT JOIN transformations t ON t.id = %s "
        "LEFT JOIN members m ON m.person_id = k.owner AND m.transformation_id = t.id WHERE k.id = %s"
    )
    row = await (await connection.execute(query, (UUID(transformation), parts[2]))).fetchone()
    now = datetime.now(UTC)
    if row is None or not secrets.compare_digest(row["secret_hash"], hashlib.sha256(parts[3].encode()).digest()):
        raise HTTPException(401)
    if (row["expires_at"] and row["expires_at"] <= now) or (row["revoked_at"] and row["revoked_at"] <= now):
        raise HTTPException(401)
    if row["role"] is None:
        raise HTTPException(404)
    return dict(row)


Member = Annotated[dict[str, Any], Depends(authenticated)]


async def plan(connection: AsyncConnection[Any], member: dict[str, Any]) -> dict[str, Any]:
    """The whole view but the names."""
    id, today = member["id"], datetime.now(PARIS).date()
    rows = {}
    async with connection.pipeline():
        cursors = {name: await connection.execute(query, (id,)) for name, query in QUERIES.items()}
    for name, cursor in cursors.items():
        rows[name] = await cursor.fetchall()
    closed = tuple(member["closed_days"])
    calendar = calendars.setdefault(closed, WorkingCalendar(closed))
    status = Status(rows, member, today, calendar)
    wanted = sorted({part["last"] for part in status.parts.values()})
    changes = {row["id"]: told(row) for row in await (await connection.execute(CHANGES, (wanted,))).fetchall()}
    found = status.answer(changes)
    return {**found, "position": status.parts["whole"]["last"], "as_of": None, "today": today}


async def people(connection: AsyncConnection[Any], ids: set[str]) -> dict[str, str]:
    query = "SELECT id, display_name FROM people WHERE id = ANY (%s)"
    rows = await (await connection.execute(query, (sorted(ids),))).fetchall()
    return {row["id"]: row["display_name"] for row in rows}


def mentioned(view: dict[str, Any]) -> set[str]:
    """The ids of the people in a view."""
    parts = [view["total"], view["without_axis"], view["without_phase"], *view["axes"], *view["phases"]]
    parts += [w for axis in (*view["axes"], view["without_axis"]) for w in axis["workstreams"]]
    ids = {action["lead"] for action in view["actions"]}
    for part in parts:
        ids |= {o["owner"] for o in part["open_obstacles"]}
        ids.add(part["last_change"]["actor"] if part["last_change"] else None)
        declared = part["weather"]["declared"]
        ids.add(declared["by"] if declared else None)
    return ids - {None}


@app.get("/{transformation}/action-plan", response_model=shapes.Plan)
async def get_plan(connection: Connected, member: Member) -> Any:
    """With a response model, as FastAPI's tutorial has it."""
    view = await plan(connection, member)
    view["people"] = await people(connection, mentioned(view))
    return view


@app.get("/{transformation}/action-plan/raw")
async def get_raw_plan(connection: Connected, member: Member) -> Response:
    """Without a model: the dictionaries straight to bytes."""
    view = await plan(connection, member)
    view["people"] = await people(connection, mentioned(view))
    return Response(orjson.dumps(view), media_type="application/json")


@app.post("/{transformation}/milestones", status_code=201, response_model=shapes.Milestone)
async def post_milestone(
    body: shapes.NewMilestone,
    connection: Connected,
    member: Member,
    response: Response,
    idempotency_key: Annotated[str, Header()],
) -> Any:
    """Insert the row, its audit row and its idempotent answer, in one transaction."""
    if member["role"] not in ("lead", "contributor", "facilitator"):
        raise HTTPException(403)
    id, today = uuid7(), datetime.now(PARIS).date()
    fingerprint = hashlib.sha256(body.model_dump_json().encode()).digest()
    table = {"action": "actions", "phase": "phases"}[body.subject.kind]
    known = await connection.execute(
        f"SELECT 1 AS one FROM {table} WHERE id = %s AND transformation_id = %s",
        (body.subject.id, member["id"]),
    )
    if await known.fetchone() is None:
        raise HTTPException(404)
    counted = await connection.execute(
        "UPDATE reference_counters SET last = last + 1 WHERE transformation_id = %s AND letter = 'J' RETURNING last",
        (member["id"],),
    )
    row: Any = await counted.fetchone()
    ref = row["last"]
    made = {
        "id": id,
        "ref": f"J-{ref}",
        "subject": body.subject.model_dump(),
        "title": body.title,
        "description": body.description,
        "due_on": body.due_on,
        "baseline_on": None,
        "weight": body.weight,
        "status": "planned",
        "version": 1,
    }
    async with connection.pipeline():
        await connection.execute(
            "INSERT INTO milestones (id, transformation_id, ref, action_id, phase_id, title, description, status, "
            "weight, due_on) VALUES (%s, %s, %s, %s, %s, %s, %s, 'planned', %s, %s)",
            (
                id,
                member["id"],
                ref,
                body.subject.id if body.subject.kind == "action" else None,
                body.subject.id if body.subject.kind == "phase" else None,
                body.title,
                body.description,
                body.weight,
                body.due_on,
            ),
        )
        await connection.execute(
            "INSERT INTO audit (transformation_id, topic, actor, occurred_on, subject_kind, subject_id, subject_ref, "
            "subject_title, changes) VALUES (%s, 'milestone.planned', %s, %s, 'milestone', %s, %s, %s, %s)",
            (
                member["id"],
                member["owner"],
                today,
                id,
                made["ref"],
                body.title,
                Jsonb({"title": body.title, "due_on": body.due_on.isoformat()}),
            ),
        )
        inserted = await connection.execute(
            "INSERT INTO idempotency (principal, key, fingerprint, answer) VALUES (%s, %s, %s, %s) "
            "ON CONFLICT DO NOTHING RETURNING key",
            (member["owner"], idempotency_key, fingerprint, Jsonb({"id": str(id), "version": 1})),
        )
    if await inserted.fetchone() is None:
        raise HTTPException(409)
    await connection.commit()
    response.headers["Location"] = f"/milestones/{id}"
    response.headers["ETag"] = '"1"'
    return made


@app.get("/ready")
async def ready() -> dict[str, str]:
    return {"status": "ok"}


if __name__ == "__main__":
    uvicorn.run(
        app,
        host="127.0.0.1",
        port=int(os.environ["TRAJECTOIRE_PORT"]),
        log_config=None,
        access_log=False,
        server_header=False,
    )
