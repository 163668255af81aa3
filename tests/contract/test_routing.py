"""The signpost before the routes: it finds for every request the route that trying all of them would find."""

import re

from starlette.routing import Match

from service.api.routing import Signpost
from tests.contract.world import World


def test_every_address_leads_where_trying_all_of_them_leads(world: World) -> None:
    everything = world.running.app.router.routes
    (first,) = [route for route in everything if isinstance(route, Signpost)]
    routes = [route for route in everything if route is not first]
    asked = 0
    for template in routes:
        path = re.sub(r"{[a-z_]+(:path)?}", "019a0000-0000-7000-8000-000000000000", getattr(template, "path", ""))
        for method in getattr(template, "methods", None) or ():
            scope = {"type": "http", "method": method, "path": path, "root_path": "", "headers": []}
            found = next(s for m, s in (route.matches(dict(scope)) for route in routes) if m is Match.FULL)
            match, signposted = first.matches(dict(scope))
            if template in first.known:
                asked += 1
                assert match is Match.FULL, (method, path)
                assert signposted["route"] is found["route"], (method, path)
    assert asked > 150


def test_what_the_signpost_does_not_know_goes_on_to_the_list(world: World) -> None:
    everything = world.running.app.router.routes
    (first,) = [route for route in everything if isinstance(route, Signpost)]
    for method, path in (("GET", "/api/v1/nowhere"), ("DELETE", "/api/v1/milestones/1"), ("GET", "/"), ("GET", "")):
        match, _ = first.matches({"type": "http", "method": method, "path": path, "root_path": "", "headers": []})
        assert match is Match.NONE
