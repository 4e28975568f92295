"""The Instagen Cloud in the hall: accounts, the plants that are followed, their actions."""
