"""Deal Scout: finds listings that cost less than they are worth, and shows why."""
