"""What is done in an account around Pulumi: who may deploy, what is looked at before, and what comes after."""
