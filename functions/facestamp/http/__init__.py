"""The HTTP API: the same face operations, and what is known of any photo.

One request, from top to bottom:

1. `adapter`: SCF's event becomes an ASGI request, and the response becomes what SCF wants back.
2. `application`: finds the endpoint, leads the request through the steps that follow, and writes it down in one line.
3. `gate`: finds out who sent it, whether they may, and whether it is as it should be; a change is made once.
4. `endpoint`: what an endpoint is, and the `Call` that it gets; they are in `faces`, `people`, `photos`, `documents`.
5. `replies`: what an endpoint answered, or the problem that came of it, as it is sent back.

A step imports from those after it and never from those before; the documents alone look back, at the gate that they
describe. What all of them stand on is beside: `settings`, `keys`, `services`, `models` and `pictures`.

Starlette carries it rather than FastAPI: `make package` measures what that costs a cold start, and FastAPI adds some
100 ms (85 to 113, as measured) for what `documents.openapi` says in a page. The functions that uploads wake import
nothing of this.
"""
