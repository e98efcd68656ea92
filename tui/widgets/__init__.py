"""What is drawn: widgets that show records and post wishes, and know no service."""
