"""What a stack is to be, as plain data: read, checked, and all that follows from it; `config` alone knows Pulumi."""
