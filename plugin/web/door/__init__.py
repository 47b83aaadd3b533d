"""What every request goes through: who it is, whether it is theirs, which headers go out, from page to page."""
