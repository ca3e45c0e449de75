"""From compiled facts to the bodies of each network's objects. Pure: no client, no network."""
