"""What Comanda keeps of one person, over bot, OMS, assistant and files: handed out, or erased (docs/privacy.md)."""
