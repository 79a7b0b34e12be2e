"""One folder per club service: models, schemas, repository, logic and routes."""
