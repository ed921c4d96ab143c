"""Everything about an account: logging in, the second step, a forgotten password, the member's own pages."""

from views.account.login import Login
from views.account.password import AccountConfirm, AccountPassword
from views.account.profile import Account
from views.account.recover import ForgotPassword, ResetPassword
from views.account.sessions import AccountSessions
from views.account.tokens import AccountTokens
from views.account.two_step import AccountTwoStep

__all__ = [
    "Account",
    "AccountConfirm",
    "AccountPassword",
    "AccountSessions",
    "AccountTokens",
    "AccountTwoStep",
    "ForgotPassword",
    "Login",
    "ResetPassword",
]
