"""The person library: `groups`, the `persons` in them, the `enrolment` of their faces, and the `search` for somebody.

Each is a module with its endpoints; `limits` has what Tencent allows in their parameters.
"""
