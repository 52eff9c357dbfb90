"""Parts by name: what may be registered, by which plugins, with which options."""
