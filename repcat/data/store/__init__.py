"""The directory that `repcat prepare` writes: patients, tables, headers."""
