"""How people come in and leave: a launch, a mailed link, the desk's sign-in, an identity provider."""
