"""The finance desk: documents, what waits for approval, receivables, the bank, the books."""
