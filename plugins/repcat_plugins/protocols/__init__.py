"""First-party protocols of scoring: what papers and their code compute, one file each."""
