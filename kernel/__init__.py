"""What every part stands on; knows no business and no channel, imports nothing of ours."""
