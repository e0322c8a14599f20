"""Two tiny services on the chassis: one writes notes and tells of them, the other hears."""
