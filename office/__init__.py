"""The back office: the shop's own tables, looked at with sqladmin, changed only by the verbs that own them."""
