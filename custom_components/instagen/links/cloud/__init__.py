"""The cloud link: HTTPS to Instagen Cloud."""
