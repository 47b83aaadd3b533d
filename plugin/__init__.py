"""The Flask service: everything with a request, a database row or a queue in it. `plugin.app.create_app` makes it."""
