"""One module per entity platform: description tables and small entity classes."""
