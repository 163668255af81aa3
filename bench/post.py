"""Planning a milestone over HTTP: key checked, validated, role checked, idempotent, durable; then its answer."""

from bench.client import post, press
from bench.row import Row, paired
from bench.stage import Stage, World
from service.domain.event import new_id

CONNECTIONS = 32


def measure(stage: Stage, *, quick: bool) -> list[Row]:
    """Thirty-two connections, against the CRUD application, which inserts the row, its audit row and its key."""
    runs, seconds = (5, 0.8) if quick else (7, 3.0)
    with stage.world("post", events=3000) as world, stage.crud(world) as baseline, stage.serve(world) as port:
        pairs: dict[str, list[tuple[float, float]]] = {"respond-async": [], "consistent": []}
        for _ in range(runs):
            for kind, found in pairs.items():
                theirs = press(
                    baseline,
                    lambda: planned(world, f"/{world.first.transformation_id}/milestones"),
                    connections=CONNECTIONS,
                    seconds=seconds,
                    expected=201,
                )
                headers = {"Prefer": "respond-async"} if kind == "respond-async" else {}
                ours = press(
                    port,
                    lambda headers=headers: planned(world, path(world), **headers),  # type: ignore[misc]
                    connections=CONNECTIONS,
                    seconds=seconds,
                    expected=201,
                )
                found.append((ours.per_second, theirs.per_second))
    return [
        paired("POST milestone, 32 connections, respond-async", "req/s", pairs["respond-async"], at_least=1.2),
        paired("POST milestone, 32 connections, consistent", "req/s", pairs["consistent"], at_least=0.9),
    ]


def path(world: World) -> str:
    """Where milestones of the first transformation are planned."""
    return f"/api/v1/transformations/{world.first.transformation_id}/milestones"


def planned(world: World, path: str, **headers: str) -> bytes:
    """A new milestone on an action, with a key of its own."""
    plan = world.first
    body = {
        "subject": {"kind": "action", "id": str(plan.random.choice(plan.actions))},
        "title": "Première salle équipée",
        "due_on": f"{plan.today.year + 1}-06-01",
    }
    return post(path, world.key, body, Idempotency_Key=str(new_id()), **headers)
