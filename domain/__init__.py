"""The ground floor: frozen records and rules that every room shares. Pure."""
