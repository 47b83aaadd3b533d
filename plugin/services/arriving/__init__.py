"""How record systems let people and messages in: launches, sessions, signed messages, the launch doctor."""
