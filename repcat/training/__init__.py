"""Training: players take the turns that an objective yields."""
