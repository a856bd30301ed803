"""The cloud: the Pulumi program that describes it, and the one that runs on this machine."""
