"""Pulumi's engine at work: what `make preview`, `make deploy`, `make destroy` and `make test-engine` run."""
