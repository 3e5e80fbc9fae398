"""How we talk to Microsoft's services: knows HTTP, knows no tables."""
