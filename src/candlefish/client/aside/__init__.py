"""Cache-aside: how values are kept, who loads them, and how long they are fresh."""
