"""The link to the cloud: its functions, sessions and answers."""
