"""The HTTP API: the same face operations, and what is known of any photo.

One request, from top to bottom:

1. `adapter`: SCF's event becomes an ASGI request, and the response becomes what SCF wants back.
2. `application`: finds the endpoint, has the caller checked (`auth`) and what was sent (`endpoint`), answers, and turns
   whatever goes wrong into a problem (`problems`).
3. The endpoints, one module a subject; each says what it takes, gives and may do in a frozen `Endpoint`.

Starlette carries it rather than FastAPI: `make package` measures what that costs a cold start, and FastAPI adds some
100 ms (85 to 113, as measured) for what `openapi` says in a page. The functions that uploads wake import nothing of
this.
"""
