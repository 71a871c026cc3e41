"""How orders are paid: the surface a provider plugs into, webhooks, and the sandbox provider."""
