"""Account pages: login, second step, password reset, and the member's own pages."""
