"""`pulumi up` runs this, and so does the local cloud."""

import pulumi

from infra import stack
from infra.settings import config

for name, value in stack.build(config.load()).items():
    pulumi.export(name, value)
