"""A Power Platform tenant that does not exist, speaking the real wire format over HTTP."""
