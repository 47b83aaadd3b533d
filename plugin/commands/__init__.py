"""The commands of `flask --app wsgi …`, a module a noun. `plugin.cli` enters them."""
