"""The use cases: functions over a Session and ports. They never commit."""
