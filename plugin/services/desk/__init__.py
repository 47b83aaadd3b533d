"""What the desk keeps: accounts, agencies, people, connections, and how the parts of the service are."""
