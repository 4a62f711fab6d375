"""The shop window: Swagger UI and the pages that a person reads in a browser."""
