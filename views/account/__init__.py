"""Pages of an account: logging in, the second step, a forgotten password, the member's own pages."""
