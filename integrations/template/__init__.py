"""The placeholder language in which an administrator says what is sent."""
