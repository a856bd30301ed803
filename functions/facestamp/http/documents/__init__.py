"""What is open to everybody: the `site`, which has the API's documents and the page to try it with.

`openapi` makes the description from the endpoints, with `schemas` of their models; `manual` makes HTML of it. The
folder `page` is served as it is.
"""
