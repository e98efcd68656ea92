"""What is kept: jobs, media and projects in SQLite; clips and sidecars in the library folder."""
