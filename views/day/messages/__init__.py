"""Messages between the members of an organisation."""
