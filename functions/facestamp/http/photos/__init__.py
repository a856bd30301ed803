"""Photos of the bucket: one `photo`, with its `description` and its `overlay`, and how more come.

`uploads` signs them, and `routes` tells which are taken.
"""
