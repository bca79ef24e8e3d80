"""The open digital twin of a city's emergency medical response."""
