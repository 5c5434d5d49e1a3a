"""E-mail that the shop owes someone: rows first, SMTP later."""
