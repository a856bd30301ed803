"""The way in: a request is let through if its sender may send it and it is as it should be, and a change is made once.

`admission` goes through the checks in their order: who sends it (`authentication`, by a key or by a signature as in
`signing`), whether they may, and what they send. `idempotency` stands between a changing request and its endpoint.
"""
