"""The local stand-in for FAL: a real HTTP server on loopback that renders real clips."""
