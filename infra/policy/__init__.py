"""What every deployment keeps to, as checks over its resources: for the tests, and as a Pulumi policy pack."""
