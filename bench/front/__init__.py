"""What our gateway is measured beside: configurations, and a gateway as most people write it."""
