"""What machines and mail programs call: messages, health, reports of mail, feeds, the OpenAPI document."""
