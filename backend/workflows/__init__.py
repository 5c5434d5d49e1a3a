"""The business, one verb a file: `ls` here is its table of contents."""
